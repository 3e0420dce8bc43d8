"""Somebody's page at the desk, and the proposals that wait for a second person. No query and no HTML here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.moderation import measures, rules
from commentbox.server.moderation.measures import Measure
from commentbox.server.moderation.persons import Person, Waiting
from commentbox.server.presenters.badges import PanelFact
from commentbox.server.presenters.desk_author import (
    DecisionView,
    account_facts,
    decision_view,
    measure_words,
    person_href,
)
from commentbox.server.presenters.desk_case import state_words
from commentbox.server.presenters.desk_verdict import GroundView, Typed, along_words, house_rules, laws
from commentbox.server.presenters.reasons import LineView, Planned, policy_of, statement_lines
from commentbox.server.presenters.spans import left_words
from commentbox.server.presenters.thread import rule_text


@dataclass(frozen=True, slots=True)
class MeasureView:
    """A measure in force; `may_lift` is not given for one of the whole server to staff of one site."""

    id: str
    words: str
    since: datetime
    may_lift: bool


@dataclass(frozen=True, slots=True)
class LastView:
    """One of somebody's last comments."""

    href: str
    at: datetime
    text: str
    where: str
    state: str


@dataclass(frozen=True, slots=True)
class MeasureAppealView:
    """An appeal against a measure, with what it is against, and why this moderator may not hear it if they may not."""

    id: str
    lines: tuple[LineView, ...]
    text: str
    at: datetime
    due: str
    may_not: str | None
    same_person: bool


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One measure to choose, with its key and how the statement will say it; `has_days` asks for an end."""

    value: str
    words: str
    key: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class PersonView:
    """Everything of one person on one site."""

    href: str
    name: str
    site_name: str
    seen: str
    facts: tuple[PanelFact, ...]
    measures: tuple[MeasureView, ...]
    appeals: tuple[MeasureAppealView, ...]
    decisions: tuple[DecisionView, ...]
    comments: tuple[LastView, ...]
    choices: tuple[ChoiceView, ...]
    house_rules: tuple[GroundView, ...]
    laws: tuple[GroundView, ...]
    preview: tuple[LineView, ...]
    typed: Typed
    may_everywhere: bool
    badge_href: str | None
    is_fresh: bool
    needs_second: bool
    closed: str | None
    problem: str | None


@dataclass(frozen=True)
class Seen:
    """Who looks at a person, when, with what typed, and what went wrong with it if something did."""

    now: datetime
    everywhere: bool
    is_fresh: bool
    may_decide: bool
    is_learning: bool
    typed: Typed
    problem: str | None = None
    governs: bool = False


def person_view(person: Person, seen: Seen) -> PersonView:
    """Give the view of a person, in the language of the moment."""
    policy = policy_of(person.site.policy)
    return PersonView(
        href=person_href(person.site.slug, person.account.id),
        name=person.account.name,
        site_name=person.site.name,
        seen=person.last_decision or "",
        facts=tuple(account_facts(person.author)),
        measures=tuple(_measure(row, seen, person) for row in person.author.standing),
        appeals=tuple(_appeal(each, seen, person) for each in person.appeals),
        decisions=tuple(decision_view(row, policy) for row in person.author.decisions),
        comments=tuple(_last(row) for row in person.comments),
        choices=_choices(seen.typed),
        house_rules=house_rules(policy, seen.typed),
        laws=laws(policy, seen.typed),
        preview=statement_lines(_planned(person, seen), policy, has_colleague=person.has_colleague),
        typed=seen.typed,
        may_everywhere=seen.everywhere,
        badge_href=f"{person_href(person.site.slug, person.account.id)}/badge" if _may_revoke(person, seen) else None,
        is_fresh=seen.is_fresh,
        needs_second=policy.bans_need_second or seen.is_learning,
        closed=_closed(person, seen),
        problem=seen.problem,
    )


def _may_revoke(person: Person, seen: Seen) -> bool:
    return seen.governs and not person.is_oneself and person.account.attestation_id is not None


def _measure(row: Any, seen: Seen, person: Person) -> MeasureView:
    everywhere = row.site_id != person.site.id
    words = measure_words(row)
    words = words[:1].upper() + words[1:]
    may_lift = not person.is_oneself and seen.may_decide and not seen.is_learning
    return MeasureView(
        id=row.id,
        words=_("%(measure)s, on every paper", measure=words) if everywhere else words,
        since=row.since,
        may_lift=may_lift and (seen.everywhere or not everywhere),
    )


def _appeal(waiting: Waiting, seen: Seen, person: Person) -> MeasureAppealView:
    policy = policy_of(person.site.policy)
    since = waiting.hearing.may_hear_from
    may_not = None
    if since is None:
        may_not = _("You made this decision, so somebody else hears the appeal.")
    elif since > seen.now:
        may_not = _("You may hear this appeal from %(moment)s.", moment=i18n.moment_text(since))
    return MeasureAppealView(
        id=waiting.appeal.id,
        lines=statement_lines(waiting.statement, policy, has_colleague=person.has_colleague),
        text=waiting.appeal.text,
        at=waiting.appeal.opened_at,
        due=left_words(waiting.appeal.due_at, seen.now),
        may_not=may_not,
        same_person=waiting.hearing.is_judge,
    )


def _last(row: Any) -> LastView:
    return LastView(f"/desk/case/{row.id}", row.created_at, row.text, row.title or "", state_words(row.state))


def _choices(typed: Typed) -> tuple[ChoiceView, ...]:
    words = {"warn": _("Warn"), "silence": _("Silence"), "hold": _("Hold first"), "ban": _("Ban")}
    return tuple(ChoiceView(value, words[value], value[0], typed.measure == value) for value in measures.KINDS)


def _planned(person: Person, seen: Seen) -> Planned:
    """Give the statement as it would be written now, for the preview."""
    typed, policy = seen.typed, policy_of(person.site.policy)
    rule = next((rule for rule in policy.house_rules if rule.code == typed.ground), None)
    measure = Measure(typed.measure or "warn", int(typed.days) if typed.days.isdecimal() else None)
    bounded = replace(measure, days=None) if (measure.days or 0) > measures.LONGEST_BAN_DAYS else measure
    return Planned(
        restriction=bounded.kind,
        since=seen.now,
        until=bounded.until(seen.now),
        found_by="moderator",
        appeal_until=rules.months_later(seen.now, policy.appeal_months),
        facts=typed.facts.strip(),
        rule=typed.ground,
        rule_text=rule.text if rule else "",
        rules_version=policy.rules_version if rule else None,
        explanation=typed.why.strip(),
    )


def _closed(person: Person, seen: Seen) -> str | None:
    """Say why this moderator cannot decide here, or None."""
    if person.is_oneself:
        return _("This is you. Somebody else decides about you.")
    if not seen.may_decide:
        return _("You only look on here.")
    if person.proposal is not None:
        return _(
            "%(name)s proposed a measure here. It waits for somebody to confirm it.", name=person.proposal.by or "?"
        )
    return None


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A decision that waits for a second person; `may_confirm` is for somebody else than the one who proposed it."""

    id: str
    words: str
    about: str
    site_name: str
    href: str
    by: str
    at: datetime
    quote: str
    facts: str
    ground: str
    may_confirm: bool
    is_own: bool


def proposal_views(rows: Sequence[Any], *, account_id: str, deciding: frozenset[str]) -> tuple[ProposalView, ...]:
    """Give what waits for confirmation, in the language of the moment."""
    return tuple(_proposal(row, account_id, deciding) for row in rows)


def _proposal(row: Any, account_id: str, deciding: frozenset[str]) -> ProposalView:
    reasons = row.verdict.get("reasons") or {}
    policy = policy_of(row.policy)
    text = next((rule.text for rule in policy.house_rules if rule.code == reasons.get("ground")), "")
    is_own = row.account_id == account_id
    person = person_href(row.slug, row.subject_id) if row.subject_id else ""
    return ProposalView(
        id=row.id,
        words=_proposed(row),
        about=row.name,
        site_name=row.site_name,
        href=person or f"/desk/case/{row.comment_id}",
        by=row.by or "?",
        at=row.at,
        quote=row.text or "",
        facts=reasons.get("facts", ""),
        ground=rule_text(text),
        may_confirm=not is_own and row.site_id in deciding,
        is_own=is_own,
    )


def _proposed(row: Any) -> str:
    words = {
        "approve": _("Publish") if row.state == "held" else _("Approve"),
        "remove": _("Refuse") if row.state == "held" else _("Remove"),
        "restore": _("Restore"),
    }
    if row.action in words:
        along = (row.verdict.get("measure") or {}).get("action")
        return f"{words[row.action]} + {_name(row.verdict['measure'])}" if along else words[row.action]
    return _name(row.verdict["measure"])


def _name(measure: dict[str, Any]) -> str:
    action, days = measure["action"], measure["days"]
    return along_words(f"{action}-{days}" if days else action)
