"""The signed HTTP hook: a service of the operator's own is asked by POST, signed as Standard Webhooks are.

    {"type": "comment.check", "text": …, "lang": "en", "tier": "unverified", "site": "gazette", "article": "https://…"}

It answers within the time-out `{"score": 0.93}`, `{"hold": true}`, both, or `{}`; anything else is no answer.
"""

import json
from pathlib import Path
from typing import Literal, Self

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from commentbox.server.base import clock
from commentbox.server.base.entries import check_one_place, is_safe_address, read_secret
from commentbox.server.base.ids import new_id
from commentbox.server.base.signing import standard_headers, standard_key
from commentbox.server.screening.classifiers.entry import Entry
from commentbox.server.screening.classifiers.http import Line
from commentbox.server.screening.classifiers.port import Answer, NoAnswer, Question


class HookSettings(Entry):
    """One `[[classifier]]` table of kind `hook`."""

    kind: Literal["hook"]
    url: str
    secret_env: str | None = None
    secret_file: Path | None = None
    may_be_private: bool = False

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        if not url.startswith(("https://", "http://")) or not httpx.URL(url).host:
            raise ValueError("is no http or https address")
        return url

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.may_be_private and not is_safe_address(self.url):
            raise ValueError("url must be https; plain http only inside your network, with may_be_private = true")
        check_one_place(self.secret_env, self.secret_file, field="secret")
        self.key()
        return self

    def key(self) -> bytes:
        """Read the secret that questions are signed with."""
        return standard_key(read_secret(self.secret_env, self.secret_file, what="secret").get_secret_value())


class Opinion(BaseModel):
    """The answer of a hook. Words we do not know are let pass, so that it may grow; wrong ones are not."""

    model_config = ConfigDict(extra="ignore", strict=True)

    score: float | None = Field(None, ge=0, le=1, allow_inf_nan=False)
    hold: bool = False


class Hook:
    """One configured hook."""

    wants_address = False
    learns = False

    def __init__(self, settings: HookSettings) -> None:
        self.settings = settings
        self.name = settings.name
        self.seconds = settings.seconds
        self._line = Line(seconds=settings.seconds, may_be_private=settings.may_be_private)

    async def ask(self, question: Question) -> Answer:
        """Ask the service."""
        fields = ("text", "lang", "tier", "site", "article", "is_reply")
        opinion = await self._send({"type": "comment.check"} | {each: getattr(question, each) for each in fields})
        return Answer(opinion.score, "outside" if opinion.hold else None)

    async def learn(self, question: Question, *, is_fine: bool) -> None:
        """Tell nothing: what moderators decide is no business of a hook's."""

    async def check(self) -> None:
        """Knock without a text; any good answer will do."""
        await self._send({"type": "ping"})

    async def close(self) -> None:
        """Hang up."""
        await self._line.close()

    async def _send(self, content: dict[str, object]) -> Opinion:
        body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
        now = clock.now()
        signed = standard_headers(self.settings.key(), new_id(now), body, at=int(now.timestamp()))
        headers = {**signed, "content-type": "application/json", "accept": "application/json"}
        response = await self._line.post(self.settings.url, body, headers)
        try:
            return Opinion.model_validate_json(response.content)
        except ValidationError:
            raise NoAnswer("form") from None
