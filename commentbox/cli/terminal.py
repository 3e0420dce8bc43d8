"""What every command needs: the settings, an opened database, and refusals as sentences instead of traces."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from subprocess import CalledProcessError
from typing import Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console

from commentbox.server.base import schema
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal
from commentbox.server.base.settings import Settings
from commentbox.server.gate.messages import sentence

Given = TypeVar("Given")
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(message: str) -> NoReturn:
    """Say what is wrong and what to type, and end with status 1."""
    err.print(message, style="red", markup=False)
    raise typer.Exit(1)


def read_settings() -> Settings:
    """Give the settings, or say which of them cannot be."""
    try:
        return Settings()
    except ValidationError as error:
        faults = [f"  COMMENTBOX_{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors()]
        fail("\n".join(["These settings cannot be:", *faults, "docs/settings.md explains each."]))


def say(refusal: Refusal) -> str:
    """Give a refusal as a sentence with its code and data."""
    message = sentence(refusal.code, status=refusal.status, data=refusal.data)
    details = [refusal.code, *(f"{name}: {value}" for name, value in refusal.data.items())]
    return f"{message} ({', '.join(details)})"


def do(doing: Coroutine[Any, Any, Given], *, as_json: bool = False, explain: Callable[[Refusal], str] = say) -> Given:
    """Carry out what a command asked for; a refusal becomes a sentence (or, with `as_json`, the one error shape)."""
    try:
        return asyncio.run(doing)
    except Refusal as refusal:
        if as_json:
            error = {"code": refusal.code, "message": explain(refusal), "data": refusal.data}
            print(json.dumps({"error": error}))
            raise typer.Exit(1) from None
        fail(explain(refusal))
    except ValidationError as error:
        fail("\n".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()))


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Give the database, ready to work with. A new one is made; an older one is refused with what to type."""
    await ready(settings)
    db = Database(settings.database)
    try:
        yield db
    finally:
        await db.close()


async def ready(settings: Settings) -> None:
    """See to it that the schema is this release's: make it where there is none, never change an old one unasked."""
    if not settings.database_url:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    db = Database(settings.database)
    try:
        state = await schema.state(db)
    finally:
        await db.close()
    if state == "unreachable":
        fail("The database does not answer. `commentbox doctor` looks at the settings.")
    if state == "behind":
        fail("The database is of an older release. Make a back-up, then type:  commentbox migrate")
    if state == "empty":
        upgrade(settings)
        if sys.stderr.isatty():
            err.print("Made a new database.", style="dim")


def upgrade(settings: Settings) -> None:
    """Bring the database up to date, or say that it did not work; its own trace stands above."""
    try:
        schema.upgrade_apart(settings.database)
    except CalledProcessError:
        fail(
            "The database could not be brought up to date; nothing was changed. `commentbox doctor` looks at the settings."
        )
