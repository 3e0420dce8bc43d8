"""The European Commission's form of a statement of reasons, and what makes one invalid. Pure.

Fields, enumerations and limits as in the API documentation of the DSA Transparency Database
(transparency.dsa.ec.europa.eu, "API and Schema", as of June 2026). Only values that a comment server can give are listed.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

Form = dict[str, Any]

VISIBILITIES = {
    f"DECISION_VISIBILITY_{each}"
    for each in (
        "CONTENT_REMOVED",
        "CONTENT_DISABLED",
        "CONTENT_DEMOTED",
        "CONTENT_AGE_RESTRICTED",
        "CONTENT_INTERACTION_RESTRICTED",
        "CONTENT_LABELLED",
        "OTHER",
    )
}
PROVISIONS = {
    f"DECISION_PROVISION_{each}"
    for each in ("PARTIAL_SUSPENSION", "TOTAL_SUSPENSION", "PARTIAL_TERMINATION", "TOTAL_TERMINATION")
}
ACCOUNTS = {"DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"}
GROUNDS = {"DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"}
SOURCES = {"SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY"}
AUTOMATED = {
    "AUTOMATED_DECISION_FULLY",
    "AUTOMATED_DECISION_PARTIALLY",
    "AUTOMATED_DECISION_NOT_AUTOMATED",
}
CATEGORIES = {
    f"STATEMENT_CATEGORY_{each}"
    for each in (
        "ANIMAL_WELFARE",
        "CONSUMER_INFORMATION",
        "CYBER_VIOLENCE",
        "CYBER_VIOLENCE_AGAINST_WOMEN",
        "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
        "ILLEGAL_OR_HARMFUL_SPEECH",
        "INTELLECTUAL_PROPERTY_INFRINGEMENTS",
        "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
        "NOT_SPECIFIED_NOTICE",
        "OTHER_VIOLATION_TC",
        "PROTECTION_OF_MINORS",
        "RISK_FOR_PUBLIC_SECURITY",
        "SCAMS_AND_FRAUD",
        "SELF_HARM",
        "UNSAFE_AND_PROHIBITED_PRODUCTS",
        "VIOLENCE",
    )
}
KEYWORDS = {
    f"KEYWORD_{each}"
    for each in (
        "CHILD_SEXUAL_ABUSE_MATERIAL",
        "DEFAMATION",
        "HATE_SPEECH",
        "INCITEMENT_VIOLENCE_HATRED",
        "NON_CONSENSUAL_IMAGE_SHARING",
        "OTHER",
    )
}
COUNTRIES = {
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
    *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
}
LENGTHS = {
    "decision_visibility_other": 500,
    "illegal_content_legal_ground": 500,
    "illegal_content_explanation": 2000,
    "incompatible_content_ground": 500,
    "incompatible_content_explanation": 2000,
    "decision_facts": 5000,
    "puid": 500,
}
ONE_OF = {
    "decision_provision": PROVISIONS,
    "decision_account": ACCOUNTS,
    "decision_ground": GROUNDS,
    "category": CATEGORIES,
    "source_type": SOURCES,
    "automated_detection": {"Yes", "No"},
    "automated_decision": AUTOMATED,
    "incompatible_content_illegal": {"Yes", "No"},
    "account_type": {"ACCOUNT_TYPE_BUSINESS", "ACCOUNT_TYPE_PRIVATE"},
}
SOME_OF = {
    "decision_visibility": VISIBILITIES,
    "content_type": {"CONTENT_TYPE_TEXT"},
    "territorial_scope": COUNTRIES,
    "category_specification": KEYWORDS,
}
DATES = {
    "content_date": date(2000, 1, 1),
    "application_date": date(2020, 1, 1),
    "end_date_visibility_restriction": date.min,
    "end_date_account_restriction": date.min,
    "end_date_service_restriction": date.min,
}
LAST_DATE = date(2038, 1, 1)
NEEDED = (
    "decision_ground",
    "content_type",
    "category",
    "content_date",
    "application_date",
    "decision_facts",
    "source_type",
    "automated_detection",
    "automated_decision",
    "puid",
)
BY_GROUND = {
    "DECISION_GROUND_ILLEGAL_CONTENT": ("illegal_content_legal_ground", "illegal_content_explanation"),
    "DECISION_GROUND_INCOMPATIBLE_CONTENT": ("incompatible_content_ground", "incompatible_content_explanation"),
}
FIELDS = {*LENGTHS, *ONE_OF, *SOME_OF, *DATES, "content_language"}
_PUID = re.compile(r"[a-zA-Z0-9-_]+")
_LANGUAGE = re.compile(r"[A-Z]{2}")


def problems(form: Form) -> list[str]:
    """Give what is wrong with a form, each as `field: reason`; nothing where the database would take it."""
    checks: tuple[Callable[[Form], Iterator[str]], ...] = (_missing, _words, _lengths, _dates, _shapes)
    return [problem for check in checks for problem in check(form)]


def _missing(form: Form) -> Iterator[str]:
    ground = BY_GROUND.get(str(form.get("decision_ground")), ())
    other = ("decision_visibility_other",) if "DECISION_VISIBILITY_OTHER" in _list(form, "decision_visibility") else ()
    for field in (*NEEDED, *ground, *other):
        if not form.get(field):
            yield f"{field}: is missing"
    if not any(form.get(f"decision_{each}") for each in ("visibility", "monetary", "provision", "account")):
        yield "decision_visibility: says no restriction, and neither does provision or account"


def _words(form: Form) -> Iterator[str]:
    for field in form.keys() - FIELDS:
        yield f"{field}: is no field of the form"
    for field, known in ONE_OF.items():
        if form.get(field) is not None and form[field] not in known:
            yield f"{field}: {str(form[field])[:60]!r} is none of its values"
    for field, known in SOME_OF.items():
        if form.get(field) is not None and not (isinstance(form[field], list) and {*map(str, form[field])} <= known):
            yield f"{field}: must be a list of its values"


def _lengths(form: Form) -> Iterator[str]:
    for field, limit in LENGTHS.items():
        if len(str(form.get(field) or "")) > limit:
            yield f"{field}: has {len(str(form[field]))} characters, {limit} at most"


def _dates(form: Form) -> Iterator[str]:
    for field, first in DATES.items():
        if form.get(field) is None:
            continue
        try:
            day = date.fromisoformat(str(form[field]))
        except ValueError:
            yield f"{field}: is no date as 2026-11-22"
            continue
        if len(str(form[field])) != 10 or not first <= day <= LAST_DATE:
            yield f"{field}: {form[field]} is out of bounds"


def _shapes(form: Form) -> Iterator[str]:
    if form.get("puid") and not _PUID.fullmatch(str(form["puid"])):
        yield "puid: has letters, digits, - and _ only"
    if form.get("content_language") and not _LANGUAGE.fullmatch(str(form["content_language"])):
        yield "content_language: is no language of two letters"


def _list(form: Form, field: str) -> list[str]:
    return form[field] if isinstance(form.get(field), list) else []
