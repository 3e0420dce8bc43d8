"""Reading an address of the thread pages: the place, and what is asked for there. Shared by frame, window and API."""

from typing import Any

from commentbox.server.accounts.rules import SHOWS
from commentbox.server.base import looks
from commentbox.server.comments.cursors import SORTS
from commentbox.server.gate.forms import Fields
from commentbox.server.presenters.places import Place
from commentbox.server.presenters.reading import Asked
from commentbox.server.presenters.tabs import PARTS
from commentbox.server.sites.addresses import URL_LENGTH, canonical_url
from commentbox.server.threads import ARTICLE_ID_LENGTH

WORDS_LENGTH = 200
"""Longer than anything one looks for; a whole comment pasted into the field is refused with a sentence."""


def asked_of(fields: Fields, page: str) -> Asked:
    """Read where a reader is and what they ask for. Refuses bad input by name, and `article.…`."""
    return Asked(
        place=place_of(fields, page),
        cursor=fields.optional("cursor", limit=120),
        comment=fields.optional("comment", limit=40),
        words=fields.optional("q", limit=WORDS_LENGTH),
        only=fields.choice("only", PARTS),
    )


def place_of(fields: Fields, page: str) -> Place:
    """Read the place. The article's address is brought into its one spelling, so that equal places have equal pages."""
    url = fields.optional("url", limit=URL_LENGTH)
    return Place(
        site=fields.needed("site", limit=60),
        url=canonical_url(url) if url else None,
        article_id=fields.optional("article_id", limit=ARTICLE_ID_LENGTH),
        sig=fields.optional("sig", limit=100),
        page=page,
        **look_of(fields),
    )


def look_of(fields: Fields) -> dict[str, Any]:
    """Read how a thread is to be seen: filter, order, language, look. Refuses `look.…`."""
    return {
        "show": fields.choice("show", SHOWS),
        "sort": fields.choice("sort", SORTS),
        "lang": fields.optional("lang", limit=20),
        "theme": looks.read(fields.text("theme", limit=looks.LONGEST)).text or None,
    }
