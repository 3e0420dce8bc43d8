"""The chores of law and evidence, typed as an admin types them, on both databases."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import update
from typer.testing import CliRunner

from commentbox.cli import app
from commentbox.server.base import clock, journal
from commentbox.server.base.db import Database
from commentbox.server.base.ids import new_id
from commentbox.server.base.models import Journal
from commentbox.server.base.settings import Settings
from tests.factories import START
from tests.newsroom import make_newsroom

Type = Callable[..., Result]
Once = Callable[[Callable[[Database], Awaitable[Any]]], Any]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> Type:
    """Give a typist: `typed("flagger", "list")`."""
    given = {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path), "SECRET": "a secret that only the tests know"}
    for name, value in given.items():
        monkeypatch.setenv(f"COMMENTBOX_{name}", value)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words: CliRunner().invoke(app, list(words), catch_exceptions=False)


@pytest.fixture
def once(typed: Type) -> Once:
    """Do something with the database the commands use."""

    def run(call: Callable[[Database], Awaitable[Any]]) -> Any:
        async def opened() -> Any:
            db = Database(Settings().database)
            try:
                return await call(db)
            finally:
                await db.close()

        return asyncio.run(opened())

    return run


async def a_removal(db: Database) -> None:
    clock.set(START + timedelta(days=1))
    room = await make_newsroom(db)
    said = room.talk.say("The clerk is a crook.")
    await room.talk.save(db)
    await room.decide(await room.hire("Ruth"), said, "remove")
    await journal.seal(db)


async def a_forgery(db: Database) -> None:
    async with db.write() as query:
        await query.run(update(Journal.__table__).values(kind="site.removed"))


def test_statements_are_written_and_checked_line_by_line(typed: Type, once: Once, tmp_path: Path) -> None:
    once(a_removal)
    written = typed("export", "statements", "--site", "gazette", "--since", "2026-11-01")
    (line,) = written.stdout.splitlines()
    assert json.loads(line)["application_date"] == "2026-11-23"
    assert "crook" not in line
    assert "1 statements" in typed("export", "statements", "--site", "gazette", "--check").stdout
    assert typed("export", "statements", "--site", "gazette", "--since", "2026-12-01").stdout == ""
    file = tmp_path / "spoiled.jsonl"
    file.write_text(f"{line}\n{line.replace('SOURCE_VOLUNTARY', 'SOURCE_GOSSIP')}\nnothing\n")
    spoiled = typed("export", "statements", "--check", "--file", str(file))
    assert spoiled.exit_code == 1
    assert "line 2: source_type: 'SOURCE_GOSSIP'" in spoiled.stderr and "line 3: is no JSON" in spoiled.stderr
    assert "line 1" not in spoiled.stderr


def test_the_journal_is_anchored_checked_and_cut(typed: Type, once: Once, tmp_path: Path) -> None:
    once(a_removal)
    assert typed("journal", "anchor").exit_code == 0
    assert "not grown" in typed("journal", "anchor").stdout
    assert "1 anchors fit" in typed("journal", "verify").stdout
    too_old = typed("journal", "cut", "--before", "2026-11-01")
    assert too_old.exit_code == 1 and "journal.no_anchor" in too_old.stderr
    assert "entries are gone" in typed("journal", "cut", "--before", "2026-12-01").stdout
    once(journal.seal)
    assert typed("journal", "verify").exit_code == 0
    once(a_forgery)
    found = typed("journal", "verify")
    assert found.exit_code == 1 and "was changed there" in found.stderr
    (tmp_path / "journal.anchors").write_text("{}\n")
    assert "no anchor" in typed("journal", "verify").stderr


def test_trusted_flaggers_get_a_code_are_listed_and_end(typed: Type) -> None:
    code = typed("flagger", "add", "Harbour Hotline").stdout.strip()
    assert len(code.split("-")) == 4
    listed = typed("flagger", "list").stdout
    assert "Harbour Hotline" in listed and code not in listed
    flagger_id = next(word for word in listed.split() if len(word) == 16 and word.isalnum())
    assert typed("flagger", "end", flagger_id).exit_code == 0
    assert "flagger.unknown" in typed("flagger", "end", flagger_id).stderr


def test_a_legal_hold_is_placed_listed_and_ended(typed: Type) -> None:
    some = new_id(START)
    until = (clock.now() + timedelta(days=30)).date().isoformat()
    placed = typed("hold", "place", "account", some, "--until", until, "--reason", "Court of Ely, 3/26")
    assert placed.exit_code == 0
    assert "Court of Ely" in typed("hold", "list").stdout
    assert typed("hold", "end", placed.stdout.strip()).exit_code == 0
    late = typed("hold", "place", "comment", some, "--until", "2050-01-01", "--reason", "Court")
    assert late.exit_code == 1 and "legal_hold.until_invalid" in late.stderr


def test_a_year_is_reported_in_the_papers_language_and_for_programs(typed: Type, once: Once) -> None:
    once(a_removal)
    page = typed("report", "transparency", "--site", "gazette", "--year", "2026", "--lang", "de").stdout
    assert "Transparenzbericht 2026" in page and "Hausregel 3" in page and "Ruth" not in page
    assert "<link" not in page and "<script" not in page
    report = json.loads(
        typed("report", "transparency", "--site", "gazette", "--year", "2026", "--format", "json").stdout
    )
    assert report["restrictions"][0]["rule"] == "3-argument-not-person"
