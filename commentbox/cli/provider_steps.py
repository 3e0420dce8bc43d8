"""What `commentbox provider check` tries, shape by shape. Each step says what was tried and what to do where it failed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from commentbox.cli import terminal
from commentbox.server.base.errors import Refusal
from commentbox.server.verification.providers import Begin, Hosted, Provider
from commentbox.server.verification.providers.assertion import AssertionProvider
from commentbox.server.verification.providers.in_person import InPersonProvider
from commentbox.server.verification.providers.oidc import OidcProvider
from commentbox.server.verification.providers.webhook import WebhookProvider

CAUSES = {
    "provider.unreachable": "The address does not answer, or the key is not accepted. Look at api, key_id and the api key.",
    "issuer": "The service calls itself otherwise. `issuer` must be what its discovery document says, to the letter.",
    "keys": "No keys are published where they should be.",
    "status": "The service refused what we sent. Look at options: template, workflow or level, as its dashboard names them.",
    "session": "The service began no session. Is its hosted flow switched on?",
    "json": "What answers is not the service's interface. Look at the address.",
    "content": "The answer is of another make than this dialect knows. Is it another version of the interface?",
}


@dataclass(frozen=True)
class Step:
    """One thing that was tried, or that is left to do."""

    how: Literal["right", "wrong", "to do"]
    what: str


def shape_of(provider: Provider) -> str:
    """Name the shape of a provider as the operator's file does."""
    shapes = {OidcProvider: "oidc", AssertionProvider: "assertion", InPersonProvider: "in_person"}
    if isinstance(provider, WebhookProvider):
        return f"webhook: {provider.settings.dialect}"
    return shapes.get(type(provider), "demo")


async def walk(provider: Provider, origin: str) -> list[Step]:
    """Try a provider out. Stops at the first thing that is wrong."""
    steps = [Step("right", f"Its entry is complete, and its secrets can be read ({shape_of(provider)}).")]
    if provider.uniqueness == "none":
        steps.append(Step("wrong", "uniqueness is none, so no answer earns a badge."))
    try:
        await _walk(provider, origin, steps)
    except Refusal as refusal:
        cause = CAUSES.get(str(refusal.data.get("reason", refusal.code)), "")
        steps.append(Step("wrong", f"{terminal.say(refusal)} {cause}".strip()))
    return steps


async def _walk(provider: Provider, origin: str, steps: list[Step]) -> None:
    walks: list[tuple[type[Any], Callable[[Any, str, list[Step]], Awaitable[None]]]] = [
        (OidcProvider, _oidc),
        (AssertionProvider, _assertion),
        (Hosted, _hosted),
    ]
    for kind, walking in walks:
        if isinstance(provider, kind):
            await walking(provider, origin, steps)
            return
    steps.append(Step("to do", "Nothing is asked of anybody: walk through it in a browser."))


async def _oidc(provider: OidcProvider, origin: str, steps: list[Step]) -> None:
    metadata = await provider.discovery.metadata()
    steps.append(
        Step("right", f"Discovery: {provider.settings.issuer} says where to log in and where tokens are given.")
    )
    number = await provider.discovery.keys.count()
    steps.append(Step("right" if number else "wrong", f"Keys: {number} that we can use."))
    said = (
        "carries iss, so a mix-up shows" if metadata.states_iss else "carries no iss (RFC 9207); nonce and PKCE stand"
    )
    steps.append(Step("right", f"Its redirect {said}."))
    steps.append(
        Step(
            "right",
            f"We prove to be the client by {provider.settings.auth}; the first log-in shows whether it is taken.",
        )
    )
    steps.append(Step("to do", f"Register there:  {origin}/verify/callback/{provider.name}"))


async def _assertion(provider: AssertionProvider, origin: str, steps: list[Step]) -> None:
    number = await provider.keys.count()
    steps.append(Step("right" if number else "wrong", f"Keys: {number} that we can use."))
    steps.append(Step("to do", f"Have it post its statement to:  {origin}/verify/callback/{provider.name}"))


async def _hosted(provider: Hosted, origin: str, steps: list[Step]) -> None:
    begun = await provider.begin(
        Begin(state="provider-check", return_url=f"{origin}/verify/callback/{provider.name}", lang="en")
    )
    steps.append(Step("right", f"A session was begun. To walk through it:  {begun.url}"))
    found = await provider.fetch(begun.session)
    if found.outcome in ("pending", "gone"):  # one service knows an applicant only once somebody came
        steps.append(Step("right", "The session can be asked for, and is open."))
    else:
        steps.append(Step("wrong", f"The session is {found.outcome} already, which a new one cannot be."))
    try:
        await provider.redact(begun.session)
        steps.append(Step("right", "The session can be forgotten, and was."))
    except Refusal as refusal:
        steps.append(Step("to do", f"The session could not be forgotten ({refusal.code}); an open one often cannot."))
    steps.append(Step("to do", f"Have webhooks sent to:  {origin}/verify/webhook/{provider.name}"))
    steps.append(
        Step("to do", "Send a test webhook from its dashboard: 204 is right, 403 means another webhook secret.")
    )
