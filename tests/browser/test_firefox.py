"""Firefox with a virtual authenticator and Total Cookie Protection: sign up, verify, post and filter in the cross-site frame."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.firefox import Firefox, firefox, program
from tests.browser.secure import FIRST, Secure, served

TEXT = "Posted by a fox with a key."


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Secure]:
    """Give a comment server and a newspaper over https, as readers have them."""
    with served(tmp_path, "Firefox Fulmar", demo=True) as running:
        yield running


@pytest.fixture
def fox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    if program() is None:
        lacking = "no Firefox: apt-get install firefox-esr"
        pytest.fail(lacking) if os.environ.get("CI") == "true" else pytest.skip(lacking)
    with firefox(tmp_path_factory.mktemp("firefox")) as running:
        yield running


def test_a_reader_signs_up_verifies_posts_and_filters(secure: Secure, fox: Firefox) -> None:
    fox.get(secure.article)
    fox.into_frame()
    fox.find("article.cb-comment", FIRST)
    fox.press("[data-signin]")
    fox.into_window()
    sign_up(fox, "Vera Vixen")
    fox.into_frame()
    fox.find("#cb-viewer", "You post as Vera Vixen")
    fox.press("#cb-viewer a", "verify with a passkey")
    fox.into_window()
    verify(fox, "vera")
    fox.tell("WebDriver:CloseWindow")
    fox.into_frame()
    fox.find("html[data-viewer='verified']")
    assert not fox.run("return document.cookie"), "what the frame keeps is out of reach of scripts"
    fox.fill("#cb-viewer textarea", TEXT)
    fox.press("#cb-viewer button.is-main")
    fox.find("#cb-list article.cb-comment[data-tier='verified']", TEXT)
    fox.press("label, [role=radio]", "Verified only")
    fox.wait_for("return document.querySelector('#comments')?.textContent.includes('hidden')")
    fox.find("article.cb-comment", TEXT)
    seen = fox.run("return document.body.innerText")
    assert FIRST not in seen and TEXT in seen


def sign_up(fox: Firefox, name: str) -> None:
    """Make an account with a passkey in the window that opened, and go on as signed in on the paper."""
    fox.press("a", "Make an account")
    fox.fill("input[name=name]", name)
    fox.press("button", "Make a passkey")
    fox.find("h1", "Your account is made")
    fox.press("a", "Go on")
    fox.press("form[action='/handover/approve'] button")


def verify(fox: Firefox, subject: str) -> None:
    """Walk the four steps with the demo provider."""
    fox.press("label", "Demo")
    fox.press("button", "Go on")
    fox.press("label", "I agree")
    fox.press("button", "Go on: Demo")
    fox.fill("[name=subject]", subject)
    fox.press("button", "Yes, this is me")
    fox.find("h1", "Done. Thank you")
