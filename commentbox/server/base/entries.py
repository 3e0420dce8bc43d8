"""The operator's TOML files, for identity providers and for outside help: reading their tables, their secrets, their addresses.

Every fault is a ValueError with a sentence for the operator, which `commentbox doctor` prints; a secret is never quoted.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, ValidationError

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_T = TypeVar("_T")
Kinds = Mapping[str, tuple[type[BaseModel], Callable[[Any], _T]]]
"""What an operator writes in a table of each kind, and who speaks it."""
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


def tables(path: str, kind: str) -> list[Mapping[str, Any]]:
    """Read the `[[kind]]` tables of a file, which holds nothing else; none where no file is named."""
    if not path:
        return []
    try:
        content = tomllib.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: is not TOML: {error}") from None
    found = content.get(kind, [])
    if set(content) - {kind} or not isinstance(found, list):
        raise ValueError(f"{path}: holds [[{kind}]] tables and nothing else")
    return found


def made(table: Mapping[str, Any], kinds: Kinds[_T], *, path: str, what: str, usual: str = "") -> _T:
    """Give what a table describes, by its `kind`; `what` is what such things are called. Raises ValueError."""
    named, kind = f"{path}: {what} {table.get('name', '?')!r}", table.get("kind", usual)
    if kind not in kinds:
        raise ValueError(f"{named}: kind is one of {', '.join(kinds)}")
    written, speaks = kinds[kind]
    try:
        return speaks(written.model_validate(table))
    except ValidationError as error:
        raise ValueError(f"{named}: {faults(error)}") from None


def faults(error: ValidationError) -> str:
    """Say what is wrong with a table: only where and what, because the values may be secrets."""
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())


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
