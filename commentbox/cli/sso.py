"""The paper's own log-in: `commentbox site sso` sets it up, shows it, and explains step by step what is wrong with a token."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from commentbox.cli import terminal
from commentbox.cli.provider import MARKS
from commentbox.server.base import clock
from commentbox.server.base.errors import Refusal
from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import b64url_bytes
from commentbox.server.base.work import begin
from commentbox.server.sites import actions
from commentbox.server.sites.rules import Policy
from commentbox.server.sso import tokens
from commentbox.server.sso.keys import PaperKeys, algorithms_of
from commentbox.server.sso.rules import Expected, audience_of

STEPS = {
    "token": "It is a signed token in three parts (a compact JWS), at most 8,000 characters.",
    "algorithm": "It is signed with an algorithm this site takes.",
    "header": "Its header has alg, typ and kid, and nothing that would say where its key is.",
    "key": "Its key (kid) is one of those that the paper has with us.",
    "signature": "The signature holds.",
    "claims": "It has sub and jti (text), iat and exp (seconds); name is text, subscriber true or false.",
    "audience": "It is for this installation and this site (aud).",
    "lifetime": "It is good for five minutes at most (exp - iat).",
    "early": "It is not from the future (iat, nbf); look at the clock of the machine that signs.",
    "expired": "It is not over (exp); sign a new one each time a page asks.",
}
"""What is looked at, in this order; the key is the reason of the refusal."""


def sso(
    slug: Annotated[str, typer.Argument(help="The site's short name.")],
    jwks: Annotated[str, typer.Option(help="Where the paper publishes its keys (RS256, ES256).")] = "",
    secret_file: Annotated[
        Path | None,
        typer.Option(help="Or: the file with a secret you share with the paper (HS256), 32 characters or more."),
    ] = None,
    login_url: Annotated[str, typer.Option(help="The paper's log-in page, for readers without scripts.")] = "",
    off: Annotated[bool, typer.Option("--off", help="Switch it off. Nobody loses an account.")] = False,
    check: Annotated[str, typer.Option(help="A token of the paper's: say step by step what is wrong with it.")] = "",
) -> None:
    """Let the paper's own readers in by the paper's own log-in, or show how it is set up.

    The paper signs a short token that says which of its readers is at the page; docs/sso.md has the code for it. Such a
    reader is signed in without a click and posts as not verified until they use a passkey. To change a secret, write the
    new one on a second line of the file, let the paper sign with it, and take the first one out.

    Examples:
    `commentbox site sso gazette --jwks https://paper.example/keys.json --login-url https://paper.example/log-in`
    `commentbox site sso gazette --secret-file /run/secrets/paper`
    `commentbox site sso gazette --check eyJhbGciOi…`
    """
    settings, changes = terminal.read_settings(), _changes(jwks, secret_file, login_url, off=off)
    policy = terminal.do(_policy(settings, slug, changes))
    if not check:
        _show(settings, slug, policy)
    elif not terminal.do(_explain(settings, slug, policy, check)):
        raise typer.Exit(1)


def _changes(jwks: str, secret_file: Path | None, login_url: str, *, off: bool) -> dict[str, str]:
    if off:
        return {"sso_jwks_url": "", "sso_secret_file": "", "sso_login_url": ""}
    changes = {"sso_jwks_url": jwks, "sso_secret_file": str(secret_file.resolve()) if secret_file else ""}
    changes = changes if any(changes.values()) else {}
    return changes | ({"sso_login_url": login_url} if login_url else {})


async def _policy(settings: Settings, slug: str, changes: dict[str, Any]) -> Policy:
    async with terminal.opened(settings) as db:
        if not changes:
            async with db.read() as query:
                return Policy.model_validate((await actions.by_slug(query, slug)).policy)
        async with begin(db) as work:
            return await actions.set_policy(work, (await actions.by_slug(work.q, slug)).id, **changes)


def _show(settings: Settings, slug: str, policy: Policy) -> None:
    if not policy.has_sso:
        terminal.out.print(f"{slug} has no log-in of the paper's own.", markup=False)
        return
    rows = {
        "keys": policy.sso_jwks_url or policy.sso_secret_file,
        "algorithms": ", ".join(algorithms_of(policy)),
        "log-in page": policy.sso_login_url or "none: readers without scripts are offered no way",
        "aud": audience_of(settings.origin, slug),
    }
    for name, value in rows.items():
        terminal.out.print(f"{name:<12} {value}", markup=False)
    tag = f'<script src="{settings.origin}/sso.js" data-token-url="/your-token-address" async></script>'
    terminal.out.print(f"\nBeside the tag of the comments goes:\n\n  {tag}\n", markup=False)


async def _explain(settings: Settings, slug: str, policy: Policy, token: str) -> bool:
    """Print every step up to the one that fails; say whether none does."""
    expected = Expected(audience_of(settings.origin, slug), clock.now())
    reason = ""
    try:
        await tokens.read(token.strip(), PaperKeys(), policy, expected)
    except Refusal as refusal:
        if refusal.code != "sso.refused":
            terminal.fail(terminal.say(refusal))
        reason = refusal.data["reason"]
    for name, what in STEPS.items():
        terminal.out.print(f"{MARKS['wrong' if name == reason else 'right']}  ", end="")
        terminal.out.print(what, markup=False)
        if name == reason:
            break
    said = {"header": _part(token, 0), "claims": _part(token, 1), "aud should be": expected.audience}
    terminal.out.print(json.dumps(said | {"now": int(expected.now.timestamp())}, indent=2), markup=False)
    if not reason:
        terminal.out.print("It would sign its reader in, once: whether its id (jti) was used is looked at then.")
    return not reason


def _part(token: str, number: int) -> Any:
    try:
        return json.loads(b64url_bytes(token.split(".")[number]))
    except (ValueError, IndexError, Refusal):
        return "not readable"
