"""Reading what was sent: forms and query strings, each field with its type and bounds. Bad input is refused here."""

from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request

from commentbox.server.base.errors import Invalid, NotFound, TooMuch
from commentbox.server.base.ids import looks_like_id

FIELD_LENGTH = 2000
TEXT_FIELD_LENGTH = 60_000
"""Longer than any comment may be, so that a text which is too long comes back with a sentence and is not lost."""
_ESCAPED, _PARTS = "application/x-www-form-urlencoded", "multipart/form-data"


@dataclass(frozen=True)
class Fields:
    """The named fields of a form or query string."""

    values: FormData | QueryParams

    def text(self, name: str, *, limit: int = FIELD_LENGTH) -> str:
        """Give a field, '' where it is missing. Refuses files, NULs, lone surrogates and what is too long."""
        value = self.values.get(name, "")
        if not isinstance(value, str) or "\0" in value:
            raise Invalid("input.invalid", field=name)
        if len(value) > limit:
            raise TooMuch("input.too_long", field=name, limit=limit, length=len(value))
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise Invalid("input.invalid", field=name) from None
        return value

    def needed(self, name: str, *, limit: int = FIELD_LENGTH) -> str:
        """Give a field that must be there. Refuses `input.missing`."""
        value = self.text(name, limit=limit).strip()
        if not value:
            raise Invalid("input.missing", field=name)
        return value

    def optional(self, name: str, *, limit: int = FIELD_LENGTH) -> str | None:
        """Give a field, or None where it is missing or blank."""
        return self.text(name, limit=limit).strip() or None

    def number(self, name: str) -> int:
        """Give a whole number, 0 where the field is empty. Refuses `input.invalid`."""
        value = self.text(name, limit=20).strip() or "0"
        if not (value.isascii() and value.isdigit()):
            raise Invalid("input.invalid", field=name)
        return int(value)

    def several(self, name: str, *, at_most: int, limit: int = 60) -> list[str]:
        """Give every value of a field that may be there more than once. Refuses what is too many or too long."""
        values = [value for value in self.values.getlist(name) if isinstance(value, str) and "\0" not in value]
        if len(values) > at_most or any(len(value) > limit for value in values):
            raise TooMuch("input.too_many", limit=at_most)
        return list(dict.fromkeys(values))

    def choice(self, name: str, among: tuple[str, ...]) -> str:
        """Give one of a few words; the first of them where the field is missing. Refuses `input.invalid`."""
        value = self.text(name, limit=60) or among[0]
        if value not in among:
            raise Invalid("input.invalid", field=name, allowed=list(among))
        return value


def query_of(request: Request) -> Fields:
    """Give the fields of the address. The guard has seen to it that they are UTF-8."""
    return Fields(request.query_params)


async def form_of(request: Request) -> Fields:
    """Give the fields of a posted form; the gate keeps them, so that no refusal loses a text. Refuses `body.unreadable`."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    body = await request.body()
    if body and kind not in (_ESCAPED, _PARTS):
        raise Invalid("body.unreadable")
    check_utf8(unquote_to_bytes(body) if kind == _ESCAPED else body)
    if kind == _PARTS and not body.rstrip().endswith(b"--"):
        raise Invalid("body.unreadable")  # cut short: what is missing at the end would pass for left empty
    try:
        form = await request.form(max_files=0, max_fields=40, max_part_size=TEXT_FIELD_LENGTH * 4)
    except (HTTPException, ValueError, KeyError):
        raise Invalid("body.unreadable") from None
    request.state.form = form
    return Fields(form)


def check_utf8(raw: bytes) -> None:
    """Refuse what is not UTF-8: the framework would put other letters in place of it without a word."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("input.not_utf8") from None


def typed(request: Request, name: str) -> str:
    """Give a field of the form that was read for this request, unchecked, so that a refusal can give it back; else ''."""
    form = getattr(request.state, "form", None)
    value = form.get(name, "") if form is not None else ""
    return value if isinstance(value, str) else ""


def path_id(request: Request, name: str = "id") -> str:
    """Give an id from the path. Refuses `comment.unknown` at once where it cannot be one."""
    value = str(request.path_params[name])
    if not looks_like_id(value):
        raise NotFound("comment.unknown", comment=value[:40])
    return value
