"""What every `[[provider]]` table of the operator's file has in common, and how a secret or an address in it is read."""

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from commentbox.server.verification.providers.port import Assurance, MethodClass, Uniqueness

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class Entry(BaseModel):
    """What any provider says about itself. Extra words are refused: a misspelt one would be silently without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Slug
    label: str = ""
    method: MethodClass
    assurance: Assurance = "substantial"
    uniqueness: Uniqueness


def read_secret(env: str | None, file: Path | None, *, what: str) -> SecretStr:
    """Read a secret from the environment or a file. Raises ValueError with a sentence for the operator, never the secret."""
    found = os.environ.get(env, "") if env is not None else _text(file, what)
    if not found:
        raise ValueError(f"the {what} is empty")
    return SecretStr(found)


def check_one_place(env: str | None, file: Path | None, *, field: str) -> None:
    """Refuse an entry that names no place for a secret, or two."""
    if (env is None) == (file is None):
        raise ValueError(f"needs {field}_env or {field}_file, and not both")


def is_safe_address(address: object) -> bool:
    """Say whether an address is https, or plain http to this very machine."""
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and (host in LOOPBACK or host.endswith(".localhost")))


def _text(path: Path | None, what: str) -> str:
    try:
        return path.read_text("utf-8").strip() if path else ""
    except OSError as error:
        raise ValueError(f"the {what} cannot be read ({error.strerror})") from None
