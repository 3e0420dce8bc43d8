"""The rotation drill of the person key's secret, typed as an operator would type it, on both databases."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import update
from typer.testing import CliRunner

from commentbox.cli import app
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from commentbox.server.verification.models import Attestation
from tests.factories import make_person

Type = Callable[..., Result]


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> Path:
    monkeypatch.setenv("COMMENTBOX_DATABASE_URL", database_url)
    monkeypatch.setenv("COMMENTBOX_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMMENTBOX_SECRET", "a secret that only the tests know")
    monkeypatch.setenv("COMMENTBOX_PERSON_KEY_FILE", str(tmp_path / "keys" / "person-keys"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "keys" / "person-keys"


@pytest.fixture
def typed(file: Path) -> Type:
    return lambda *words: CliRunner().invoke(app, ["person-key", *words], catch_exceptions=False)


def keep(settings: Settings, *keys: str) -> None:
    """Put person keys into the database, each of a badge that stands."""

    async def write() -> None:
        db = Database(settings.database)
        for key in keys:
            person = await make_person(db, kind="person")
            table: Any = Attestation.__table__
            async with db.write() as query:
                mine = update(table).where(table.c.id == person.attestation_id)
                await query.run(mine.values(person_key=f"{key}{person.account_id}"))
        await db.close()

    asyncio.run(write())


def versions(listed: Result) -> list[list[str]]:
    return [line.split() for line in listed.stdout.splitlines() if re.match(r" *v\d", line)]


def test_a_drill_changes_nothing_and_says_what_would_be(typed: Type, file: Path, settings: Settings) -> None:
    keep(settings, "v1:", "v1:")
    drill = typed("rotate", "--dry-run")
    assert drill.exit_code == 0 and "Would add v2" in drill.stdout and "2 badges would stay on v1" in drill.stdout
    assert not file.exists()


def test_a_rotation_adds_a_version_and_may_be_typed_again(typed: Type, file: Path, settings: Settings) -> None:
    keep(settings, "v1:")
    assert typed("rotate").exit_code == 0
    secret = file.read_text("utf-8")
    assert secret.startswith("v2 ") and file.stat().st_mode & 0o077 == 0
    again = typed("rotate")
    assert again.exit_code == 0 and "nothing to do" in again.stdout and file.read_text("utf-8") == secret
    assert versions(typed("list")) == [["v2", "0", "0", "0"], ["v1", "1", "0", "0"]]
    keep(settings, "v2:")
    assert "Added v3" in typed("rotate").stdout
    assert file.read_text("utf-8").startswith(secret), "what was live stays live"


def test_a_version_goes_only_once_nothing_hangs_on_it(typed: Type, file: Path, settings: Settings) -> None:
    typed("rotate")
    keep(settings, "v2:")
    assert "is the newest" in typed("retire", "v2").stderr
    typed("rotate")
    refused = typed("retire", "v2")
    assert refused.exit_code == 1 and "1 badges and 0 measures hang on v2" in refused.stderr
    assert "stays" in typed("retire", "v1").stderr and "There is no v9" in typed("retire", "v9").stderr

    async def forget() -> None:
        db = Database(settings.database)
        async with db.write() as query:
            await query.run(update(Attestation.__table__).values(person_key=None))
        await db.close()

    asyncio.run(forget())
    assert typed("retire", "v2").exit_code == 0
    assert [line.split()[0] for line in file.read_text("utf-8").splitlines()] == ["v3"]


def test_a_file_that_is_missing_is_noticed_by_list_and_by_the_doctor(
    typed: Type, file: Path, settings: Settings
) -> None:
    typed("rotate")
    keep(settings, "v2:")
    file.rename(file.with_name("elsewhere"))
    assert "1 keys are under a version whose secret is not here" in typed("list").stderr
    found = CliRunner().invoke(app, ["doctor"], catch_exceptions=False)
    assert found.exit_code == 1 and "1 person keys are under a version" in found.stdout


def test_without_a_place_for_the_file_the_command_says_what_to_set(
    typed: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COMMENTBOX_PERSON_KEY_FILE")
    assert "COMMENTBOX_PERSON_KEY_FILE=" in typed("rotate").stderr
