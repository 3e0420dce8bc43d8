"""The null adapter: asked, it has no opinion. For trying out the wiring, and for a site that keeps a place free."""

from typing import Literal

from commentbox.server.screening.classifiers.entry import Entry
from commentbox.server.screening.classifiers.port import NOTHING, Answer, Question


class SilentSettings(Entry):
    """One `[[classifier]]` table of kind `silent`."""

    kind: Literal["silent"]


class Silent:
    """Says nothing, at once."""

    wants_address = False
    learns = False

    def __init__(self, settings: SilentSettings) -> None:
        self.name = settings.name
        self.seconds = settings.seconds

    async def ask(self, question: Question) -> Answer:
        """Have no opinion."""
        return NOTHING

    async def learn(self, question: Question, *, is_fine: bool) -> None:
        """Learn nothing."""

    async def check(self) -> None:
        """Be well."""

    async def close(self) -> None:
        """Have nothing to let go of."""
