"""One's own pages and mails: news, statements of reasons and appeals, and the page of an account."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from commentbox.server.presenters.letters import LetterView, letter_view
from commentbox.server.presenters.mine import Happened, MyComment, MyPage
from commentbox.server.presenters.news import NewsView, news_views, on_the_paper
from commentbox.server.presenters.places import Place
from commentbox.server.presenters.reasons import Planned, statement_lines
from commentbox.server.presenters.safety import SafetyView
from commentbox.server.presenters.samples.said import LATER, NOW, SITE, found
from commentbox.server.presenters.samples.writing import WORDS, speaker
from commentbox.server.presenters.statements import AppealView, StatementView, measure_title
from commentbox.server.presenters.thread import rule_text, rule_words

ORIGIN = "https://comments.example"
Context = dict[str, Any]


def _news(number: int, kind: str, **changes: Any) -> Any:
    row = {
        "id": f"news{number}",
        "kind": kind,
        "subject_id": f"sample{number:010d}",
        "thread_id": "tide",
        "url": "https://paper.example/tide-gauge",
        "title": "The tide gauge is back on the old quay",
        "site_name": "The Ardmouth Gazette",
        "author": "Ines Okafor" if kind in ("reply", "mention") else None,
        "badge_kind": "name",
        "tier": "verified",
        "label": "author",
        "answers_own": kind == "reply",
        "html": "<p>I shall measure again on Sunday.</p>" if kind in ("reply", "mention") else None,
        "answered_html": f"<p>{WORDS}</p>",
        "at": NOW - timedelta(hours=number),
        "seen_at": None if number < 3 else NOW,
    }
    return SimpleNamespace(**(row | changes))


def _rows() -> list[Any]:
    kinds = ("reply", "mention", "decision", "expiring")
    return [_news(number, kind) for number, kind in enumerate(kinds, 1)]


def news() -> tuple[NewsView, ...]:
    """Give one piece of news of every kind."""
    return news_views(_rows(), lambda row: on_the_paper(row, ""))


def letter(number: int) -> LetterView:
    """Give a mail with the first so many pieces of news."""
    rows = _rows()[:number]
    return letter_view(rows, more=3 if number > 1 else 0, origin=ORIGIN, stop=f"{ORIGIN}/stop/x")


def _statement(name: str, restriction: str, **changes: Any) -> StatementView:
    policy = found().policy
    rule = policy.house_rules[2]
    planned = Planned(
        restriction,
        NOW - timedelta(days=3),
        "readers",
        LATER,
        facts="Readers reported it; it says of the author what is not about the gauge.",
        rule=rule.code,
        rule_text=rule.text,
        until=LATER if restriction == "silenced" else None,
    )
    view = StatementView(
        id=name,
        title=measure_title(restriction),
        at=planned.since,
        site_name="The Ardmouth Gazette",
        site_slug="sample",
        article="The tide gauge is back on the old quay",
        article_href="https://paper.example/tide-gauge",
        quote=Markup("<p>Whoever wrote this cannot read a ruler.</p>"),
        lines=statement_lines(planned, policy, has_colleague=True),
        heard_by="",
        lifted=None,
        over=None,
        must_acknowledge=restriction == "warned",
        is_about_comment=restriction == "removed",
        can_appeal=False,
        too_late=False,
        appeal=None,
    )
    return replace(view, **changes)


def statements(_at: Place) -> Context:
    """Give decisions about oneself, each in another state of its appeal."""
    waits = AppealView("I spoke of the ruler.", NOW, True, False, None, None, None)
    views = [
        _statement("s1", "removed", can_appeal=True),
        _statement("s2", "silenced", appeal=waits),
        _statement("s3", "warned", too_late=True),
    ]
    return {"statements": views, "code": "", "typed": "", "problem": None, "site_name": views[0].site_name}


def _my_comments() -> Iterator[MyComment]:
    title = "The tide gauge is back on the old quay"
    states = {"published": "", "held": "", "removed": rule_words(found().policy, "7-law"), "withdrawn": ""}
    for number, (state, why) in enumerate(states.items()):
        html = Markup("<p>{}</p>").format(WORDS)
        yield MyComment(
            f"mine{number}", title, html, NOW, state, why, 24, 18, 3, LATER if state == "withdrawn" else None
        )


def account(_at: Place) -> Context:
    """Give the page of an account with something in every part of it."""
    keys = ("passkey", "waiting", "recovery_code", "email")
    dates = {"created_at": NOW - timedelta(days=90), "last_used_at": NOW, "used_at": None, "copied_at": None}
    credentials = [SimpleNamespace(id=f"k{kind}", kind=kind, label="Phone", **dates) for kind in keys]
    decided = SimpleNamespace(
        id="s1", restriction="removed", lifted_at=None, since=NOW, rule_text=found().policy.house_rules[2].text
    )
    session = SimpleNamespace(kind="frame", site_name="The Ardmouth Gazette", created_at=NOW, expires_at=LATER)
    sessions: Any = tuple(SimpleNamespace(id=each, **vars(session)) for each in ("session", "other"))
    return {
        "speaker": speaker("person"),
        "account": SimpleNamespace(
            created_at=NOW - timedelta(days=400),
            leaves_at=None,
            show="fold",
            reach="verified",
            article_reach=None,
            email="heron@paper.example",
            profile_id="sample",
            email_refused_at=None,
            email_confirmed_at=None,
        ),
        "name": "Heron Grey",
        "spoken_on": [SimpleNamespace(slug=SITE, name="The Ardmouth Gazette")],
        "email": "heron@paper.example",
        "held": SimpleNamespace(kind="person", expires_at=LATER),
        "credentials": credentials,
        "safety": SafetyView(False, False, None, False, None, False, False, True, True, False),
        "hours": 72,
        "statements": [decided],
        "asked": True,
        "rule_text": rule_text,
        "muted": [SimpleNamespace(name="Bo", since=NOW, target_id="bo")],
        "quiet_threads": [SimpleNamespace(id="tide", title="The tide gauge is back", url="")],
        "mute_name": "",
        "mine": MyPage(tuple(_my_comments()), True, sessions, (Happened(NOW, measure_title("warned")),)),
        "is_author": True,
        "papers": [SimpleNamespace(slug=SITE, name="The Ardmouth Gazette")],
        "news": news(),
        "mail": None,
        "measure_title": measure_title,
        "saved": "",
        "code": None,
    }
