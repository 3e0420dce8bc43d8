"""An authority's order: entered at the desk, first among the notices, answered by the decision, told to authority and author."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.evidence import statements as exported
from commentbox.server.evidence import yearly
from commentbox.server.notices.models import Notice
from commentbox.server.sites import actions as sites
from tests import noticeboard
from tests.factories import START, make_person
from tests.journeys.desk import Hire, hiring
from tests.journeys.reading import words
from tests.newsroom import Newsroom, make_newsroom
from tests.visitor import Visitor

ORDER = {
    "authority": "Court of Quay",
    "reference": "7 O 12/26",
    "offence": "defamation",
    "law": "Harbour Act s. 4",
    "territory": "de, at",
    "why": "The sentence about the clerk is to be removed.",
}


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START + timedelta(hours=2))
    return await make_newsroom(db)


@pytest.fixture
def hire(room: Newsroom, new_visitor: Callable[..., Visitor]) -> Hire:
    return hiring(room, new_visitor)


async def test_an_order_comes_first_is_decided_and_tells_authority_author_and_report(
    room: Newsroom, hire: Hire
) -> None:
    said = room.talk.say("The clerk is a crook.", by=await make_person(room.db, "Heron"))
    earlier = room.talk.say("So is the mayor.")
    await room.talk.save(room.db)
    await noticeboard.send(room.db, earlier, offence="other")
    ruth = await hire("Ruth")
    form = ORDER | {"item": f"http://comments.localhost:8000/c/{said}"}
    assert (await ruth.visitor.submit("/desk/orders", form)).status_code == 303
    again = await ruth.visitor.submit("/desk/orders", form)
    assert again.status_code == 409 and "7 O 12/26" in again.text
    page = words(await ruth.visitor.open("/desk/orders"))
    assert "Court of Quay" in page and "We received your order 7 O 12/26" in page and "It is decided by" in page
    queue = (await ruth.visitor.open("/desk?queue=notices")).text
    assert queue.index(f"/desk/case/{said}") < queue.index(f"/desk/case/{earlier}")
    case = words(await ruth.visitor.open(f"/desk/case/{said}"))
    assert "Order of an authority" in case and "Harbour Act s. 4" in case and "DE AT" in case
    decided = await ruth.decide(
        said, "remove", ground="law:defamation", why="Harbour Act s. 4", to_notifier="We removed it everywhere."
    )
    assert decided.status_code == 303
    page = words(await ruth.visitor.open("/desk/orders"))
    assert "The comment was removed on" in page and "We removed it everywhere." in page
    statement = (await room.statements(said))[0]
    assert (statement.found_by, statement.ground) == ("order", "law")
    async with room.db.read() as query:
        site = await sites.by_id(query, room.talk.site_id)
        year = await yearly.count(query, site, 2026)
        since = datetime(2026, 1, 1, tzinfo=UTC)
        assert [each async for each in exported.forms(query, site.id, since=since)] == []
    assert {"kind": "order", "offence": "defamation", "number": 1, "removed": 1}.items() <= next(
        row for row in year.notices if row["kind"] == "order"
    ).items()


async def test_an_order_that_lacks_something_keeps_what_was_typed_and_only_deciders_enter_one(
    room: Newsroom, hire: Hire
) -> None:
    said = room.talk.say()
    await room.talk.save(room.db)
    ruth, tess = await hire("Ruth"), await hire("Tess", "trainee")
    lacking = await ruth.visitor.submit("/desk/orders", ORDER | {"item": said, "law": " "})
    assert lacking.status_code == 422 and "Court of Quay" in lacking.text
    assert (await ruth.visitor.submit("/desk/orders", ORDER | {"item": "nothing"})).status_code == 404
    assert (await tess.visitor.submit("/desk/orders", ORDER | {"item": said})).status_code == 403
    assert "Enter the order" not in (await tess.visitor.open("/desk/orders")).text
    async with room.db.read() as query:
        assert await query.first(select(Notice.__table__)) is None
