"""What a provider's answer earns, and what an attestation is worth today."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from commentbox.server.base.errors import Refusal
from commentbox.server.base.signing import Keyring
from commentbox.server.verification import rules
from commentbox.server.verification.person_key import person_keys
from commentbox.server.verification.providers import Result

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ANSWER = Result(
    outcome="verified",
    provider_class="oidc",
    issuer="https://id.example",
    uniqueness="person",
    assurance="substantial",
    method="bank",
    time=NOW,
    subject="subject-1",
    stated_name="Ada Lovelace",
)


def attested(**changes: Any) -> rules.Attested:
    """Give a Verified name that is good until tomorrow, but for `changes`."""
    said = {"kind": "name", "name_version": 1, "expires_at": NOW + timedelta(days=1), "revoked_at": None}
    return rules.Attested(**said | changes)


def granted(answer: Result = ANSWER, *, shows: str = "Ada Lovelace", months: int = 24) -> rules.Grant:
    return rules.attest(answer, display_name=shows, name_version=3, now=NOW, badge_months=months)


def refused(answer: Result) -> str:
    with pytest.raises(Refusal) as caught:
        granted(answer)
    return caught.value.code


@pytest.mark.parametrize("shows", ["Ada Lovelace", "ada lovelace", "Lovelace Ada"])
def test_a_stated_name_that_matches_earns_verified_name(shows: str):
    assert granted(shows=shows).kind == "name"
    assert granted(shows=shows).name_version == 3


@pytest.mark.parametrize("shows", ["Kestrel", "Ada", "Ada L.", "Ada Lovelace II"])
def test_a_pen_name_earns_verified_person(shows: str):
    assert granted(shows=shows).kind == "person"


@pytest.mark.parametrize(
    ("stated", "shows", "kind"),
    [
        ("Ｊｏ̈rg  GROSS", "jörg groß", "name"),
        ("Anna-Lena Müller", "Müller Anna Lena", "name"),
        ("İpek Yılmaz", "İPEK YILMAZ", "person"),
        ("Łukasz Nowak", "Lukasz Nowak", "person"),
        ("Алексей Попов", "Alexei Popov", "person"),
    ],
)
def test_names_are_compared_by_nfkc_and_casefold_in_any_order_and_nothing_is_transliterated(
    stated: str, shows: str, kind: str
):
    assert granted(replace(ANSWER, stated_name=stated), shows=shows).kind == kind


def test_a_spelling_that_the_provider_itself_gives_is_as_good():
    spelled = replace(ANSWER, stated_name="山田花子", spellings=("Yamada Hanako", "ヤマダハナコ"))
    assert granted(spelled, shows="Hanako Yamada").kind == "name"
    assert granted(spelled, shows="Hana Yamada").kind == "person"
    assert "Hanako" not in repr(spelled)


def test_a_provider_that_states_no_name_earns_verified_person():
    assert granted(replace(ANSWER, stated_name=None)).kind == "person"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"uniqueness": "none"}, "provider.not_unique"),
        ({"outcome": "declined"}, "provider.declined"),
        ({"outcome": "pending"}, "provider.declined"),
        ({"subject": ""}, "provider.bad_answer"),
        ({"issuer": ""}, "provider.bad_answer"),
    ],
)
def test_an_answer_that_proves_no_single_person_earns_nothing(change: dict[str, str], code: str):
    assert refused(replace(ANSWER, **change)) == code


def test_a_document_is_unique_enough():
    assert granted(replace(ANSWER, uniqueness="document")).kind == "name"


@pytest.mark.parametrize(
    ("checked", "months", "until"),
    [
        (datetime(2026, 11, 22, tzinfo=UTC), 24, datetime(2028, 11, 30, 23, 59, 59, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), 6, datetime(2027, 6, 30, 23, 59, 59, tzinfo=UTC)),
        (datetime(2026, 1, 1, tzinfo=UTC), 36, datetime(2029, 1, 31, 23, 59, 59, tzinfo=UTC)),
        (datetime(2024, 2, 29, tzinfo=UTC), 12, datetime(2025, 2, 28, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_badge_is_good_to_the_end_of_its_last_month(checked: datetime, months: int, until: datetime):
    assert rules.end_of_badge(checked, months) == until


def test_only_the_month_of_the_check_is_kept():
    earned = granted(replace(ANSWER, time=datetime(2026, 9, 14, 8, 7, 6, tzinfo=UTC)))
    assert earned.month == date(2026, 9, 1)
    assert earned.expires_at == datetime(2028, 9, 30, 23, 59, 59, tzinfo=UTC)


def test_a_check_in_the_future_counts_as_now():
    assert granted(replace(ANSWER, time=NOW + timedelta(days=400))).month == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("attestation", "present", "kind"),
    [
        (None, 1, "none"),
        (attested(), 1, "name"),
        (attested(kind="person"), 1, "person"),
        (attested(name_version=1), 2, "person"),
        (attested(kind="person", name_version=1), 2, "person"),
        (attested(expires_at=NOW), 1, "none"),
        (attested(expires_at=NOW + timedelta(seconds=1)), 1, "name"),
        (attested(revoked_at=NOW - timedelta(days=1)), 1, "none"),
        (attested(revoked_at=NOW), 2, "none"),
    ],
)
def test_what_an_attestation_is_worth_today(attestation: rules.Attested | None, present: int, kind: str):
    assert rules.kind_now(attestation, present_name_version=present, now=NOW) == kind


def test_the_tier_follows_from_the_kind():
    assert [rules.tier_of(kind) for kind in ("name", "person", "none")] == ["verified", "verified", "unverified"]


def test_an_answer_shows_neither_name_nor_subject_when_printed():
    assert "Ada" not in repr(ANSWER) and "subject-1" not in repr(ANSWER)
    assert "Ada" not in str(ANSWER) and "subject-1" not in f"{ANSWER}"


def key(subject: str = "s", *, issuer: str = "i", provider_class: str = "oidc", secret: bytes = b"k" * 32) -> str:
    (made,) = person_keys(Keyring(secret), provider_class, issuer=issuer, subject=subject)
    return made


def test_a_person_key_is_the_same_for_one_person_and_differs_for_every_other():
    assert key() == key()
    assert key().startswith("v1:") and len(key()) == 67
    others = [key("t"), key(issuer="j"), key(provider_class="demo"), key(secret=b"l" * 32), key("", issuer="is")]
    assert len({key(), *others}) == 6
    assert key("bc", issuer="a") != key("c", issuer="ab")
    assert key('"],["', issuer="a") != key("", issuer='a"],["')


def test_a_person_key_contains_nothing_of_the_person():
    assert "subject" not in key("subject-of-the-person", issuer="https://id.example")
