"""Staff as the desk shows them: who is what, where, and whom this admin may remove."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentbox.server.accounts.rules import DESK_ROLES, INSTANCE, LIMITED
from commentbox.server.base.i18n import gettext as _
from commentbox.server.presenters.desk import OptionView

STAFF = (*DESK_ROLES, "staff", "author")
"""Roles that are given and taken at the desk; who subscribes is no staff."""


@dataclass(frozen=True, slots=True)
class StaffView:
    """One role of one person. `slug` is '' for the whole server."""

    account_id: str
    name: str
    role: str
    words: str
    slug: str
    where: str
    may_remove: bool
    sections: tuple[str, ...]
    may_limit: bool


@dataclass(frozen=True, slots=True)
class SessionView:
    """A window in which somebody is signed in at the desk."""

    id: str
    name: str
    since: datetime
    is_this: bool


def session_views(sessions: Sequence[Any], rows: Sequence[Any], *, mine: Any) -> tuple[SessionView, ...]:
    """Give who is signed in at the desk where, this window said so."""
    names = {row.account_id: row.name for row in rows}
    here = mine.session_id if mine else ""
    return tuple(
        SessionView(each.id, names.get(each.account_id, ""), each.created_at, each.id == here) for each in sessions
    )


def staff_view(
    rows: Sequence[Any], sites: Sequence[Any], leading: Sequence[Any], *, me: str, everywhere: bool
) -> tuple[StaffView, ...]:
    """Give every role on these sites; those of the whole server are shown to everybody and removed by its admins."""
    known = {site.id: site for site in sites}
    led = {site.id for site in leading}
    here = [row for row in rows if row.site_id in known or row.site_id == INSTANCE]
    shown = [row for row in here if row.role in STAFF]
    return tuple(
        StaffView(
            account_id=row.account_id,
            name=row.name,
            role=row.role,
            words=role_words(row.role),
            slug=known[row.site_id].slug if row.site_id else "",
            where=known[row.site_id].name if row.site_id else _("every paper"),
            sections=tuple(row.sections or ()),
            may_limit=bool(row.site_id) and row.site_id in led and row.role in LIMITED,
            may_remove=row.account_id != me and (row.site_id in led if row.site_id else everywhere),
        )
        for row in shown
    )


def role_options(roles: Sequence[str], chosen: str) -> tuple[OptionView, ...]:
    """Give the roles to choose from."""
    return tuple(OptionView(role, role_words(role), role == chosen) for role in roles)


def role_words(role: str) -> str:
    """Name a role."""
    words = {
        "admin": _("admin"),
        "senior": _("senior moderator"),
        "moderator": _("moderator"),
        "trainee": _("trainee: somebody else confirms"),
        "auditor": _("auditor: only looks on"),
        "staff": _("Staff"),
        "author": _("Author of the article"),
    }
    return words.get(role, role)
