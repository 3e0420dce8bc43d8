"""Opens an export file, packed or not, and gives its bytes in pieces. Knows archives, not formats.

Memory stays flat: nothing is unpacked to disk or held whole.
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, cast

from commentbox.server.base.errors import Invalid

PIECE_BYTES = 256 * 1024

# Real exports pack 5 to 30 times. A file that unpacks further than this was made to fill a disk.
_BOMB_RATIO = 400
_BOMB_BYTES = 256 * 1024 * 1024

# What the operating system of the person who packed the archive adds on its own.
_ARCHIVE_LITTER = ("__MACOSX/", ".DS_Store", "desktop.ini", "Thumbs.db")


class Source:
    """One export file. `size` and `bytes_read` count bytes on disk, for a progress bar."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes_read = 0
        try:
            self.size = path.stat().st_size
        except OSError as error:
            raise Invalid("import.unreadable", file=path.name, reason=error.strerror or "unreadable") from error

    def pieces(self) -> Iterator[bytes]:
        """Give the unpacked bytes from the beginning; may be asked more than once."""
        with ExitStack() as stack:
            raw = stack.enter_context(self._open())
            unpacked = self._unpack(raw, stack=stack)
            yield from self._read(raw, unpacked=unpacked)

    def _open(self) -> IO[bytes]:
        try:
            return self.path.open("rb")
        except OSError as error:
            raise Invalid("import.unreadable", file=self.path.name, reason=error.strerror or "unreadable") from error

    def _unpack(self, raw: IO[bytes], *, stack: ExitStack) -> IO[bytes]:
        magic = raw.read(4)
        raw.seek(0)
        if not magic:
            raise Invalid("import.empty", file=self.path.name)
        if magic.startswith(b"\x1f\x8b"):
            return cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=raw)))
        if magic.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
            return stack.enter_context(self._only_file(raw, stack=stack))
        return raw

    def _only_file(self, raw: IO[bytes], *, stack: ExitStack) -> IO[bytes]:
        try:
            archive = stack.enter_context(zipfile.ZipFile(raw))
            names = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_litter(entry.filename)]
            if len(names) != 1:
                raise Invalid("import.archive", file=self.path.name, files=len(names))
            return archive.open(names[0])
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            # RuntimeError is what zipfile raises for a password, NotImplementedError for a packing it does not know.
            raise Invalid("import.unreadable", file=self.path.name, reason=str(error)) from error

    def _read(self, raw: IO[bytes], *, unpacked: IO[bytes]) -> Iterator[bytes]:
        total = 0
        try:
            while piece := unpacked.read(PIECE_BYTES):
                total += len(piece)
                self.bytes_read = min(raw.tell(), self.size)
                if total > _BOMB_BYTES and total > _BOMB_RATIO * self.size:
                    raise Invalid("import.bomb", file=self.path.name)
                yield piece
        except (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile, io.UnsupportedOperation) as error:
            raise Invalid("import.unreadable", file=self.path.name, reason=str(error)) from error
        self.bytes_read = self.size


def _is_litter(name: str) -> bool:
    return name.startswith(_ARCHIVE_LITTER[0]) or name.rpartition("/")[2] in _ARCHIVE_LITTER[1:]
