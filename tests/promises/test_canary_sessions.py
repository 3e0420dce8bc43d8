"""The canary through every other adapter: six dialects and a counter, out, back, by webhook, taken back, and gone wrong.

Afterwards the whole database, the logs, the metrics, the jobs and every answer are searched, in every encoding.
"""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from commentbox.server import wiring
from commentbox.server.base import clock, jobs, journal
from commentbox.server.base.db import Database
from commentbox.server.base.logs import TALKATIVE
from commentbox.server.base.settings import Settings
from tests.hosted.checker import Checker, checker
from tests.hosted.configured import entry, toml
from tests.hosted.counter import Counter
from tests.hosted.voices import API_KEY, VOICES, secret_of
from tests.journeys.reader import Reader
from tests.journeys.reading import fields, refresh_of, words
from tests.promises.searching import database_places, hits, memory_places
from tests.promises.witness import Witness

STATED = "Zsófia Kanári-Hölgy"
BIRTH = "1971-02-03"
SECRETS = {"first name": "Zsófia", "last name": "Kanári-Hölgy", "half a name": "Kanári", "birth date": BIRTH}
SECRETS |= {"api key": API_KEY} | {f"webhook secret of {voice}": secret_of(voice) for voice in VOICES}


TELL_FRAUD = ("veriff", "sumsub", "standard")


@pytest.fixture(autouse=True)
def as_in_every_process(witness: Witness) -> None:
    """Keep the libraries quiet as `base/logs.py` does; `test_canary_process.py` listens to a real process."""
    for name in TALKATIVE:
        witness.caplog.set_level(logging.WARNING, logger=name)


@pytest.fixture(scope="module")
def services() -> Iterator[Checker]:
    with checker(VOICES) as running:
        yield running


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    return Counter(tmp_path)


@pytest.fixture
def settings(settings: Settings, services: Checker, counter: Counter, tmp_path: Path) -> Settings:
    """Give an instance with every service, at its most talkative."""
    written = []
    for voice in VOICES:
        (tmp_path / voice).mkdir()
        written.append(toml(entry(tmp_path / voice, services, voice, name=voice)))
    said = "\n".join(f'{name} = "{value}"' for name, value in counter.entry().items())
    file = tmp_path / "providers.toml"
    file.write_text("\n".join(written) + f"\n[[provider]]\n{said}\n")
    return settings.model_copy(update={"providers": str(file), "access_log": True, "log_level": "DEBUG"})


class Canary:
    """Readers who verify through one service after the other, all heard by a witness."""

    def __init__(self, app: Any, new_visitor: Callable[..., Any], services: Checker, witness: Witness) -> None:
        self.app, self.new_visitor, self.services, self.witness = app, new_visitor, services, witness
        self.secrets = dict(SECRETS)

    async def reader(self, name: str) -> Reader:
        made = Reader(self.new_visitor(), name)
        await made.sign_up()
        self.witness.keep(made)
        return made

    async def work_off(self) -> None:
        instance = self.app.app.state.instance
        await jobs.run_due(instance.db, wiring.workers(instance))

    async def walk(self, voice: str, number: int) -> None:
        """Go out and back too early, hear by webhook that it is green, then red, then a forgery."""
        reader = await self.reader(f"Kestrel {chr(64 + number)}")
        leaving = await reader.leave(voice)
        held = list(self.services.sessions.values())[-1]
        url, document = refresh_of(leaving), f"KANARI{number:04d}X"
        logging.disable(logging.CRITICAL)  # The service's pages are the person's browser's business.
        params = self.services.visit(url, outcome="pending", name=STATED, number=document)
        logging.disable(logging.NOTSET)
        waiting = await reader.come_back(voice, params)
        assert "not there yet" in words(waiting), voice
        self.secrets |= {f"{voice} session": held.id, f"{voice} document": document, f"{voice} state": params["state"]}
        red = "fraud" if voice in TELL_FRAUD else "declined"
        for event, outcome in enumerate(("verified", red)):
            held.outcome = outcome
            await self.send(voice, held, 9_000_000 + number * 10 + event)
            await self.work_off()
            seen = words(await reader.visitor.open("/account"))
            assert ("Not verified" in seen) == (outcome != "verified"), (voice, outcome, seen)
        await self.send(voice, held, 1, forged=True)

    async def send(self, voice: str, held: Any, number: int, *, forged: bool = False) -> None:
        headers, body = VOICES[voice].event(held, number, int(clock.now().timestamp()), secret_of(voice))
        logging.disable(logging.CRITICAL)  # What the sender's own client logs is not ours.
        content = body + (b" " if forged else b"")
        answer = await self.new_visitor().client.post(f"/verify/webhook/{voice}", content=content, headers=headers)
        logging.disable(logging.NOTSET)
        assert answer.status_code == (403 if forged else 204), (voice, answer.text)
        self.witness.answers.append(answer)
        self.secrets |= {f"{voice} signature {number}": value for name, value in headers.items() if "signature" in name}

    async def everywhere(self, db: Database) -> dict[str, bytes]:
        await journal.seal(db)
        metrics = (await self.new_visitor().open("/metrics")).content
        kept = memory_places(self.app.app.state.instance)
        return await database_places(db) | kept | {"metrics": metrics, "log": self.witness.logs()}


@pytest.fixture
def canary(app: Any, new_visitor: Callable[..., Any], services: Checker, witness: Witness) -> Canary:
    return Canary(app, new_visitor, services, witness)


async def test_no_dialect_leaves_anything_of_anybody(canary: Canary, db: Database):
    for number, voice in enumerate(VOICES, start=1):
        await canary.walk(voice, number)
    places = await canary.everywhere(db)
    assert b"fraud" in places["provider_session.state"] and places["provider_event.mac"], (
        "the search sees what is there"
    )
    assert b"/verify/webhook/{provider}" in places["log"], "the access lines are searched"
    assert hits(canary.secrets, places) == []
    answers = {name: said for name, said in canary.secrets.items() if "state" not in name and "session" not in name}
    assert hits(answers, canary.witness.pages()) == []


@pytest.mark.parametrize("fault", ["none", "nonce", "used"])
async def test_no_statement_of_a_counter_is_left(canary: Canary, counter: Counter, db: Database, fault: str):
    secrets = dict(SECRETS)
    for name in ("Kestrel", "Heron") if fault == "used" else ("Kestrel",):
        reader = await canary.reader(name)
        leaving = await reader.leave("counter")
        wrong = {"nonce": "wrong"} if fault == "nonce" else {}
        said = counter.answer(
            refresh_of(leaving),
            name=STATED,
            birthdate=BIRTH,
            sub=f"Kanári {name}",
            jti="statement-of-the-canary",
            **wrong,
        )
        secrets |= {f"{part} of {name}": text for part, text in zip("hcs", said["assertion"].split("."), strict=True)}
        secrets |= {"subject": f"Kanári {name}", "statement": "statement-of-the-canary"}
        passed = await reader.visitor.client.post("/verify/callback/counter", data=said)
        assert passed.status_code == 200
        ended = await reader.finish("counter", fields(passed, "/verify/finish/counter"))
    assert (ended.status_code == 200) == (fault == "none")
    assert hits(secrets, await canary.everywhere(db)) == []
    assert hits(secrets, canary.witness.pages(but="/verify/callback/counter")) == []


async def test_a_service_that_answers_nonsense_leaves_nothing_either(canary: Canary, services: Checker, db: Database):
    reader = await canary.reader("Kestrel")
    leaving = await reader.leave("standard")
    held = list(services.sessions.values())[-1]
    logging.disable(logging.CRITICAL)
    params = services.visit(refresh_of(leaving), name=STATED, number="KANARI-9")
    logging.disable(logging.NOTSET)
    for status in (500, 401, 302, 418):
        services.down = status
        refused = await reader.come_back("standard", params)
        assert refused.status_code in (422, 503), status
    services.down = 0
    clock.advance(minutes=3)
    await canary.work_off()
    secrets = SECRETS | {"document": "KANARI-9", "session": held.id}
    assert hits(secrets, await canary.everywhere(db)) == []
    assert hits(SECRETS, canary.witness.pages()) == []
