"""A site at the desk as plain forms: settings, addresses, keys and names with their history, for its admins only."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from commentbox.server.accounts.models import Session
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.sites.rules import COUNTED, Policy
from tests.factories import START
from tests.journeys.desk import Hire, hiring
from tests.journeys.reading import words
from tests.newsroom import Newsroom, make_newsroom
from tests.visitor import Visitor

SITE = "/desk/site/gazette"


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START + timedelta(hours=2))
    return await make_newsroom(db)


@pytest.fixture
def hire(room: Newsroom, new_visitor: Callable[..., Visitor]) -> Hire:
    return hiring(room, new_visitor)


async def prove(room: Newsroom) -> None:
    """Let everybody have used their passkey just now."""
    async with begin(room.db) as work:
        await work.q.run(update(Session.__table__).values(fresh_at=work.now))


async def test_every_setting_is_on_the_page_and_an_admin_changes_one_and_sets_it_back(
    room: Newsroom, hire: Hire
) -> None:
    ada = await hire("Ada", "admin")
    page = await ada.visitor.open("/desk/site")
    named = set(re.findall(r'id="set-(\w+)"', page.text))
    assert named == set(Policy.model_fields) - {"house_rules", *COUNTED}
    form = {"name": "edit_minutes", "value": "30", "seen": "15", "reason": "Slow typists"}
    saved = await ada.visitor.submit(f"{SITE}/setting", form)
    assert saved.status_code == 303
    page = await ada.visitor.open(saved.headers["location"])
    assert "Saved." in words(page) and "Minutes an author may edit: 15 → 30" in words(page)
    assert "Slow typists" in words(page) and "Ada" in words(page)
    wrong = await ada.visitor.submit(f"{SITE}/setting", form | {"value": "999", "seen": "30"})
    assert wrong.status_code == 422 and "within the bounds" in words(wrong) and 'value="999"' in wrong.text
    stale = await ada.visitor.submit(f"{SITE}/setting", form)
    assert stale.status_code == 409
    change = re.search(r'name="change" value="(\w+)"', page.text)[1]
    assert (await ada.visitor.submit(f"{SITE}/undo", {"change": change})).status_code == 303
    assert "Minutes an author may edit: 30 → 15" in words(await ada.visitor.open("/desk/site"))


async def test_addresses_and_keys_need_a_passkey_used_just_now(room: Newsroom, hire: Hire) -> None:
    ada = await hire("Ada", "admin")
    origin, key = {"act": "add", "origin": "https://b.example"}, {"act": "make", "label": "Publishing system"}
    for path, form in (("origin", origin), ("key", key)):
        stale = await ada.visitor.submit(f"{SITE}/{path}", form)
        assert stale.status_code == 403 and "Use my passkey now" in stale.text
        assert form.get("origin", form.get("label")) in stale.text
    await prove(room)
    assert (await ada.visitor.submit(f"{SITE}/origin", origin)).status_code == 303
    made = await ada.visitor.submit(f"{SITE}/key", key)
    token = re.search(r"cbk_[\w-]+", made.text)[0]
    page = await ada.visitor.open("/desk/site")
    assert token not in page.text and "Publishing system" in page.text and "https://b.example" in page.text
    revoke = {"act": "revoke", "key": re.search(r'name="key" value="(\w+)"', page.text)[1]}
    assert (await ada.visitor.submit(f"{SITE}/key", revoke)).status_code == 303
    assert "revoked" in words(await ada.visitor.open("/desk/site"))
    tags = await ada.visitor.submit(f"{SITE}/key", {"act": "tag"})
    assert re.search(r"<code>[0-9a-f]{64}</code>", tags.text)
    change = re.search(r'name="change" value="(\w+)"', page.text)[1]
    async with begin(room.db) as work:
        await work.q.run(update(Session.__table__).values(fresh_at=None))
    assert (await ada.visitor.submit(f"{SITE}/undo", {"change": change})).status_code == 403


async def test_a_moderator_has_no_such_page_and_an_auditor_only_reads_it(room: Newsroom, hire: Hire) -> None:
    ruth, otto = await hire("Ruth"), await hire("Otto", "auditor")
    assert (await ruth.visitor.open("/desk/site")).status_code == 404
    assert "/desk/site" not in (await ruth.visitor.open("/desk/threads")).text
    page = await otto.visitor.open("/desk/site?site=gazette")
    assert page.status_code == 200 and f"{SITE}/setting" not in page.text
    form = {"name": "edit_minutes", "value": "30", "seen": "15"}
    for nobody in (ruth, otto):
        assert (await nobody.visitor.submit(f"{SITE}/setting", form)).status_code == 404


async def test_a_name_is_kept_and_an_article_moved_by_form(room: Newsroom, hire: Hire) -> None:
    ada = await hire("Ada", "admin")
    assert (await ada.visitor.submit(f"{SITE}/name", {"act": "keep", "name": "Quay Editor"})).status_code == 303
    assert "Quay Editor" in words(await ada.visitor.open("/desk/site"))
    assert (await ada.visitor.submit(f"{SITE}/name", {"act": "free", "name": "Quay Editor"})).status_code == 303
    lost = await ada.visitor.submit(f"{SITE}/article", {"old": "https://x.example/a", "new": "https://x.example/b"})
    assert lost.status_code == 404 and 'value="https://x.example/b"' in lost.text


async def test_the_passkey_page_leads_back_to_the_desk_and_nowhere_else(room: Newsroom, hire: Hire) -> None:
    ada = await hire("Ada", "admin")
    inside = await ada.visitor.open("/desk/prove?to=/desk/site?site=gazette")
    assert 'value="/desk/site?site=gazette"' in inside.text
    for outside in ("https://evil.example/", "//evil.example", "/desk//evil.example:x", "/account"):
        assert 'value="/desk"' in (await ada.visitor.open(f"/desk/prove?to={outside}")).text


async def test_a_webhook_is_made_tested_renewed_switched_and_removed_by_form(room: Newsroom, hire: Hire) -> None:
    ada, ruth = await hire("Ada", "admin"), await hire("Ruth")
    assert (await ruth.visitor.open("/desk/webhooks")).status_code == 404
    form = {"url": "https://paper.example/hook", "kind": ["case.decided", "comment.removed"]}
    stale = await ada.visitor.submit("/desk/webhooks/gazette", form)
    assert stale.status_code == 403 and 'value="https://paper.example/hook"' in stale.text
    await prove(room)
    assert (await ada.visitor.submit("/desk/webhooks/gazette", form | {"url": "https://10.0.0.1/"})).status_code == 422
    made = await ada.visitor.submit("/desk/webhooks/gazette", form)
    secret = re.search(r"whsec_[\w+/=]+", made.text)[0]
    page = await ada.visitor.open("/desk/webhooks?site=gazette")
    assert secret not in page.text and "A case was decided" in words(page)
    hook = re.search(r'name="hook" value="(\w+)"', page.text)[1]
    for act in ("test", "off", "on"):
        done = await ada.visitor.submit("/desk/webhooks/gazette/change", {"act": act, "hook": hook})
        assert done.status_code == 303, act
    renewed = await ada.visitor.submit("/desk/webhooks/gazette/change", {"act": "secret", "hook": hook})
    assert re.search(r"whsec_[\w+/=]+", renewed.text)[0] != secret and "signs along until" in words(renewed)
    assert (
        await ada.visitor.submit("/desk/webhooks/gazette/change", {"act": "remove", "hook": hook})
    ).status_code == 303
    assert "Webhook: https://paper.example/hook → nothing" in words(await ada.visitor.open("/desk/site"))
