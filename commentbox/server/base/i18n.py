"""Languages: which ones there are, translating, and writing dates, months and numbers the way each does.

The language of the moment is set by `use` (one a request or mail). English is the source; other languages are the
`.po` files in `commentbox/server/locale`, read when first needed, so that nothing has to be built.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_datetime_format
from babel.numbers import format_decimal, format_percent

from commentbox.server.base import catalogues
from commentbox.server.base.catalogues import Catalogue

CATALOGUES = Path(__file__).parents[1] / "locale"
SOURCE = "en"
FORMS_BELOW = 120
"""Every plural form of our languages is taken by some number up to here."""
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_language: ContextVar[str] = ContextVar("language", default=SOURCE)


@contextmanager
def use(lang: str) -> Iterator[None]:
    """Speak `lang` (a tag that `best` gave) until the block ends."""
    token = _language.set(lang)
    try:
        yield
    finally:
        _language.reset(token)


def language() -> str:
    """Give the tag of the language spoken at the moment, as `<html lang>` takes it."""
    return _language.get()


def gettext(message: str, /, **values: Any) -> str:
    """Translate `message`, then put `values` into its `%(name)s` places, numbers in the language's own digits."""
    text = _catalogue(_language.get()).gettext(message)
    return text % _written(values) if values else text


def ngettext(one: str, many: str, number: int, /, **values: Any) -> str:
    """Translate the form that fits `number`; `%(num)s` is the number, written the language's way."""
    lang = _language.get()
    text = _catalogue(lang).ngettext(one, many, number)
    return text % {"num": number_text(number), **_written(values)}


def marked(message: str, /) -> str:
    """Give `message` as it is: it is translated later, and marked here so that the catalogues have it."""
    return message


def ngettext_raw(one: str, many: str, number: int) -> str:
    """Give the form that fits `number` with its places still open; templates fill them in themselves."""
    return _catalogue(_language.get()).ngettext(one, many, number)


def best(*wanted: str | None) -> str:
    """Give the first of the tags that we can speak, in its usual spelling; English where there is none."""
    for tag in wanted:
        if tag and len(tag) <= 12 and (known := _known(tag)):
            return known
    return SOURCE


def direction(lang: str) -> str:
    """Give `ltr` or `rtl`."""
    return str(_locale(lang).text_direction)


def languages() -> list[str]:
    """List the languages that have a catalogue, English first."""
    return [SOURCE, *sorted(folder.name for folder in CATALOGUES.glob("*") if (folder / "messages.po").is_file())]


def plural_forms(lang: str) -> dict[str, int]:
    """Give the plural forms of a language, by the names that browsers call them too, each with a number that takes it.

    Those for none are left out.
    """
    form_of = _locale(lang).plural_form
    return {form_of(number): number for number in range(FORMS_BELOW, 0, -1)}


def moment_text(moment: datetime) -> str:
    """Write an aware moment in full, in UTC: the script in the page makes it relative and local."""
    return _moment_text(moment.date(), moment.hour * 60 + moment.minute, _language.get())


def day_text(day: date) -> str:
    """Write a day: 22 November 2026."""
    return _day_text(day, "long", _language.get())


def month_text(day: date) -> str:
    """Write a month: September 2026. Badges never say the day."""
    return _day_text(day, "LLLL y", _language.get())


def language_name(lang: str) -> str:
    """Name a language in the language of the moment."""
    return str(_locale(lang).get_display_name(_locale(_language.get())) or lang)


def number_text(number: int) -> str:
    """Write a whole number with the language's own digits and groups."""
    return _number_text(number, _language.get())


def percent_text(share: float) -> str:
    """Write a share in the language's way, with one decimal place below ten per cent: 0.9%, 60%."""
    lang = _language.get()
    pattern = _locale(lang).percent_formats[None].pattern
    if 0 < round(share * 1000) < 100:
        pattern = pattern.replace("0", "0.0")
    return _own_digits(format_percent(share, pattern, locale=_locale(lang), numbering_system="default"), lang)


def _written(values: dict[str, Any]) -> dict[str, Any]:
    return {name: number_text(value) if isinstance(value, int) else value for name, value in values.items()}


@lru_cache(maxsize=8192)
def _moment_text(day: date, minute: int, lang: str) -> str:
    together: Any = get_datetime_format("medium", locale=_locale(lang))
    return together.format(f"{_minute_text(minute, lang)} UTC", _day_text(day, "long", lang))


@lru_cache(maxsize=4096)
def _day_text(day: date, form: str, lang: str) -> str:
    return _own_digits(format_date(day, form, locale=_locale(lang)), lang)


@lru_cache(maxsize=4096)
def _minute_text(minute: int, lang: str) -> str:
    return _own_digits(format_time(datetime(2000, 1, 1, *divmod(minute, 60)), "short", locale=_locale(lang)), lang)


@lru_cache(maxsize=4096)
def _number_text(number: int, lang: str) -> str:
    return _own_digits(format_decimal(number, locale=_locale(lang), numbering_system="default"), lang)


def _own_digits(text: str, lang: str) -> str:
    """Write digits as the country does and as browsers do: ١٢ in ar-EG, 12 in ar-MA and in ar alone. Babel does not."""
    return text.translate(ARABIC_DIGITS) if _locale(lang).default_numbering_system == "arab" else text


@lru_cache(maxsize=256)
def _known(tag: str) -> str | None:
    try:
        locale = Locale.parse(tag.replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return None
    return str(locale).replace("_", "-") if locale.language in languages() else None


@lru_cache(maxsize=64)
def _locale(lang: str) -> Locale:
    return Locale.parse(lang, sep="-")


@lru_cache(maxsize=64)
def _catalogue(lang: str) -> Catalogue:
    return _read(lang.partition("-")[0])


@lru_cache(maxsize=16)
def _read(language: str) -> Catalogue:
    file = CATALOGUES / language / "messages.po"
    return catalogues.read(file) if file.is_file() else Catalogue()
