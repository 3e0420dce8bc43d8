"""Statements of reasons in the form of the EU's transparency database, without a word that anybody typed.

Facts and explanations are written for the author and may name people, so the form says in codes and fixed sentences what
they are about (DSA art. 24(5): no personal data).
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from commentbox.server.base.db import Query, table_of
from commentbox.server.comments.models import Comment
from commentbox.server.evidence.dsa_form import Form
from commentbox.server.moderation.models import Decision, Statement
from commentbox.server.sites.models import Site

BATCH = 500
_statements = table_of(Statement)
_decisions = table_of(Decision)
_comments = table_of(Comment)
_sites = table_of(Site)

SPEECH = "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"
PRIVACY = "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS"
OTHER = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
LAWS = {
    "threat": ("threat of violence", "STATEMENT_CATEGORY_VIOLENCE", "KEYWORD_INCITEMENT_VIOLENCE_HATRED"),
    "incitement": ("incitement to hatred", SPEECH, "KEYWORD_HATE_SPEECH"),
    "defamation": ("defamation or insult", SPEECH, "KEYWORD_DEFAMATION"),
    "private-data": ("private data", PRIVACY, None),
    "intimate": (
        "intimate content without consent",
        "STATEMENT_CATEGORY_CYBER_VIOLENCE",
        "KEYWORD_NON_CONSENSUAL_IMAGE_SHARING",
    ),
    "sexual-abuse": (
        "sexual abuse of a child",
        "STATEMENT_CATEGORY_PROTECTION_OF_MINORS",
        "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL",
    ),
}
"""Kind of law -> how it is called, category, keyword."""
RULES = {"3-argument-not-person": SPEECH, "4-no-contempt": SPEECH, "5-private-life": PRIVACY}
"""House rules we ship -> category; a paper's own rules count as other violations of terms."""
SOURCES = {
    "notice": "SOURCE_ARTICLE_16",
    "flagger": "SOURCE_TRUSTED_FLAGGER",
    "readers": "SOURCE_TYPE_OTHER_NOTIFICATION",
}
FOUND = {
    "notice": "a notice of illegal content",
    "flagger": "a notice of a trusted flagger",
    "readers": "readers' reports",
    "screening": "an automated screening rule",
    "moderator": "a moderator",
}
RESTRICTIONS: dict[str, Form] = {
    "removed": {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"]},
    "refused": {
        "decision_visibility": ["DECISION_VISIBILITY_OTHER"],
        "decision_visibility_other": "Not published, after a review before publication.",
    },
    "silenced": {"decision_provision": "DECISION_PROVISION_PARTIAL_SUSPENSION"},
    "held_first": {
        "decision_visibility": ["DECISION_VISIBILITY_OTHER"],
        "decision_visibility_other": "Comments are reviewed before publication.",
    },
    "banned": {"decision_account": "DECISION_ACCOUNT_SUSPENDED", "account_type": "ACCOUNT_TYPE_PRIVATE"},
}
"""What a statement calls a restriction -> what the form calls it. A warning ends once it is read and is no entry."""
ENDS = {"silenced": "end_date_service_restriction", "banned": "end_date_account_restriction"}


async def forms(query: Query, site_id: str, *, since: datetime) -> AsyncIterator[Form]:
    """Give the form of every statement of a site since a moment, oldest first; what was undone at once is left out."""
    after = ""
    while rows := await query.all(_page(site_id, since, after)):
        for row in rows:
            yield form(row)
        after = rows[-1].id


def _page(site_id: str, since: datetime, after: str) -> Any:
    undone = _decisions.alias("undone")
    joined = _statements.join(_sites, _sites.c.id == _statements.c.site_id)
    joined = joined.outerjoin(_comments, _comments.c.id == _statements.c.comment_id)
    columns = (_sites.c.slug, _sites.c.lang, _comments.c.created_at.label("commented_at"))
    taken_back = select(undone.c.id).where(undone.c.undoes == _statements.c.decision_id).exists()
    wanted = _statements.c.restriction.in_(RESTRICTIONS) & (_statements.c.site_id == site_id) & ~taken_back
    wanted &= _statements.c.found_by != "order"  # art. 17(5): what an authority orders is no entry
    statement = select(*_statements.c, *columns).select_from(joined).where(wanted, _statements.c.since >= since)
    return statement.where(_statements.c.id > after).order_by(_statements.c.id).limit(BATCH)


def form(row: Row[Any]) -> Form:
    """Give the form of one statement."""
    ends = row.lifted_at or row.until
    territory = row.territory.split()
    made = {
        **RESTRICTIONS[row.restriction],
        **_ground(row),
        "content_type": ["CONTENT_TYPE_TEXT"],
        "territorial_scope": territory or None,
        "content_language": row.lang[:2].upper(),
        "content_date": (row.commented_at or row.since).date().isoformat(),
        "application_date": row.since.date().isoformat(),
        ENDS.get(row.restriction, "end_date_visibility_restriction"): ends.date().isoformat() if ends else None,
        "decision_facts": _facts(row),
        "source_type": SOURCES.get(row.found_by, "SOURCE_VOLUNTARY"),
        "automated_detection": "Yes" if row.automated_detection else "No",
        "automated_decision": "AUTOMATED_DECISION_FULLY"
        if row.automated_decision
        else "AUTOMATED_DECISION_NOT_AUTOMATED",
        "puid": f"{row.slug}-{row.id}",
    }
    return {field: value for field, value in made.items() if value is not None}


def _ground(row: Row[Any]) -> Form:
    if row.ground == "law":
        words, category, keyword = LAWS.get(row.rule.partition(":")[2], ("another law", OTHER, None))
        return {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": f"Law against {words}" if words != "another law" else "Another law",
            "illegal_content_explanation": "The author was told which law it is, and why the comment breaks it.",
            "category": category,
            "category_specification": [keyword] if keyword else None,
        }
    return {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": f"House rule: {row.rule_text}"[:500],
        "incompatible_content_explanation": "The author was told the facts by which the comment breaks this house rule.",
        "incompatible_content_illegal": "No",
        "category": RULES.get(row.rule, OTHER),
    }


def _facts(row: Row[Any]) -> str:
    decided = "Decided automatically." if row.automated_decision else "Decided by a person."
    what = "A reader's comment on a news article." if row.comment_id else "The account of a reader who comments."
    return f"{what} Brought up by {FOUND.get(row.found_by, 'a moderator')}. {decided}"
