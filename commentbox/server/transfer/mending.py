"""Repairs XML that a parser refused, where there is only one way to read it: the second try of `run`.

Mended: unquoted attributes, `]]>` and bare `<` or `&` in text, entities of HTML, references to forbidden characters.
Not mended: missing or crossing tags; what belongs to what would be a guess. The parser refuses those with their line.
"""

import html
import re
from collections import Counter

_NAMED = re.compile(r"&(#[0-9]{1,7};|#x[0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)?")
_OF_XML = frozenset(("amp;", "lt;", "gt;", "quot;", "apos;"))
_UNQUOTED = re.compile(r"""("[^"]*"|'[^']*')|=(\s*)([^\s"'<>=]+?)(?=\s|/?>$|\?>$)""")
_TAG_START = re.compile(r"</?[A-Za-z_:]|<\?|<!")
_PLAIN_TAG_END = re.compile(r"""(?:[^"'>]|"[^"]*"|'[^']*')*?>""")

_PAIRS = (("<!--", "-->"), ("<?", "?>"))
_CDATA, _CDATA_END = "<![CDATA[", "]]>"

# Longer than any real tag; beyond it the rest is handed over as it stands and the parser says what it thinks.
_LONGEST_TOKEN = 1024 * 1024
_LONGEST_TAG = 4096


class Mender:
    """Takes a document in pieces and gives it back in pieces that a strict parser is likelier to take."""

    def __init__(self, notes: Counter[str]) -> None:
        self._notes = notes
        self._rest = ""
        self._in_cdata = False

    def feed(self, text: str) -> str:
        """Give all that can be told apart so far; the unfinished end waits for the next piece."""
        self._rest += text
        out: list[str] = []
        at = 0
        while (step := self._step(at, out=out, final=False)) is not None:
            at = step
        self._rest = self._rest[at:]
        return "".join(out)

    def close(self) -> str:
        """Give what was still waiting."""
        out: list[str] = []
        at = 0
        while at < len(self._rest) and (step := self._step(at, out=out, final=True)) is not None:
            at = step
        out.append(self._rest[at:])
        self._rest = ""
        return "".join(out)

    def _step(self, at: int, *, out: list[str], final: bool) -> int | None:
        """Mend one token from `at` on and give the place behind it, or None where it is not all here yet."""
        if at >= len(self._rest):
            return None
        if self._in_cdata:
            return self._cdata(at, out=out)
        if self._rest[at] == "<":
            return self._markup(at, out=out, final=final)
        return self._text(at, out=out, final=final)

    def _cdata(self, at: int, *, out: list[str]) -> int | None:
        end = self._rest.find(_CDATA_END, at)
        if end >= 0:
            self._in_cdata = False
            out.append(self._rest[at : end + 3])
            return end + 3
        safe = len(self._rest) - 2
        if safe <= at:
            return None
        out.append(self._rest[at:safe])
        return safe

    def _text(self, at: int, *, out: list[str], final: bool) -> int | None:
        end = self._rest.find("<", at)
        if end < 0:
            # An entity or a `]]>` may be cut in two: its beginning waits.
            end = len(self._rest) if final else max(self._rest.rfind(" ", at), self._rest.rfind("\n", at)) + 1
        if end <= at:
            return None
        text = self._rest[at:end]
        if "]]>" in text:
            self._notes["xml_mended"] += text.count("]]>")
            text = text.replace("]]>", "]]&gt;")
        out.append(_NAMED.sub(self._entity, text) if "&" in text else text)
        return end

    def _markup(self, at: int, *, out: list[str], final: bool) -> int | None:
        if self._rest.startswith(_CDATA, at):
            self._in_cdata = True
            out.append(_CDATA)
            return at + len(_CDATA)
        if len(self._rest) - at < len(_CDATA) and not final:
            return None
        if not _TAG_START.match(self._rest, at):
            self._notes["xml_mended"] += 1
            out.append("&lt;")
            return at + 1
        for begin, finish in _PAIRS:
            if self._rest.startswith(begin, at):
                end = self._rest.find(finish, at + len(begin))
                return self._whole(at, end=end + len(finish) if end >= 0 else None, out=out)
        return self._tag(at, out=out, final=final)

    def _whole(self, at: int, *, end: int | None, out: list[str]) -> int | None:
        if end is None and len(self._rest) - at < _LONGEST_TOKEN:
            return None
        end = end or len(self._rest)
        out.append(self._rest[at:end])
        return end

    def _tag(self, at: int, *, out: list[str], final: bool) -> int | None:
        simple = self._rest.find(">", at)
        if simple < 0:
            return self._whole(at, end=None, out=out)
        quoted = _PLAIN_TAG_END.match(self._rest, at, at + _LONGEST_TAG)
        if not quoted and not final and len(self._rest) - at < _LONGEST_TAG:
            return None
        tag = quoted[0] if quoted else self._rest[at : simple + 1]
        out.append(_UNQUOTED.sub(self._quote, tag) if "=" in tag else tag)
        return at + len(tag)

    def _quote(self, found: re.Match[str]) -> str:
        if found[1]:
            return found[0]
        self._notes["xml_mended"] += 1
        return f'={found[2]}"{found[3]}"'

    def _entity(self, found: re.Match[str]) -> str:
        name = found[1]
        if name in _OF_XML:
            return found[0]
        if name and name.startswith("#") and _is_character(name):
            return found[0]
        self._notes["xml_mended"] += 1
        if name and name.startswith("#"):
            return ""
        meaning = html.unescape(found[0]) if name else "&"
        return html.escape(meaning, quote=False)


def _is_character(reference: str) -> bool:
    number = int(reference[2:-1], 16) if reference[1] == "x" else int(reference[1:-1])
    return (
        number in (9, 10, 13) or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD or 0x10000 <= number <= 0x10FFFF
    )
