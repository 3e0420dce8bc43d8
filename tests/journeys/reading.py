"""Small eyes for answers: forms with their fields, notices, and where a page leads."""

import html
import re

import httpx


def fields(page: httpx.Response, action: str) -> dict[str, str]:
    """Give the hidden fields of the form that leads to `action`."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page.text, re.S)
    assert form, f"no form for {action} on {page.url}: {words(page)}"
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form[1])
    return {name: html.unescape(value) for name, value in hidden}


def refresh_of(page: httpx.Response) -> str:
    """Give the address a page leads on to by itself."""
    found = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]*)"', page.text)
    assert found, words(page)
    return html.unescape(found[1])


def words(page: httpx.Response) -> str:
    """Give the words of a page, without tags."""
    bare = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", page.text, flags=re.S)
    return html.unescape(re.sub(r"\s+", " ", bare)).strip()
