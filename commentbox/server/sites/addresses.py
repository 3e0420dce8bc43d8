"""The one spelling of an article's address, and the key it is looked up by. Pure."""

import hashlib
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from commentbox.server.base.errors import Invalid
from commentbox.server.sites.rules import origin_of

URL_LENGTH = 2000
_TRACKING = frozenset(
    [
        "fbclid",
        "gclid",
        "dclid",
        "msclkid",
        "twclid",
        "yclid",
        "igshid",
        "mc_cid",
        "mc_eid",
        "_ga",
        "_gl",
        "ref_src",
        "cmpid",
    ]
)


def canonical_url(url: str) -> str:
    """Give the address that identifies an article: no fragment, tracking parameters or trailing slash, host in lower case.

    Refuses `article.url_invalid`. The scheme stays for show; `url_key` leaves it out.
    """
    try:
        parts = urlsplit(url.strip())
        origin = origin_of(url)
    except (ValueError, Invalid):
        raise Invalid("article.url_invalid", url=url[:200]) from None
    pairs = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _is_tracking(name)]
    path = parts.path.rstrip("/")
    return f"{origin}{path or '/'}" + (f"?{urlencode(pairs)}" if pairs else "")


def _is_tracking(name: str) -> bool:
    return name.lower() in _TRACKING or name.lower().startswith(("utm_", "pk_", "mtm_", "at_"))


def url_key(url: str) -> str:
    """Give the key under which an address is looked up: equal for http and https, escaped and plain paths."""
    canonical = canonical_url(url)
    return hashlib.sha256(unquote(canonical.split("://", 1)[1]).encode("utf-8", "replace")).hexdigest()
