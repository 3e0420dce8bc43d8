"""Every refusal has a sentence, in the voice of the house and in the reader's language."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from commentbox.server.base import i18n
from commentbox.server.base.db import Database
from commentbox.server.gate.messages import SENTENCES
from commentbox.server.transfer.summary import _REFUSALS as IMPORT_SENTENCES
from tests.promises.bad_input import World, make_world

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def world(db: Database, app: Any, new_visitor: Callable[..., Any]) -> World:
    return await make_world(db, new_visitor)


def refusals_in_source() -> Iterator[tuple[str, str]]:
    family = {
        "Refusal",
        "Invalid",
        "Unauthenticated",
        "Forbidden",
        "NotFound",
        "Conflict",
        "Gone",
        "TooMuch",
        "TooMany",
    }
    for file in (ROOT / "commentbox").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if name in family | {"Unavailable"} and isinstance(node, ast.Call) and node.args:
                place = f"{file.relative_to(ROOT)}:{node.lineno}"
                texts = [each.value for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant)]
                yield from ((str(text), place) for text in texts if re.fullmatch(r"[a-z_]+\.[a-z_0-9]*", str(text)))


def test_every_code_a_refusal_can_carry_has_a_sentence() -> None:
    found = dict(refusals_in_source())
    assert len(found) > 100
    known = {*SENTENCES, *IMPORT_SENTENCES, "standing."}
    assert {code: place for code, place in found.items() if code not in known} == {}
    assert {"standing.silenced", "standing.banned"} <= SENTENCES.keys()


def test_every_sentence_keeps_to_the_voice() -> None:
    for code, sentence in SENTENCES.items():
        assert sentence.endswith("."), code
        assert "!" not in sentence and not re.search(r"(?i)\bplease|\boops|\bsorry|\berror\b", sentence), code


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_refusal_speaks_the_readers_language(world: World) -> None:
    with i18n.use("de"):
        german = i18n.gettext(SENTENCES["comment.empty"])
    assert german != SENTENCES["comment.empty"]
    fields = world.fields("POST /comments", text=" ", lang="de")
    page = await world.send("POST /comments", fields=fields)
    assert page.status_code == 422 and german in page.text and '<html lang="de"' in page.text
    fields["lang"] = ""
    for headers in ({"HX-Request": "true"}, {"Accept": "application/json"}):
        answer = await world.send("POST /comments", fields=fields, headers={"Accept-Language": "de-AT, en", **headers})
        assert german in answer.text
    fields["lang"] = "de"
    answer = await world.send("POST /comments", fields=fields, headers={"HX-Request": "true"})
    assert german in answer.text
