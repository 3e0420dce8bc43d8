"""The `in_person` shape: no service at all. Two members of staff confirm somebody who stands before them.

The person gets a code and tells it to both; the desk's page (`web/in_person.py`) does the rest. What the two type is used
in memory: it must give the same one-way key twice, and that is what makes one person one person (decisions/0008).
"""

import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from urllib.parse import urlencode

from commentbox.server.base import clock
from commentbox.server.base.errors import Invalid
from commentbox.server.base.signing import written_code
from commentbox.server.verification.providers.entry import Entry
from commentbox.server.verification.providers.http import bad_answer
from commentbox.server.verification.providers.port import Begin, MethodClass, Redirect, Result, Uniqueness

PAGE = "/verify/in-person"
OLDEST_YEARS = 130


class InPersonSettings(Entry):
    """One `[[provider]]` table of kind `in_person`."""

    kind: Literal["in_person"]
    method: MethodClass = "in_person"
    uniqueness: Uniqueness = "person"


@dataclass(frozen=True)
class Seen:
    """What a member of staff was shown or knows: the whole name at birth, date and place of birth. In memory only."""

    name: str = field(repr=False)
    born: str = field(repr=False)
    place: str = field(repr=False)

    @property
    def subject(self) -> str:
        """Give what stands for the person, however two people spell it. Refuses `in_person.incomplete`."""
        name, place = _letters(self.name), _letters(self.place)
        if not name or not place:
            raise Invalid("in_person.incomplete")
        return "|".join((name, self._day().isoformat(), place))

    def _day(self) -> date:
        try:
            day = date.fromisoformat(self.born.strip())
        except ValueError:
            raise Invalid("in_person.incomplete") from None
        if not 0 <= clock.now().year - day.year <= OLDEST_YEARS:
            raise Invalid("in_person.incomplete")
        return day


class InPersonProvider:
    """The desk as a provider."""

    def __init__(self, settings: InPersonSettings) -> None:
        self.settings = settings
        self.name = settings.name
        self.label = settings.label
        self.method_class = settings.method
        self.uniqueness = settings.uniqueness

    async def begin(self, attempt: Begin) -> Redirect:
        """Make the code that the person tells two members of staff, and lead to the page that shows it."""
        code = written_code(secrets.token_bytes(13))
        asked = {"code": code, "state": attempt.state, "lang": attempt.lang}
        return Redirect(f"{PAGE}?{urlencode(asked)}", {}, session=code)

    async def complete(self, keep: Mapping[str, Any], params: Mapping[str, str]) -> Result:
        """Refuse: a browser brings nothing here. The desk confirms."""
        raise bad_answer("session")

    def confirmed(self, seen: Seen) -> Result:
        """Give what two confirmations are worth."""
        return Result(
            outcome="verified",
            provider_class="in_person",
            issuer=self.name,
            uniqueness=self.uniqueness,
            assurance=self.settings.assurance,
            method=self.settings.method,
            time=clock.now(),
            subject=seen.subject,
            stated_name=seen.name,
        )


def _letters(text: str) -> str:
    """Give the words of a text without case, accents and signs, in an order of their own."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(each if each.isalnum() else " " for each in folded if not unicodedata.combining(each))
    return " ".join(sorted(plain.split()))
