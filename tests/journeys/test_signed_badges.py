"""A badge that travels: asked for by a program, checked offline on the command line and on the public page."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from commentbox.cli import app
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.verification import actions, signed_badges
from tests.factories import Talk, make_person, make_talk
from tests.journeys.reading import words
from tests.visitor import Visitor

TEXT = "The quay was dredged in 1974.\n\nAnd again in 1991 – I was there."
TODAY = "The comment stands here today with the same words and the same badge."


@pytest.fixture
async def talk(db: Database) -> Talk:
    return await make_talk(db)


@pytest.fixture
async def said(db: Database, talk: Talk) -> str:
    """Give the id of a comment by a verified person."""
    comment_id = talk.say(TEXT, by=await make_person(db, "Kestrel", kind="person"))
    await talk.save(db)
    return comment_id


async def token_of(client: httpx.AsyncClient, comment_id: str) -> str:
    answer = await client.get(f"/api/v1/comments/{comment_id}/badge")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/jose"
    assert answer.headers["access-control-allow-origin"] == "*"
    return answer.text


async def test_a_program_gets_the_badge_and_checks_it_with_the_published_keys(client: httpx.AsyncClient, said: str):
    keys = (await client.get("/.well-known/jwks.json")).json()["keys"]
    claims = signed_badges.read(await token_of(client, said), keys, now=clock.now())
    assert claims["text_sha256"] == signed_badges.text_hash(TEXT)
    told = {name: claims[name] for name in ("sub", "site", "author", "tier", "kind", "method", "month", "until")}
    assert told == {
        "sub": said,
        "site": "gazette",
        "author": "Kestrel",
        "tier": "verified",
        "kind": "person",
        "method": "bank",
        "month": "2026-09",
        "until": "2028-09",
    }
    assert set(claims) == {*told, "text_sha256", "iss", "iat", "exp"}, "and nothing that leads to a person"


async def test_not_verified_is_signed_in_the_same_way(client: httpx.AsyncClient, db: Database, talk: Talk):
    comment_id = talk.say("Nobody asked the pilots.")
    await talk.save(db)
    keys = (await client.get("/.well-known/jwks.json")).json()["keys"]
    claims = signed_badges.read(await token_of(client, comment_id), keys, now=clock.now())
    assert (claims["tier"], claims["kind"], claims["method"]) == ("unverified", "none", None)


async def test_what_readers_do_not_see_is_not_signed(client: httpx.AsyncClient, db: Database, talk: Talk):
    hidden = [talk.say(state=state) for state in ("held", "removed", "withdrawn")]
    await talk.save(db)
    for each in [*hidden, "0123456789abcdef", "no id"]:
        answer = await client.get(f"/api/v1/comments/{each}/badge")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "comment.unknown")


async def test_the_page_says_what_holds_and_how_the_comment_stands_today(visitor: Visitor, db: Database, said: str):
    token = await token_of(visitor.client, said)
    page = words(await visitor.open("/badge", params={"token": token}))
    assert "The signature is genuine" in page and "Kestrel Verified person" in page and TODAY in page
    assert "Through a bank" in page and "September 2026" in page


async def test_a_revoked_badge_is_gone_from_the_next_token_at_once_and_the_page_says_it_of_the_last(
    visitor: Visitor, db: Database, talk: Talk
):
    person = await make_person(db, "Kestrel", kind="person")
    comment_id = talk.say(TEXT, by=person)
    await talk.save(db)
    before = await token_of(visitor.client, comment_id)
    async with begin(db) as work:
        await actions.revoke(work, person.account_id, "wish")
    after = await token_of(visitor.client, comment_id)
    assert "The comment has changed since" in words(await visitor.open("/badge", params={"token": before}))
    assert "Not verified" in words(await visitor.open("/badge", params={"token": after}))


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("not a badge", "This is not a signed badge."),
        ("elsewhere", "another server signed it"),
        ("changed", "The signature does not hold"),
        ("old", "was genuine and is over"),
    ],
)
async def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(
    visitor: Visitor, said: str, token: str, sentence: str
):
    genuine = await token_of(visitor.client, said)
    if token == "changed":
        token = genuine[:-4] + ("AAAA" if genuine[-4:] != "AAAA" else "BBBB")
    elif token == "old":
        token = genuine
        clock.advance(hours=25)
    elif token == "elsewhere":
        keyring = visitor.client._transport.app.app.state.instance.keyring  # type: ignore[attr-defined]
        claims = {"sub": said, "tier": "verified", "kind": "name", "text_sha256": ""}
        token = signed_badges.sign(keyring, claims, issuer="https://evil.example", now=clock.now())
    page = await visitor.open("/badge", params={"token": token})
    assert page.status_code in (410, 422)
    assert sentence in words(page) and "".join(token.split()) in page.text


async def run(*typed: str) -> Result:
    """Type a command; in a thread, because it has an event loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, app, typed)


async def test_the_command_checks_offline(client: httpx.AsyncClient, said: str, tmp_path: Path):
    token, keys, text = await token_of(client, said), tmp_path / "keys.json", tmp_path / "words.txt"
    keys.write_text((await client.get("/.well-known/jwks.json")).text)
    text.write_text(TEXT + "\n")
    asked = ("badge", "verify", token, "--keys", str(keys), "--text", str(text))
    right = await run(*asked)
    assert right.exit_code == 0 and json.loads(right.stdout)["author"] == "Kestrel"
    text.write_text("Other words.")
    wrong = await run(*asked)
    assert wrong.exit_code == 1 and "not the words it was made for" in wrong.stderr
    keys.write_text("{}")
    assert "No keys at" in (await run(*asked)).stderr
    plain = await run("badge", "verify", token, "--keys", "http://evil.example/keys")
    assert plain.exit_code == 1 and "is not https" in plain.stderr
