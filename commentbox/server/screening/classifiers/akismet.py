"""The Akismet dialect, as its public documentation describes it: `comment-check`, and `submit-ham` and `submit-spam` after
moderators' decisions where the operator switches `learn` on. Not run against the live service.

What is sent: text, language, the address of the article and of the paper; never a name, a mail or who wrote it. Its form
wants a network address, which is nobody's unless the operator sets `send_address`.
"""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlencode

import httpx
from pydantic import field_validator, model_validator

from commentbox.server.base.entries import check_one_place, is_safe_address, read_secret
from commentbox.server.screening.classifiers.entry import Entry
from commentbox.server.screening.classifiers.http import Line
from commentbox.server.screening.classifiers.port import NOBODY, NOTHING, Answer, NoAnswer, Question

API = "https://rest.akismet.com/1.1"
_FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8", "user-agent": "commentbox | outside help"}


class AkismetSettings(Entry):
    """One `[[classifier]]` table of kind `akismet`. `blog` is the paper's front page, as the account there has it."""

    kind: Literal["akismet"]
    blog: str
    api: str = API
    key_env: str | None = None
    key_file: Path | None = None
    send_address: bool = False
    learn: bool = False

    @field_validator("blog", "api")
    @classmethod
    def _is_address(cls, address: str) -> str:
        if not is_safe_address(address):
            raise ValueError("must be an https address (plain http only on this machine)")
        return address.rstrip("/")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        check_one_place(self.key_env, self.key_file, field="key")
        self.key()
        return self

    def key(self) -> str:
        """Read the key of the account there."""
        return read_secret(self.key_env, self.key_file, what="key").get_secret_value()


class Akismet:
    """One configured account."""

    def __init__(self, settings: AkismetSettings) -> None:
        self.settings = settings
        self.name = settings.name
        self.seconds = settings.seconds
        self.wants_address = settings.send_address
        self.learns = settings.learn
        # Only this very machine may be plain http (tests), and only then is it a private address.
        self._line = Line(seconds=settings.seconds, may_be_private=settings.api.startswith("http://"))

    async def ask(self, question: Question) -> Answer:
        """Ask whether it is spam; even of what it is surest, it only holds."""
        said = (await self._send("comment-check", self._fields(question))).text.strip()
        if said not in ("true", "false"):
            raise NoAnswer("refused" if said == "invalid" else "form")
        return Answer(hold="spam") if said == "true" else NOTHING

    async def learn(self, question: Question, *, is_fine: bool) -> None:
        """Tell what a moderator decided."""
        await self._send("submit-ham" if is_fine else "submit-spam", self._fields(question))

    async def check(self) -> None:
        """Ask whether the key is good."""
        said = (await self._send("verify-key", {"key": self.settings.key(), "blog": self.settings.blog})).text.strip()
        if said != "valid":
            raise NoAnswer("refused" if said == "invalid" else "form")

    async def close(self) -> None:
        """Hang up."""
        await self._line.close()

    def _fields(self, question: Question) -> dict[str, str]:
        fields = {
            "api_key": self.settings.key(),
            "blog": self.settings.blog,
            "user_ip": question.address or NOBODY,
            "permalink": question.article,
            "comment_type": "reply" if question.is_reply else "comment",
            "comment_content": question.text,
            "blog_lang": question.lang.replace("-", "_").lower(),
            "blog_charset": "UTF-8",
        }
        return {name: value for name, value in fields.items() if value}

    async def _send(self, call: str, fields: dict[str, str]) -> httpx.Response:
        body = urlencode(fields, errors="replace").encode()
        return await self._line.post(f"{self.settings.api}/{call}", body, _FORM)
