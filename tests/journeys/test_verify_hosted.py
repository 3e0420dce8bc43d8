"""Verifying through a session held elsewhere, as a reader walks it: out, back, waiting, told, and the badge by itself."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from commentbox.server import wiring
from commentbox.server.accounts.models import Account
from commentbox.server.base import clock, jobs, journal
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin
from commentbox.server.verification.models import Attempt
from tests.hosted.checker import Checker, Held, checker
from tests.hosted.configured import entry, toml
from tests.hosted.voices import VOICES, secret_of
from tests.journeys.reader import Reader
from tests.journeys.reading import fields, refresh_of, words
from tests.promises.searching import database_places
from tests.softpasskey import SoftPasskey


@pytest.fixture(scope="module")
def services() -> Iterator[Checker]:
    with checker(VOICES) as running:
        yield running


@pytest.fixture
def settings(settings: Settings, services: Checker, tmp_path: Path) -> Settings:
    services.down = 0
    file = tmp_path / "providers.toml"
    file.write_text(toml(entry(tmp_path, services, "persona")))
    return settings.model_copy(update={"providers": str(file)})


@pytest.fixture
async def reader(new_visitor: Callable[..., Any]) -> Reader:
    made = Reader(new_visitor())
    await made.sign_up()
    return made


@pytest.fixture
def work_off(app: Any) -> Callable[[], Any]:
    instance = app.app.state.instance

    async def work_off() -> None:
        await jobs.run_due(instance.db, wiring.workers(instance))
        await journal.seal(instance.db)
        await wiring.tell(instance)

    return work_off


async def leave(reader: Reader, services: Checker) -> tuple[str, Held]:
    """Go to the service; give the address of its page and the session."""
    leaving = await reader.leave("hosted")
    assert leaving.status_code == 200, leaving.text
    return refresh_of(leaving), list(services.sessions.values())[-1]


async def send(reader: Reader, held: Held, number: int = 1, **headers: str) -> Any:
    """Send a webhook as the service does: no cookie, no origin."""
    signed, body = VOICES["persona"].event(held, number, int(clock.now().timestamp()), secret_of("persona"))
    return await reader.visitor.client.post("/verify/webhook/hosted", content=body, headers=signed | headers)


async def test_a_reader_comes_back_and_has_the_badge(reader: Reader, services: Checker):
    url, _ = await leave(reader, services)
    done = await reader.come_back("hosted", services.visit(url, name="Ada Lovelace", number="X1"))
    assert done.url.path == "/verify/done" and "Verified person" in words(done)
    assert "Ada" not in done.text


async def test_a_reader_who_comes_back_too_early_is_told_and_the_badge_comes_by_itself(
    reader: Reader, services: Checker, work_off: Any
):
    url, held = await leave(reader, services)
    waiting = await reader.come_back("hosted", services.visit(url, outcome="pending"))
    assert waiting.status_code == 200 and "The answer is not there yet" in words(waiting)
    assert "Ask again now" in words(await reader.visitor.open("/verify"))
    assert "not there yet" in words(await reader.visitor.submit("/verify/look", {}))
    held.outcome, held.name, held.number = "verified", "Ada Lovelace", "X1"
    assert (await send(reader, held)).status_code == 204
    await work_off()
    page = words(await reader.visitor.open("/account"))
    assert "Verified person" in page and "The service has answered about your badge" in page


@pytest.mark.parametrize(("number", "subject"), [("X1", "You are verified"), ("", "You were not verified")])
async def test_whoever_had_left_is_told_the_outcome_once(
    reader: Reader, services: Checker, work_off: Any, app: Any, number: str, subject: str
):
    await reader.visitor.submit("/account/email", {"email": "kestrel@example.org"})
    await _confirm_address(app)
    _, held = await leave(reader, services)
    held.outcome, held.name, held.number = "verified", "Ada Lovelace", number
    for event in (1, 2):
        await send(reader, held, event)
        await work_off()
    told = [mail for mail in app.app.state.instance.mail.sent if mail.subject in ("You are verified", subject)]
    assert [(mail.to, mail.subject) for mail in told] == [("kestrel@example.org", subject)]
    assert "Ada" not in told[0].text
    await reader.visitor.open("/verify")


async def test_whoever_waits_at_the_page_is_not_written_to(reader: Reader, services: Checker, work_off: Any, app: Any):
    await reader.visitor.submit("/account/email", {"email": "kestrel@example.org"})
    await _confirm_address(app)
    url, held = await leave(reader, services)
    await reader.come_back("hosted", services.visit(url, name="Ada Lovelace", number="X1"))
    await send(reader, held)
    await work_off()
    assert not [mail for mail in app.app.state.instance.mail.sent if mail.subject == "You are verified"]


async def _confirm_address(app: Any) -> None:
    async with begin(app.app.state.instance.db) as work:
        table: Any = Account.__table__
        await work.q.run(table.update().values(email_confirmed_at=work.now))


async def test_the_reader_may_ask_again(reader: Reader, services: Checker):
    _, held = await leave(reader, services)
    held.outcome, held.name, held.number = "verified", "Ada Lovelace", "X1"
    done = await reader.visitor.submit("/verify/look", {})
    assert done.status_code == 303 and done.headers["location"] == "/verify/done"


async def test_a_service_that_is_down_holds_nobody_up(reader: Reader, services: Checker):
    services.down = 503
    refused = await reader.leave("hosted")
    assert refused.status_code == 503 and "does not answer just now" in words(refused)
    services.down = 0
    url, _ = await leave(reader, services)
    params = services.visit(url, name="Ada Lovelace", number="X1")
    services.down = 503
    told = await reader.come_back("hosted", params)
    assert told.status_code == 503 and "your badge comes by itself" in words(told)
    services.down = 0
    assert (await reader.come_back("hosted", params)).url.path == "/verify/done"


async def test_a_no_is_told(reader: Reader, services: Checker):
    url, _ = await leave(reader, services)
    refused = await reader.come_back("hosted", services.visit(url, outcome="declined"))
    assert refused.status_code == 403 and "did not confirm" in words(refused)
    assert "The last time it earned no badge" in words(await reader.visitor.open("/verify"))


async def test_a_second_account_is_told_the_way_out(reader: Reader, services: Checker, new_visitor: Any):
    url, _ = await leave(reader, services)
    await reader.come_back("hosted", services.visit(url, name="Ada Lovelace", number="X1"))
    heron = Reader(new_visitor(), "Heron")
    await heron.sign_up()
    url, _ = await leave(heron, services)
    refused = await heron.come_back("hosted", services.visit(url, name="Ada Lovelace", number="x 1"))
    assert refused.status_code == 409 and "You have a verified account here already" in words(refused)


async def test_another_browser_does_not_finish_it(reader: Reader, services: Checker, new_visitor: Any):
    mallory = Reader(new_visitor(), "Mallory")
    await mallory.sign_up()
    url, _ = await leave(mallory, services)
    await leave(reader, services)
    refused = await reader.come_back("hosted", services.visit(url, name="Mallory Real", number="M1"))
    assert refused.status_code == 403 and "another browser" in words(refused)
    assert "Not verified" in words(await reader.visitor.open("/account"))


async def test_looking_again_is_bounded_and_needs_something_to_look_at(reader: Reader, new_visitor: Any):
    assert (await reader.visitor.submit("/verify/look", {})).status_code == 410
    for _ in range(29):
        await reader.visitor.submit("/verify/look", {})
    assert (await reader.visitor.submit("/verify/look", {})).status_code == 429
    assert (await new_visitor().submit("/verify/look", {})).status_code == 401
    assert (await reader.visitor.submit("/verify/look", {}, origin="https://evil.example")).status_code == 403


async def test_a_webhook_is_answered_at_once_and_twice_alike(reader: Reader, services: Checker, app: Any):
    _, held = await leave(reader, services)
    asked = len(services.asked)
    for _ in range(2):
        assert (await send(reader, held)).status_code == 204
    assert (await send(reader, Held("inq_unknown", "persona", ""))).status_code == 204
    assert len(services.asked) == asked, "nobody was asked anything yet"


async def test_a_webhook_that_is_not_authentic_or_too_large_does_nothing(reader: Reader, services: Checker, db: Any):
    _, held = await leave(reader, services)
    for headers, status in (({"persona-signature": "t=1,v1=00"}, 403), ({"persona-signature": ""}, 403)):
        assert (await send(reader, held, **headers)).status_code == status
    post = reader.visitor.client.post
    assert (await post("/verify/webhook/hosted", content=b"x" * 300_000)).status_code == 413
    assert (await post("/verify/webhook/nobody", content=b"{}")).status_code == 404
    assert (await reader.visitor.open("/verify/webhook/hosted")).status_code == 405
    assert (await database_places(db))["provider_event.mac"] == b""


async def test_a_session_may_be_come_back_to_for_a_week(reader: Reader, services: Checker, db: Any):
    await leave(reader, services)
    async with db.read() as query:
        row = await query.first(select(Attempt.__table__))
    assert (row.expires_at - row.created_at).days == 7


async def asked_for(visitor: Any, reader: Reader, services: Checker) -> tuple[str, Held]:
    """Ask for a reader's account by verifying again; give the address of the service's page and the session."""
    made, name = SoftPasskey("comments.localhost", reader.passkey.origin), reader.name
    options = (await visitor.fetch("/recover/options", method="POST", data={"name": name})).json()
    form = {"name": name, "way": "hosted", "agree": "yes", "credential": json.dumps(made.create(options))}
    leaving = await visitor.submit("/recover", form)
    assert leaving.status_code == 200, words(leaving)
    return refresh_of(leaving), list(services.sessions.values())[-1]


async def back(visitor: Any, brought: dict[str, str]) -> Any:
    """Come back from the service to the form that finishes, and send it."""
    page = await visitor.open("/verify/callback/hosted", params=brought)
    return await visitor.submit("/recover/finish/hosted", fields(page, "/recover/finish/hosted"))


async def test_an_account_is_recovered_by_a_service_that_answers_later(
    reader: Reader, services: Checker, new_visitor: Any, work_off: Any
):
    url, _ = await leave(reader, services)
    await reader.come_back("hosted", services.visit(url, name="Ada Lovelace", number="X1"))
    asker = new_visitor()
    url, held = await asked_for(asker, reader, services)
    waiting = await back(asker, services.visit(url, outcome="pending"))
    assert waiting.status_code == 200 and "your request begins by itself" in words(waiting)
    assert "begins to work" not in words(await reader.visitor.open("/account"))
    looked = await reader.visitor.submit("/verify/look", {})
    assert looked.headers["location"].startswith("/verify/done"), "the owner has an answer of their own"
    assert "asks to recover" not in words(await reader.visitor.open("/account"))
    held.outcome, held.name, held.number = "verified", "Ada Lovelace", "X1"
    await send(reader, held)
    await work_off()
    assert "asks to recover" in words(await reader.visitor.open("/account"))
    again = await asker.submit("/recover/finish/hosted", fields(waiting, "/recover/finish/hosted"))
    assert "It begins to work on" in words(again)
    held.outcome = "declined"
    await send(reader, held, 2)
    await work_off()
    page = words(await reader.visitor.open("/account"))
    assert "stop it" not in page and "Verified person" in page, "the owner keeps badge and account"


async def test_another_persons_late_answer_begins_no_recovery(
    reader: Reader, services: Checker, new_visitor: Any, work_off: Any
):
    url, _ = await leave(reader, services)
    await reader.come_back("hosted", services.visit(url, name="Ada Lovelace", number="X1"))
    asker = new_visitor()
    url, held = await asked_for(asker, reader, services)
    brought = services.visit(url, name="Mallory Archer", number="M1")
    answer = await back(asker, brought)
    assert answer.status_code == 403 and "begins to work on" not in words(answer)
    await send(reader, held)
    await work_off()
    assert "asks to recover" not in words(await reader.visitor.open("/account"))
    other = await new_visitor().submit("/recover/finish/hosted", brought)
    assert other.status_code == 403, "nor does another browser finish it"
