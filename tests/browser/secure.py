"""A comment server and a newspaper over https, for browsers that keep no secure cookie of a plain `*.localhost`.

Both run in a thread of their own, because the tests that need them are synchronous.
"""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from commentbox.server import threads
from commentbox.server.accounts import actions, names
from commentbox.server.app import create_app
from commentbox.server.base import markup, migrate
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin
from commentbox.server.comments import actions as comments
from commentbox.server.comments.drafts import Author, Draft
from commentbox.server.screening import pipeline
from commentbox.server.sites import actions as sites
from commentbox.server.threads import ArticleRef
from tests.papers.login import Paper

COMMENTS, NEWS = "comments.localhost", "news.localhost"
ARTICLE = "the-tide"
FIRST = "It came in on the dot, as it has since the moon."
STORY = "<!doctype html><html lang=en><title>The tide</title><h1>The tide came in</h1>"


@dataclass(frozen=True)
class Secure:
    """Where the two are, the settings of the comment server, and an account with a printed code."""

    comments: str
    article: str
    settings: Settings
    name: str
    code: str


@contextmanager
def served(folder: Path, name: str, *, login: Paper | None = None, **more: Any) -> Iterator[Secure]:
    """Run both, with one thread to comment in and an account called `name`; with `login` a reader is logged in at the paper.
    `more` are settings.
    """
    ours, theirs = _listener(), _listener()
    origin, paper = (f"https://{host}:{each.getsockname()[1]}" for host, each in ((COMMENTS, ours), (NEWS, theirs)))
    settings = Settings(data_dir=folder, base_url=origin, secret="a secret that only the tests know", **more)
    code = asyncio.run(_fill(settings, paper, name, policy=login.policy() if login else {}))
    certificate = _certificate(folder)
    running = [_server(create_app(settings), certificate), _server(_paper(origin, login), certificate)]
    pairs = zip(running, (ours, theirs), strict=True)
    working = [threading.Thread(target=server.run, args=([taken],)) for server, taken in pairs]
    for thread in working:
        thread.start()
    try:
        yield Secure(origin, f"{paper}/", settings, name, code)
    finally:
        for server in running:
            server.should_exit = True
        for thread in working:
            thread.join()


def _listener() -> socket.socket:
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    made.listen()
    return made


async def _fill(settings: Settings, paper: str, name: str, *, policy: dict[str, Any]) -> str:
    await migrate.upgrade(settings.database)
    db = Database(settings.database)
    async with begin(db) as work:
        site_id = await sites.create(work, "gazette", name="The Harbour Gazette", origins=[paper], lang="en")
        await sites.set_policy(work, site_id, **policy)
        ref = ArticleRef(ARTICLE, f"{paper}/")
        thread_id = await threads.register(work, site_id, ref, title="The tide came in", source="api")
        first = Draft(FIRST, markup.render(FIRST), pipeline.text_hash(FIRST))
        await comments.post(work, Author(name="First Gull"), first, thread_id=thread_id)
        code = await actions.new_recovery_code(work, await actions.sign_up(work, names.check(name)))
    await db.close()
    return code


def _paper(comments: str, login: Paper | None) -> Starlette:
    tag = f'<script src="{comments}/loader.js" data-site="gazette" data-article-id="{ARTICLE}" async></script>'
    log_in = f'<script src="{comments}/sso.js" data-token-url="/token" async></script>' if login else ""

    async def show(request: Request) -> HTMLResponse:
        return HTMLResponse(STORY + tag + log_in)

    async def token(request: Request) -> PlainTextResponse:
        return PlainTextResponse(login.token(aud=f"{comments}/gazette", name="Wader Grey") if login else "")

    return Starlette(routes=[Route("/", show), Route("/token", token)])


def _server(app: ASGIApp, certificate: Path) -> uvicorn.Server:
    config = uvicorn.Config(app, log_level="warning", access_log=False, ssl_certfile=certificate)
    config.timeout_graceful_shutdown = 2
    return uvicorn.Server(config)


def _certificate(folder: Path) -> Path:
    """Make a certificate that vouches for itself, with its key in the same file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, COMMENTS)])
    hosts = x509.SubjectAlternativeName([x509.DNSName(COMMENTS), x509.DNSName(NEWS)])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
    signed = made.add_extension(hosts, critical=False).sign(key, hashes.SHA256())
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "certificate.pem"
    file.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM) + key.private_bytes(serialization.Encoding.PEM, *plain)
    )
    return file
