"""Looks for a secret everywhere it could have been left, and in every form it could have taken."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from sqlalchemy import text

from commentbox.server.base.db import Database

Places = dict[str, bytes]
"""What was found where: a table's column or a file, and its bytes."""


def forms(secret: str) -> set[bytes]:
    """Give the ways in which `secret` could stand in a file: plain, folded, escaped, and in the usual encodings."""
    spellings = {secret, secret.lower(), secret.upper(), secret.casefold()}
    found: set[bytes] = set()
    for spelling in spellings:
        raw = spelling.encode()
        found |= {json.dumps(spelling)[1:-1].encode(), ascii(spelling)[1:-1].encode()}
        found |= {raw, spelling.encode("utf-16-le"), spelling.encode("utf-16-be")}
        found |= {raw.hex().encode(), raw.hex().upper().encode()}
        found |= {each.encode() for each in (quote(spelling), quote_plus(spelling), quote(spelling, safe=""))}
        found |= _base64_forms(raw)
    return found


def _base64_forms(raw: bytes) -> set[bytes]:
    """Give what `raw` looks like inside longer base64 text, at each of the three places it may begin."""
    found = set()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw)
        # The first characters hold bits of what stood before, the last ones of what comes after.
        inner = encoded[(0, 2, 3)[before] : len(encoded.rstrip(b"=")) - 1]
        found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def hits(secrets: dict[str, str], places: Places) -> list[str]:
    """Name every place where one of the secrets stands, in any form."""
    sought = {name: forms(secret) for name, secret in secrets.items()}
    return sorted(
        f"{name} in {place}"
        for place, content in places.items()
        for name, shapes in sought.items()
        if any(shape in content for shape in shapes)
    )


async def database_places(db: Database) -> Places:
    """Give every column of every table as text, and on SQLite the bytes of its files too (log and free pages)."""
    found = {f"file {file.name}": file.read_bytes() for file in files(db)}
    kind = "BLOB" if db.is_sqlite else "TEXT"
    async with db.read() as query:
        for table, column in await _columns(db, query):
            rows = await query.all(text(f'SELECT CAST("{column}" AS {kind}) FROM "{table}"'))
            found[f"{table}.{column}"] = b"\n".join(_bytes(row[0]) for row in rows)
    return found


def memory_places(instance: Any) -> Places:
    """Give what this process holds for later: every page in the cache, and every mail that went out."""
    cached = b"\n".join(_all_bytes(entry) for entry in instance.cache._entries.values())
    mails = "\n".join(f"{mail.to}\n{mail.subject}\n{mail.text}" for mail in instance.mail.sent)
    return {"cache": cached, "mails": mails.encode()}


def _all_bytes(entry: Any) -> bytes:
    held = (getattr(entry, name) for name in entry.__slots__)
    return b"\n".join(each if isinstance(each, bytes) else repr(each).encode() for each in held)


def _bytes(value: str | bytes | None) -> bytes:
    return value if isinstance(value, bytes) else (value or "").encode()


def files(db: Database) -> list[Path]:
    if not db.is_sqlite:
        return []
    file = Path(db.url.partition(":///")[2])
    return sorted(file.parent.glob(file.name + "*"))


async def _columns(db: Database, query: object) -> list[tuple[str, str]]:
    statement = (
        "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'"
        if db.is_sqlite
        else "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    )
    return [(row[0], row[1]) for row in await query.all(text(statement))]  # type: ignore[attr-defined]
