"""Languages: every word of the reading pages is translated, plural forms are whole, and nothing else is needed to run."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.checkers import python_format
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from commentbox.server.base import i18n
from commentbox.server.sites.rules import HOUSE_RULES

ROOT = Path(__file__).parents[2]
READING = ("badges", "comments", "thread", "viewer")
TRANSLATED = [lang for lang in i18n.languages() if lang != i18n.SOURCE]


def messages() -> set[str]:
    """Collect what the reading pages say in English."""
    found = {rule.text for rule in HOUSE_RULES}
    files = [("python", ROOT / f"commentbox/server/presenters/{name}.py") for name in READING]
    files += [("jinja2", file) for file in (ROOT / "themes/default").glob("*.html")]
    for method, file in files:
        for _line, message, *_rest in extract_from_file(method, file, options={"trimmed": "true"}):
            found.add(message if isinstance(message, str) else message[0])
    return found


def catalogue(lang: str) -> Catalog:
    with (i18n.CATALOGUES / lang / "messages.po").open("rb") as file:
        return read_po(file, locale=lang)


@pytest.mark.parametrize("lang", TRANSLATED)
def test_every_word_of_the_reading_pages_is_translated(lang: str) -> None:
    known = {each.id if isinstance(each.id, str) else each.id[0] for each in catalogue(lang) if each.id and each.string}
    assert messages() <= known


@pytest.mark.parametrize("lang", TRANSLATED)
def test_translations_keep_the_places_and_have_every_plural_form(lang: str) -> None:
    for each in catalogue(lang):
        if not each.id:
            continue
        forms = each.string if isinstance(each.string, tuple) else (each.string,)
        assert all(forms), each.id
        one = each.id if isinstance(each.id, str) else each.id[1]
        for place in ("%(name)s", "%(code)s", "%(day)s", "%(href)s", "%(text)s"):
            assert all((place in form) == (place in one) for form in forms), each.id
        python_format(None, each)


def test_a_language_is_found_in_any_spelling_or_english_is_spoken() -> None:
    assert i18n.best("ar") == i18n.best("AR") == "ar"
    assert i18n.best("en-GB") == i18n.best("en_gb") == "en-GB"
    assert i18n.best("xx", None, "ar") == "ar"
    assert i18n.best("not a tag", "x" * 50, "") == "en"


def test_directions_dates_and_numbers_follow_the_language() -> None:
    moment = datetime(2026, 11, 22, 16, 41, tzinfo=UTC)
    assert (i18n.direction("ar"), i18n.direction("en")) == ("rtl", "ltr")
    with i18n.use("en-GB"):
        assert i18n.moment_text(moment) == "22 November 2026, 16:41 UTC"
        assert i18n.month_text(date(2026, 9, 1)) == "September 2026"
        assert i18n.number_text(12345) == "12,345"
        assert i18n.ngettext("%(num)s apple", "%(num)s apples", 1200) == "1,200 apples"
    with i18n.use("de"):
        assert i18n.month_text(date(2026, 9, 1)) == "September 2026"
        assert i18n.gettext("Verified name") == "Verifizierter Name"
    assert i18n.language() == "en"


def test_a_word_without_translation_is_said_in_english() -> None:
    with i18n.use("ar"):
        assert i18n.gettext("No such message") == "No such message"
