"""The figures on both databases, counted by hand beside: by tier and rule, with small cells out of sight."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from commentbox.cli.reports import page as report_page
from commentbox.server.accounts.models import Account
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.tallies import Tally
from commentbox.server.base.work import begin
from commentbox.server.comments.models import Comment
from commentbox.server.evidence import tables, yearly
from commentbox.server.evidence.figures import Figures, Span, figures
from commentbox.server.notices.actions import Told
from commentbox.server.presenters.figures import figures_view
from commentbox.server.sites import actions as sites
from commentbox.server.verification import people
from tests.factories import START, Person, make_person
from tests.journeys.desk import signed_in
from tests.journeys.reading import words
from tests.newsroom import Newsroom, make_newsroom
from tests.noticeboard import send
from tests.visitor import Visitor

SINCE = START - timedelta(days=1)


@pytest.fixture
async def room(db: Database) -> Newsroom:
    """Twenty comments of each tier; of the unverified twelve held and refused, of the verified twelve held and published."""
    clock.set(START + timedelta(days=1))
    room = await make_newsroom(db)
    writers = {"verified": await make_person(db, kind="person"), "unverified": await make_person(db)}
    said = {tier: _say(room, by) for tier, by in writers.items()}
    room.talk.say(by=writers["verified"], label="staff")
    room.talk.say(imported_from="disqus:1")
    await room.talk.save(db)
    ruth = await room.hire("Ruth")
    for tier, ids in said.items():
        for each in ids[:12]:
            await room.decide(ruth, each, "remove" if tier == "unverified" else "approve")
        await room.report(ids[12], "one", "two")
        clock.advance(hours=2)
        await room.decide(ruth, ids[12], "approve")
    await room.undo(ruth, (await room.decide(ruth, said["verified"][13], "remove")).id)
    return room


def _say(room: Newsroom, by: Person) -> list[str]:
    held = {"state": "held", "hold_rule": "links", "published_at": None}
    return [room.talk.say(by=by, **(held if number < 12 else {})) for number in range(20)]


async def count(room: Newsroom) -> Figures:
    async with room.db.read(heavy=True) as query:
        return await figures(query, Span(frozenset({room.talk.site_id}), SINCE, SINCE + timedelta(weeks=2)))


async def test_every_figure_is_what_one_counts_by_hand(room: Newsroom) -> None:
    found = await count(room)
    verified, unverified = found.tiers
    assert (verified.comments, unverified.comments) == (20, 20)
    assert [(each.part, each.whole) for each in (verified.held, verified.removed, verified.reported)] == [
        (12, 20),
        (0, 20),
        (1, 20),
    ]
    assert [(each.part, each.whole) for each in (unverified.held, unverified.removed)] == [(12, 20), (12, 20)]
    assert (found.verified.part, found.verified.whole) == (20, 40)
    assert found.weeks == {"verified": [20, 0], "unverified": [20, 0]}
    (waited,) = [each for each in found.times if each.kind == "reports"]
    assert (waited.number, waited.median, waited.p90) == (4, 7200, 7200)


async def test_a_rule_under_which_the_tiers_fare_differently_is_warned_of(room: Newsroom) -> None:
    found = await count(room)
    assert [(each.kind, each.rule) for each in found.unequal] == [("held", "links")]
    (held,) = [each for each in found.rules if each.kind == "held"]
    assert {tier: (each.part, each.whole) for tier, each in held.by_tier.items()} == {
        "verified": (0, 12),
        "unverified": (12, 12),
    }


async def test_equal_scores_that_are_treated_unequally_are_warned_of(room: Newsroom) -> None:
    """Of forty comments scored alike twelve of each tier were held, and only those of unverified people refused in the end."""
    async with begin(room.db) as work:
        await work.q.run(update(Comment.__table__).values(score=7))
    found = {each.kind: each for each in (await count(room)).rules if each.kind.endswith("_at_score")}
    counted = {kind: [(each.part, each.whole) for each in line.by_tier.values()] for kind, line in found.items()}
    assert counted == {"held_at_score": [(12, 20), (12, 20)], "removed_at_score": [(0, 20), (12, 20)]}
    assert {kind: (each.rule, each.is_unequal) for kind, each in found.items()} == {
        "held_at_score": ("08", False),
        "removed_at_score": ("08", True),
    }
    assert "Removed at a score of 60% to 80%" in figures_view(await count(room)).unequal
    rows = [each for each in tables.rows(await count(room)) if "score" in each["measure"]]
    assert [(each["rule"], each["tier"], each["part"]) for each in rows if each["measure"].startswith("removed")] == [
        ("08", "verified", 0),
        ("08", "unverified", 12),
    ]


async def test_numbers_from_one_to_four_are_in_neither_file(room: Newsroom) -> None:
    found = await count(room)
    rows = list(csv.DictReader(io.StringIO(tables.as_csv(found))))
    for each in (*rows, *json.loads(json.dumps(tables.as_json(found)))["rates"]):
        assert not [number for name in ("part", "whole") if (number := each[name]) and 0 < int(number) < 5]
    reported = [each for each in rows if each["measure"] == "reported"]
    assert [(each["part"], each["share"]) for each in reported] == [("", ""), ("", "")]
    removed = next(each for each in rows if (each["measure"], each["tier"]) == ("removed", "unverified"))
    assert (removed["part"], removed["share"]) == ("12", "0.6")
    assert tables.as_json(found)["waiting_seconds"][0]["number"] is None


async def test_filters_are_counted_by_what_accounts_keep_and_stopped_persons_by_the_month_alone(room: Newsroom) -> None:
    found = await count(room)
    whole = found.filters["verified"].whole
    async with begin(room.db) as work:
        await work.q.run(update(Account.__table__).values(show="verified", reach="verified"))
        for code in ("verification.banned", "verification.banned", "verification.already_elsewhere"):
            await people.note_stopped(work, code)
        assert [tuple(row) for row in await work.q.all(select(Tally.__table__))] == [
            (people.STOPPED_TALLY, f"{work.now:%Y-%m}", 2)
        ]
    again = await count(room)
    assert whole > 0 and (again.filters["verified"].part, again.filters["reach"].part) == (whole, whole)
    assert (again.filters["fold"].part, found.stopped, again.stopped) == (0, 0, 2)
    hidden = next(each for each in tables.rows(again) if each["measure"] == "banned person stopped")
    assert hidden["whole"] is None


async def test_the_page_says_it_in_tables_and_draws_it_for_staff_alone(
    room: Newsroom, app: Any, new_visitor: Callable[..., Visitor]
) -> None:
    clock.set(SINCE + timedelta(days=10))
    visitor = new_visitor()
    assert (await visitor.open("/desk/figures")).status_code == 303
    await signed_in(room.db, visitor, room.people["Ruth"].account_id, kind="staff")
    page = await visitor.open("/desk/figures?period=4w")
    text = words(page)
    for expected in ("60%", "12 of 20", "fewer than 5", "fared differently", "Many links", "Read with care"):
        assert expected in text, expected
    figures = page.text.partition("<main")[2].partition("</main>")[0]
    assert figures.count("<svg") == 3 and " style=" not in page.text
    assert (await visitor.open("/desk/figures.csv?period=4w")).headers["content-type"].startswith("text/csv")
    assert (await visitor.open("/desk/figures?site=herald")).status_code == 404


async def test_a_year_is_reported_as_a_page_and_as_json(room: Newsroom) -> None:
    ruth, said = await room.hire("Jonas"), list(room.talk.rows)[14]
    await send(room.db, said)
    await room.decide(ruth, said, "approve", told=Told("It breaks no law.", is_unfounded=True))
    async with room.db.read(heavy=True) as query:
        site = await sites.by_slug(query, "gazette")
        year = await yearly.count(query, site, 2026)
        empty = await yearly.count(query, site, 2025)
    assert year.notices == [
        {"kind": "illegal", "offence": "incitement", "number": 1, "by_trusted_flaggers": 0, "removed": 0, "kept": 1}
    ]
    assert sum(row["number"] for row in year.restrictions) == 13
    assert year.shape["manifestly_unfounded_notices"] == 1
    assert json.loads(json.dumps(year.shape))["complaints"][0] == {"by": "authors", "number": 0, "changed": 0}
    for each in (year, empty):
        html = report_page(each, site, lang="en")
        assert html.count("<table") >= 6 and "Transparency report" in html and "Ruth" not in html
    assert "incitement to hatred" in report_page(year, site, lang="en")
    assert datetime(2026, 1, 1, tzinfo=UTC) == year.figures.span.since
