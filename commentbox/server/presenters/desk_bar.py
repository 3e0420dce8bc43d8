"""The bar over every page of the desk: the queues with their numbers, and the pages beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commentbox.server.base.i18n import gettext as _
from commentbox.server.moderation.queue import QUEUES
from commentbox.server.presenters.desk import Where, queue_words


@dataclass(frozen=True, slots=True)
class TabView:
    """One queue or page: its words, how much waits in it (None: not counted), and whether it is the one shown."""

    words: str
    number: int | None
    href: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class BarView:
    """Who sits here, the place in the queues that every form carries along, and where one can go."""

    me: str
    where: Where
    tabs: tuple[TabView, ...]
    handed: tuple[tuple[str, str], ...] = ()
    """Cases that colleagues handed over, as (address, by whom)."""


def bar_view(
    me: str,
    where: Where,
    counts: Mapping[str, int],
    *,
    page: str = "",
    sees_site: bool = False,
    handed: Sequence[Any] = (),
) -> BarView:
    """Give the bar. `page` is the one shown, '' for a queue; `counts` has the queues' numbers and `proposals`."""
    queues = [
        TabView(queue_words(each), counts.get(each), where.tab(each), not page and each == where.queue)
        for each in QUEUES
    ]
    pages = {
        "proposals": _("To confirm"),
        "threads": _("Threads"),
        "figures": _("Figures"),
        "rules": _("House rules"),
        "screening": _("Screening"),
        "look": _("Look"),
        "orders": _("Orders"),
        **({"site": _("Site")} if sees_site else {}),
        "staff": _("Staff"),
        "find": _("Find"),
    }
    beside = [TabView(words, counts.get(name), f"/desk/{name}", page == name) for name, words in pages.items()]
    to_me = tuple((where.case(row.case_id), row.by or "?") for row in handed)
    return BarView(me, where, (*queues, *beside), to_me)
