"""Turns the bytes of an XML file into text a parser accepts: encoding, blank beginnings, characters XML forbids.

Two strengths. Strict takes only what loses nothing by anybody's reading; with `mend=True`, `mending` repairs the rest.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from commentbox.server.base.errors import Invalid
from commentbox.server.transfer.mending import Mender

# WordPress writes control characters that readers pasted; XML 1.0 forbids them even as references.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ENCODING = re.compile(rb"""^[^<]{0,4096}<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""", re.DOTALL)

# Python's own table also holds codecs that are no text encodings; these are what blogs were written in.
_KNOWN_ENCODING = re.compile(
    "iso-8859-(?:[1-9]|1[013456])|latin-?1|windows-125[0-8]|cp125[0-8]|koi8-[ru]|shift_jis|euc-(?:jp|kr)|gb2312|gbk|gb18030|big5"
)
# A document that declares UTF-16 and can be read as far as that declaration is not in UTF-16.
_SAME_AS_UTF_8 = ("utf-8", "utf8", "us-ascii", "ascii", "utf-16")

# A stray plug-in may print warnings before the document begins. More than this is not an export file.
_HEAD_CHARS = 64 * 1024


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are not UTF-8 as the Windows code page: old blogs switched encodings without converting."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("commentbox.windows-1252", _as_windows_1252)


def decoded(pieces: Iterable[bytes], *, notes: Counter[str], mend: bool) -> Iterator[str]:
    """Give the document as text that starts at its first `<`. Line numbers stay those of the file.

    Without `mend` bytes that do not fit the encoding raise UnicodeDecodeError.
    """
    mender = Mender(notes) if mend else None
    started = False
    head = ""
    for text in _texts(pieces, mend=mend):
        clean, dropped = _FORBIDDEN.subn("", text)
        if dropped:
            notes["control_characters_dropped"] += dropped
        if not started:
            head += clean
            begin = _beginning(head)
            if begin is None:
                continue
            started, clean = True, _without_head(head, begin=begin, notes=notes)
        yield mender.feed(clean) if mender else clean
    if mender and started:
        yield mender.close()
    if not started:
        raise Invalid("import.not_well_formed", line=1, column=1, reason="no XML in this file")


def _texts(pieces: Iterable[bytes], *, mend: bool) -> Iterator[str]:
    decoder = None
    for piece in pieces:
        if decoder is None:
            decoder = codecs.getincrementaldecoder(_encoding(piece))("commentbox.windows-1252" if mend else "strict")
        yield decoder.decode(piece)
    if decoder is not None:
        yield decoder.decode(b"", final=True)


def _encoding(first: bytes) -> str:
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    found = _ENCODING.match(first)
    name = found[1].decode("ascii").lower() if found else "utf-8"
    if name in _SAME_AS_UTF_8:
        return "utf-8-sig"
    if not _KNOWN_ENCODING.fullmatch(name):
        raise Invalid("import.not_well_formed", line=1, column=1, reason=f"unknown encoding {name}")
    return name


def _beginning(head: str) -> int | None:
    """Find where the document begins; None while more text could still tell."""
    declared = head.find("<?xml")
    if declared >= 0:
        return declared
    if len(head) < _HEAD_CHARS and "<" not in head:
        return None
    return max(head.find("<"), 0)


def _without_head(head: str, *, begin: int, notes: Counter[str]) -> str:
    before = head[:begin]
    if not before:
        return head
    if before.strip(" \t\r\n\ufeff"):
        notes["text_before_the_document_dropped"] += 1
    # The declaration must be the very first thing, so the lines that vanish before it come back right behind it.
    declaration, end, rest = head[begin:].partition("?>")
    lines = "\n" * before.count("\n")
    return declaration + end + lines + rest if end and declaration.startswith("<?xml") else lines + head[begin:]
