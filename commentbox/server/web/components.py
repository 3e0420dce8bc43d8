"""The components of a theme, to be looked at: on a demo, or by a pass that the desk gives out. Nothing here is anybody's.

Each component is a page of its own, made of the real templates from made-up views (`presenters/samples`); `/components` shows
them all in frames. No script runs in them and no form can be sent, so that what looks real does nothing.
"""

import base64
import hashlib
import re
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from commentbox.server.base import i18n
from commentbox.server.base.errors import NotFound, Refusal
from commentbox.server.base.signing import Keyring
from commentbox.server.gate.forms import Fields, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import language_of
from commentbox.server.presenters.samples import said
from commentbox.server.presenters.samples.catalogue import COMPONENTS, Component, Part, component

PASS = "components"
PASS_SECONDS = 86_400
"""A working day at the desk."""
LOOKS = ("theme", "dark", "lang", "pass")
POLICY = (
    "default-src 'none'; style-src 'self'{more}; img-src 'self' data:; frame-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def pass_of(keyring: Keyring) -> str:
    """Give what opens the components for a day. It guards no secret; it keeps made-up talk from being passed off as real."""
    return keyring.sign(PASS, "")


async def index(request: Request) -> Response:
    """List every component, each in a frame."""
    asked = _let_in(request)
    lang, look = _look(request, asked)
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name in LOOKS])
    html = instance_of(request).render.html(
        "components/index.html", lang=lang, theme=look, names=[each.name for each in COMPONENTS], query=query
    )
    return _answer(html, lang)


async def one(request: Request) -> Response:
    """Show one component."""
    asked = _let_in(request)
    found = component(str(request.path_params["name"]))
    if found is None:
        raise NotFound("page.unknown")
    lang, look = _look(request, asked)
    at = said.place(found.show, lang=lang, theme=look or None, page=found.page)
    with i18n.use(lang):
        parts = list(found.make(at))
    if parts[0].template.endswith(".txt"):
        return PlainTextResponse(
            _rendered(request, parts[0], lang, look), headers={"content-security-policy": POLICY.format(more="")}
        )
    return _answer(_page(request, found, parts, lang, look), lang)


def _let_in(request: Request) -> Fields:
    asked, instance = query_of(request), instance_of(request)
    if not instance.settings.demo:
        try:
            instance.keyring.unsign(PASS, asked.text("pass", limit=200), max_age_seconds=PASS_SECONDS)
        except Refusal:
            raise NotFound("page.unknown") from None
    return asked


def _look(request: Request, asked: Fields) -> tuple[str, str]:
    theme, dark = asked.text("theme", limit=200), asked.text("dark", limit=2) == "1"
    lang = i18n.best(asked.text("lang", limit=20), language_of(request))
    return lang, (f"{theme}-dark" if theme else "dark") if dark else theme


def _page(request: Request, found: Component, parts: list[Part], lang: str, look: str) -> str:
    if found.whole:
        return _rendered(request, parts[0], lang, look)
    laid = [(each.title, Markup(_rendered(request, each, lang, look)), each.is_list) for each in parts]
    html: str = instance_of(request).render.html(
        "components/sheet.html", lang=lang, theme=look, name=found.name, parts=laid
    )
    return html


def _rendered(request: Request, part: Part, lang: str, look: str) -> str:
    render: Any = instance_of(request).render
    if part.macro:
        macro = render.macro(part.template, part.macro, lang=lang, theme=look)
        with i18n.use(lang):
            return str(macro(*part.takes))
    if part.block:
        return str(render.block(part.template, part.block, lang=lang, theme=look, **part.context))
    surroundings = {"came": None, "paper": "", "site_name": ""} if part.template.startswith("own/") else {}
    return str(render.html(part.template, lang=lang, theme=look, **surroundings, **part.context))


def _answer(html: str, lang: str) -> Response:
    style = _STYLE.search(html)  # a mail brings its own
    known = f" 'sha256-{base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()}'" if style else ""
    headers = {"content-security-policy": POLICY.format(more=known), "content-language": lang}
    return HTMLResponse(html, headers=headers)


routes = [Route("/components", index), Route("/components/{name}", one)]
