"""Signed badges: checking one that came with a comment shown elsewhere, without this server's database."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from commentbox.cli import terminal
from commentbox.server.accounts import names
from commentbox.server.accounts import queries as accounts
from commentbox.server.base import clock
from commentbox.server.base.errors import NotFound
from commentbox.server.base.work import begin
from commentbox.server.moderation import badges, rules, rulings, seats
from commentbox.server.verification import signed_badges

app = typer.Typer(no_args_is_help=True, help="Badges: check a signed one, or take one away.")
SECONDS = 10.0


@app.callback()
def about() -> None:
    """Badges: check a signed one that came with a comment shown elsewhere, or take one away."""


@app.command()
def revoke(
    account: Annotated[str, typer.Argument(help="The account's id, as the desk's address of the person shows it.")],
    site: Annotated[str, typer.Option(help="The paper on which it came up.")],
    admin: Annotated[str, typer.Option("--as", help="The name of the admin who decides and answers for it.")],
    ground: Annotated[str, typer.Option(help="A house rule's code, or `law:…`, as `commentbox site show` lists them.")],
    facts: Annotated[str, typer.Option(help="What happened, for the person to read.")],
    why: Annotated[str, typer.Option(help="More about the ground.")] = "",
) -> None:
    """Take somebody's badge away, with a statement of reasons to them. What they wrote with it becomes not verified.

    It cannot be undone. The person may appeal, and verify again.
    """

    async def carry_out() -> None:
        async with terminal.opened(terminal.read_settings()) as db:
            async with db.read() as query:
                row = await accounts.holder_of(query, names.skeleton(admin))
                if row is None or row.account_id is None:
                    raise NotFound("account.unknown")
                seat = await seats.take_seat(query, row.account_id, await accounts.grants_of(query, row.account_id))
                paper = await seats.site_by_slug(query, seat, site)
                seen = await rulings.latest_about(query, account, site_id=paper.id)
            async with begin(db, actor=seat.account_id) as work:
                reasons = rules.Reasons(ground, facts, why)
                await badges.revoke(work, seat, badges.Verdict(account, paper.id, reasons, seen))

    terminal.do(carry_out())
    terminal.out.print("Taken away. The person reads the reasons on their page.", markup=False)


@app.command()
def verify(
    token: Annotated[str, typer.Argument(help="The badge, as `/api/v1/comments/ID/badge` gives it; - reads it.")],
    keys: Annotated[
        str | None, typer.Option(help="A file or address with the keys; without it the signer's own list is asked.")
    ] = None,
    text: Annotated[Path | None, typer.Option(help="A file with the words that came along, to compare them.")] = None,
) -> None:
    """Say what a signed badge says, if its signature holds and it is not older than a day.

    Ends with status 1 where it does not hold. With a file of keys nothing is asked of anybody:

    `curl -s https://comments.example/.well-known/jwks.json > keys.json`

    `commentbox badge verify --keys keys.json --text words.txt eyJhbGciOi…`
    """
    terminal.do(_verify("".join((sys.stdin.read() if token == "-" else token).split()), keys=keys, text=text))


async def _verify(token: str, *, keys: str | None, text: Path | None) -> None:
    where = keys or f"{signed_badges.issuer_of(token)}/.well-known/jwks.json"
    claims = signed_badges.read(token, _keys(where), now=clock.now())
    if text and signed_badges.text_hash(_words(text)) != claims["text_sha256"]:
        terminal.fail("The signature holds, and these are not the words it was made for.")
    print(json.dumps(claims, ensure_ascii=False, indent=2))


def _words(file: Path) -> str:
    try:
        return file.read_text("utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        terminal.fail(f"{file} cannot be read: {error}")


def _keys(where: str) -> list[dict[str, Any]]:
    """Give the keys of a list. https only, or this machine: over plain http anybody on the way could put in their own."""
    try:
        if not where.startswith(("https://", "http://")):
            return list(json.loads(Path(where).read_text("utf-8"))["keys"])
        host = httpx.URL(where).host
        if where.startswith("http://") and host not in ("127.0.0.1", "localhost") and not host.endswith(".localhost"):
            terminal.fail(f"{where} is not https, so its keys prove nothing. Use --keys with a file you trust.")
        return list(httpx.get(where, timeout=SECONDS).raise_for_status().json()["keys"])
    except (OSError, httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        terminal.fail(f"No keys at {where}: {error}")
