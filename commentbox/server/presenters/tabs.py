"""Parts of a thread beside the whole of it: the editor's picks, questions with an answer and without.

Each is a tab, and there is none where nothing could be in it.
"""

from dataclasses import dataclass
from typing import Any

from commentbox.server.base.i18n import gettext as _
from commentbox.server.presenters.places import Place

PARTS = ("", "picks", "unanswered", "answered")
"""What an address may ask for by `only`; the first is everything."""


@dataclass(frozen=True, slots=True)
class TabView:
    """A link to a part of the thread, and whether that is what is shown."""

    words: str
    href: str
    is_chosen: bool


def tabs_of(row: Any, place: Place, only: str) -> tuple[TabView, ...]:
    """Give the tabs of a thread's row; none where there is nothing but the whole."""
    parts = {"picks": _("Editor’s picks")} if row.picks or only == "picks" else {}
    parts |= {"unanswered": _("Unanswered"), "answered": _("Answered")} if row.questions else {}
    if not parts:
        return ()
    whole = TabView(_("All comments"), place.here, not only)
    return (whole, *(TabView(words, place.part(part), part == only) for part, words in parts.items()))
