"""The papers' own names, kept from everybody: nobody speaks to readers as the newspaper itself."""

from collections.abc import Iterable

from commentbox.server.accounts import names
from commentbox.server.accounts.actions import reserve_name
from commentbox.server.base.errors import Invalid
from commentbox.server.base.work import Work

ARTICLES = frozenset(["the", "der", "die", "das", "le", "la", "les", "el", "los", "las"])
"""“Harbour Gazette” is The Harbour Gazette to every reader."""


async def reserve_paper(work: Work, title: str, *, hosts: Iterable[str] = ()) -> None:
    """Keep a newspaper's title, the same without its article, and its hosts. Doing it twice changes nothing."""
    first, _, rest = title.partition(" ")
    shorter = rest if first.casefold() in ARTICLES else ""
    for each in (title, shorter, *hosts, *(host.removeprefix("www.") for host in hosts)):
        try:
            name = names.check(each)
        except Invalid:
            continue  # what cannot be anybody's name needs no keeping
        await reserve_name(work, name)
