"""The paper's own log-in: silent in the frame, by a window without scripts, and connected with an account that has a passkey."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as pace
from hypothesis import strategies as st
from sqlalchemy import select, update

from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts.models import Account, Credential, NameHold, Role, Session, Standing
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.ids import new_id
from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.comments.models import Comment
from commentbox.server.sites import actions as sites
from commentbox.server.sso import actions as sso
from commentbox.server.sso.rules import Login
from commentbox.server.votes import Recommendation
from tests.factories import ARTICLE, Talk, how_many, make_person, make_site, make_thread
from tests.journeys.reader import Reader
from tests.journeys.reading import fields, refresh_of
from tests.newsroom import make_newsroom
from tests.papers.login import Paper
from tests.visitor import Visitor

PLACE = {"site": "gazette", "url": ARTICLE}


@dataclass
class Scene:
    """A paper with a log-in, its thread, and a reader with the paper's id `41207`."""

    db: Database
    paper: Paper
    talk: Talk
    reader: Visitor

    async def enter(self, visitor: Visitor | None = None, **said: Any) -> httpx.Response:
        token = "" if said.pop("nobody", False) else self.paper.token(**said)
        return await self.send(visitor, token=token)

    async def send(self, visitor: Visitor | None = None, **form: str) -> httpx.Response:
        visitor = visitor or self.reader
        form = {"site": "gazette", **form}
        return await visitor.fetch("/embed/sso", method="POST", data=form, headers={"Accept": "application/json"})

    async def join(self, name: str, visitor: Visitor | None = None, **said: Any) -> None:
        """Come for the first time, under a name, and go on as a bearer."""
        visitor = visitor or self.reader
        ticket = (await self.enter(visitor, name=name, **said)).json()["ticket"]
        joined = await self.send(visitor, ticket=ticket)
        assert joined.status_code == 200, joined.text
        visitor.bearer = joined.json()["bearer"]

    async def again(self, visitor: Visitor | None = None, **said: Any) -> None:
        visitor = visitor or self.reader
        visitor.bearer = (await self.enter(visitor, **said)).json()["bearer"]

    async def post(self, text: str, visitor: Visitor | None = None) -> httpx.Response:
        return await (visitor or self.reader).submit("/comments", {**PLACE, "text": text}, htmx=True)

    async def layer(self, visitor: Visitor | None = None) -> str:
        return (await (visitor or self.reader).fetch("/embed/viewer", params=PLACE)).text

    async def rows(self, model: Any, **where: Any) -> list[Any]:
        table = model.__table__
        async with self.db.read() as query:
            same = [table.c[name] == value for name, value in where.items()]
            return list(await query.all(select(table).where(*same)))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"demo": True})


@pytest.fixture
async def scene(db: Database, app: Any, new_visitor: Callable[..., Visitor], tmp_path: Path) -> Scene:
    paper = Paper(tmp_path)
    site_id = await make_site(db, **paper.policy())
    return Scene(db, paper, Talk(site_id, await make_thread(db, site_id)), new_visitor())


async def test_a_reader_whom_the_paper_knows_is_in_without_a_click_and_posts_as_not_verified(scene: Scene) -> None:
    first = await scene.enter(name="Ada Quay")
    assert first.json().keys() == {"ticket"} and "set-cookie" not in first.headers
    assert (await how_many(scene.db, Account), await how_many(scene.db, NameHold)) == (0, 0)  # reading makes nobody
    joined = await scene.send(ticket=first.json()["ticket"])
    scene.reader.bearer = joined.json()["bearer"]
    assert "You post as" in await scene.layer() and "Ada Quay" in await scene.layer()
    assert (await scene.post("The quay was there first.")).status_code == 200
    (said,) = await scene.rows(Comment)
    assert (said.name, said.tier, said.kind, said.label) == ("Ada Quay", "unverified", "none", None)
    await scene.again(name="Somebody Else", email="new@example.org")
    assert "Ada Quay" in await scene.layer() and await how_many(scene.db, Account) == 1


async def test_nothing_of_what_the_paper_calls_a_reader_is_kept(scene: Scene) -> None:
    await scene.join("Ada Quay", email="ada@example.org", sub="subscriber-41207")
    kept = [str(row) for model in (Account, Credential, Session) for row in await scene.rows(model)]
    assert not any("41207" in row or "ada@example.org" in row for row in kept)


async def test_a_token_works_once_and_only_where_our_own_page_brings_it(scene: Scene) -> None:
    token = scene.paper.token(name="Ada Quay")
    assert (await scene.send(token=token)).status_code == 200
    again = await scene.send(token=token)
    assert (again.status_code, again.json()["error"]["code"]) == (422, "sso.refused")
    assert again.json()["error"]["data"] == {"reason": "replayed"}
    form = {"site": "gazette", "token": scene.paper.token()}
    for origin in ("http://news.localhost:8001", "null", None):
        answer = await scene.reader.submit("/embed/sso", form, origin=origin)
        assert answer.status_code == 403 and "origin.refused" not in answer.headers
    await make_site(scene.db, "herald", origins=["http://herald.localhost"], **scene.paper.policy())
    elsewhere = await scene.reader.fetch(
        "/embed/sso",
        method="POST",
        data={"site": "herald", "token": scene.paper.token()},
        headers={"Accept": "application/json"},
    )
    assert elsewhere.json()["error"]["data"] == {"reason": "audience"}


async def test_a_name_that_cannot_be_is_asked_for_again_and_never_changed(scene: Scene) -> None:
    await make_person(scene.db, "Heron Grey")
    async with begin(scene.db) as work:
        await accounts.hold_name(work, accounts.names.check("Heron Grey"), account_id="0123456789abcdef")
    for name, code in {"Heron Grey": "name.taken", "Ada ✓": "name.characters", "": "name.empty"}.items():
        ticket = (await scene.enter(name=name, sub=f"of {code}")).json()["ticket"]
        asked = await scene.send(ticket=ticket)
        assert asked.json()["error"]["code"] == code and f'value="{name}"' in asked.json()["ask"]
        assert await how_many(scene.db, Credential) == 0
    wrong = await scene.send(ticket=ticket, name="Moderator")
    assert wrong.json()["error"]["code"] == "name.reserved" and "Moderator" in wrong.json()["ask"]
    joined = await scene.send(ticket=ticket, name="Tern")
    assert joined.json().keys() == {"bearer"}
    assert (await scene.send(ticket=ticket, name="Tern Two")).status_code == 410
    clock.advance(minutes=31)
    assert (await scene.send(ticket=ticket, name="Tern Two")).status_code == 410


async def test_logging_out_at_the_paper_or_in_as_somebody_else_ends_it(
    scene: Scene, new_visitor: Callable[..., Visitor]
) -> None:
    await scene.join("Ada Quay")
    first = scene.reader.bearer
    assert (await scene.enter(nobody=True)).json() == {"out": True}
    assert '"signed_in":false' in await scene.layer()
    await scene.again()
    other = (await scene.enter(sub="another", name="Bo")).json()
    assert other.keys() == {"ticket"} and '"signed_in":false' in await scene.layer()
    assert await how_many(scene.db, Session) == 0 and first
    assert (await scene.enter(new_visitor(), nobody=True)).json() == {"out": False}


async def test_a_session_ends_after_four_hours(scene: Scene) -> None:
    await scene.join("Ada Quay")
    clock.advance(minutes=241)
    assert '"signed_in":false' in await scene.layer()


async def test_a_page_signs_no_reader_with_a_passkey_over_to_somebody_else(scene: Scene) -> None:
    kestrel = await make_person(scene.db, "Kestrel")
    await scene.join("Ada Quay")
    scene.reader.bearer = None
    await _in_frame(scene, kestrel.account_id)
    assert (await scene.enter()).json() == {"stays": True}
    assert (await scene.enter(nobody=True)).json() == {"out": False}
    assert "Kestrel" in await scene.layer()


async def test_a_passkeys_session_of_a_reader_of_the_paper_ends_with_their_log_in(scene: Scene) -> None:
    await scene.join("Ada Quay")
    (ada,) = await scene.rows(Account)
    scene.reader.bearer = None
    await _in_frame(scene, ada.id)
    assert (await scene.enter()).json() == {"stays": True} and "Ada Quay" in await scene.layer()
    assert (await scene.enter(sub="another")).json().keys() == {"ticket"}
    assert "Ada Quay" not in await scene.layer()
    await _in_frame(scene, ada.id)
    assert (await scene.enter(nobody=True)).json() == {"out": True} and "Ada Quay" not in await scene.layer()


async def _in_frame(scene: Scene, account_id: str) -> None:
    async with begin(scene.db) as work:
        session = await accounts.open_session(
            work, account_id, kind="frame", by_passkey=True, site_id=scene.talk.site_id
        )
    scene.reader.cookies.set("__Host-cb-frame-gazette", session.token, domain="comments.localhost", path="/")


async def test_roles_standing_and_choices_are_the_accounts_own(scene: Scene) -> None:
    await scene.join("Ada Quay", subscriber=True)
    assert (await scene.post("As a subscriber.")).status_code == 200
    (ada,) = await scene.rows(Account)
    async with begin(scene.db) as work:
        await accounts.grant(work, ada.id, "moderator", site_id=scene.talk.site_id)
        await accounts.grant(work, ada.id, "subscriber", site_id="")
        await work.q.add(Standing(id=new_id(work.now), account_id=ada.id, kind="silenced", since=work.now))
    await scene.again(subscriber=False, name="Ada New", roles=["admin"])
    roles = {row.role for row in await scene.rows(Role)}
    assert roles == {"moderator", "subscriber"}  # the paper's own mark is gone, what was given here is not
    refused = await scene.post("Silenced.")
    assert refused.status_code == 403
    async with begin(scene.db) as work:
        await work.q.run(update(Standing.__table__).values(until=work.now))
    assert (await scene.post("As a moderator?")).status_code == 200
    assert {row.text: row.label for row in await scene.rows(Comment)} == {
        "As a subscriber.": "subscriber",
        "As a moderator?": "subscriber",
    }
    assert "/desk/case/" not in await scene.layer()


names = st.sampled_from(["Ada", "Bo", "Ada Quay", "", "✓", "Moderator"])
changes = st.lists(st.tuples(names, st.sampled_from([None, "a@example.org", "b@example.org"])), min_size=1, max_size=6)


@given(visits=changes)
@pace(max_examples=40, deadline=None)
def test_no_change_of_name_or_address_makes_another_reader(visits: list[tuple[str, str | None]]) -> None:
    keyring = Keyring(b"a secret that only the tests know")
    login = [Login("41207", f"id {number}", name=name) for number, (name, _mail) in enumerate(visits)]
    assert len({sso.visit_of(keyring, "site", each).handle for each in login}) == 1
    assert sso.visit_of(keyring, "other", login[0]).handle != sso.visit_of(keyring, "site", login[0]).handle


# In a window of our own.


async def _to_the_paper(visitor: Visitor, **more: str) -> dict[str, str]:
    """Set out from our window; gives what the paper's log-in page is asked."""
    page = await visitor.open("/sso", params={**PLACE, "next": "/thread?site=gazette", **more})
    leaving = await visitor.submit("/sso", fields(page, "/sso"))
    assert leaving.status_code == 200, leaving.text
    url = urlsplit(refresh_of(leaving))
    assert url._replace(query="").geturl() == "https://paper.example/log-in"
    return {name: values[0] for name, values in parse_qs(url.query).items()}


async def _back(visitor: Visitor, asked: dict[str, str], token: str) -> httpx.Response:
    """Come back by the paper's form, and by ours."""
    form = {"token": token, "state": asked["state"]}
    page = await visitor.submit("/sso/return", form, origin="https://paper.example")
    assert page.status_code == 200 and "set-cookie" not in page.headers
    return await visitor.submit("/sso/finish", fields(page, "/sso/finish"))


async def test_without_scripts_a_link_leads_to_the_paper_and_back(scene: Scene) -> None:
    page = await scene.reader.open("/thread", params=PLACE)
    assert "Sign in with The Harbour Gazette" in page.text
    asked = await _to_the_paper(scene.reader)
    assert asked["return"] == "http://comments.localhost:8000/sso/return"
    naming = await _back(scene.reader, asked, scene.paper.token(nonce=asked["nonce"], name="Ada ✓"))
    form = fields(naming, "/sso/name")
    assert 'value="Ada ✓"' in naming.text
    refused = await scene.reader.submit("/sso/name", {**form, "name": "Ada ✓"})
    assert refused.status_code == 422 and "Ada ✓" in refused.text
    done = await scene.reader.submit("/sso/name", {**form, "name": "Ada Quay"})
    assert (done.status_code, done.headers["location"]) == (303, "/thread?site=gazette")
    assert "Ada Quay" in (await scene.reader.open("/thread", params=PLACE)).text
    posted = await scene.reader.submit("/comments", {**PLACE, "text": "By hand."})
    assert posted.status_code == 303 and (await scene.rows(Comment))[0].tier == "unverified"
    for path in ("/account", "/verify", "/account/download.json", "/desk"):
        assert "/signin" in (await scene.reader.open(path)).headers.get("location", ""), path
    await scene.reader.submit("/signout", {"next": "/"})
    assert "You post as" not in (await scene.reader.open("/thread", params=PLACE)).text


async def test_nobody_is_signed_in_by_a_form_that_did_not_set_out_from_their_browser(
    scene: Scene, new_visitor: Callable[..., Visitor]
) -> None:
    attacker, victim = new_visitor(), scene.reader
    asked = await _to_the_paper(attacker)
    token = scene.paper.token(nonce=asked["nonce"], name="Mallory")
    forced = await _back(victim, asked, token)
    assert forced.status_code == 410 and "set-cookie" not in forced.headers
    assert (await _back(attacker, asked, token)).status_code == 410  # and the state is used up
    mine = await _to_the_paper(victim)
    frames = await _back(victim, mine, scene.paper.token(name="Mallory"))
    assert frames.status_code == 422 and "could not be believed" in frames.text
    unknown = {"state": "made-up"}
    assert (await _back(victim, unknown, token)).status_code == 410
    assert await how_many(scene.db, Session) == 0


async def _connected(scene: Scene, reader: Reader, **said: Any) -> httpx.Response:
    asked = await _to_the_paper(reader.visitor, connect="1")
    page = await _back(reader.visitor, asked, scene.paper.token(nonce=asked["nonce"], **said))
    assert page.status_code == 200, page.text
    form = fields(page, "/sso/connect") | {"credential": await reader.prove()}
    return await reader.visitor.submit("/sso/connect", form)


async def test_a_log_in_is_connected_with_an_account_once_both_are_proven(
    scene: Scene, new_visitor: Callable[..., Visitor]
) -> None:
    kestrel = Reader(new_visitor())
    await kestrel.sign_up()
    assert "verified" in (await kestrel.verify_by_demo("kestrel")).text
    done = await _connected(scene, kestrel)
    assert done.status_code == 303, done.text
    assert "Connect your log-in" in (await kestrel.visitor.open("/account")).text
    await scene.again()
    layer = await scene.layer()
    assert "Kestrel" in layer and "use your passkey in this browser" in layer
    await scene.post("Without the passkey.")
    (said,) = await scene.rows(Comment)
    assert (said.name, said.tier, said.attestation_id) == ("Kestrel", "unverified", None)
    for path in ("/account/name", "/account/code", "/verify/drop", "/handover/approve"):
        answer = await scene.reader.submit(path, {"name": "Mallory", "site": "gazette", "challenge": "A" * 43})
        assert answer.status_code in (401, 403), path


async def test_an_account_by_log_in_becomes_part_of_the_one_with_the_passkey(
    scene: Scene, new_visitor: Callable[..., Visitor]
) -> None:
    kestrel, other = Reader(new_visitor()), await make_person(scene.db, "Heron")
    await kestrel.sign_up()
    theirs = scene.talk.say(by=other)
    await scene.talk.save(scene.db)
    await scene.join("Ada Quay", subscriber=True)
    await scene.post("Said before.")
    for visitor in (scene.reader, kestrel.visitor):
        await visitor.submit(f"/comments/{theirs}/recommend", {"on": "1"}, htmx=True)
    (said,) = [row for row in await scene.rows(Comment) if row.name == "Ada Quay"]
    await kestrel.visitor.submit(f"/comments/{said.id}/recommend", {"on": "1"}, htmx=True)
    async with begin(scene.db) as work:
        silenced = Standing(id=new_id(work.now), account_id=said.account_id, kind="silenced", since=work.now)
        await work.q.add(silenced)
    done = await _connected(scene, kestrel)
    assert done.status_code == 303, done.text
    (mine,) = await scene.rows(Account, name="Kestrel")
    (said,) = await scene.rows(Comment, id=said.id)
    assert (said.account_id, said.name, said.tier, said.recommends_all) == (mine.id, "Ada Quay", "unverified", 0)
    assert [row.account_id for row in await scene.rows(Recommendation)] == [mine.id]
    assert (await scene.rows(Comment, id=theirs))[0].recommends_all == 1
    assert [row.account_id for row in await scene.rows(Standing)] == [mine.id]  # nothing is washed off
    assert {row.role for row in await scene.rows(Role, account_id=mine.id)} == {"subscribed"}
    assert not await scene.rows(Account, name="Ada Quay")
    await scene.again()
    assert (await scene.post("Still silenced?")).status_code == 403
    renamed = await kestrel.visitor.submit("/account/name", {"name": "Ada Quay"})
    assert renamed.status_code == 303  # the name it gave up is its own to take back


async def test_what_is_proven_on_one_side_only_connects_nothing(
    scene: Scene, new_visitor: Callable[..., Visitor]
) -> None:
    kestrel, heron = Reader(new_visitor()), Reader(new_visitor(), "Heron")
    await kestrel.sign_up()
    await heron.sign_up()
    asked = await _to_the_paper(kestrel.visitor, connect="1")
    page = await _back(kestrel.visitor, asked, scene.paper.token(nonce=asked["nonce"]))
    form = fields(page, "/sso/connect")
    stolen = await heron.visitor.submit("/sso/connect", form | {"credential": await heron.prove()})
    assert stolen.status_code == 403
    clock.advance(minutes=6)
    left_open = await kestrel.visitor.submit("/sso/connect", form)
    assert left_open.status_code == 403 and await scene.rows(Credential, kind="sso") == []
    assert (await scene.reader.submit("/sso/connect", form)).status_code == 401
    assert (await _connected(scene, kestrel)).status_code == 303
    for reader, said in ((heron, {}), (kestrel, {"sub": "another"})):
        twice = await _connected(scene, reader, **said)
        assert twice.status_code == 409 and "connected with another one" in twice.text
    assert len(await scene.rows(Credential, kind="sso")) == 1


async def test_a_site_without_it_offers_nothing(scene: Scene) -> None:
    async with begin(scene.db) as work:
        await sites.set_policy(work, scene.talk.site_id, sso_secret_file="", sso_login_url="")
    assert (await scene.reader.open("/sso", params=PLACE)).status_code == 404
    assert (await scene.enter()).json()["error"]["code"] == "sso.off"
    frame = (await scene.reader.frame("/embed/thread", params=PLACE)).text
    assert "login.js" not in frame and 'hx-trigger="load"' in frame
    assert "Sign in with" not in (await scene.reader.open("/thread", params=PLACE)).text


async def test_whoever_has_only_the_papers_log_in_reads_why_and_objects(
    db: Database, app: Any, new_visitor: Callable[..., Visitor], tmp_path: Path
) -> None:
    paper = Paper(tmp_path)
    room = await make_newsroom(db, **paper.policy())
    scene = Scene(db, paper, room.talk, new_visitor())
    await scene.join("Ada Quay")
    await scene.post("The quay is mine.")
    (said,) = [row for row in await scene.rows(Comment) if row.name == "Ada Quay"]
    await room.decide(await room.hire("Ruth", "admin"), said.id, "remove")
    told = await scene.layer()
    assert 'href="/sso?site=gazette&amp;next=%2Fdecisions' in told
    assert (await scene.reader.fetch("/decisions")).text.count("Statement of reasons") == 0  # not in the frame
    scene.reader.bearer = None
    asked = await _to_the_paper(scene.reader)
    assert (await _back(scene.reader, asked, paper.token(nonce=asked["nonce"]))).status_code == 303
    page = await scene.reader.open("/decisions")
    assert "Statement of reasons" in page.text
    (statement,) = await room.statements(said.id)
    appealed = await scene.reader.submit(f"/decisions/{statement.id}/appeal", {"text": "It is a quay."})
    assert appealed.status_code == 303, appealed.text
