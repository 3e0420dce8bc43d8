"""The canary over HTTP: the whole walk through our pages, with every log switched on, and nothing is left behind.

Every answer we gave is searched too: no page repeats a stated name or a subject, and a code stands on one page only.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from commentbox.server.base import jobs, journal
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from tests.journeys.reader import Reader
from tests.journeys.reading import refresh_of, words
from tests.oidc.certified import SECRET, Certified, certified
from tests.promises.searching import database_places, hits
from tests.promises.witness import Witness

RETURN_URL = "http://comments.localhost:8000/verify/callback/certified"
STATED = "Zsófia Kanári-Hölgy"
ACCOUNT = "account-of-the-canary"
NAMES = {"first name": "Zsófia", "last name": "Kanári-Hölgy", "half a name": "Kanári", "account": ACCOUNT}
NAMES |= {"birthdate": "1971-02-03", "subject": hashlib.sha256(f"basic {ACCOUNT} salt".encode()).hexdigest()}


@pytest.fixture(scope="module")
def real() -> Iterator[Certified]:
    with certified(RETURN_URL) as running:
        yield running


@pytest.fixture
def settings(settings: Settings, real: Certified, tmp_path: Path) -> Settings:
    """Give an instance with the certified provider, at its most talkative."""
    (tmp_path / "secret").write_text(SECRET)
    file = tmp_path / "providers.toml"
    file.write_text(
        f'[[provider]]\nname = "certified"\nissuer = "{real.issuer}"\nclient_id = "basic"\nmethod = "document"\n'
        f'client_secret_file = "{tmp_path / "secret"}"\nuniqueness = "document"\n'
    )
    return settings.model_copy(update={"providers": str(file), "demo": True, "access_log": True, "log_level": "DEBUG"})


@pytest.fixture
async def walk(new_visitor: Callable[..., Any], real: Certified, witness: Witness) -> Any:
    """Give the walk of a new reader who is called `name` here; gives the last page and the provider's parameters."""

    async def walking(name: str, account: str = ACCOUNT, **change: str) -> tuple[httpx.Response, dict[str, str]]:
        reader = Reader(new_visitor(), name)
        await reader.sign_up()
        witness.keep(reader)
        leaving = await reader.leave("certified")
        logging.disable(logging.CRITICAL)  # The provider's pages are the person's browser's business.
        params = real.log_in(refresh_of(leaving), account=account, name=STATED)
        logging.disable(logging.NOTSET)
        return await reader.come_back("certified", params | change), params

    return walking


async def everywhere(db: Database, witness: Witness, visitor: Any, settings: Settings) -> dict[str, bytes]:
    """Seal, look at the metrics, and give every place where something could have been left."""
    await journal.seal(db)
    metrics = (await visitor.open("/metrics")).content
    assert b"/verify/callback/{provider}" in metrics or b"/verify/callback" in metrics
    assert await jobs.run_due(db, {}) == 0, "verifying leaves no job, so no mail"
    return await database_places(db) | {"metrics": metrics, "log": witness.logs()}


async def test_nothing_of_a_pen_names_owner_is_left(
    walk: Any, db: Database, witness: Witness, visitor: Any, settings: Settings
):
    done, params = await walk("Kestrel")
    assert "Verified person" in words(done)
    secrets = NAMES | {"code": params["code"], "state": params["state"]}
    places = await everywhere(db, witness, visitor, settings)
    assert b"/verify/finish" in places["log"], "the access lines are searched"
    assert hits(secrets, places) == []
    assert hits(NAMES, witness.pages()) == []
    assert hits({"code": params["code"]}, witness.pages(but="/verify/callback/certified")) == []


@pytest.mark.parametrize(
    "change", [{"code": "wrong-code-of-the-canary"}, {"iss": "https://evil.example"}, {"state": "wrong"}]
)
async def test_nothing_is_left_where_it_went_wrong(
    walk: Any, db: Database, witness: Witness, visitor: Any, settings: Settings, change: dict[str, str]
):
    refused, params = await walk("Kestrel", **change)
    assert refused.status_code >= 400
    secrets = NAMES | {"code": (params | change)["code"], "state": params["state"]}
    assert hits(secrets, await everywhere(db, witness, visitor, settings)) == []
    assert hits(NAMES, witness.pages()) == []


async def test_nothing_is_left_of_a_second_account(
    walk: Any, db: Database, witness: Witness, visitor: Any, settings: Settings
):
    await walk("Kestrel")
    refused, params = await walk("Heron")
    assert refused.status_code == 409
    secrets = NAMES | {"code": params["code"], "state": params["state"]}
    assert hits(secrets, await everywhere(db, witness, visitor, settings)) == []
    assert hits(NAMES, witness.pages()) == []


async def test_a_name_that_matches_stands_only_where_it_was_typed(
    walk: Any, db: Database, witness: Witness, visitor: Any, settings: Settings
):
    done, _ = await walk(STATED)
    assert "Verified name" in words(done)
    places = await everywhere(db, witness, visitor, settings)
    columns = {place: content for place, content in places.items() if not place.startswith(("file ", "log"))}
    names = {"first name": "Zsófia", "last name": "Kanári-Hölgy"}
    where = {each.partition(" in ")[2] for each in hits(names, columns)}
    assert where <= {"account.name", "name_hold.skeleton", "one_time.data"} and "account.name" in where
