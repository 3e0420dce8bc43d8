"""The port to identity-verification services, and the registry of those an operator has switched on.

A provider sends a person away and reads what comes back. It knows no table and no account: `verification/actions.py`
keeps the attempt, judges the result and forgets the name. Shapes: `oidc` (any OpenID provider), `webhook` (a session held
there, in one of several dialects), `assertion` (a trusted checker's signature), `in_person` (the desk), `demo` (plays one).
"""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from commentbox.server.base import entries
from commentbox.server.base.settings import Settings
from commentbox.server.verification.providers.assertion import AssertionProvider, AssertionSettings
from commentbox.server.verification.providers.demo import DemoProvider
from commentbox.server.verification.providers.in_person import InPersonProvider, InPersonSettings
from commentbox.server.verification.providers.oidc import OidcProvider
from commentbox.server.verification.providers.oidc_settings import OidcSettings
from commentbox.server.verification.providers.port import (
    Begin,
    Hosted,
    MethodClass,
    Provider,
    Redirect,
    Result,
    Uniqueness,
)
from commentbox.server.verification.providers.webhook import WebhookProvider, WebhookSettings

__all__ = ["Begin", "Hosted", "MethodClass", "Provider", "Redirect", "Result", "Uniqueness", "load"]

KINDS: dict[str, tuple[type[BaseModel], Callable[[Any], Provider]]] = {
    "oidc": (OidcSettings, OidcProvider),
    "webhook": (WebhookSettings, WebhookProvider),
    "assertion": (AssertionSettings, AssertionProvider),
    "in_person": (InPersonSettings, InPersonProvider),
}
"""The shapes: what an operator writes, and who speaks it. A table without `kind` is `oidc`."""


def load(settings: Settings) -> dict[str, Provider]:
    """Give the providers by name, in the order of the file; `demo` last and only where the demo setting is on.

    Raises ValueError with a sentence for the operator (`commentbox doctor` prints it) where the file is wrong.
    """
    found: dict[str, Provider] = {}
    for entry in entries.tables(settings.providers, "provider"):
        provider = entries.made(entry, KINDS, path=settings.providers, what="provider", usual="oidc")
        if provider.name in found or provider.name == DemoProvider.name:
            raise ValueError(f"{settings.providers}: two providers are called {provider.name!r}")
        if isinstance(provider, InPersonProvider) and any(
            isinstance(each, InPersonProvider) for each in found.values()
        ):
            raise ValueError(f"{settings.providers}: there is one desk, so one provider of kind 'in_person'")
        found[provider.name] = provider
    if settings.demo:
        found[DemoProvider.name] = DemoProvider(switched_on=True)
    return found
