"""What a year's transparency report counts (DSA arts. 15 and 24): notices, decisions, complaints, automation, by codes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import case, func, select

from commentbox.server.base.db import Query, table_of
from commentbox.server.evidence import tables
from commentbox.server.evidence.figures import Figures, Span, Times, figures, times
from commentbox.server.moderation.models import Appeal, Statement
from commentbox.server.notices.models import Notice

_statements = table_of(Statement)
_notices = table_of(Notice)
_appeals = table_of(Appeal)


@dataclass(frozen=True)
class Year:
    """One year of one site."""

    site: str
    year: int
    notices: list[dict[str, Any]]
    restrictions: list[dict[str, Any]]
    complaints: list[dict[str, Any]]
    unfounded: int
    notice_times: Times
    figures: Figures

    @property
    def shape(self) -> dict[str, Any]:
        """Give it for programs."""
        return {
            "site": self.site,
            "year": self.year,
            "notices": self.notices,
            "restrictions": self.restrictions,
            "complaints": self.complaints,
            "manifestly_unfounded_notices": self.unfounded,
            "figures": tables.as_json(self.figures),
        }


async def count(query: Query, site: Any, year: int) -> Year:
    """Count a year of a site."""
    span = Span(frozenset({site.id}), datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))
    found = await figures(query, span)
    waited = next((each for each in found.times if each.kind == "notices"), times("notices", []))
    return Year(
        site=site.name,
        year=year,
        notices=await _received(query, span),
        restrictions=await _restricted(query, span),
        complaints=await _complained(query, span),
        unfounded=await _unfounded(query, span),
        notice_times=waited,
        figures=found,
    )


def _in(table: Any, moment: Any, span: Span) -> Any:
    return table.c.site_id.in_(span.site_ids) & (moment >= span.since) & (moment < span.until)


async def _received(query: Query, span: Span) -> list[dict[str, Any]]:
    """Notices by kind of offence: how many, by trusted flaggers, and what came of them (art. 15(1)(b))."""
    kinds = {
        "number": func.count(),
        "by_trusted_flaggers": func.count(_notices.c.flagger_id),
        "removed": func.sum(case((_notices.c.outcome == "removed", 1), else_=0)),
        "kept": func.sum(case((_notices.c.outcome == "kept", 1), else_=0)),
    }
    statement = select(_notices.c.kind, _notices.c.offence, *(value.label(name) for name, value in kinds.items()))
    statement = statement.where(_in(_notices, _notices.c.created_at, span), _notices.c.kind != "complaint")
    return await _listed(query, statement.group_by(_notices.c.kind, _notices.c.offence), kinds)


async def _restricted(query: Query, span: Span) -> list[dict[str, Any]]:
    """Restrictions by kind, ground and how they were found (art. 15(1)(c), (e))."""
    kinds = {
        "number": func.count(),
        "found_automatically": func.sum(case((_statements.c.automated_detection, 1), else_=0)),
        "decided_automatically": func.sum(case((_statements.c.automated_decision, 1), else_=0)),
        "lifted": func.count(_statements.c.lifted_at),
    }
    by = (_statements.c.restriction, _statements.c.ground, _statements.c.rule)
    statement = select(*by, *(value.label(name) for name, value in kinds.items()))
    return await _listed(query, statement.where(_in(_statements, _statements.c.since, span)).group_by(*by), kinds)


async def _complained(query: Query, span: Span) -> list[dict[str, Any]]:
    """Complaints by authors and by notifiers, and how many changed the decision (art. 15(1)(d))."""
    changed = func.sum(case((_appeals.c.outcome == "upheld", 1), else_=0))
    authors = select(func.count().label("number"), changed.label("changed"))
    authors = authors.where(_in(_appeals, _appeals.c.opened_at, span))
    removed = func.sum(case((_notices.c.outcome == "removed", 1), else_=0))
    notifiers = select(func.count().label("number"), removed.label("changed"))
    notifiers = notifiers.where(_in(_notices, _notices.c.created_at, span), _notices.c.kind == "complaint")
    found = []
    for who, statement in (("authors", authors), ("notifiers", notifiers)):
        row = await query.first(statement)
        found.append({"by": who, "number": row.number if row else 0, "changed": int((row and row.changed) or 0)})
    return found


async def _unfounded(query: Query, span: Span) -> int:
    found = _in(_notices, _notices.c.decided_at, span) & _notices.c.is_unfounded
    return await query.scalar(select(func.count()).select_from(_notices).where(found)) or 0


async def _listed(query: Query, statement: Any, numbers: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [dict(row._mapping) for row in await query.all(statement)]
    counted = [{**row, **{name: int(row[name] or 0) for name in numbers}} for row in rows]
    return sorted(counted, key=lambda row: -row["number"])
