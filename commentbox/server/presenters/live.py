"""What the live script says, in every plural form of a language: the numbers are only known in the browser."""

from functools import lru_cache

from markupsafe import Markup

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import ngettext_raw as ngettext


@lru_cache(maxsize=32)
def live_words(lang: str) -> str:
    """Give a line for each plural form: its name, what the bar says of new comments, how many are reading; and a last line
    for those among the new who are verified. {n} is the number."""
    with i18n.use(lang):
        lines = [f"{form}|{_bar(number)}|{_readers(number)}" for form, number in i18n.plural_forms(lang).items()]
        verified = _("<b>%(shown)s</b> from verified people", shown="{n}")
        return "\n".join([*lines, f"verified|· {Markup(verified).striptags()}"])


def _bar(number: int) -> str:
    return ngettext("Show %(num)s new comment", "Show %(num)s new comments", number) % {"num": "{n}"}


def _readers(number: int) -> str:
    return ngettext("%(num)s person is reading now", "%(num)s people are reading now", number) % {"num": "{n}"}
