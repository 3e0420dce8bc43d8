"""Every route that people's browsers ask for, the hot ones first: matching goes down the list."""

from starlette.routing import BaseRoute

from commentbox.server.web import (
    account,
    badge_page,
    bell,
    decisions,
    desk,
    desk_case,
    desk_signin,
    embed,
    guests,
    handover,
    news_mail,
    posting,
    report,
    signin,
    thread_page,
    verify,
)

routes: list[BaseRoute] = [
    *embed.routes,
    *bell.routes,
    *posting.routes,
    *thread_page.routes,
    *report.routes,
    *guests.routes,
    *signin.routes,
    *handover.routes,
    *verify.routes,
    *badge_page.routes,
    *account.routes,
    *news_mail.routes,
    *desk_signin.routes,
    *desk.routes,
    *desk_case.routes,
    *decisions.routes,
]
