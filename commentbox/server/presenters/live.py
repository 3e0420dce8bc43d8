"""What the live script says, in every plural form of a language: the numbers are only known in the browser."""

from functools import lru_cache

from commentbox.server.base import i18n
from commentbox.server.base.i18n import ngettext_raw as ngettext


@lru_cache(maxsize=32)
def live_words(lang: str) -> str:
    """Give a line for each plural form: its name, what the bar says of new comments, how many are reading; {n} is the number."""
    with i18n.use(lang):
        forms = i18n.plural_forms(lang).items()
        return "\n".join(f"{form}|{_bar(number)}|{_readers(number)}" for form, number in forms)


def _bar(number: int) -> str:
    return ngettext("Show %(num)s new comment", "Show %(num)s new comments", number) % {"num": "{n}"}


def _readers(number: int) -> str:
    return ngettext("%(num)s person is reading now", "%(num)s people are reading now", number) % {"num": "{n}"}
