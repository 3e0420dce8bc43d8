"""What every front reaches for: the settings, the database, the keys and the adapters of this process."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.requests import HTTPConnection

from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import Keyring
from commentbox.server.screening.classifiers.asking import NO_HELP, Help

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Instance:
    """One running comment server. Made once by `app.py`."""

    settings: Settings
    db: Database
    keyring: Keyring
    render: Any
    cache: Any
    providers: "Mapping[str, Any]"
    mail: Any
    bus: Any
    live: Any
    paper_keys: Any
    help: Help = NO_HELP


def instance_of(connection: HTTPConnection) -> Instance:
    """Give the instance that serves this request."""
    instance: Instance = connection.app.state.instance
    return instance
