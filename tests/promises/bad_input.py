"""The routes of the whole server with input that works, and a small world in which it does. `test_bad_input.py` spoils it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from starlette.routing import Route

from commentbox.server import legal_holds, threads
from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import inviting, mutes, names, profiles, queries, standings
from commentbox.server.app import routes
from commentbox.server.base import clock, once
from commentbox.server.base.db import Database
from commentbox.server.base.signing import Keyring, token_hash
from commentbox.server.base.work import begin
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.comments.posting import guest_code_hash
from commentbox.server.moderation import appeals, dry_runs, people, statements
from commentbox.server.moderation.measures import Measure
from commentbox.server.moderation.seats import Seat
from commentbox.server.notices.actions import Told
from commentbox.server.notifications import mailing
from commentbox.server.reports import Report
from commentbox.server.sites import actions as sites
from commentbox.server.sites import history, keys, screening_drafts
from commentbox.server.votes import Recommendation
from commentbox.server.webhooks import actions as webhooks
from tests import noticeboard
from tests.factories import ARTICLE, PAPER, START, Talk, how_many, make_person, make_site, make_thread
from tests.newsroom import FACTS, REASONS, RULE, Newsroom, make_newsroom
from tests.promises.ways import OF_A_SITE, OF_PEOPLE, Way
from tests.visitor import SCRIPT, WINDOW, Visitor

HERALD = "http://herald.localhost:8001"
LOOK = {"show": "everyone", "sort": "newest", "lang": "en", "theme": "default"}
PLACE = {"site": "gazette", "url": ARTICLE, **LOOK}
CAME = {"site": "gazette", "next": "/account", "lang": "en"}
CHALLENGE = "A" * 43
SECRET = b"a secret that only the tests know"
GUEST_CODE = "7k2mp-q9xrt-4bdhw-z8ncv"


WAYS: dict[str, Way] = {
    "GET /embed/thread": Way(fields=PLACE, needs=("site", "url")),
    "GET /embed/replies": Way(fields={"comment": "{comment}", "after": "", **LOOK}, needs=("comment",)),
    "POST /embed/opens": Way(fields=PLACE, needs=("site", "url")),
    "GET /embed/people": Way(fields=PLACE, needs=("site", "url")),
    "GET /embed/step": Way(fields={**PLACE, "comment": "{comment}", "step": "next"}, needs=("site", "url", "comment")),
    "GET /embed/viewer": Way("reader", PLACE, needs=("site", "url")),
    "POST /embed/show": Way("reader", {"show": "fold"}, needs=("show",)),
    "POST /embed/quiet": Way("reader", {**PLACE, "on": "1"}, needs=("site", "url")),
    "POST /comments/mute": Way("reader", {**PLACE, "comment": "{comment}"}, needs=("comment",)),
    "POST /account/profile": Way("reader", {"on": "1"}),
    "GET /people/{id}": Way(fields={"site": "gazette", "show": "everyone"}, needs=("site",), holder="profile"),
    "GET /people/{id}/feed.atom": Way(fields={"site": "gazette"}, needs=("site",), holder="profile"),
    "GET /people/{id}/feed.json": Way(fields={"site": "gazette"}, needs=("site",), holder="profile"),
    "POST /account/mute": Way("reader", {"name": "Heron Grey"}, needs=("name",)),
    "POST /account/unmute": Way("reader", {"target": "{thread}"}, needs=("target",)),
    "GET /embed/edit": Way("reader", {**PLACE, "comment": "{own}"}, needs=("site", "url", "comment")),
    "GET /embed/stream": Way(fields={**PLACE, "url": f"{PAPER}/quiet", "since": "0"}, needs=("site", "url")),
    "GET /embed/news": Way(fields={**PLACE, "since": "0"}, needs=("site", "url")),
    "GET /embed/fresh": Way(fields={**PLACE, "ids": "{comment}"}, needs=("site", "url")),
    "GET /embed/bell": Way("reader", PLACE, needs=("site", "url")),
    "POST /embed/bell": Way("reader", {**PLACE, "until": "0123456789abcdef"}),
    "GET /embed/bell/count": Way("reader", {**PLACE, "n": ""}, needs=("site", "url")),
    "GET /static/{name}": Way(holder="theme.css"),
    "GET /loader.js": Way(),
    "GET /counts.js": Way(),
    "GET /latest.js": Way(),
    "GET /feed.atom": Way(fields=PLACE, needs=("site",)),
    "GET /feed.json": Way(fields=PLACE, needs=("site",)),
    "GET /include": Way(fields=PLACE, needs=("site", "url")),
    "GET /history/{id}": Way(fields=LOOK, holder="comment"),
    "GET /comment/{id}": Way(fields=LOOK, holder="comment"),
    "GET /oembed": Way(fields={"url": "http://comments.localhost:8000/c/{comment}", "format": "json"}, needs=("url",)),
    "POST /comments": Way("reader", {**PLACE, "text": "The quay was there first."}, needs=("site", "url", "text")),
    "POST /comments/preview": Way("nobody", {**PLACE, "text": "The *quay*."}, needs=("site", "url", "text")),
    "POST /comments/{id}/edit": Way("reader", {**PLACE, "text": "The quay stays."}, needs=("text",), holder="own"),
    "POST /comments/{id}/withdraw": Way("reader", PLACE, holder="own"),
    "POST /comments/{id}/recommend": Way("reader", {**PLACE, "on": "1"}, holder="comment"),
    "GET /thread": Way("reader", {**PLACE, "write": ""}, needs=("site", "url")),
    "GET /c/{id}": Way(fields=LOOK, holder="comment"),
    "GET /report": Way(fields={"comment": "{comment}", **CAME}, needs=("comment",)),
    "POST /comments/{id}/report": Way(fields={"reason": "attack", "text": ""}, needs=("reason",), holder="comment"),
    "POST /comments/{id}/notice": Way(
        fields={
            "kind": "illegal",
            "offence": "threat",
            "why": "It threatens the harbour master.",
            "name": "Ada Quay",
            "email": "ada@example.org",
            "faith": "yes",
            "related": "",
            "flagger": "",
        },
        needs=("offence", "why", "name", "email", "faith"),
        holder="comment",
    ),
    "GET /outcome": Way(fields={"lang": "en"}),
    "POST /outcome": Way(fields={"code": "{outcome_code}", "lang": "en"}, needs=("code",)),
    "GET /told/{token}": Way(fields={"lang": "en"}, holder="outcome_token"),
    "POST /outcome/complain": Way(fields={"code": "{outcome_code}", "text": "Look again."}, needs=("code", "text")),
    "GET /asked": Way("reader"),
    "POST /asked": Way(fields={"code": GUEST_CODE, "lang": "en"}, needs=("code",)),
    "POST /asked/{id}": Way("reader", {"said": "stands", "text": "I have papers."}, needs=("text",), holder="about_me"),
    "GET /log": Way(fields={"site": "gazette", "page": "1", "lang": "en"}, needs=("site",)),
    "GET /log.json": Way(fields={"site": "gazette", "page": "1"}, needs=("site",)),
    "GET /guest": Way(fields={"lang": "en"}),
    "POST /guest": Way(fields={"code": GUEST_CODE, "lang": "en"}, needs=("code",)),
    "POST /guest/{id}/edit": Way(
        fields={"code": GUEST_CODE, "text": "The quay stays.", "lang": "en"}, needs=("code", "text"), holder="guest"
    ),
    "POST /guest/{id}/withdraw": Way(fields={"code": GUEST_CODE, "lang": "en"}, needs=("code",), holder="guest"),
    "GET /signup": Way(fields=CAME),
    "POST /signup": Way(fields={**CAME, "name": "Heron", "credential": "{{}}"}, needs=("credential",)),
    "POST /signup/options": Way(fields={"name": "Heron"}, needs=("name",)),
    "GET /welcome": Way("reader", CAME),
    "POST /welcome": Way("reader", CAME),
    "GET /signin": Way(fields=CAME),
    "POST /signin": Way(fields={**CAME, "credential": "{{}}"}, needs=("credential",)),
    "POST /signin/options": Way(),
    "POST /signin/code": Way(fields={**CAME, "code": "aaaaa-bbbbb-ccccc-ddddd"}, needs=("code",)),
    "POST /signin/mail": Way(fields={**CAME, "email": "heron@example.org"}, needs=("email",)),
    "GET /mail/{token}": Way(fields=CAME, holder="mail_token"),
    "POST /mail/{token}": Way(fields=CAME, holder="mail_token"),
    "POST /signout": Way("reader", CAME),
    "POST /handover/approve": Way("reader", {**CAME, "challenge": CHALLENGE}, needs=("site", "challenge")),
    "POST /handover/characters": Way(
        "reader", {**CAME, "challenge": CHALLENGE, "characters": "ABCDEF"}, needs=("site", "challenge", "characters")
    ),
    "POST /handover/begin": Way(fields={"site": "gazette", "challenge": CHALLENGE}, needs=("site", "challenge")),
    "POST /handover/redeem": Way(
        fields={"site": "gazette", "verifier": "v" * 43, "code": "c", "cookies": "1"}, needs=("site", "verifier")
    ),
    "POST /embed/sso": Way(fields={"site": "gazette", "token": ""}, needs=("site",)),
    "GET /sso.js": Way(),
    "GET /sso": Way(fields={**CAME, "site": "herald"}, needs=("site",)),
    "POST /sso": Way(fields={**CAME, "site": "herald"}, needs=("site",)),
    "POST /sso/return": Way(fields={"token": "t", "state": "s"}),
    "POST /sso/finish": Way(fields={"token": "t", "state": "s"}, needs=("state",)),
    "POST /sso/name": Way(fields={**CAME, "ticket": "{ticket}", "name": "Heron"}, needs=("ticket", "name")),
    "POST /sso/connect": Way("reader", {**CAME, "ticket": "t", "credential": "{{}}"}, needs=("ticket",)),
    "GET /verify": Way("reader", {**CAME, "way": "demo"}),
    "POST /verify": Way(
        "reader", {**CAME, "way": "demo", "agree": "yes", "name": "Ada Lovelace"}, needs=("way", "agree")
    ),
    "POST /verify/options": Way("reader"),
    "GET /verify/callback/{provider}": Way(fields={"state": "s", "code": "c"}, holder="demo"),
    "POST /verify/callback/{provider}": Way(fields={"state": "s", "assertion": "a"}, holder="demo"),
    "POST /verify/webhook/{provider}": Way(holder="demo"),
    "POST /verify/look": Way("reader", CAME),
    "GET /verify/in-person": Way("reader", {"code": "aaaaa-bbbbb-ccccc-ddddd"}, needs=("code",)),
    "GET /desk/in-person": Way("staff", {"code": "aaaaa-bbbbb-ccccc-ddddd"}),
    "POST /desk/in-person/options": Way("staff"),
    "POST /desk/in-person": Way("staff", {"code": "aaaaa-bbbbb-ccccc-ddddd", "agree": "yes"}, needs=("code",)),
    "POST /verify/finish/{provider}": Way("reader", {"state": "s", "name": "Ada"}, needs=("state",), holder="demo"),
    "GET /verify/done": Way("reader"),
    "GET /verify/demo": Way(fields={"state": "s"}),
    "POST /verify/drop": Way("reader", CAME),
    "GET /verification": Way(fields={"lang": "en"}),
    "GET /verification/data": Way(fields={"lang": "en"}),
    "GET /": Way(fields={"lang": "en"}),
    "GET /badge": Way(fields={"token": "", "lang": "en"}),
    "GET /api/v1/comments/{id}/badge": Way(holder="comment"),
    "GET /.well-known/jwks.json": Way(),
    "GET /account": Way("reader", CAME),
    "POST /account/choices": Way("reader", {"reach": "verified", "show": "fold", "article_reach": "same", **CAME}),
    "POST /account/mails": Way("reader", {"pace": "daily", "reply": "1", "mention": "1", "expiring": "1"}),
    "GET /stop/{token}": Way(fields=CAME, holder="stop_token"),
    "POST /stop/{token}": Way(fields={"List-Unsubscribe": "One-Click"}, holder="stop_token"),
    "POST /account/email": Way("reader", {"email": "kestrel@example.org"}),
    "POST /account/name": Way("reader", {"name": "Kestrel Two"}, needs=("name",)),
    "POST /account/passkey/options": Way("reader"),
    "POST /account/passkey": Way("reader", {"credential": "{{}}", "label": "Phone"}, needs=("credential",)),
    "POST /account/passkey/label": Way(
        "reader", {"credential": "0123456789abcdef", "label": "Phone"}, needs=("credential",)
    ),
    "POST /account/recovery/stop": Way("reader"),
    "GET /recover": Way(fields=CAME),
    "POST /recover": Way(
        fields={**CAME, "name": "Kestrel", "way": "demo", "agree": "yes", "credential": "{{}}"},
        needs=("name", "way", "agree", "credential"),
    ),
    "POST /recover/options": Way(fields={"name": "Kestrel"}, needs=("name",)),
    "POST /recover/finish/{provider}": Way(fields={"state": "s", "name": "Ada"}, needs=("state",), holder="demo"),
    "GET /.well-known/webauthn": Way(),
    "POST /verify/move": Way("reader", {**CAME, "state": "s"}, needs=("state",)),
    "POST /account/prove/options": Way("reader"),
    "POST /account/prove": Way("reader", {"credential": "{{}}", "next": "/account"}, needs=("credential",)),
    "POST /account/credential/remove": Way("reader", {"credential": "0123456789abcdef"}, needs=("credential",)),
    "POST /account/code": Way("reader"),
    "GET /account/comments": Way("reader", {"before": "{comment}"}),
    "GET /account/journal": Way("reader", {"before": "{comment}"}),
    "GET /account/download.json": Way("reader"),
    "GET /account/download.html": Way("reader"),
    "GET /account/leaving": Way(fields={"lang": "en"}),
    "POST /account/session": Way("reader", {"session": "{comment}"}, needs=("session",)),
    "POST /account/delete": Way("reader", {"how": "keep"}, needs=("how",)),
    "POST /account/stay": Way("reader"),
    "POST /account/signout": Way("reader"),
    "GET /desk/signin": Way(),
    "POST /desk/signin": Way(fields={"credential": "{{}}"}, needs=("credential",)),
    "POST /desk/signin/options": Way(),
    "POST /desk/signout": Way("staff"),
    "GET /desk/invite/{token}": Way(holder="invite_token"),
    "POST /desk/invite/{token}": Way(fields={"credential": "{{}}"}, needs=("credential",), holder="invite_token"),
    "POST /desk/invite/{token}/options": Way(holder="invite_token"),
    "GET /desk": Way("staff", {"queue": "held", "site": "gazette", "tier": "", "reason": "", "after": ""}),
    "POST /desk/next": Way("staff", {"queue": "held", "site": "gazette"}),
    "GET /desk/figures": Way("staff", {"period": "4w", "site": "gazette"}),
    "GET /desk/figures.csv": Way("staff", {"period": "4w", "site": "gazette"}),
    "GET /desk/figures.json": Way("staff", {"period": "4w", "site": "gazette"}),
    "GET /desk/case/{id}": Way("staff", {"queue": "held"}, holder="held"),
    "POST /desk/case/{id}/claim": Way("staff", {"queue": "held"}, holder="held"),
    "POST /desk/case/{id}/renew": Way("staff", {"queue": "held"}, holder="held"),
    "POST /desk/case/{id}/release": Way("staff", {"queue": "held"}, holder="held"),
    "POST /desk/case/{id}/decide": Way(
        "staff",
        {
            "queue": "held",
            "action": "remove",
            "ground": RULE,
            "facts": FACTS,
            "note": "",
            "revision": "1",
            "state": "held",
        },
        needs=("action", "ground", "facts", "revision", "state"),
        holder="held",
    ),
    "GET /desk/threads": Way("staff", {"q": "quay"}),
    "GET /desk/threads/{id}": Way("staff", holder="thread"),
    "POST /desk/threads/{id}": Way("staff", {"act": "close", "reason": "A pile-on.", "days": "3"}, holder="thread"),
    "POST /desk/announce": Way(
        "staff",
        {"site": "gazette", "act": "announce", "announcement": "The vote is on Sunday.", "days": "3"},
        needs=("site", "announcement", "days"),
    ),
    "POST /desk/threads/{id}/merge": Way(
        "staff", {"into": ARTICLE, "sure": "1"}, needs=("into", "sure"), holder="spare"
    ),
    "POST /desk/threads/{id}/settle": Way(
        "staff", {"named": ARTICLE, "how": "leave"}, needs=("named",), holder="thread"
    ),
    "POST /desk/case/{id}/pick": Way("staff", {"queue": "held", "on": "1"}, holder="comment"),
    "POST /desk/case/{id}/legal-hold": Way(
        "staff",
        {"queue": "held", "until": "2026-12-24", "why_held": "Court of Ely, 3/26"},
        ("until", "why_held"),
        "held",
    ),
    "POST /desk/case/{id}/legal-hold/end": Way("staff", {"queue": "held"}, holder="kept"),
    "POST /desk/undo/{id}": Way("staff", {"queue": "held"}, holder="decision"),
    "POST /desk/case/{id}/note": Way(
        "staff", {"queue": "held", "kind": "note", "text": "Seen before.", "to": ""}, needs=("text",), holder="held"
    ),
    **OF_PEOPLE,
    "GET /desk/proposals": Way("staff"),
    "POST /desk/proposals/{id}/confirm": Way("staff", holder="proposal"),
    "POST /desk/proposals/{id}/decline": Way("staff", holder="proposal"),
    "POST /desk/bulk": Way("staff", {"action": "remove", "case": "{held}"}, needs=("case",)),
    "POST /desk/bulk/decide": Way(
        "staff",
        {"action": "remove", "case": "{held}.1.held.", "ground": RULE, "facts": FACTS},
        needs=("case", "ground", "facts"),
    ),
    "GET /desk/find": Way("staff", {"q": "harbour"}),
    "POST /desk/views": Way("staff", {"queue": "held", "tier": "verified", "name": "Mine"}, needs=("name",)),
    "POST /desk/views/drop": Way("staff", {"name": "Mine"}, needs=("name",)),
    "GET /desk/look": Way("staff"),
    "GET /desk/look/{site}": Way("staff", holder="gazette"),
    "POST /desk/look/{site}": Way("staff", {"theme": "plain", "accent": "1d6238", "version": "0"}, holder="gazette"),
    "POST /desk/look/{site}/back": Way("staff", {"to": "0", "version": "1"}, needs=("to",), holder="gazette"),
    "GET /desk/rules": Way("staff"),
    "GET /desk/rules/{site}": Way("staff", holder="gazette"),
    "POST /desk/rules/{site}": Way(
        "staff", {"rules": "kind: Be kind.", "version": "1"}, needs=("rules", "version"), holder="gazette"
    ),
    **OF_A_SITE,
    "GET /desk/staff": Way("staff"),
    "POST /desk/staff/invite": Way("staff", {"name": "Tern", "role": "trainee", "of": "gazette"}, needs=("name",)),
    "POST /desk/staff/sections": Way(
        "staff",
        {"account": "{colleague}", "role": "trainee", "of": "gazette", "sections": ""},
        needs=("account", "role"),
    ),
    "POST /desk/staff/remove": Way(
        "staff", {"account": "{colleague}", "role": "trainee", "of": "gazette"}, needs=("account", "role")
    ),
    "POST /desk/staff/session": Way("staff", {"session": "{session}"}, needs=("session",)),
    "POST /api/v1/articles": Way("paper", {"url": ARTICLE, "title": "Quay", "section": "Harbour"}, needs=("url",)),
    "GET /desk/prove": Way("staff", {"to": "/desk/staff"}),
    "POST /desk/prove/options": Way("staff"),
    "POST /desk/prove": Way("staff", {"credential": "{{}}", "to": "/desk/staff"}, needs=("credential",)),
    "GET /decisions": Way(),
    "POST /decisions": Way(fields={"code": "aaaaa-bbbbb-ccccc-ddddd"}, needs=("code",)),
    "GET /decisions/{id}": Way("reader", holder="statement"),
    "POST /decisions/{id}/appeal": Way("reader", {"text": "It was satire."}, needs=("text",), holder="statement"),
    "POST /decisions/{id}/acknowledge": Way("reader", holder="statement"),
    "GET /api/v1/threads/comments": Way(fields={**PLACE, "cursor": ""}, needs=("site", "url")),
    "GET /api/v1/comments/latest": Way(fields={**PLACE, "limit": "10"}, needs=("site",)),
    "GET /api/v1/counts": Way(fields={"site": "gazette", "url": ARTICLE}, needs=("site",)),
    "GET /choices": Way(),
    "GET /components": Way(fields={"theme": "plain", "lang": "en"}),
    "GET /components/{name}": Way(fields={"theme": "plain", "lang": "en"}, holder="composer"),
    "GET /healthz": Way(),
    "GET /readyz": Way(),
    "GET /metrics": Way(),
}
"""Every route of the server. `holder` is the value of the path's one parameter, or its name in the world.
The stream is of an article nobody commented on: any other has no end."""


def every_route() -> set[str]:
    """Give every route there is, as it is named in the table."""
    every = [route for route in routes() if isinstance(route, Route)]
    assert len(every) == len(routes())
    return {f"{method} {route.path}" for route in every for method in (route.methods or set()) - {"HEAD"}}


@dataclass
class World:
    """A paper, its readers and its desk, with one thing of each kind. `things` are their ids."""

    db: Database
    talk: Talk
    things: dict[str, str]
    browsers: dict[str, Visitor]

    def path(self, name: str, value: str | None = None) -> str:
        """Give the path of a route with its parameter filled in, from the world or with `value`."""
        path = name.split(" ", 1)[1]
        if "{" not in path:
            return path
        holder = WAYS[name].holder
        return path[: path.index("{")] + (value or self.things.get(holder, holder)) + path[path.index("}") + 1 :]

    def fields(self, route: str, /, **changes: str | None) -> dict[str, str]:
        """Give fields that work, with some changed or (None) left out."""
        kept = {key: value.format(**self.things) for key, value in WAYS[route].fields.items()}
        return {key: value for key, value in {**kept, **changes}.items() if value is not None}

    async def send(
        self, name: str, *, fields: dict[str, str] | None = None, path: str | None = None, **more: Any
    ) -> httpx.Response:
        """Use a route as a browser without scripts does; whoever it takes asks."""
        visitor, method = self.browsers[more.pop("who", WAYS[name].who)], name.split(" ")[0]
        fields = self.fields(name) if fields is None else fields
        headers = SCRIPT if name.startswith("GET /embed/") else WINDOW | {"Sec-Fetch-Site": "same-origin"}
        bearer = {"Authorization": f"Bearer {visitor.bearer}"} if visitor.bearer else {}
        headers = {**headers, "Origin": visitor.origin, **bearer, **more.pop("headers", {})}
        what = {"params": fields} if method == "GET" else {"data": fields}
        return await visitor.client.request(method, path or self.path(name), headers=headers, **(what | more))


async def make_world(db: Database, new_visitor: Any) -> World:
    """Make a world in which every route of the table works."""
    clock.set(START + timedelta(minutes=10))
    room = await make_newsroom(db, guests=True, mail_links=True, public_log=True)
    log_in = {"sso_secret_file": "/nowhere", "sso_login_url": f"{HERALD}/log-in"}
    herald = await make_site(db, "herald", origins=[HERALD], **log_in)
    reader, other = await make_person(db, "Kestrel"), await make_person(db, "Heron Grey")
    talk, away = room.talk, Talk(herald, await make_thread(db, herald, f"{HERALD}/a"))
    things = {
        "own": talk.say(by=reader),
        "comment": talk.say(by=other),
        "held": talk.say(by=other, state="held", hold_rule="links", published_at=None),
        "removed": talk.say(by=other, state="removed", hold_rule=RULE),
        "bad": talk.say(by=reader),
        "guest": talk.say(
            state="held", hold_rule="guest", published_at=None, guest_code_hash=guest_code_hash(GUEST_CODE)
        ),
        "refused": talk.say(by=other),
        "spoken_of": talk.say(by=reader),
        "guest_said": talk.say(guest_code_hash=guest_code_hash(GUEST_CODE)),
        "foreign": away.say(by=other),
        "foreign_held": away.say(by=other, state="held", hold_rule="links", published_at=None),
    }
    things["thread"] = talk.thread_id
    things["spare"] = await make_thread(db, talk.site_id, f"{PAPER}/spare")
    await talk.save(db)
    await away.save(db)
    ruth = await room.hire("Ruth", "admin")
    things["decision"] = (await room.decide(ruth, things["bad"], "remove")).id
    things["statement"] = (await room.statements(things["bad"]))[0].id
    async with begin(db) as work:
        await accounts.hold_name(work, names.check(other.name), account_id=other.account_id)
        await mutes.mute_thread(work, reader.account_id, talk.thread_id)
        await profiles.switch(work, other.account_id, on=True)
        things["profile"] = (await queries.account(work.q, other.account_id)).profile_id
        named = {"thread_id": talk.thread_id, "other_id": away.thread_id}
        await threads.note_named_twice(work, talk.site_id, ARTICLE, **named)
    things |= await _about_people(room, other.account_id, things["comment"])
    things |= await _tokens(db, talk.site_id, reader.account_id)
    things |= await _noticed(room, ruth, things)
    things["dry_run"] = await _tried(room, ruth)
    things |= await _about_site(db, talk.site_id)
    things["kept"] = things["comment"]
    async with begin(db) as work:
        await legal_holds.place(work, "comment", things["kept"], reason="Court", until=work.now + timedelta(days=9))
    browsers = {each: new_visitor() for each in ("nobody", "reader", "staff", "governor", "paper")}
    await sign_in(db, browsers["reader"], reader.account_id)
    await sign_in(db, browsers["staff"], ruth.account_id, kind="staff")
    governor = await room.hire("Gwen", "admin", site_id="")
    await sign_in(db, browsers["governor"], governor.account_id, kind="staff")
    async with begin(db) as work:
        browsers["paper"].bearer = await keys.make(work, talk.site_id, "Publishing system")
        things["session"] = (await accounts.open_session(work, ruth.account_id, kind="staff", by_passkey=True)).id
    return World(db, talk, things, browsers)


async def _tried(room: Newsroom, admin: Seat) -> str:
    """Give a dry run that is done, of a draft that waits to be switched on."""
    site_id = room.talk.site_id
    async with begin(room.db, actor=admin.account_id) as work:
        await screening_drafts.save(work, site_id, {"max_length": 4000})
        dry_run_id = await dry_runs.ask(work, site_id)
    await dry_runs.carry_out(room.db, dry_run_id)
    return dry_run_id


async def _about_site(db: Database, site_id: str) -> dict[str, str]:
    """Change something that can be set back."""
    async with begin(db) as work:
        await sites.set_policy(work, site_id, appeal_days=8)
        change = (await history.newest(work.q, site_id))[0].id
        return {"change": change, "hook": await webhooks.add(work, site_id, "https://a.example/hook", ["case.decided"])}


async def _about_people(room: Newsroom, account_id: str, comment_id: str) -> dict[str, str]:
    """Hold somebody first, let them appeal to somebody else, and let a trainee propose something."""
    jonas = await room.hire("Jonas Bee")
    about = people.PersonVerdict(account_id, room.talk.site_id, measure=Measure("hold", 7), reasons=REASONS)
    async with begin(room.db, actor=jonas.account_id) as work:
        decision = (await people.decide(work, jonas, about)).id
    async with begin(room.db, actor=account_id) as work:
        owner = statements.Owner(account_id)
        told = (await statements.of_owner(work.q, owner))[0]
        standing = (await standings.in_force(work.q, account_id, site_id=room.talk.site_id, now=work.now))[0]
        appeal = await appeals.open_appeal(work, told.id, owner=owner, text="It was satire.")
    tess = await room.hire("Tess", "trainee")
    return {
        "person": f"gazette.{account_id}",
        "measure_decision": decision,
        "measure_appeal": appeal,
        "standing": standing.id,
        "proposal": (await room.decide(tess, comment_id, "remove")).id,
        "colleague": tess.account_id,
    }


async def _tokens(db: Database, site_id: str, account_id: str) -> dict[str, str]:
    """Give one-time tokens that are good: of a mailed link and of an invitation."""
    async with begin(db) as work:
        data = {"account_id": account_id, "purpose": "confirm", "address": token_hash("kestrel@example.org")}
        await once.put(work, "mail-link", "a-mail-token", data=data, minutes=20)
        invited = await inviting.invite(work, inviting.Invitation("Jonas", "moderator", site_id))
    stopping = mailing.stop_token(Keyring(SECRET), account_id, "reply")
    reader = {"site_id": site_id, "handle": f"sso:{site_id}:41207", "name": "", "is_subscriber": False}
    ticket = Keyring(SECRET).sign("sso-ticket", reader)
    return {"ticket": ticket, "mail_token": "a-mail-token", "invite_token": invited, "stop_token": stopping}


async def _noticed(room: Newsroom, moderator: Seat, things: dict[str, str]) -> dict[str, str]:
    """Give a notice that was refused, by code and by mailed link, and one that waits for the author's words."""
    refused = await noticeboard.send(room.db, things["refused"])
    await room.decide(moderator, things["refused"], "approve", told=Told("It breaks no law."))
    asked = await noticeboard.send(room.db, things["spoken_of"], kind="about_me", offence="defamation")
    await noticeboard.send(room.db, things["guest_said"], kind="about_me", offence="defamation")
    token = Keyring(b"a secret that only the tests know").sign("outcome", refused.id)
    return {"outcome_code": str(refused.code), "outcome_token": token, "about_me": asked.id}


COOKIES = {"top": "__Host-cb", "frame": "__Host-cb-frame-gazette", "staff": "__Host-cb-staff"}


async def sign_in(
    db: Database, visitor: Visitor, account_id: str, *, kind: str = "top", site_id: str | None = None
) -> str:
    """Open a session and put it into the browser: as its cookie, or as the bearer. Gives the token."""
    async with begin(db) as work:
        session = await accounts.open_session(
            work, account_id, kind=kind, by_passkey=kind != "sso", fresh=True, site_id=site_id
        )
    if kind in ("bearer", "sso"):
        visitor.bearer = session.token
    else:
        visitor.cookies.set(COOKIES[kind], session.token, domain="comments.localhost", path="/")
    return session.token


async def state_of(world: World) -> list[int]:
    """Count what writing makes: comments, revisions, reports, recommendations."""
    return [await how_many(world.db, table) for table in (Comment, Revision, Report, Recommendation)]
