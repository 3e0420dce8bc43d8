"""What belongs to one reader of a thread, read and built: the form for writing, own marks, own comments that wait.

Everything here only reads. Fronts call it beside `reading`, which has what is the same for everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row

from commentbox.server import threads
from commentbox.server.accounts.queries import grants_of, measures_of
from commentbox.server.accounts.rules import Measure, forbids_posting, label_of
from commentbox.server.base import i18n
from commentbox.server.base.db import Query
from commentbox.server.base.errors import NotFound
from commentbox.server.base.i18n import gettext as _
from commentbox.server.comments import admission, queries
from commentbox.server.comments.drafts import Author
from commentbox.server.comments.judging import Here, facts_of
from commentbox.server.comments.rules import edit_until
from commentbox.server.presenters.badges import badge_of
from commentbox.server.presenters.comments import CommentView, Reader, shown_html
from commentbox.server.presenters.places import Place
from commentbox.server.presenters.reading import language
from commentbox.server.presenters.thread import Found, NoticeView, rule_words
from commentbox.server.presenters.viewer import (
    ComposerView,
    HeldView,
    OwnView,
    ViewerView,
    composer_view,
    hold_words,
    measure_notice,
    removed_notice,
    viewer_view,
    within_reach,
)
from commentbox.server.verification.speaking import Speaker
from commentbox.server.votes import recommended_in_thread

REMOVED = 3
"""Newest own removed comments that a thread tells their author about; the account page has them all."""


async def reader_of(query: Query, found: Found, speaker: Speaker | None, *, now: datetime) -> Reader:
    """Give what a page must know about its one reader."""
    if speaker is None:
        return Reader(account_id="")
    marked, muted = [], {}
    if found.thread_id:
        marked = await recommended_in_thread(query, speaker.account_id, found.thread_id)
        muted = await queries.muted_in_thread(query, found.thread_id, speaker.account_id)
    return Reader(
        account_id=speaker.account_id,
        speaks_verified=speaker.speaks_verified,
        recommended=frozenset(marked),
        muted=muted,
        may_edit_since=now - timedelta(minutes=found.policy.edit_minutes),
        answers=await may_answer(query, found, speaker, now=now),
    )


def only_guests(found: Found, reader: Reader, *, now: datetime) -> bool:
    """Say whether this reader may only ask here, because the thread takes questions now."""
    questions = threads.questions_of(found.row, now=now)
    return questions is not None and questions.since <= now and not reader.answers


async def may_answer(query: Query, found: Found, speaker: Speaker | None, *, now: datetime) -> bool:
    """Say whether somebody is among those who answer, where a thread takes questions now."""
    questions = threads.questions_of(found.row, now=now)
    if speaker is None or questions is None or questions.since > now:
        return False
    grants = await grants_of(query, speaker.account_id)
    author = Author(speaker.name, speaker.account_id, label=label_of(grants, found.row.site_id))
    return admission.label_in(found.row, author, now=now) in admission.ANSWERING


@dataclass(frozen=True)
class Writing:
    """What the composer is to hold: a reply or an edit, or a text that was refused, with the sentence why.

    `quotes` begins a reply with the words that it answers; `preview` is how the text would look; `guest_name` is what a
    guest typed; `asks_in` says that signing in would help, `nudged` that the same words may be sent again.
    """

    parent_id: str | None = None
    parent_name: str | None = None
    edits: str | None = None
    text: str = ""
    error: str | None = None
    closed: str | None = None
    preview: Markup | None = None
    quotes: bool = False
    guest_name: str = ""
    asks_in: bool = False
    nudged: bool = False


def replying(writing: Writing, parent: CommentView, *, only_guests: bool = False) -> Writing:
    """Say whom a reply answers, or why this reader cannot answer them: before anything is typed."""
    why = _("Only verified people may reply to this person") if parent.is_protected else None
    why = _("Here the guests answer. Ask a question of your own.") if only_guests else why
    closed = None if parent.can_reply or not parent.is_published else parent.closed or why
    return replace(writing, parent_name=parent.author, closed=closed)


async def viewer_layer(
    query: Query,
    found: Found,
    place: Place,
    speaker: Speaker | None,
    *,
    now: datetime,
    writing: Writing | None = None,
    at_desk: bool = False,
    may_pick: bool = False,
    answers: bool = False,
) -> ViewerView:
    """Give the private layer of a thread: composer, own held comments, own marks."""
    writing = writing or Writing()
    measures: tuple[Measure, ...] = ()
    if speaker:
        measures = await measures_of(query, speaker.account_id, site_id=found.row.site_id, now=now)
    blocking = forbids_posting(measures)
    own: Sequence[Any] = ()
    if speaker and found.thread_id:
        own = await queries.own_in_thread(query, found.thread_id, speaker.account_id)
    reader = await reader_of(query, found, speaker, now=now)
    here = Here(found.row.site_id, found.thread_id, found.policy.refused_days)
    facts = await facts_of(query, speaker, here)
    with i18n.use(language(found, place)):
        closed = NoticeView(writing.closed) if writing.closed else None
        instead = measure_notice(blocking) if blocking else closed
        watched = [measure_notice(each) for each in measures if each.kind == "held_first" and not blocking]
        gone = [_removed(row, found) for row in own if row.state == "removed"][:REMOVED]
        if instead:
            instead = within_reach(instead, place, speaker)
        return viewer_view(
            place,
            composer_view(found, place, speaker, now=now, instead=instead, facts=facts, **_filled(writing)),
            composer_view(found, place, speaker, now=now, instead=instead, facts=facts),
            held=[_held(row, found, now) for row in own if row.state == "held"],
            removed=[within_reach(each, place, speaker) for each in watched + gone],
            speaker=speaker,
            at_desk=at_desk,
            may_pick=may_pick,
            answers=answers,
            recommended=sorted(reader.recommended),
            muted=reader.muted,
            thread_id=found.thread_id,
            own={row.id: _own(row, found) for row in own if row.state != "removed"},
        )


def _filled(writing: Writing) -> dict[str, Any]:
    names = ("parent_id", "parent_name", "edits", "text", "error", "guest_name", "asks_in", "nudged", "preview")
    fields = {name: getattr(writing, name) for name in names}
    return fields | ({"action": f"/comments/{writing.edits}/edit"} if writing.edits else {})


def _own(row: Any, found: Found) -> OwnView:
    return OwnView(edit_until(row, window_minutes=found.policy.edit_minutes).isoformat(), row.state)


def _removed(row: Any, found: Found) -> NoticeView:
    return removed_notice(rule_words(found.policy, row.hold_rule))


def _held(row: Any, found: Found, now: datetime) -> HeldView:
    return HeldView(
        id=row.id,
        author=row.name,
        badge=badge_of(row.kind),
        created_at=row.created_at,
        html=shown_html(row.html),
        why=hold_words(row.hold_rule),
        can_edit=now <= edit_until(row, window_minutes=found.policy.edit_minutes),
    )


async def editor(
    query: Query, found: Found, place: Place, speaker: Speaker | None, comment_id: str, *, now: datetime
) -> ComposerView:
    """Give the form for editing one's own comment. Refuses `comment.unknown` to everybody else."""
    text = await own_text(query, found, speaker, comment_id)
    writing = Writing(edits=comment_id, text=text)
    with i18n.use(language(found, place)):
        return composer_view(found, place, speaker, now=now, **_filled(writing))


async def own_text(query: Query, found: Found, speaker: Speaker | None, comment_id: str) -> str:
    """Give the text of one's own comment as it was typed. Refuses `comment.unknown`."""
    own: Sequence[Row[Any]] = ()
    if speaker and found.thread_id:
        own = await queries.own_in_thread(query, found.thread_id, speaker.account_id)
    for row in own:
        if row.id == comment_id and row.state != "removed":
            return str(row.text)
    raise NotFound("comment.unknown", comment=comment_id[:40])


def hold_sentence(found: Found, place: Place, rule: str | None) -> str:
    """Say to its author why a comment waits."""
    with i18n.use(language(found, place)):
        return hold_words(rule)


def composer(found: Found, place: Place, *, now: datetime) -> ComposerView:
    """Give the form as somebody signed out sees it: part of the public layer."""
    with i18n.use(language(found, place)):
        return composer_view(found, place, None, now=now)
