"""Every route that people's browsers ask for, the hot ones first: matching goes down the list."""

from starlette.routing import BaseRoute

from commentbox.server.web import (
    account,
    asked,
    decisions,
    desk,
    desk_case,
    desk_figures,
    desk_holds,
    desk_signin,
    embed,
    guests,
    handover,
    notices,
    posting,
    public_log,
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
    *notices.routes,
    *public_log.routes,
    *asked.routes,
    *guests.routes,
    *signin.routes,
    *handover.routes,
    *verify.routes,
    *account.routes,
    *desk_signin.routes,
    *desk.routes,
    *desk_case.routes,
    *desk_figures.routes,
    *desk_holds.routes,
    *decisions.routes,
]
