"""The canary: what a provider says about a person is used in memory and left nowhere.

A stated name that differs from the display name reaches no database, log or metric, in any encoding; nor do the
subject, the code or a token. One that matches stands only where the person typed it.
"""

import base64
import json
import logging
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import prometheus_client
import pytest
import structlog

from commentbox.server.base import journal
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.verification import actions, journey
from commentbox.server.verification.providers import Provider, Result
from tests.factories import make_person
from tests.oidc.certified import RETURN_URL, Certified, certified
from tests.oidc.configured import Configured
from tests.oidc.crooked import Crooked, crooked
from tests.promises.searching import database_places, forms, hits

STATED = "Zsófia Kanári-Hölgy"
NAME_PARTS = {"first name": "Zsófia", "last name": "Kanári-Hölgy", "half a name": "Kanári", "whole name": STATED}


@pytest.fixture(scope="module")
def real() -> Iterator[Certified]:
    with certified() as running:
        yield running


@pytest.fixture
def liar() -> Iterator[Crooked]:
    with crooked() as running:
        yield running


@pytest.fixture
def configured(tmp_path: Path) -> Configured:
    return Configured(tmp_path)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Listen to every logger at its most talkative, and to what goes to the terminal."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "aiosqlite", "sqlalchemy", "asyncio", "uvicorn"):
        caplog.set_level(logging.DEBUG, logger=name)
    with structlog.testing.capture_logs() as events:
        yield lambda: "\n".join([caplog.text, *capfd.readouterr(), *map(str, events)]).encode()


class Overheard:
    """A provider whose answers the test may look at before they are forgotten."""

    def __init__(self, provider: Provider) -> None:
        self.provider, self.name, self.secrets = provider, provider.name, dict[str, str]()
        self.begin = provider.begin

    async def complete(self, keep: Mapping[str, Any], params: Mapping[str, str]) -> Result:
        self.secrets |= {"code": params["code"], "state": params["state"], "verifier": keep["verifier"]}
        result = await self.provider.complete(keep, params)
        assert result.stated_name == STATED
        self.secrets |= {"subject": result.subject}
        return result


def in_a_browser(call: Any, url: str) -> dict[str, str]:
    """Let the person's browser do its part unheard: what it logs is not ours."""
    logging.disable(logging.CRITICAL)
    try:
        return call(url)
    finally:
        logging.disable(logging.NOTSET)


async def walk(db: Database, keyring: Keyring, provider: Overheard, log_in: Any, account_id: str) -> None:
    leaver = journey.Leaver(account_id=account_id, return_url=RETURN_URL)
    leaving = await journey.leave(db, provider, leaver=leaver, fresh=True)
    params = in_a_browser(log_in, leaving.url)
    returning = journey.Returning(account_id=account_id, browser=leaving.browser, params=params)
    provider.secrets["browser"] = leaving.browser
    await journey.come_back(db, provider, returning, keyring=keyring, badge_months=24)


async def places(db: Database, logged: Any) -> dict[str, bytes]:
    await journal.seal(db)
    metrics = prometheus_client.generate_latest()
    return await database_places(db) | {"log": logged(), "metrics": metrics}


async def test_a_stated_name_that_differs_from_the_display_name_is_left_nowhere(
    db: Database, keyring: Keyring, real: Certified, configured: Configured, logged: Any
):
    kestrel = await make_person(db, "Kestrel")
    overheard = Overheard(configured(real.issuer, client_id="basic"))

    def log_in(url: str) -> dict[str, str]:
        return real.log_in(url, account="account-of-the-canary", name=STATED)

    await walk(db, keyring, overheard, log_in, kestrel.account_id)
    secrets = NAME_PARTS | overheard.secrets | {"provider's account": "account-of-the-canary"}
    assert {"code", "subject", "state", "verifier"} <= set(secrets)
    async with begin(db, actor=kestrel.account_id) as work:
        await actions.revoke(work, kestrel.account_id, "person")
    searched = await places(db, logged)
    assert b"Kestrel" in searched["account.name"], "the search sees what is there"
    assert b"identity.verified" in searched["journal.kind"] and b"retier" in searched["job.kind"]
    del secrets["verifier"]  # Kept while the attempt is open, and of no use after it.
    assert hits(secrets, searched) == []


async def test_a_name_that_matches_stands_only_where_the_person_typed_it(
    db: Database, keyring: Keyring, real: Certified, configured: Configured, logged: Any
):
    person = await make_person(db, STATED)
    before = hits(NAME_PARTS, await database_places(db))
    overheard = Overheard(configured(real.issuer, client_id="basic"))
    await walk(db, keyring, overheard, lambda url: real.log_in(url, account="a", name=STATED), person.account_id)
    searched = await places(db, logged)
    assert b"name" in searched["attestation.kind"]
    del searched["log"]  # Where the database driver talks at its most talkative, it repeats the rows that are read.
    columns = {name: content for name, content in searched.items() if not name.startswith("file ")}
    assert hits(NAME_PARTS, columns) == [each for each in before if " in file " not in each]
    assert {each.partition(" in ")[2] for each in hits(NAME_PARTS, columns)} == {"account.name"}


@pytest.mark.parametrize("fault", ["none", "nonce", "sub", "userinfo", "signature", "elsewhere"])
async def test_no_token_is_left_behind_whether_it_is_believed_or_not(
    db: Database, keyring: Keyring, liar: Crooked, configured: Configured, logged: Any, fault: str
):
    kestrel = await make_person(db, "Kestrel")
    overheard = Overheard(configured(liar.issuer))
    secrets = NAME_PARTS | {"subject": "subject-1", "access token": "an-access-token", "code": "code-of-the-canary"}

    def log_in(url: str) -> dict[str, str]:
        asked = {name: value for name, _, value in (pair.partition("=") for pair in url.partition("?")[2].split("&"))}
        liar.claims = liar.honest_claims(asked["nonce"]) | {"name": STATED}
        go_wrong(liar, fault)
        token = str(liar.id_token())
        liar.token = lambda: token
        secrets.update(zip(("token's head", "token's claims", "token's signature"), token.split("."), strict=True))
        return {"code": "code-of-the-canary", "state": asked["state"]}

    if fault == "elsewhere":
        first = await make_person(db, "First")
        await walk(db, keyring, overheard, log_in, first.account_id)
    complaint = await outcome(walk(db, keyring, overheard, log_in, kestrel.account_id))
    assert (complaint == "") == (fault == "none")
    assert hits(secrets, await places(db, logged) | {"complaint": complaint.encode()}) == []


def go_wrong(liar: Crooked, fault: str) -> None:
    if fault in ("nonce", "sub"):
        liar.claims[fault] = ["wrong"]
    if fault == "userinfo":
        del liar.claims["name"]
        liar.userinfo = {"sub": "another", "name": STATED}
    if fault == "signature":
        liar.published = [Crooked().key]
        liar.published[0].dict_value["kid"] = liar.key.kid


async def outcome(call: Any) -> str:
    try:
        await call
    except Refusal as refusal:
        return "".join(traceback.format_exception(refusal)) + repr(refusal) + repr(refusal.data)
    return ""


@pytest.mark.parametrize("around", ["", "x", "xy"])
def test_the_search_finds_a_name_in_every_disguise(around: str):
    hidden = f"{around}{STATED} and more"
    disguises = [hidden, hidden.upper(), ascii(hidden), json.dumps(hidden), quote(hidden), hidden.encode().hex()]
    disguises += [base64.b64encode(hidden.encode()).decode(), base64.urlsafe_b64encode(hidden.encode()).decode()]
    for disguise in disguises:
        assert any(shape in disguise.encode() for shape in forms(STATED)), disguise
    assert not any(shape in b"nothing of the kind" for shape in forms(STATED))
