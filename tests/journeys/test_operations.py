"""What load balancers, Prometheus and log collectors see of a running server, and what they never see."""

import json
import logging

import httpx
import pytest
from sqlalchemy import text

from commentbox.server.base import logs
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from tests.factories import ARTICLE, make_site, make_thread
from tests.visitor import Visitor


async def test_a_live_server_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"alive": True})


async def test_a_server_on_its_own_schema_is_ready(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True})


async def test_a_server_on_an_older_schema_is_not_ready(client: httpx.AsyncClient, db: Database) -> None:
    async with db.write() as query:
        ours = await query.scalar(text("SELECT version_num FROM alembic_version"))
        await query.run(text("DELETE FROM alembic_version"))
    answer = await client.get("/readyz", headers={"Accept": "application/json"})
    async with db.write() as query:
        await query.run(text("INSERT INTO alembic_version VALUES (:ours)"), {"ours": ours})
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "ready.not_migrated"


async def test_metrics_count_by_route_and_hold_no_path(visitor: Visitor) -> None:
    await visitor.open("/desk/invite/a-secret-token?code=another-secret")
    shown = (await visitor.client.get("/metrics")).text
    assert 'route="/desk/invite/{token}"' in shown
    assert "secret" not in shown


async def test_an_unknown_path_is_counted_without_its_words(visitor: Visitor) -> None:
    await visitor.open("/reader@example.com/secret")
    shown = (await visitor.client.get("/metrics")).text
    assert 'route="(none)",status="404"' in shown
    assert "secret" not in shown and "example.com" not in shown


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"access_log": True})


@pytest.fixture
def quiet_again() -> object:
    """Put the test runner's own log handlers back."""
    before, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = before
    logging.root.setLevel(level)


async def test_access_lines_hold_no_path_and_no_query(
    visitor: Visitor, capsys: pytest.CaptureFixture[str], quiet_again: object
) -> None:
    logs.configure()
    await visitor.open("/desk/invite/a-secret-token?code=another-secret")
    printed = capsys.readouterr().out
    lines = [json.loads(line) for line in printed.splitlines()]
    assert {"event": "request", "route": "/desk/invite/{token}", "method": "GET"}.items() <= lines[-1].items()
    assert "secret" not in printed


def test_a_logged_error_shows_kind_and_place_and_never_its_words(
    capsys: pytest.CaptureFixture[str], quiet_again: object
) -> None:
    logs.configure()
    try:
        raise ValueError("Ada Lovelace, ada@example.com")
    except ValueError:
        logging.getLogger("somebody.else").exception("it failed")
    line = json.loads(capsys.readouterr().out)
    assert line["error"] == ["ValueError"]
    assert line["trace"][0].endswith("test_a_logged_error_shows_kind_and_place_and_never_its_words")
    assert "Ada" not in json.dumps(line)


async def test_every_page_leaves_an_access_line_even_from_memory(
    visitor: Visitor, db: Database, capsys: pytest.CaptureFixture[str], quiet_again: object
) -> None:
    site_id = await make_site(db)
    await make_thread(db, site_id)
    logs.configure()
    for _ in range(3):
        await visitor.frame(f"/embed/thread?site=gazette&url={ARTICLE}")
    assert capsys.readouterr().out.count('"route": "/embed/thread"') == 3
