"""What stands in a mail with news: the documented context of `mail/news.html` and `mail/news.txt`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import ngettext
from commentbox.server.presenters.news import NewsView, news_view, on_the_paper


@dataclass(frozen=True, slots=True)
class LetterView:
    """A mail with one or several pieces of news, oldest first. `more` is a sentence where not all of it is in the mail.

    `choices` and `stop` are the links that belong under every mail; `why` says why it came.
    """

    subject: str
    site_name: str
    news: tuple[NewsView, ...]
    more: str
    why: str
    page: str
    choices: str
    stop: str


def letter_view(rows: Sequence[Any], *, more: int, origin: str, stop: str) -> LetterView:
    """Give a mail's content, in the language of the moment."""
    lang = i18n.language()
    news = tuple(news_view(row, on_the_paper(row, origin)) for row in rows)
    papers = {each.site_name for each in news if each.site_name}
    return LetterView(
        subject=news[0].title if len(news) == 1 else _many(len(news) + more),
        site_name=papers.pop() if len(papers) == 1 else "",
        news=news,
        more=ngettext("%(num)s more is on your page.", "%(num)s more are on your page.", more) if more else "",
        why=_why(news),
        page=f"{origin}/account?lang={lang}#bell",
        choices=f"{origin}/account?lang={lang}#bell",
        stop=f"{stop}?lang={lang}",
    )


def _many(number: int) -> str:
    return ngettext("%(num)s piece of news from the comments", "%(num)s pieces of news from the comments", number)


def _why(news: Sequence[NewsView]) -> str:
    if all(each.kind == "expiring" for each in news):
        return _("You get this because you asked to be told by e-mail.")
    return _("You get this because you asked for replies by e-mail, from people who may reply to you.")
