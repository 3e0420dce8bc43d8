"""Signing out where one reads: in the window and in the frame, with the server's session gone."""

from tests.factories import ARTICLE, make_site, make_thread
from tests.journeys.reader import Reader

PLACE = {"site": "gazette", "url": ARTICLE}


async def test_the_composer_offers_to_sign_out_and_the_session_is_gone_for_good(db, visitor):
    await make_thread(db, await make_site(db))
    await Reader(visitor, "Kestrel").sign_up()
    page = await visitor.open("/thread", params=PLACE)
    assert "Kestrel" in page.text
    assert 'formaction="/signout?next=' in page.text
    kept = visitor.cookies.get("__Host-cb")
    answer = await visitor.submit("/signout?next=/thread", {})
    assert (answer.status_code, answer.headers["location"]) == (303, "/thread")
    visitor.cookies.set("__Host-cb", kept, domain="comments.localhost", path="/")
    assert "Kestrel" not in (await visitor.open("/thread", params=PLACE)).text


async def test_in_the_frame_nothing_is_loaded_anew_but_the_script_is_told(db, visitor):
    await make_thread(db, await make_site(db))
    await Reader(visitor, "Kestrel").sign_up()
    answer = await visitor.submit("/signout?next=/account", {}, htmx=True)
    assert answer.status_code == 204
    assert answer.headers["hx-trigger"] == "cb:signedout"
    assert (await visitor.open("/account")).status_code == 303


async def test_signing_out_leads_nowhere_else(db, visitor):
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        answer = await visitor.submit("/signout", {}, params={"next": elsewhere})
        assert answer.headers["location"].startswith("/signin")
