"""Where an old article will be found: moves hosts by `--map-host`, and tells the paper's own hosts from foreign ones."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

from commentbox.server.base.errors import Invalid
from commentbox.server.sites.addresses import URL_LENGTH, canonical_url, url_key
from commentbox.server.sites.rules import origin_of
from commentbox.server.transfer.staging import Address


class Addresses:
    """The site's origins and the mapping of hosts, as one question: where is this address now?"""

    def __init__(self, origins: Sequence[str], map_hosts: Mapping[str, str]) -> None:
        self._own = {_host(origin): origin for origin in origins}
        self._moved = {_host(old): self._target(new) for old, new in map_hosts.items()}

    def _target(self, new: str) -> str:
        """Give the origin to move to. Refuses `import.map_host`."""
        host = _host(new)
        if "://" in new:
            return origin_of(new)
        return self._own.get(host) or f"https://{host}"

    def __call__(self, url: str) -> Address | None:
        """Give the present address of an article, or None for one that no browser could open."""
        try:
            parts = urlsplit(url.strip())
            host = _host(origin_of(url))
            origin = self._moved.get(host) or self._own.get(host)
            if origin:
                scheme, _, netloc = origin.partition("://")
                url, host = urlunsplit((scheme, netloc, parts.path, parts.query, "")), _host(origin)
            canonical = canonical_url(url)
            return Address(canonical, url_key(canonical), host) if len(canonical) <= URL_LENGTH else None
        except (ValueError, Invalid):
            return None

    def is_own(self, host: str) -> bool:
        """Say whether the site's pages are read on this host."""
        return host in self._own


def parse_map_host(text: str) -> tuple[str, str]:
    """Take "old.example=new.example" apart. Refuses `import.map_host`."""
    old, equals, new = text.partition("=")
    if not equals or not old.strip() or not new.strip():
        raise Invalid("import.map_host", given=text)
    _host(old), _host(new)
    return old.strip(), new.strip()


def _host(text: str) -> str:
    """Give host[:port] of an origin or of a bare host, in lower case. Refuses `import.map_host`."""
    text = text.strip()
    try:
        return origin_of(text if "://" in text else f"https://{text}").partition("://")[2]
    except Invalid:
        raise Invalid("import.map_host", given=text[:200]) from None
