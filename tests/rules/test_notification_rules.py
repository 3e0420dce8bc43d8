"""Who is told of what, and when mails go out, as tables."""

from datetime import UTC, datetime
from typing import Any

import pytest

from commentbox.server.base.lines import one_line, seen_lines
from commentbox.server.notifications.rules import Choices, News, due_at, way_of

ME, OTHER, THREAD = "me", "other", "thread"
REPLY = {"kind": "reply", "by": OTHER, "tier": "verified", "thread_id": THREAD}


@pytest.mark.parametrize(
    "news, choices, way",
    [
        ({}, {}, "mail"),
        ({"tier": "unverified"}, {}, "mail"),
        ({"kind": "mention"}, {}, "mail"),
        ({"by": None, "tier": "unverified"}, {}, "mail"),
        ({"by": ME}, {}, "no"),
        ({}, {"show": "fold"}, "mail"),
        ({"tier": "unverified"}, {"show": "fold"}, "bell"),
        ({}, {"show": "verified"}, "mail"),
        ({"tier": "unverified"}, {"show": "verified"}, "no"),
        ({"kind": "mention", "tier": "unverified"}, {"show": "verified"}, "no"),
        ({}, {"reach": "verified"}, "mail"),
        ({"tier": "unverified"}, {"reach": "verified"}, "no"),
        ({"kind": "mention", "tier": "unverified"}, {"show": "fold", "reach": "verified"}, "no"),
        ({}, {"muted": {OTHER}}, "no"),
        ({}, {"muted": {THREAD}}, "no"),
        ({}, {"muted": {"somebody else"}}, "mail"),
        *[({"state": state}, {}, "no") for state in ("held", "removed", "withdrawn", "deleted", None)],
        ({"kind": "decision", "by": None, "state": None, "tier": None}, {"show": "verified"}, "mail"),
        ({"kind": "expiring", "by": None, "state": None, "tier": None}, {"show": "verified"}, "mail"),
    ],
)
def test_who_is_told_and_how(news: dict[str, Any], choices: dict[str, Any], way: str) -> None:
    chosen = {**choices, "muted": frozenset(choices.get("muted", ()))}
    assert way_of(News(**REPLY | news), Choices(ME, **chosen)) == way


def test_whoever_is_gone_is_told_nothing() -> None:
    for kind in ("reply", "mention", "decision", "expiring"):
        assert way_of(News(kind, by=OTHER, tier="verified"), None) == "no"


def moment(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    "pace, now, due",
    [
        ("at_once", moment(22, 4, 31, 7), moment(22, 4, 31, 7)),
        ("hourly", moment(22, 4, 31, 7), moment(22, 5)),
        ("hourly", moment(22, 5), moment(22, 6)),
        ("hourly", moment(22, 23, 59, 59), moment(23, 0)),
        ("daily", moment(22, 5, 59, 59), moment(22, 6)),
        ("daily", moment(22, 6), moment(23, 6)),
        ("daily", moment(30, 7), datetime(2026, 12, 1, 6, tzinfo=UTC)),
    ],
)
def test_when_a_mail_is_due(pace: str, now: datetime, due: datetime) -> None:
    assert due_at(pace, now, digest_hour=6) == due


@pytest.mark.parametrize(
    "text, shown",
    [
        ("Kestrel", "Kestrel"),
        ("Kestrel\r\nBcc: all@harbour.example", "Kestrel Bcc: all@harbour.example"),
        ("\u202eevil\u202c \u2066name\u2069", "evil name"),
        ("a\u2028b\u0085c\x00d\u200be", "a b c d e"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("نورس البحر", "نورس البحر"),
        ("x" * 200, "x" * 59 + "…"),
        ("😀 gull", "😀 gull"),
    ],
)
def test_other_peoples_words_stay_in_their_line(text: str, shown: str) -> None:
    assert one_line(text, 60) == shown


def test_a_long_text_is_cut_at_a_word() -> None:
    assert seen_lines("one two\n\u202ethree four", 100) == "one two\nthree four"
    assert seen_lines("one two\nthree four", 15) == "one two\nthree …"
