"""Every route that people's browsers ask for, the hot ones first: matching goes down the list."""

from starlette.routing import BaseRoute

from commentbox.server.web import (
    account,
    badge_page,
    decisions,
    desk,
    desk_case,
    desk_signin,
    embed,
    guests,
    handover,
    home,
    posting,
    report,
    signin,
    stream,
    thread_page,
    verify,
)

routes: list[BaseRoute] = [
    *embed.routes,
    *stream.routes,
    *posting.routes,
    *thread_page.routes,
    *report.routes,
    *guests.routes,
    *signin.routes,
    *handover.routes,
    *verify.routes,
    *badge_page.routes,
    *account.routes,
    *desk_signin.routes,
    *desk.routes,
    *desk_case.routes,
    *decisions.routes,
    *home.routes,
]
