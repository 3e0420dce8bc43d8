"""Outside help as an admin sets it up: training, its report, what the doctor finds, what the desk shows."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from commentbox.cli import app as commands
from commentbox.cli.outside_checks import outside_help
from commentbox.server.app import create_app
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin
from commentbox.server.evidence import decided
from commentbox.server.evidence.classifiers import keep, measure
from commentbox.server.moderation import rules
from commentbox.server.screening.classifiers.model import read
from commentbox.server.screening.classifiers.training import Example
from commentbox.server.sites import actions as sites
from tests import outside
from tests.conftest import running_app
from tests.factories import ARTICLE, make_person, make_site
from tests.journeys.desk import signed_in
from tests.journeys.reading import words
from tests.newsroom import make_newsroom
from tests.outside import INSULT, KIND, SECRET
from tests.visitor import Visitor

Type = Callable[..., Result]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Settings) -> Type:
    """Give a typist, whose helpers are described in `tmp_path/help.toml`."""
    given = {"DATABASE_URL": settings.database_url, "DATA_DIR": str(tmp_path), "SECRET": settings.secret}
    for name, value in {**given, "CLASSIFIERS": str(tmp_path / "help.toml")}.items():
        monkeypatch.setenv(f"COMMENTBOX_{name}", value)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "help.toml").write_text("")
    return lambda *words: CliRunner().invoke(commands, list(words), catch_exceptions=False)


def labelled(file: Path) -> Path:
    lines = [(f"{INSULT} Number {number}.", 1, "en") for number in range(60)]
    lines += [(f"{KIND} Number {number}, and a woman said so.", 0, "en") for number in range(60)]
    file.write_text("\n".join(json.dumps(dict(zip(("text", "label", "lang"), each, strict=True))) for each in lines))
    return file


def test_a_model_is_trained_measured_and_measured_again(typed: Type, tmp_path: Path) -> None:
    file, model = labelled(tmp_path / "all.jsonl"), tmp_path / "ours.model"
    made = typed("classifier", "train", str(file), "--model", str(model))
    assert made.exit_code == 0, made.output
    for expected in ("Made", "precision", "recall", "false alarms", "women", "1.00 ("):
        assert expected in made.output, expected
    again = typed("classifier", "report", str(file), "--model", str(model), "--above", "0.5")
    assert "120" in again.output and "0.00 (0.00–0.06) 0/60" in again.output
    stored = json.loads((tmp_path / "ours.model.report.json").read_text())
    assert (stored["above"], stored["langs"][0]["examples"]) == (0.5, 120)
    for said in (
        typed("classifier", "train"),
        typed("classifier", "train", str(file), "--from-decisions"),
        typed("classifier", "train", "--from-decisions"),
        typed("classifier", "report", str(file), "--model", str(file)),
        typed("classifier", "report", str(tmp_path / "none.csv"), "--model", str(model)),
    ):
        assert said.exit_code == 1 and "Traceback" not in said.output


async def test_standing_decisions_are_examples_and_erased_words_are_none(db: Database) -> None:
    room = await make_newsroom(db)
    said = {text: room.talk.say(text) for text in ("Fine.", "An insult.", "Off topic.", "Undone.", "Erased.")}
    await room.talk.save(db)
    ruth, off_topic = await room.hire("Ruth"), rules.Reasons("1-on-topic", "It is about boats.")
    await room.decide(ruth, said["Fine."], "approve")
    await room.decide(ruth, said["An insult."], "remove")
    await room.decide(ruth, said["Off topic."], "remove", reasons=off_topic)
    await room.undo(ruth, (await room.decide(ruth, said["Undone."], "remove")).id)
    fine, insult, boats = (
        Example("Fine.", False, "en"),
        Example("An insult.", True, "en"),
        Example("Off topic.", True, "en"),
    )
    async with db.read() as query:
        assert await decided.examples(query) == [boats, insult, fine]
        assert await decided.examples(query, site_id=room.talk.site_id, rules=("3-argument-not-person",)) == [
            insult,
            fine,
        ]
        assert await decided.examples(query, site_id="another") == []


HOOK = """
[[classifier]]
name = "hook"
kind = "hook"
url = "{origin}/check"
secret_file = "{secret}"
may_be_private = true
[[classifier]]
name = "local"
kind = "local"
model = "{secret}.model"
"""


async def test_the_doctor_says_which_helper_is_ill_and_why(
    typed: Type, settings: Settings, db: Database, tmp_path: Path
) -> None:
    file, secret = tmp_path / "help.toml", tmp_path / "secret"
    settings = settings.model_copy(update={"classifiers": str(file)})
    secret.write_text(SECRET)
    await make_site(db, outside_help=["hook", "nobody"])

    async def found() -> str:
        async with db.read() as query:
            return " ".join(each.what for each in await outside_help(query, settings))

    with outside.running() as service:
        file.write_text(HOOK.format(origin=service.origin, secret=secret))
        service.status = 401
        said = await found()
        for expected in ("hook refuses the key.", "local has no model", "'nobody', and there is none", "for its score"):
            assert expected in said, expected
        assert (await asyncio.to_thread(typed, "doctor")).stdout.count("The helper") == 2
        service.status = 200
        assert "helper hook" not in await found()
    assert "The helper hook cannot be reached." in await found()
    file.write_text("[[classifier]]\nkind = 3")
    assert await found() == "Outside help cannot be read."


async def test_the_desk_shows_the_last_report_and_a_held_comment_says_who_held_it(
    settings: Settings, db: Database, tmp_path: Path
) -> None:
    model = outside.small_model(tmp_path / "ours.model")
    lines = [Example(INSULT, True, "en"), Example("A woman spoke of the harbour.", False, "en")]
    keep(measure(read(model), lines, day="2026-11-22", above=0.8), model)
    for name, where in {"local": model, "new": tmp_path / "none"}.items():
        with (tmp_path / "help.toml").open("a") as more:
            more.write(f'[[classifier]]\nname = "{name}"\nkind = "local"\nmodel = "{where}"\nseconds = 3\n')
    room = await make_newsroom(db)
    await room.talk.save(db)
    async with begin(db) as work:
        await sites.set_policy(work, room.talk.site_id, outside_help=["local"], hold_score_above=0.8)
    app = create_app(settings.model_copy(update={"classifiers": str(tmp_path / "help.toml")}), background=False)
    async with running_app(app):
        visitor, reader = Visitor(app, settings.origin), Visitor(app, settings.origin)
        await room.hire("Ruth")
        await signed_in(db, visitor, room.people["Ruth"].account_id, kind="staff")
        text = words(await visitor.open("/desk/figures"))
        for expected in (
            "Local classifier “local”",
            "held above 80%",
            "Nobody measured it yet.",
            "women",
            "only ever asks",
        ):
            assert expected in text, expected
        shown = (await visitor.open("/desk/figures.json")).json()["classifiers"]
        assert set(shown) == {"local"} and shown["local"]["langs"][0]["lang"] == "en"
        await signed_in(db, reader, (await make_person(db, "Kestrel")).account_id, kind="top")
        place = {"site": "gazette", "url": ARTICLE}
        rude = await reader.submit("/comments", {**place, "text": INSULT}, htmx=True)
        assert json.loads(rude.headers["hx-trigger"])["cb:posted"]["rule"] == "score"
        kind = await reader.submit("/comments", {**place, "text": KIND}, htmx=True)
        assert json.loads(kind.headers["hx-trigger"])["cb:posted"]["state"] == "published"
        mine = words(await reader.fetch("/embed/viewer", params=place))
        assert "Automation held it: a classifier takes it" in mine
        case = words(await visitor.open(f"/desk/case/{json.loads(rude.headers['hx-trigger'])['cb:posted']['id']}"))
        assert "Held: A classifier’s score is high" in case
        await visitor.close()
        await reader.close()
