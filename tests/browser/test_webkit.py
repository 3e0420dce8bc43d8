"""WebKitGTK, whose frames get no cookie at all and which has no passkeys: read, sign in by printed code, post.

Selenium is synchronous, and so are these tests.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Remote
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support import expected_conditions as shown
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.conftest import STEP_MILLISECONDS
from tests.browser.secure import FIRST, Secure, served
from tests.papers.login import Paper

MIDDLE = "const at = arguments[0].getBoundingClientRect(); return [at.x + at.width / 2, at.y + at.height / 2]"
SCROLLED = """scrollTo(0, scrollY + arguments[0].getBoundingClientRect().top + arguments[1] - 300);
const at = arguments[0].getBoundingClientRect(); return [at.x, at.y]"""
TYPE = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new InputEvent('input', {bubbles: true}))"
TEXT = "Posted by a browser that keeps no crumb."


@pytest.fixture
def logged_in(tmp_path: Path) -> Iterator[Secure]:
    """Give both, where a reader is logged in at the paper. Before the browser, which must let go of them first."""
    with served(tmp_path, "Webkit Whimbrel", login=Paper(tmp_path)) as running:
        yield running


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Secure]:
    """Give a comment server and a newspaper over https: WebKit keeps no secure cookie of a plain `*.localhost`."""
    with served(tmp_path, "Webkit Whimbrel") as running:
        yield running


class Reader:
    """Somebody with a WebKitGTK. Every step waits for what it needs."""

    def __init__(self, driver: Remote) -> None:
        self.driver = driver
        self.paper = driver.current_window_handle
        self.waiting = WebDriverWait(driver, STEP_MILLISECONDS / 1000)

    def find(self, selector: str) -> WebElement:
        """Give something that is there and to be seen."""
        return self.waiting.until(shown.visibility_of_element_located((By.CSS_SELECTOR, selector)))

    def find_with(self, selector: str, text: str) -> WebElement:
        """Give the first of several that says this."""

        def found(driver: Remote) -> WebElement | None:
            return next((each for each in driver.find_elements(By.CSS_SELECTOR, selector) if text in each.text), None)

        return self.waiting.until(found)

    def into_frame(self) -> None:
        """Go to the paper's window and into the frame with the comments."""
        self.driver.switch_to.window(self.paper)
        self.driver.execute_script("scrollTo(0, document.body.scrollHeight)")
        self.waiting.until(shown.frame_to_be_available_and_switch_to_it((By.CSS_SELECTOR, "iframe")))
        self.waiting.until(shown.presence_of_element_located((By.CSS_SELECTOR, "html[data-viewer]")))

    def press_in_frame(self, selector: str) -> None:
        """Press something in the frame by its place on the screen: this driver's clicks never reach a cross-site frame."""
        x, y = self.driver.execute_script(MIDDLE, self.find(selector))
        self.driver.switch_to.default_content()
        frame = self.driver.find_element(By.CSS_SELECTOR, "iframe")
        left, top = self.driver.execute_script(SCROLLED, frame, y)
        pointer = ActionBuilder(self.driver)
        pointer.pointer_action.move_to_location(int(left + x), int(top + y)).click()
        pointer.perform()
        self.driver.switch_to.frame(frame)

    def into_window(self) -> None:
        """Go to the window that has opened."""
        self.waiting.until(lambda driver: len(driver.window_handles) == 2)
        self.driver.switch_to.window(next(each for each in self.driver.window_handles if each != self.paper))


def test_a_browser_without_any_cookie_reads_signs_in_by_code_and_posts(secure: Secure, webkit: Remote) -> None:
    webkit.get(secure.article)
    reader = Reader(webkit)
    reader.into_frame()
    assert reader.find_with("article.cb-comment", FIRST)
    assert webkit.execute_script("document.cookie = 'a=1; SameSite=None; Secure'; return document.cookie") == ""
    reader.press_in_frame("[data-signin]")
    reader.into_window()
    sign_in_by_code(reader, secure.code)
    reader.into_frame()
    assert reader.find_with("#cb-viewer .cb-as", secure.name)
    assert webkit.execute_script("return sessionStorage['commentbox.bearer']")
    webkit.execute_script(TYPE, reader.find("#cb-viewer textarea"), TEXT)
    reader.press_in_frame("#cb-viewer button.is-main")
    comment = reader.find_with("#cb-list article.cb-comment", TEXT)
    assert secure.name in comment.text
    assert "Not verified" in comment.text


def test_the_papers_log_in_works_without_any_cookie(logged_in: Secure, webkit: Remote) -> None:
    webkit.get(logged_in.article)
    reader = Reader(webkit)
    reader.into_frame()
    reader.press_in_frame("#cb-viewer textarea")
    assert reader.find_with("#cb-viewer .cb-as", "Wader Grey")
    webkit.execute_script(TYPE, reader.find("#cb-viewer textarea"), TEXT)
    reader.press_in_frame("#cb-viewer button.is-main")
    assert "Not verified" in reader.find_with("#cb-list article.cb-comment", TEXT).text
    webkit.get(logged_in.article)
    reader.into_frame()
    assert reader.find_with("#cb-viewer .cb-as", "Wader Grey")


def sign_in_by_code(reader: Reader, code: str) -> None:
    """Use the printed code in the window, continue, and be back on the paper."""
    reader.find(".cb-fork summary").click()
    reader.find("#code").send_keys(code)
    reader.find("form[action='/signin/code'] button").click()
    reader.find("form[action='/handover/approve'] button").click()
    reader.waiting.until(lambda driver: len(driver.window_handles) == 1)
