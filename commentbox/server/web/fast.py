"""The shortest way: a public page that is in memory is sent before anything else is looked at.

Stands in front of the whole application. What it does not find goes on to the routes, which put it into the cache.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from commentbox.server.gate.instance import Instance
from commentbox.server.gate.public import send_entry

HOT = frozenset(
    {
        "/embed/thread",
        "/embed/replies",
        "/embed/fresh",
        "/api/v1/threads/comments",
        "/api/v1/comments/latest",
        "/include",
    }
)


class Fast:
    """Answers from the cache where it can, and counts it there. Where every request must leave a line in the log, none
    may go this way."""

    def __init__(self, app: ASGIApp, instance: Instance) -> None:
        self.app, self.instance = app, instance
        self._cache = instance.cache
        self._find = instance.cache.find
        self._hot = frozenset() if instance.settings.access_log else HOT

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the page from memory, or let the application answer."""
        if scope["type"] == "http" and scope["path"] in self._hot and scope["method"] == "GET":
            entry = self._find(scope["path"], scope["query_string"])
            if entry is not None:
                self._cache.sent_at_once += 1
                await send_entry(entry, scope, send)
                return
        await self.app(scope, receive, send)
