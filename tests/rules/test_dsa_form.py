"""The form of the EU's transparency database: every field we fill, its values and limits, and what is refused."""

import pytest

from commentbox.server.evidence import dsa_form, statements
from commentbox.server.moderation.rules import LAWS

WHOLE = {
    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
    "illegal_content_legal_ground": "Law against threat of violence",
    "illegal_content_explanation": "The author was told.",
    "content_type": ["CONTENT_TYPE_TEXT"],
    "category": "STATEMENT_CATEGORY_VIOLENCE",
    "category_specification": ["KEYWORD_INCITEMENT_VIOLENCE_HATRED"],
    "territorial_scope": ["DE", "FR"],
    "content_language": "EN",
    "content_date": "2026-11-20",
    "application_date": "2026-11-22",
    "decision_facts": "A comment.",
    "source_type": "SOURCE_ARTICLE_16",
    "automated_detection": "No",
    "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    "puid": "gazette-06h02t9e00000017",
}


def test_a_whole_form_has_nothing_wrong() -> None:
    assert dsa_form.problems(WHOLE) == []


@pytest.mark.parametrize("field", [*dsa_form.NEEDED, "illegal_content_legal_ground", "illegal_content_explanation"])
def test_what_is_needed_and_missing_is_named(field: str) -> None:
    assert any(each.startswith(f"{field}: is missing") for each in dsa_form.problems(WHOLE | {field: None}))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"decision_visibility": None}, "decision_visibility: says no restriction"),
        ({"decision_visibility": "DECISION_VISIBILITY_CONTENT_REMOVED"}, "decision_visibility: must be a list"),
        ({"decision_visibility": ["DECISION_VISIBILITY_OTHER"]}, "decision_visibility_other: is missing"),
        ({"decision_visibility": ["REMOVED"]}, "decision_visibility: must be a list"),
        ({"territorial_scope": ["EU"]}, "territorial_scope: must be a list"),
        ({"category": "STATEMENT_CATEGORY_RUDE"}, "category: 'STATEMENT_CATEGORY_RUDE' is none"),
        ({"automated_decision": "No"}, "automated_decision: 'No' is none"),
        ({"illegal_content_legal_ground": "x" * 501}, "illegal_content_legal_ground: has 501 characters, 500"),
        ({"illegal_content_explanation": "x" * 2001}, "illegal_content_explanation: has 2001"),
        ({"decision_facts": "x" * 5001}, "decision_facts: has 5001"),
        ({"content_date": "20.11.2026"}, "content_date: is no date"),
        ({"content_date": "20261120"}, "content_date: 20261120 is out of bounds"),
        ({"content_date": "1999-12-31"}, "content_date: 1999-12-31 is out of bounds"),
        ({"application_date": "2038-01-02"}, "application_date: 2038-01-02 is out of bounds"),
        ({"puid": "a b"}, "puid: has letters"),
        ({"content_language": "english"}, "content_language: is no language"),
        ({"author": "Gull Captain"}, "author: is no field"),
    ],
)
def test_what_the_database_would_refuse_is_refused_with_field_and_reason(changes: dict, problem: str) -> None:
    assert any(each.startswith(problem) for each in dsa_form.problems(WHOLE | changes))


def test_every_law_a_statement_may_name_has_its_category() -> None:
    assert set(LAWS) - set(statements.LAWS) == {"other"}
