"""`commentbox settings`: every setting with its default and its reason. `make docs` keeps it as docs/settings.md."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from commentbox.server.base.settings import Settings
from commentbox.server.sites.rules import Policy

HEAD = """# Settings

This page is made from the code by `make docs`; `commentbox settings` prints it for the release you run.

## The instance

Read once, at the start, from the environment. `commentbox doctor` looks at yours and explains what is wrong.

| variable | default | what it is |
|---|---|---|
"""
SITES = """
## Each site

Set with `commentbox site policy SLUG NAME=VALUE`. Within bounds, so that no site can break what readers were promised.

| name | default | bounds | what it is |
|---|---|---|---|
"""


def settings() -> None:
    """Print every setting with its default and its reason, as Markdown."""
    print(page(), end="")


def page() -> str:
    """Give the whole page."""
    instance = [
        f"| `COMMENTBOX_{name.upper()}` | {_default(field)} | {_words(field)} |" for name, field in _fields(Settings)
    ]
    site = [f"| `{name}` | {_default(field)} | {_bounds(field)} | {_words(field)} |" for name, field in _fields(Policy)]
    return HEAD + "\n".join(instance) + "\n" + SITES + "\n".join(site) + "\n"


def _fields(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    return list(model.model_fields.items())


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        return f"{len(value)} rules"
    if value in (None, "", ()):
        return "(none)"
    return f"`{value}`" if isinstance(value, Path | str) else f"`{json.dumps(value)}`"


def _bounds(field: FieldInfo) -> str:
    least, most = (_limit(field, name) for name in ("ge", "le"))
    return f"{least}–{most}" if least is not None else ""


def _limit(field: FieldInfo, name: str) -> Any:
    return next((getattr(each, name) for each in field.metadata if hasattr(each, name)), None)


def _words(field: FieldInfo) -> str:
    return (field.description or "").replace("|", "\\|")
