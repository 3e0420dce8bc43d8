"""The `webhook` shape: a session at the provider, a signed webhook that hints, and the fetch that is believed.

What differs between providers is a dialect (`dialects/`). Nothing of an answer leaves here but a `Result`.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlencode

from pydantic import Field, SecretStr, field_validator, model_validator

from commentbox.server.base import clock
from commentbox.server.base.entries import check_one_place, is_safe_address, read_secret
from commentbox.server.base.errors import Gone, Invalid
from commentbox.server.verification.providers import macs
from commentbox.server.verification.providers.dialects import DIALECTS, Dialect
from commentbox.server.verification.providers.dialects.dialect import Access, Answer, Api
from commentbox.server.verification.providers.entry import Entry
from commentbox.server.verification.providers.http import bad_answer
from commentbox.server.verification.providers.port import Begin, Hint, MethodClass, Redirect, Result, Uniqueness

MOST_SECRETS = 2  # The one in use and the one before or after it; more would be secrets nobody took away.
_MAX_ID_BYTES = 200  # The column of the sealed id has room for it; theirs have some forty.


class WebhookSettings(Entry):
    """One `[[provider]]` table of kind `webhook`."""

    kind: Literal["webhook"]
    dialect: str
    api: str = ""
    method: MethodClass = "document"
    uniqueness: Uniqueness = "document"
    key_id: str = ""
    api_key_env: str | None = None
    api_key_file: Path | None = None
    webhook_secret_envs: tuple[str, ...] = ()
    webhook_secret_files: tuple[Path, ...] = ()
    options: dict[str, str] = Field(default_factory=dict)
    redact: bool = False

    @field_validator("dialect")
    @classmethod
    def _dialect_is_known(cls, dialect: str) -> str:
        if dialect not in DIALECTS:
            raise ValueError(f"there are: {', '.join(DIALECTS)}")
        return dialect

    @model_validator(mode="after")
    def _whole(self) -> Self:
        spoken = DIALECTS[self.dialect]
        if missing := [each for each in spoken.needs if not self.options.get(each)]:
            raise ValueError(f"options needs {', '.join(missing)}")
        if spoken.wants_key_id and not self.key_id:
            raise ValueError("needs key_id")
        if self.uniqueness == "person" and spoken.uniqueness != "person":
            raise ValueError("uniqueness is document at most: this service tells documents apart, not people")
        if not is_safe_address(self.base):
            raise ValueError("api must be an https address (plain http only on this machine)")
        check_one_place(self.api_key_env, self.api_key_file, field="api_key")
        self.api_key()
        if not 1 <= len(self.secrets()) <= MOST_SECRETS:
            raise ValueError("needs one or two in webhook_secret_envs and webhook_secret_files together")
        return self

    @property
    def base(self) -> str:
        """Give the address of the provider's interface."""
        return self.api or DIALECTS[self.dialect].api

    def api_key(self) -> SecretStr:
        """Read the key that lets us ask."""
        return read_secret(self.api_key_env, self.api_key_file, what="api key")

    def secrets(self) -> list[bytes]:
        """Read the secrets that webhooks are signed with; a changed file is a changed secret at once."""
        found = [read_secret(env, None, what="webhook secret") for env in self.webhook_secret_envs]
        found += [read_secret(None, file, what="webhook secret") for file in self.webhook_secret_files]
        return [DIALECTS[self.dialect].key(each.get_secret_value()) for each in found]


class WebhookProvider:
    """One configured provider of this shape."""

    def __init__(self, settings: WebhookSettings) -> None:
        self.settings = settings
        self.dialect: Dialect = DIALECTS[settings.dialect]
        self.name = settings.name
        self.label = settings.label
        self.method_class = settings.method
        self.uniqueness = settings.uniqueness
        self.redacts = settings.redact

    async def begin(self, attempt: Begin) -> Redirect:
        """Start a session there, and give where it is held."""
        back = f"{attempt.return_url}?{urlencode({'state': attempt.state})}"
        begun = await self.dialect.start(self._api(), Begin(state="", return_url=back, lang=attempt.lang))
        if len(begun.id.encode()) > _MAX_ID_BYTES:
            raise bad_answer("session")
        return Redirect(begun.url, {}, session=begun.id)

    async def complete(self, keep: Mapping[str, Any], params: Mapping[str, str]) -> Result:
        """Refuse: what a browser brings back proves nothing here. The session is fetched."""
        raise bad_answer("session")

    def hear(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Hint | None:
        """Give what a webhook hints at, once its MAC over the very bytes holds."""
        macs.check(self.dialect.signs(headers, body), self.settings.secrets(), now=now)
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            raise Invalid("webhook.unreadable") from None
        read = self.dialect.read(headers, content) if isinstance(content, dict) else None
        if read is None or not 0 < len(read[1].encode()) <= _MAX_ID_BYTES:
            return None
        return Hint(event=read[0] or macs.event_hash(body), session=read[1])

    async def fetch(self, session: str) -> Result:
        """Ask how a session stands."""
        try:
            answer = await self.dialect.fetch(self._api(), session)
        except Gone:
            answer = Answer("gone")
        except (TypeError, ValueError, OverflowError):  # of another make than we know; never quoted
            raise bad_answer("content") from None
        return Result(
            outcome=answer.outcome,
            provider_class="webhook",
            issuer=self.settings.dialect if self.dialect.api else self.settings.base,
            uniqueness=self.uniqueness,
            assurance=self.settings.assurance,
            method=self.settings.method,
            time=answer.time or clock.now(),
            subject=answer.subject,
            stated_name=answer.name,
        )

    async def redact(self, session: str) -> None:
        """Have the session forgotten; one that is gone already is."""
        try:
            await self.dialect.redact(self._api(), session)
        except Gone:
            return

    def _api(self) -> Api:
        access = Access(self.settings.api_key().get_secret_value(), self.settings.key_id, self.settings.options)
        return Api(self.settings.base, access, self.dialect.authorise)
