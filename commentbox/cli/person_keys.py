"""Person keys: the versions of the secret behind them, and changing it without recognising anybody twice."""

import os
import re
import secrets
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from commentbox.cli import terminal
from commentbox.server.base import clock
from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.verification import key_versions
from commentbox.server.verification.key_versions import Hanging
from commentbox.server.verification.person_key import version_name, versions

app = typer.Typer(no_args_is_help=True, help="The secret that stops one person having two verified accounts.")
AFTER = """Keep a copy of {file} where the master secret has one, away from the database, give every server of this instance
the same file, and restart them. From then on new keys are made under {version}. A key cannot be made anew without the
person, so every older version stays live: until its badges have run out, or their people have verified again.
`commentbox person-key list` shows how many are left on each."""


@app.command("list")
def list_() -> None:
    """Show the live versions and what hangs on each.

    Badges that are over keep nobody from anything; badges that stand and measures need their version.
    """
    table = Table("version", "badges that stand", "measures", "badges that are over", box=None)
    for each in _hanging(settings := terminal.read_settings()):
        table.add_row(each.version, str(each.standing), str(each.measures), str(each.over))
    terminal.out.print(table)
    if lost := terminal.do(_unknown(settings)):
        terminal.fail(f"{lost} keys are under a version whose secret is not here. Bring the file back.")


@app.command()
def rotate(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")] = False,
) -> None:
    """Add a new version of the secret, under which new person keys are made.

    Nobody loses a badge, and everybody is still recognised: a person is looked for under every live version. Broken off
    half-way, it is simply typed again. Practise it with --dry-run.
    """
    settings = terminal.read_settings()
    file = _file(settings)
    newest = _hanging(settings)[0]
    if newest.version in settings_versions(settings) and not (newest.is_needed or newest.over):
        terminal.out.print(
            f"{newest.version} is there already, and no key hangs on it yet: nothing to do.", markup=False
        )
        terminal.out.print(AFTER.format(file=file, version=newest.version), markup=False)
        return
    version = version_name(int(newest.version[1:]) + 1)
    if dry_run:
        terminal.out.print(f"Would add {version} to {file}. {newest.standing} badges would stay on {newest.version}.")
        return
    _add(file, version)
    terminal.do(_record(settings, "person_key.rotated", version))
    terminal.out.print(f"Added {version} to {file}.", markup=False)
    terminal.out.print(AFTER.format(file=file, version=version), markup=False)


@app.command()
def retire(
    version: Annotated[str, typer.Argument(help="As `commentbox person-key list` shows it, such as v2.")],
) -> None:
    """Take an old version out of the file, once nothing hangs on it any more that matters."""
    settings = terminal.read_settings()
    file, hanging = _file(settings), {each.version: each for each in _hanging(settings)}
    if version not in settings_versions(settings):
        terminal.fail(f"There is no {version} in {file}. v1 comes from the master secret and stays.")
    if version == next(iter(hanging)):
        terminal.fail(f"{version} is the newest: new keys are made under it. Rotate first.")
    if hanging[version].is_needed:
        left = hanging[version]
        terminal.fail(
            f"{left.standing} badges and {left.measures} measures hang on {version}. Without it these people could verify anew."
        )
    lines = [line for line in file.read_text("utf-8").splitlines() if line.split()[:1] != [version]]
    _write(file, lines)
    terminal.do(_record(settings, "person_key.retired", version))
    terminal.out.print(f"Took {version} out of {file}. Restart every server of this instance.", markup=False)


def settings_versions(settings: Settings) -> set[str]:
    """Give the versions that stand in the file."""
    return {purpose.rpartition(":")[2] for purpose in settings.person_secrets()}


def _file(settings: Settings) -> Path:
    if settings.person_key_file is None:
        terminal.fail("Say first where the versions are kept: COMMENTBOX_PERSON_KEY_FILE=/run/secrets/person-keys")
    return settings.person_key_file


def _live(settings: Settings) -> list[str]:
    keyring = Keyring(settings.secret_bytes(), settings.person_secrets())
    return [purpose.rpartition(":")[2] for purpose in versions(keyring)]


def _hanging(settings: Settings) -> list[Hanging]:
    async def count() -> list[Hanging]:
        async with terminal.opened(settings) as db, db.read() as query:
            return [await key_versions.hanging_on(query, each, now=clock.now()) for each in _live(settings)]

    return terminal.do(count())


async def _unknown(settings: Settings) -> int:
    async with terminal.opened(settings) as db, db.read() as query:
        return await key_versions.unknown(query, _live(settings))


async def _record(settings: Settings, kind: str, version: str) -> None:
    async with terminal.opened(settings) as db, begin(db) as work:
        work.record(kind, version=version)


def _add(file: Path, version: str) -> None:
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    _write(file, [*lines, f"{version} {secrets.token_urlsafe(48)}"])


def _write(file: Path, lines: list[str]) -> None:
    """Replace the file in one step: half a secret would recognise nobody."""
    assert all(re.match(r"v\d+ \S{32,}$", line) for line in lines if line.strip())
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f"{file.name}.new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write("\n".join(lines) + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(file)
