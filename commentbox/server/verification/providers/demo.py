"""A provider that verifies anybody: for the demo newspaper and for tests, behind its own setting.

Its page (`/verify/demo`, a front) asks for a name and a subject, says loudly that it is a play, and posts them back.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from commentbox.server.base import clock
from commentbox.server.base.errors import Forbidden, Invalid
from commentbox.server.verification.providers.port import Begin, MethodClass, Redirect, Result, Uniqueness

PAGE = "/verify/demo"
METHODS: tuple[MethodClass, ...] = ("bank", "document", "in_person", "wallet")
_MAX_CHARS = 200


class DemoProvider:
    """Takes everybody's word. Made only where the demo setting is on, and asks again on every call."""

    name = "demo"
    label = ""  # The pages have their own, translated words for it.
    method_class: MethodClass = "document"
    uniqueness: Uniqueness = "person"

    def __init__(self, *, switched_on: bool) -> None:
        self.switched_on = switched_on

    async def begin(self, attempt: Begin) -> Redirect:
        """Give the way to our own labelled page. Refuses `provider.demo_off`."""
        self._require_demo()
        return Redirect(f"{PAGE}?{urlencode({'state': attempt.state, 'lang': attempt.lang})}", {})

    async def complete(self, keep: Mapping[str, Any], params: Mapping[str, str]) -> Result:
        """Believe `name`, `subject` and `method` from the form. Refuses `provider.demo_off`, `provider.declined`."""
        self._require_demo()
        if params.get("refuse"):
            raise Forbidden("provider.declined")
        subject, name = params.get("subject", "").strip(), params.get("name", "").strip()
        if not subject or len(subject) > _MAX_CHARS or len(name) > _MAX_CHARS:
            raise Invalid("provider.bad_answer", reason="subject")
        method = next((each for each in METHODS if each == params.get("method")), self.method_class)
        return Result(
            outcome="verified",
            provider_class="demo",
            issuer="demo",
            uniqueness=self.uniqueness,
            assurance="low",
            method=method,
            time=clock.now(),
            subject=subject,
            stated_name=name or None,
        )

    def _require_demo(self) -> None:
        if not self.switched_on:
            raise Forbidden("provider.demo_off")
