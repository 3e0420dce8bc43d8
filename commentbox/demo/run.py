"""`commentbox demo`: the comment server and the newspaper, two origins in one process, until Ctrl-C.

Both stand on names below localhost, which browsers resolve by themselves: to a browser they are two sites, as in life, and
both are secure enough for passkeys. The data stay in the demo's folder; starting again resumes.
"""

import asyncio
import json
import os
import secrets
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from commentbox.demo import news, seed
from commentbox.server import wiring
from commentbox.server.accounts import inviting, names
from commentbox.server.accounts.queries import holder_of
from commentbox.server.app import Server, create_app
from commentbox.server.base import schema
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import Work, begin
from commentbox.server.gate.instance import Instance
from commentbox.server.sites import actions as sites
from commentbox.server.sites.rules import Policy

HOST = "127.0.0.1"
EDITOR = "Night Editor"
"""The admin that the staff link makes; later links lead to the same account."""
SHARED_SECRET = "paper.secret"
"""In the demo's folder. Once it is there, whoever switched the log-in off is not overruled."""
GRACE_SECONDS = 2
"""How long Ctrl-C waits for open streams."""


@dataclass(frozen=True)
class Plan:
    """Where the demo keeps its data and on which ports it answers."""

    folder: Path
    comments_port: int
    news_port: int

    @property
    def comments(self) -> str:
        """Give the base URL of the comment server."""
        return f"http://comments.localhost:{self.comments_port}"

    @property
    def paper(self) -> str:
        """Give the origin of the newspaper."""
        return f"http://news.localhost:{self.news_port}"

    def settings(self) -> Settings:
        """Give the comment server's settings: those of a demo, whatever the environment says of data and addresses."""
        return Settings(
            data_dir=self.folder,
            database_url="",
            base_url=self.comments,
            host=HOST,
            port=self.comments_port,
            demo=True,
        )


@dataclass(frozen=True)
class Addresses:
    """What `demo.json` says."""

    comments: str
    paper: str
    article: str
    desk: str
    staff_link: str
    site: str


def run(environment: Mapping[str, str] = os.environ) -> None:
    """Serve the demo until Ctrl-C. Ends with a sentence where a port is busy or a setting is not a number."""
    plan = plan_of(environment)
    listening = [listen(plan.comments_port, "COMMENTS_PORT"), listen(plan.news_port, "NEWS_PORT")]
    asyncio.run(serve(plan, listening))


def plan_of(environment: Mapping[str, str]) -> Plan:
    """Read COMMENTS_PORT, NEWS_PORT and DEMO_DIR."""
    ports = [_port(environment, name, default) for name, default in (("COMMENTS_PORT", 8000), ("NEWS_PORT", 8001))]
    if ports[0] == ports[1]:
        raise SystemExit(f"COMMENTS_PORT and NEWS_PORT are both {ports[0]}; they must differ.")
    return Plan(Path(environment.get("DEMO_DIR") or ".demo"), *ports)


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65536:
        raise SystemExit(f"{name}={value} is not a port. Give a number from 1 to 65535.")
    return int(value)


def listen(port: int, name: str) -> socket.socket:
    """Take a port before anything else is done. Ends with what to type where it is busy."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise SystemExit(
            f"Port {port} cannot be had ({error.strerror}). Choose another one:  {name}={port + 100} make demo"
        ) from None
    return listening


async def serve(plan: Plan, listening: list[socket.socket]) -> None:
    """Prepare the data, serve both applications on the sockets, and say so once they answer."""
    settings = plan.settings()
    plan.folder.mkdir(parents=True, exist_ok=True)
    await _bring_up(settings.database)
    addresses, day = await prepare(plan, settings)
    secret = _shared_secret(plan).read_text("utf-8").strip()
    paper = news.news_app(plan.comments, seed.SLUG, printed=day, secret=secret)
    servers = [_server(create_app(settings)), _server(paper)]
    _stop_on_signal(servers)
    pairs = zip(servers, listening, strict=True)
    serving = [asyncio.create_task(server.serve(sockets=[taken])) for server, taken in pairs]
    for server in servers:
        await server.up.wait()
    (plan.folder / "demo.json").write_text(json.dumps(asdict(addresses), indent=2) + "\n", "utf-8")
    _tell(plan, addresses)
    await asyncio.gather(*serving)


async def _bring_up(database: str) -> None:
    """Make the tables, or those a newer release has more. Most starts find nothing to do."""
    db = Database(database)
    state = await schema.state(db)
    await db.close()
    if state != "current":
        schema.upgrade_apart(database)


async def prepare(plan: Plan, settings: Settings) -> tuple[Addresses, datetime]:
    """Fill an empty database, or bring a filled one to the present ports; give the addresses and the paper's day."""
    instance = wiring.instance(settings)
    try:
        async with instance.db.read() as query:
            known = await seed.is_seeded(query)
        if not known:
            print("Making the town of Ardmouth, its paper and its opinions …", flush=True)
            await seed.seed(instance, paper=plan.paper)
        token = await _refresh(instance, plan)
        async with instance.db.read() as query:
            day = await seed.printed(query)
    finally:
        await instance.db.close()
    article = plan.paper + next(each.path for each in news.articles() if each.id == seed.LONG_ARTICLE)
    desk = f"{plan.comments}/desk"
    return Addresses(plan.comments, plan.paper, article, desk, f"{desk}/invite/{token}", seed.SLUG), day


async def _refresh(instance: Instance, plan: Plan) -> str:
    """Let the paper's present origin in, note where its articles are now, and give a new one-time staff link's token."""
    async with begin(instance.db) as work:
        site = await sites.by_slug(work.q, seed.SLUG)
        await sites.add_origin(work, site.id, plan.paper)
        await seed.register_articles(work, site.id, plan.paper)
        if not (plan.folder / SHARED_SECRET).exists() or Policy.model_validate(site.policy).has_sso:
            file = str(_shared_secret(plan).resolve())
            await sites.set_policy(work, site.id, sso_secret_file=file, sso_login_url=f"{plan.paper}/log-in")
        return await _invite(work)


def _shared_secret(plan: Plan) -> Path:
    """Give the file with the secret that both share, made at the first start."""
    path = plan.folder / SHARED_SECRET
    if not path.exists():
        path.write_text(secrets.token_urlsafe(32) + "\n", "utf-8")
        path.chmod(0o600)
    return path


async def _invite(work: Work) -> str:
    holder = await holder_of(work.q, names.check(EDITOR).skeleton)
    account_id = holder.account_id if holder else None
    return await inviting.invite(work, inviting.Invitation(EDITOR, "admin", account_id=account_id))


class _Server(Server):
    """A server that leaves signals to us and says when it is up: two of them share one process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(app: ASGIApp) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


def _stop_on_signal(servers: list[_Server]) -> None:
    """Stop both on Ctrl-C; a second one does not wait for anybody."""

    def stop() -> None:
        for server in servers:
            server.force_exit = server.should_exit
            server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)


def _tell(plan: Plan, addresses: Addresses) -> None:
    rows = (
        ("The newspaper", addresses.paper),
        ("The long argument", addresses.article),
        ("The comment server", addresses.comments),
        ("The moderators' desk", addresses.desk),
        ("Staff sign-in, once", addresses.staff_link),
    )
    print()
    for label, address in rows:
        print(f"  {label:<22}{address}")
    print()
    print("  Chromium, Firefox and their relatives find names that end in .localhost; Safari may not.")
    print(f"  Data and these addresses: {plan.folder}/ (demo.json). Ctrl-C stops both, the same command resumes.")
    print("ready", flush=True)
