"""The list of components: a name, and the templates with what they are given, made in the language of the moment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from commentbox.server.base.i18n import gettext as _
from commentbox.server.presenters.limits import span
from commentbox.server.presenters.linked import HeadView
from commentbox.server.presenters.news import bell_view
from commentbox.server.presenters.places import FRAME, WINDOW, Place
from commentbox.server.presenters.samples import own, talk, writing
from commentbox.server.presenters.samples.said import NOW, found
from commentbox.server.presenters.thread import ThreadView
from commentbox.server.presenters.viewer import ViewerView, composer_view, hold_words

Context = dict[str, Any]
GUEST_CODE = "7k2mp-q9xrt-4bdhw-z8ncv"
HEAD = HeadView(f"{own.ORIGIN}/thread", f"{own.ORIGIN}/feed.atom", f"{own.ORIGIN}/feed.json", None, None)


@dataclass(frozen=True)
class Part:
    """A template with its context, or one of its blocks or macros. `title` names the state; `is_list` says that it is items
    of a list, which the sheet has to bring."""

    template: str
    context: Context = field(default_factory=dict)
    title: str = ""
    block: str = ""
    macro: str = ""
    takes: tuple[Any, ...] = ()
    is_list: bool = False


@dataclass(frozen=True)
class Component:
    """Some parts of a theme. A `whole` one is a page by itself; the others' parts are laid out on a sheet."""

    name: str
    make: Callable[[Place], Sequence[Part]]
    whole: bool = False
    show: str = "everyone"
    page: str = FRAME


def component(name: str) -> Component | None:
    """Give a component by its name."""
    return next((each for each in COMPONENTS if each.name == name), None)


def _thread(
    name: str,
    view: Callable[[Place], ThreadView],
    mine: Callable[[Place], ViewerView] | None = None,
    *,
    show: str = "everyone",
    page: str = FRAME,
    **more: Any,
) -> Component:
    def make(at: Place) -> list[Part]:
        layer = mine(at) if mine else writing.layer(at, None)
        context = {"view": view(at), "composer": layer.composer, "mine": layer, "head": None, "code": None}
        return [Part("thread.html", context | more)]

    return Component(name, make, whole=True, show=show, page=page)


def _whole(name: str, template: str, context: Callable[[Place], Context], *, show: str = "everyone") -> Component:
    return Component(name, lambda at: [Part(template, context(at))], whole=True, show=show)


def _composers(at: Place) -> list[Part]:
    return [
        Part("composer.html", title=title, macro="form", takes=(view, f"cb-text-{number}", title == "reply"))
        for number, (title, view) in enumerate(writing.composers(at))
    ]


def _edit(at: Place) -> list[Part]:
    composer = composer_view(found(), at, writing.speaker("name"), now=NOW, edits="sample1", text=writing.WORDS)
    return [Part("edit.html", {"composer": composer})]


def _layer(at: Place) -> list[Part]:
    return [Part("viewer.html", {"mine": writing.full_layer(at), "view": talk.everyone(at)})]


def _bell(at: Place) -> list[Part]:
    return [
        Part("bell.html", {"bell": bell_view(at, 120)}, "many new"),
        Part("bell_list.html", {"news": own.news(), "place": at}, "what it opens"),
        Part("bell_list.html", {"news": (), "place": at}, "nothing yet"),
    ]


def _answers(at: Place) -> list[Part]:
    """Give what comes back from the server into a page that is open."""
    public, held = (SimpleNamespace(posted=SimpleNamespace(state=each)) for each in ("published", "held"))
    public.guest_code, held.guest_code = None, GUEST_CODE
    return [
        Part("posted.html", {"outcome": public, "view": None, "why": ""}, "posted"),
        Part("posted.html", {"outcome": held, "view": None, "why": hold_words("guest")}, "held, with a guest's code"),
        Part("preview.html", {"shown": Markup(talk.LONG)}, "preview"),
        Part("error.html", _refusal(429), "refused", block="notice"),
        Part("error.html", _refusal(409) | {"nudged": True}, "worth a second thought", block="notice"),
        Part("sso_name.html", {"ticket": "sample", "name": "Heron Grey", "error": ""}, "new, by the paper's log-in"),
    ]


def _pieces(at: Place) -> list[Part]:
    """Give what is fetched into a page that is open."""
    return [
        Part("replies.html", {"view": talk.more_replies(at)}, "more replies", is_list=True),
        Part("fresh.html", {"view": talk.came(at)}, "what came"),
    ]


def _refusal(status: int, text: str | None = None) -> Context:
    message = {
        429: _("You may comment again in %(span)s.", span=span(240)),
        404: _("We cannot find this comment. It may have been taken back."),
        409: _("This may land harder than you mean. You can change it, or post it as it is: that is up to you."),
    }
    refused = {"code": "sample", "status": status, "data": {}, "text": text, "message": message[status]}
    return refused | {"nudged": False}


COMPONENTS = (
    _thread("thread", talk.everyone),
    _thread("thread-fold", talk.everyone, show="fold"),
    _thread("thread-verified", talk.verified, show="verified"),
    _thread("thread-own", talk.everyone, writing.full_layer, page=WINDOW, head=HEAD, code=GUEST_CODE),
    _thread("thread-muted", talk.muted),
    _thread("thread-empty", talk.nothing),
    _thread("thread-empty-filtered", talk.filtered_empty, show="verified"),
    _thread("thread-closed", talk.closed),
    _thread("thread-limited", talk.limited),
    _thread("thread-linked", talk.linked),
    _thread("thread-gone", talk.gone),
    _thread("thread-search", talk.searched, show="fold"),
    _thread("thread-search-none", talk.searched_in_vain, show="verified"),
    Component("composer", _composers),
    Component("edit", _edit),
    Component("own-layer", _layer, page=WINDOW),
    Component("bell", _bell),
    Component("answers", _answers),
    Component("pieces", _pieces),
    _whole("one", "one.html", talk.alone(0)),
    _whole("one-folded", "one.html", talk.alone(2), show="fold"),
    _whole("one-removed", "one.html", talk.alone(-1)),
    Component(
        "include", lambda at: [Part("include.html", {"view": talk.everyone(at), "origin": own.ORIGIN})], show="fold"
    ),
    _whole("history", "history.html", talk.history),
    _whole("choices", "choices.html", lambda _at: {}),
    _whole("refusal", "error.html", lambda _at: _refusal(429, writing.WORDS)),
    _whole("not-found", "error.html", lambda _at: _refusal(404)),
    _whole("account", "own/account.html", own.account),
    _whole("statements", "decisions/page.html", own.statements),
    _whole("mail", "mail/news.html", lambda _at: {"letter": own.letter(1)}),
    _whole("mail-digest", "mail/news.html", lambda _at: {"letter": own.letter(4)}),
    _whole("mail-text", "mail/news.txt", lambda _at: {"letter": own.letter(4)}),
)
"""Everything there is to look at, in the order of the page that lists it."""
