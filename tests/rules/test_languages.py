"""Languages: which one is spoken, and how it writes directions, dates and numbers. The words: test_catalogues.py."""

from datetime import UTC, date, datetime

from commentbox.server.base import i18n


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


def test_the_digits_are_those_of_the_country() -> None:
    moment = datetime(2026, 11, 22, 16, 41, tzinfo=UTC)
    with i18n.use("ar-EG"):
        assert i18n.number_text(12345) == "١٢٬٣٤٥"
        assert i18n.day_text(moment.date()) == "٢٢ نوفمبر ٢٠٢٦"
        assert "٣" in i18n.gettext("%(number)s min", number=3)
    with i18n.use("ar"):
        assert i18n.number_text(12345) == "12,345"
        assert i18n.moment_text(moment) == "22 نوفمبر 2026، 4:41 م UTC"


def test_a_number_in_a_sentence_is_written_the_languages_way() -> None:
    message = "At most %(limit)s characters. Your text is kept: shorten it and send again."
    with i18n.use("de"):
        assert "5.000 Zeichen" in i18n.gettext(message, limit=5000)


def test_countries_of_one_language_share_a_catalogue() -> None:
    with i18n.use("de-AT"):
        assert i18n.gettext("Comments") == "Kommentare"
    assert i18n._catalogue("de-AT") is i18n._catalogue("de-CH")


def test_a_word_without_translation_is_said_in_english() -> None:
    with i18n.use("ar"):
        assert i18n.gettext("No such message") == "No such message"
