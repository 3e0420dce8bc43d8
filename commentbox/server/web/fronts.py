"""Every route that people's browsers ask for, the hot ones first: matching goes down the list."""

from starlette.routing import BaseRoute

from commentbox.server.web import (
    account,
    decisions,
    desk,
    desk_bulk,
    desk_case,
    desk_finding,
    desk_people,
    desk_rules,
    desk_signin,
    desk_staff,
    embed,
    guests,
    handover,
    posting,
    report,
    signin,
    thread_page,
    verify,
)

routes: list[BaseRoute] = [
    *embed.routes,
    *posting.routes,
    *thread_page.routes,
    *report.routes,
    *guests.routes,
    *signin.routes,
    *handover.routes,
    *verify.routes,
    *account.routes,
    *desk_signin.routes,
    *desk.routes,
    *desk_case.routes,
    *desk_people.routes,
    *desk_bulk.routes,
    *desk_finding.routes,
    *desk_rules.routes,
    *desk_staff.routes,
    *decisions.routes,
]
