"""Bad input on every route: the right status and never a crash, one shape of error, and nothing typed is lost.

The routes are in `bad_input.py`; one that is missing there fails here.
"""

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from tests.journeys.reading import words
from tests.promises.bad_input import PLACE, WAYS, World, every_route, make_world, state_of

ROOT = Path(__file__).parents[2]
POSTS = [name for name in WAYS if name.startswith("POST")]
GETS = [name for name in WAYS if name.startswith("GET")]
FROM_PROVIDERS = ("POST /verify/callback/", "POST /verify/webhook/")
"""What a provider sends: the first shows a form and does nothing, the other proves itself by its MAC."""
FORMS = [name for name in POSTS if WAYS[name].fields]
OPEN = {"POST /stop/{token}"}
"""What a mail program may do without a page of ours (RFC 8058): the token in the path is the whole permission."""
HELD_BY_ID = [name for name in WAYS if "{" in name]
UNKNOWN_ID = "0123456789abcdef"
before_the_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is refused before a database is asked need not be refused twice."""
TEXT = "Nobody asked the harbour & its gulls."


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"demo": True})


@pytest.fixture
async def world(db: Database, app: Any, new_visitor: Callable[..., Any]) -> World:
    return await make_world(db, new_visitor)


def complaint(name: str, answer: httpx.Response, expected: set[int], what: object = "") -> str:
    """Give '' where an answer is as it should be, else what is wrong with it."""
    shown = f"{name} {what}: {answer.status_code}"
    if answer.status_code not in expected:
        return shown
    if answer.status_code < 400:
        return ""
    if "json" in answer.headers["content-type"]:
        error = answer.json().get("error", {})
        whole = error.keys() == {"code", "message", "data"} and error["message"]
        return "" if whole and answer.json().keys() == {"error"} else f"{shown} {answer.text}"
    said = re.search(r'role="alert"(?![^>]*hidden)', answer.text)
    return "" if said and "<html lang=" in answer.text else f"{shown} {words(answer)}"


async def complaints(answers: AsyncIterator[str]) -> list[str]:
    return [each async for each in answers if each]


def test_every_route_has_its_place_in_the_table() -> None:
    assert every_route() == set(WAYS)


async def test_every_route_works_with_what_the_table_gives_it(world: World) -> None:
    # What needs a passkey's answer, a code or a hand-over under way is walked in tests/journeys.
    once = {"credential", "code", "challenge", "verifier"}
    last = sorted(WAYS, key=lambda name: ("signout" in name, "delete" in name, "undo" in name))
    wrong = []
    for name in [each for each in last if not once & WAYS[each].fields.keys() and each != "POST /account/signout"]:
        answer = await world.send(name)
        is_end = name in ("GET /mail/{token}", "POST /mail/{token}", "POST /verify/finish/{provider}")
        expected = {200, 204, 302, 303} | (
            {404, 409, 410}
            if is_end or re.search("appeal|drop|recover|move|well-known|look|webhook|decline", name)
            else set()
        )
        wrong += [f"{name}: {answer.status_code}"] if answer.status_code not in expected else []
    assert not wrong


async def test_a_missing_field_is_named_or_explained(world: World) -> None:
    async def answers() -> AsyncIterator[str]:
        for name, way in WAYS.items():
            for field in way.needs:
                answer = await world.send(name, fields=world.fields(name, **{field: None}))
                yield complaint(name, answer, {401, 404, 409, 410, 422}, field)

    assert not await complaints(answers())


async def test_a_nul_in_any_field_is_refused(world: World) -> None:
    async def answers() -> AsyncIterator[str]:
        for name, way in WAYS.items():
            for field in way.fields:
                answer = await world.send(name, fields=world.fields(name, **{field: "a\0b"}))
                yield complaint(name, answer, {404, 410, 422}, field)

    assert not await complaints(answers())


@before_the_database
async def test_a_field_that_is_far_too_long_is_refused(world: World) -> None:
    async def answers() -> AsyncIterator[str]:
        for name, way in WAYS.items():
            for field in way.fields:
                answer = await world.send(name, fields=world.fields(name, **{field: "a" * 62_000}))
                yield complaint(name, answer, {404, 410, 413, 422}, field)

    assert not await complaints(answers())


async def test_an_unknown_word_where_one_of_a_few_is_asked_for_is_refused(world: World) -> None:
    chosen = {"show", "sort", "write", "queue", "tier", "action", "on", "reason", "reach", "cookies"}

    async def answers() -> AsyncIterator[str]:
        for name, way in WAYS.items():
            for field in chosen & way.fields.keys():
                if (field == "reason" and "/desk" in name) or "/c/" in name:
                    continue  # a filter that finds nothing; a link that leads to the page that refuses it
                answer = await world.send(name, fields=world.fields(name, **{field: "whatever"}))
                yield complaint(name, answer, {404, 422}, field)

    assert not await complaints(answers())


STRANGE_IDS = (UNKNOWN_ID, "x", "%00", "%ff%fe", "a" * 3000, "'%20OR%201=1", "%F0%9F%90%A6" * 16)


async def test_an_id_that_nothing_has_is_not_found(world: World) -> None:
    async def answers() -> AsyncIterator[str]:
        for name in HELD_BY_ID:
            for value in STRANGE_IDS:
                yield complaint(name, await world.send(name, path=world.path(name, value)), {404, 410}, value[:20])

    assert not await complaints(answers())


async def test_ids_of_another_site_do_not_exist_for_the_desk_of_this_one(world: World) -> None:
    async def answers() -> AsyncIterator[str]:
        for name in [each for each in HELD_BY_ID if "/desk/case" in each]:
            for thing in ("foreign", "foreign_held"):
                answer = await world.send(name, path=world.path(name, world.things[thing]))
                yield complaint(name, answer, {404}, thing)

    assert not await complaints(answers())


async def test_ids_of_other_people_are_not_found(world: World) -> None:
    for thing in ("comment", "foreign", "held", "removed"):
        for name in ("POST /comments/{id}/edit", "POST /comments/{id}/withdraw"):
            answer = await world.send(name, path=world.path(name, world.things[thing]))
            assert answer.status_code == 404, (name, thing)
        asked = {**PLACE, "comment": world.things[thing]}
        assert (await world.send("GET /embed/edit", fields=asked)).status_code == 404
    assert (await world.send("GET /thread", fields={**PLACE, "comment": world.things["held"]})).status_code == 404
    assert (await world.send("GET /thread", fields={**PLACE, "comment": world.things["foreign"]})).status_code == 404
    strange = await world.send("GET /decisions/{id}", who="nobody")
    assert strange.status_code == 200 and "Statement of reasons" not in strange.text


async def test_a_comment_of_another_site_can_be_no_parent(world: World) -> None:
    for thing in ("foreign", "held"):
        fields = {**PLACE, "text": TEXT, "parent": world.things[thing]}
        answer = await world.send("POST /comments", fields=fields)
        assert answer.status_code == 404 and "harbour &amp; its gulls" in answer.text


ESCAPED = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"


def part(name: str, value: bytes, more: str = "") -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + more.encode() + b"\r\n\r\n" + value


BODIES = {
    "a bad escape": (b"text=%ff&site=gazette&name=%ff&code=%ff", ESCAPED),
    "half a letter": (b"text=%c3&site=gazette", ESCAPED),
    "a surrogate": (b"text=%ed%a0%80&site=gazette", ESCAPED),
    "latin-1": ("text=café&site=gazette".encode("latin-1"), ESCAPED),
    "latin-1, said so": ("text=café&site=gazette".encode("latin-1"), ESCAPED + "; charset=iso-8859-1"),
    "utf-16": ("text=café".encode("utf-16"), ESCAPED),
    "parts in latin-1": (part("text", "café".encode("latin-1")) + b"\r\n--b--\r\n", PARTS),
    "a file": (part("text", b"words", '; filename="a.txt"') + b"\r\n--b--\r\n", PARTS),
    "parts without an end": (part("text", b"words"), PARTS),
    "parts without a name": (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", PARTS),
    "parts without a boundary": (part("text", b"words"), "multipart/form-data"),
    "parts that are none": (b"\x00\x01\x02", PARTS),
    "fifty fields": (b"&".join(b"a%d=1" % number for number in range(50)), ESCAPED),
    "json": (b'{"text": "words", "site": "gazette"}', "application/json"),
    "deep json": (b"[" * 100_000, "application/json"),
    "broken json": (b'{"text": ', "application/json"),
    "text": (b"words", "text/plain"),
    "no type": (b"text=words", ""),
}


@before_the_database
async def test_a_body_that_cannot_be_read_is_refused_before_anything_is_done(world: World) -> None:
    before = await state_of(world)

    async def answers() -> AsyncIterator[str]:
        for name in FORMS:
            for body, (content, kind) in BODIES.items():
                answer = await world.send(name, data=None, content=content, headers={"Content-Type": kind})
                yield complaint(name, answer, {422}, body)

    assert not await complaints(answers())
    assert await state_of(world) == before


@before_the_database
async def test_an_address_that_is_not_utf8_is_refused(world: World) -> None:
    async def answers() -> AsyncIterator[str]:
        for name in GETS:
            for query in ("%ff", "%c3", "%ed%a0%80"):
                answer = await world.send(name, path=f"{world.path(name)}?site=gazette&lang={query}", params=None)
                yield complaint(name, answer, {422}, query)

    assert not await complaints(answers())


@before_the_database
async def test_a_body_of_more_than_256_kilobytes_is_too_much(world: World) -> None:
    async def in_pieces() -> AsyncIterator[bytes]:
        yield b"text="
        for _ in range(30):
            yield b"a" * 10_000

    async def answers() -> AsyncIterator[str]:
        for name in POSTS:
            said = await world.send(name, data=None, content=b"text=" + b"a" * 270_000)
            yield complaint(name, said, {413})
        for name in FORMS:
            unsaid = await world.send(name, data=None, content=in_pieces(), headers={"Content-Type": ESCAPED})
            yield complaint(name, unsaid, {413}, "in pieces")

    assert not await complaints(answers())


@before_the_database
async def test_a_post_from_anywhere_but_our_own_pages_does_nothing(world: World) -> None:
    before = await state_of(world)
    wrong = []
    for origin in (None, "null", "https://evil.example", "http://news.localhost:8001", "", "*"):
        for name in [each for each in POSTS if not each.startswith(FROM_PROVIDERS) and each not in OPEN]:
            headers = {"Accept": "application/json"} | ({} if origin is None else {"Origin": origin})
            visitor = world.browsers[WAYS[name].who]
            answer = await visitor.client.post(world.path(name), data=world.fields(name), headers=headers)
            wrong += [complaint(name, answer, {403}, origin)]
            is_said = answer.json()["error"]["code"] == "origin.refused" and "set-cookie" not in answer.headers
            wrong += [] if is_said else [name]
    assert not list(filter(None, wrong))
    assert await state_of(world) == before


@before_the_database
async def test_a_wrong_method_is_refused(world: World) -> None:
    async def answers() -> AsyncIterator[str]:
        paths = {
            world.path(name): {each.split()[0] for each in WAYS if each.split()[1] == name.split()[1]} for name in WAYS
        }
        for path, methods in paths.items():
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"} - methods:
                origin = world.browsers["nobody"].origin
                headers = {"Origin": origin, "Accept": "application/json"}
                answer = await world.browsers["nobody"].client.request(method, path, headers=headers)
                yield complaint(f"{method} {path}", answer, {405})

    assert not await complaints(answers())


async def test_without_a_session_nothing_of_anybodys_is_shown_or_done(world: World) -> None:
    before = await state_of(world)
    public = {"GET /thread", "GET /embed/viewer", "GET /decisions/{id}", "GET /asked"}

    async def answers() -> AsyncIterator[str]:
        for name, way in WAYS.items():
            if way.who == "nobody" or name == "POST /signout":
                continue
            answer = await world.send(name, who="nobody")
            open_to_all = {200} if name in public else {303} if name.startswith("GET") else set()
            yield complaint(name, answer, {401, 404} | open_to_all)
            mine = "Kestrel</bdi></b>" in answer.text  # as one's own name is shown, not as an author's
            yield f"{name} shows the reader" if mine else ""

    assert not await complaints(answers())
    assert await state_of(world) == before


@pytest.mark.parametrize("how", ["expired", "revoked"])
async def test_a_session_that_is_over_is_no_session_and_the_text_is_kept(world: World, how: str) -> None:
    if how == "expired":
        clock.advance(minutes=31 * 24 * 60)
    else:
        assert (await world.send("POST /account/signout")).status_code == 303
        assert (await world.send("POST /desk/signout")).status_code == 303
    answer = await world.send("POST /comments", fields=world.fields("POST /comments", text=TEXT))
    assert answer.status_code == 401
    assert "harbour &amp; its gulls" in answer.text and "You are signed out" in words(answer)
    fragment = await world.send(
        "POST /comments", fields=world.fields("POST /comments", text=TEXT), headers={"HX-Request": "true"}
    )
    assert fragment.status_code == 401 and fragment.text.strip().startswith("<div")
    assert (await world.send("POST /desk/next")).status_code == 401
    assert (await world.send("GET /account")).status_code == 303


@before_the_database
async def test_every_refusal_of_a_post_has_all_three_shapes(world: World) -> None:
    wrong = []
    for name in FORMS:
        bad = {**world.fields(name), **dict.fromkeys(WAYS[name].fields, "a\0b")}
        page = await world.send(name, fields=bad)
        piece = await world.send(name, fields=bad, headers={"HX-Request": "true"})
        said = await world.send(name, fields=bad, headers={"Accept": "application/json"})
        wrong += [complaint(name, page, {404, 422}), complaint(name, said, {404, 422}, "json")]
        # The desk and the windows have no fragments: with their scripts they are whole pages all the same.
        wrong += [] if 'role="alert"' in piece.text and piece.status_code == page.status_code else [f"{name} fragment"]
        wrong += [] if "json" in said.headers["content-type"] else [f"{name} is not JSON"]
    assert not list(filter(None, wrong))


SPOILED = {
    "site": "nowhere",
    "show": "whatever",
    "lang": "x" * 400,
    "reason": "because",
    "key": "k" * 500,
    "code": "no",
}
WRITTEN = ("POST /comments", "POST /comments/{id}/edit", "POST /comments/{id}/report", "POST /decisions/{id}/appeal")


async def test_whatever_is_wrong_with_a_form_the_text_comes_back(world: World) -> None:
    for name in WRITTEN:
        spoiled = [{"fields": world.fields(name, text=TEXT, **{field: value})} for field, value in SPOILED.items()]
        if "{" in name:
            spoiled.append({"fields": world.fields(name, text=TEXT), "path": world.path(name, UNKNOWN_ID)})
        for form in spoiled:
            answer = await world.send(name, **form)
            assert answer.status_code < 400 or "harbour &amp; its gulls" in answer.text, (name, form)


@before_the_database
async def test_a_text_far_too_long_comes_back_whole(world: World) -> None:
    for text in ("ä" * 5_001, "海" * 20_100, "a" * 59_000, "a" * 61_000):
        answer = await world.send("POST /comments", fields=world.fields("POST /comments", text=text))
        assert answer.status_code == 413 and text in answer.text


async def test_a_refused_form_has_done_nothing(world: World) -> None:
    before = await state_of(world)
    for name in ("POST /comments", "POST /comments/{id}/edit", "POST /comments/{id}/withdraw"):
        for field in ("show", "sort", "lang", "theme", "url", "article_id"):
            answer = await world.send(name, fields=world.fields(name, **{field: "a\0b"}))
            assert answer.status_code == 422, (name, field)
    for field in ("show", "sort", "url"):
        answer = await world.send(
            "POST /comments/{id}/recommend", fields=world.fields("POST /comments/{id}/recommend", **{field: "\0"})
        )
        assert answer.status_code == 422, field
    assert await state_of(world) == before
    own = await world.send("GET /embed/edit")
    assert own.status_code == 200
