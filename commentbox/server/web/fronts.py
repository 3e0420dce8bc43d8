"""Every route that people's browsers ask for, the hot ones first: matching goes down the list."""

from starlette.routing import BaseRoute

from commentbox.server.web import (
    account,
    decisions,
    desk,
    desk_case,
    desk_people,
    desk_signin,
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
    *decisions.routes,
]
