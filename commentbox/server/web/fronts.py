"""Every route that people's browsers ask for, the hot ones first: matching goes down the list."""

from starlette.routing import BaseRoute

from commentbox.server.web import (
    account,
    badge_page,
    decisions,
    desk,
    desk_case,
    desk_signin,
    desk_threads,
    embed,
    guests,
    handover,
    home,
    posting,
    preferences,
    report,
    rights,
    signin,
    stream,
    thread_page,
    verify,
)

routes: list[BaseRoute] = [
    *embed.routes,
    *stream.routes,
    *posting.routes,
    *preferences.routes,
    *thread_page.routes,
    *report.routes,
    *guests.routes,
    *signin.routes,
    *handover.routes,
    *verify.routes,
    *badge_page.routes,
    *account.routes,
    *rights.routes,
    *desk_signin.routes,
    *desk.routes,
    *desk_case.routes,
    *desk_threads.routes,
    *decisions.routes,
    *home.routes,
]
