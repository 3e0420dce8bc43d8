"""Staff as the desk shows them: who is what, where, and whom this admin may remove."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from commentbox.server.accounts.rules import DESK_ROLES, INSTANCE
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
