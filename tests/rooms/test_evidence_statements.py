"""Statements on both databases, as the EU's transparency database wants them: whole, valid, and nobody's words."""

import json
from datetime import timedelta

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.evidence import dsa_form
from commentbox.server.evidence.statements import forms
from commentbox.server.moderation import rules
from commentbox.server.moderation.measures import Measure
from tests.factories import START, make_person
from tests.newsroom import FACTS, make_newsroom
from tests.noticeboard import send

LAW = "Section 241 of the criminal code, against Ada Quayside."


async def test_every_restriction_becomes_a_valid_form_without_personal_data(db: Database) -> None:
    clock.set(START + timedelta(days=1))
    room = await make_newsroom(db)
    author = await make_person(db, "Gull Captain")
    noticed, held, undone, kept = (
        room.talk.say(by=author, state=state) for state in ("published", "held", "published", "published")
    )
    await room.talk.save(db)
    ruth = await room.hire("Ruth Amadi")
    await send(db, noticed, offence="threat")
    await room.decide(ruth, noticed, "remove", reasons=rules.Reasons("law:threat", FACTS, LAW))
    await room.decide(ruth, held, "remove")
    await room.undo(ruth, (await room.decide(ruth, undone, "remove")).id)
    await room.report(kept, "one")
    await room.decide(ruth, kept, "approve")
    async with db.read() as query:
        made = [form async for form in forms(query, room.talk.site_id, since=START)]
        assert [form async for form in forms(query, room.talk.site_id, since=clock.now() + timedelta(days=1))] == []
    assert [dsa_form.problems(form) for form in made] == [[], []]
    law, rule = made
    assert (law["source_type"], law["category"]) == ("SOURCE_ARTICLE_16", "STATEMENT_CATEGORY_VIOLENCE")
    assert law["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert rule["decision_ground"] == "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    assert rule["decision_visibility"] == ["DECISION_VISIBILITY_OTHER"]
    written = json.dumps(made)
    for personal in ("Gull Captain", "Ruth Amadi", "Ada", FACTS, "241", author.account_id, ruth.account_id):
        assert personal not in written


async def test_measures_on_people_are_forms_of_their_own_with_their_end(db: Database) -> None:
    clock.set(START + timedelta(days=1))
    room = await make_newsroom(db)
    said = [room.talk.say(by=await make_person(db, name)) for name in ("Gull Captain", "Tern", "Skua", "Auk")]
    await room.talk.save(db)
    ruth = await room.hire("Ruth Amadi")
    measures = (Measure("silence", 7), Measure("hold", 30), Measure("ban"), Measure("warn"))
    for each, measure in zip(said, measures, strict=True):
        await room.decide(ruth, each, "remove", measure=measure)
    async with db.read() as query:
        made = [form async for form in forms(query, room.talk.site_id, since=START)]
    assert [dsa_form.problems(form) for form in made] == [[]] * 7, "four removals, and no form for a warning"
    silence, hold, ban = (form for form in made if form["decision_facts"].startswith("The account"))
    assert silence["end_date_service_restriction"] == (clock.now() + timedelta(days=7)).date().isoformat()
    assert hold["end_date_visibility_restriction"] == (clock.now() + timedelta(days=30)).date().isoformat()
    assert ban["decision_account"] == "DECISION_ACCOUNT_SUSPENDED" and "end_date_account_restriction" not in ban
