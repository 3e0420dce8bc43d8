"""The files a browser may fetch from us: scripts, styles. Read once, hashed, compressed; `asset_url` names the version.

Where they come from: `commentbox/widget` with its vendor folder, and every theme's style sheets. The default theme's
keep their names (`theme.css`), another theme's carry its own in front (`plain.theme.css`). No route lives here.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2]
WIDGET = PACKAGE / "widget"
DEFAULT_THEME = "default"
TOGETHER = {
    "loader.js": ("messages.js", "loader.js"),
    "frame.js": ("messages.js", "frame.js", "compose.js", "door.js"),
}
"""Sent as one file: on the publisher's page nothing but the loader may load before the reader is near, and what the frame
runs from the start weighs a kilobyte less compressed together."""
_NOTES = re.compile(rb"^[ \t]*//.*\n|^[ \t]+|[ \t]+// .*$|\n(?=\n)", re.MULTILINE)
"""Comments, empty lines and the space before a line, in our own scripts. Readers would pay for them on every page; nothing
else is taken out. So no text in them runs over several lines, and none has two slashes between spaces."""
_REMARKS = re.compile(rb"/\*.*?\*/\n?", re.DOTALL)
_SPACE = re.compile(rb"\s*([{};])\s*|(?<=[a-z0-9]):\s+|,\s+")
"""Space that means nothing in a style sheet: around braces and semicolons, after a property's colon and after a comma. No text
of ours holds these signs."""
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


def themes_folder() -> Path:
    """Say where the themes are: inside an installed wheel, else at the top of the source tree."""
    installed = PACKAGE / "_themes"
    return installed if installed.is_dir() else PACKAGE.parent / "themes"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to be sent."""

    name: str
    body: bytes
    gzipped: bytes
    media_type: str
    version: str


@lru_cache(maxsize=1)
def assets() -> dict[str, Asset]:
    """Give every asset by its name."""
    files = {path.name: path for folder in (WIDGET, WIDGET / "vendor") for path in folder.glob("*.js")}
    for path in sorted(themes_folder().glob("*/*.css")):
        theme = path.parent.name
        files[path.name if theme == DEFAULT_THEME else f"{theme}.{path.name}"] = path
    return {name: _asset(name, path) for name, path in files.items()}


def asset_url(name: str) -> str:
    """Give the address of an asset with its version, which may be kept for ever. An unknown name is a KeyError; one that
    has a query is a sheet made to measure, and brings its version along (`looks.sheet_name`)."""
    return f"/static/{name}" if "?" in name else f"/static/{name}?v={assets()[name].version}"


def _asset(name: str, path: Path) -> Asset:
    body = _body(path)
    packed = gzip.compress(body, compresslevel=9, mtime=0)
    version = hashlib.sha256(body).hexdigest()[:10]
    return Asset(name=name, body=body, gzipped=packed, media_type=_TYPES[path.suffix], version=version)


def _body(path: Path) -> bytes:
    if path.suffix == ".css":
        return _SPACE.sub(_sign, _REMARKS.sub(b"", path.read_bytes()))
    if path.parent != WIDGET:
        return path.read_bytes()
    parts = TOGETHER.get(path.name, (path.name,))
    return b"".join(_NOTES.sub(b"", (WIDGET / part).read_bytes()) for part in parts)


def _sign(space: re.Match[bytes]) -> bytes:
    """Give the sign without the space around it."""
    return space[0].strip()
