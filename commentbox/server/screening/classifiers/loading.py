"""From the operator's file (`COMMENTBOX_CLASSIFIERS`) to the helpers it describes."""

from collections.abc import Callable
from typing import Any

from commentbox.server.base import entries
from commentbox.server.base.settings import Settings
from commentbox.server.screening.classifiers.akismet import Akismet, AkismetSettings
from commentbox.server.screening.classifiers.entry import Entry
from commentbox.server.screening.classifiers.hook import Hook, HookSettings
from commentbox.server.screening.classifiers.local import Local, LocalSettings
from commentbox.server.screening.classifiers.port import Classifier
from commentbox.server.screening.classifiers.silent import Silent, SilentSettings

KINDS: dict[str, tuple[type[Entry], Callable[[Any], Classifier]]] = {
    "local": (LocalSettings, Local),
    "hook": (HookSettings, Hook),
    "akismet": (AkismetSettings, Akismet),
    "silent": (SilentSettings, Silent),
}
"""What an operator writes, and who speaks it."""


def load(settings: Settings) -> dict[str, Classifier]:
    """Give the helpers by name. Raises ValueError with a sentence for the operator where the file is wrong."""
    found: dict[str, Classifier] = {}
    for table in entries.tables(settings.classifiers, "classifier"):
        helper = entries.made(table, KINDS, path=settings.classifiers, what="classifier")
        if helper.name in found:
            raise ValueError(f"{settings.classifiers}: two classifiers are called {helper.name!r}")
        found[helper.name] = helper
    return found
