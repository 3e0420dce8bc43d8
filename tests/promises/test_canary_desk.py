"""The canary through the two adapters that are no service: the demo, and two members of staff at the desk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commentbox.server import wiring
from commentbox.server.base import jobs, journal
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin
from commentbox.server.notifications.mail import Mail
from commentbox.server.verification.providers import KINDS
from commentbox.server.verification.providers.dialects import DIALECTS
from tests.factories import ARTICLE, make_talk
from tests.hosted.voices import VOICES
from tests.journeys.reader import Reader
from tests.journeys.reading import words
from tests.journeys.test_in_person import Clerk, code_of
from tests.promises.searching import database_places, hits, memory_places
from tests.promises.witness import Witness

STATED, BIRTH, PLACE_OF_BIRTH = "Zsófia Kanári-Hölgy", "1971-02-03", "Nagykanizsa"
NAMES = {"first name": "Zsófia", "last name": "Kanári-Hölgy", "half a name": "Kanári", "birth date": BIRTH}
SECRETS = NAMES | {"place of birth": PLACE_OF_BIRTH, "subject": "subject-of-the-canary"}


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Give an instance with both, at its most talkative."""
    file = tmp_path / "providers.toml"
    file.write_text('[[provider]]\nname = "desk"\nkind = "in_person"\n', "utf-8")
    loud = {"access_log": True, "log_level": "DEBUG"}
    return settings.model_copy(update={"providers": str(file), "demo": True, **loud})


def test_no_adapter_is_without_its_canary() -> None:
    """`oidc`: test_canary, _http, _process; `webhook`, `assertion`: _sessions; the rest: here."""
    assert set(KINDS) == {"oidc", "webhook", "assertion", "in_person"}, "a new shape needs its canary"
    assert set(DIALECTS) == set(VOICES), "a new dialect is played, and so walked through"


async def test_neither_the_demo_nor_the_desk_leaves_anything(
    db: Database, app: Any, new_visitor: Callable[..., Any], witness: Witness
):
    await make_talk(db)
    reader, staff = Reader(new_visitor()), [Clerk(new_visitor(), name) for name in ("Ida", "Jon")]
    await reader.sign_up()
    for clerk in staff:
        await clerk.sit_down(db)
    for each in (reader, *staff):
        witness.keep(each)
    assert "Verified person" in words(await reader.verify_by_demo("subject-of-the-canary", STATED))
    await reader.visitor.submit("/verify/drop", {})
    code = await code_of(reader)
    seen = {"name": STATED, "born": BIRTH, "place": PLACE_OF_BIRTH}
    await staff[0].confirm(code, seen)
    wrong = await staff[1].confirm(code, seen | {"place": "Elsewhere"})
    assert wrong.status_code == 409
    await staff[1].confirm(code, seen)
    assert "Verified person" in words(await reader.visitor.open("/account"))
    thread = await new_visitor().frame("/embed/thread", params={"site": "gazette", "url": ARTICLE})
    assert thread.status_code == 200
    instance = app.app.state.instance
    await jobs.run_due(db, wiring.workers(instance))
    await journal.seal(db)
    metrics = (await new_visitor().open("/metrics")).content
    places = await database_places(db) | memory_places(instance) | {"metrics": metrics, "log": witness.logs()}
    assert places["cache"] and b"identity.verified" in places["journal.kind"], "the search sees what is there"
    assert hits(SECRETS, places) == []
    pages = witness.pages()
    own_words = [name for name in pages if "/desk/in-person" in name]  # what staff typed comes back where it is refused
    assert hits(SECRETS, {name: said for name, said in pages.items() if name not in own_words}) == []


async def test_the_search_sees_a_leak_wherever_it_is_planted(db: Database, app: Any, witness: Witness):
    instance = app.app.state.instance
    async with begin(db) as work:
        work.record("planted", subject_id="x", name=STATED)
        work.job("planted", {"born": BIRTH})
    await instance.mail.send(Mail("canary@example.org", "Planted", PLACE_OF_BIRTH))
    found = hits(SECRETS, await database_places(db) | memory_places(instance))
    assert {each.partition(" in ")[2] for each in found} >= {"journal.data", "job.payload", "mails"}
