"""What `commentbox doctor` looks at. Each check looks at one thing and gives findings in words: what, why, what to do."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from commentbox.server.accounts import queries
from commentbox.server.base import facts
from commentbox.server.base.db import Query
from commentbox.server.base.errors import Refusal
from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import Keyring
from commentbox.server.sites import actions as sites
from commentbox.server.sites.rules import Policy, is_private_host
from commentbox.server.sso import keys
from commentbox.server.verification import key_versions, providers
from commentbox.server.verification.person_key import versions


@dataclass(frozen=True)
class Finding:
    """One thing the operator should know. `wrong` must be mended, `risky` is for them to weigh."""

    level: Literal["wrong", "risky"]
    what: str
    why: str
    do: str


def wrong(what: str, *, why: str, do: str) -> Finding:
    """Give a finding that must be mended."""
    return Finding("wrong", what, why, do)


def risky(what: str, *, why: str, do: str) -> Finding:
    """Give a finding to weigh."""
    return Finding("risky", what, why, do)


def address(settings: Settings) -> Iterator[Finding]:
    """Look at the public address."""
    parts = urlsplit(settings.base_url)
    if parts.scheme != "https" and not is_private_host(settings.rp_id):
        yield wrong(
            f"The public address is plain http: {settings.base_url}",
            why="Browsers give no passkeys and keep no cookies of ours without https.",
            do="Put a reverse proxy with a certificate in front, and set COMMENTBOX_BASE_URL=https://…",
        )
    if parts.path not in ("", "/") or parts.query:
        yield wrong(
            f"The public address has a path: {settings.base_url}",
            why="The server wants an origin of its own; the path is ignored.",
            do="Set COMMENTBOX_BASE_URL to scheme and host only.",
        )


def secret(settings: Settings) -> Iterator[Finding]:
    """Look at where the master secret is and who can read it."""
    try:
        settings.secret_bytes()
    except (OSError, ValueError) as error:
        yield wrong(
            "There is no usable master secret.",
            why=str(error),
            do="Make one:  openssl rand -base64 48 > FILE   and set COMMENTBOX_SECRET_FILE=FILE",
        )
        return
    try:
        settings.person_secrets()
    except (OSError, ValueError) as error:
        yield wrong("The file of person keys cannot be read.", why=str(error), do="Bring it back from its back-up.")
    if settings.secret:
        return
    path = settings.secret_path().resolve()
    if not settings.database_url and path.is_relative_to(settings.data_dir.resolve()):
        yield risky(
            f"The master secret lies beside the database: {path}",
            why="Whoever gets both, such as a back-up of the folder, can try out who a person key belongs to.",
            do="Move it to another place with a back-up of its own, and set COMMENTBOX_SECRET_FILE.",
        )
    if os.name == "posix" and path.stat().st_mode & 0o077 and not path.is_relative_to("/run/secrets"):
        yield risky(
            f"Other users of this machine may read the master secret: {path}",
            why="It turns signed links and person keys.",
            do=f"chmod 400 {path}",
        )


def proxies(settings: Settings) -> Iterator[Finding]:
    """Look at who is believed about network addresses."""
    for each in filter(None, (part.strip() for part in settings.trusted_proxies.split(","))):
        try:
            ip_network(each, strict=False)
        except ValueError:
            yield wrong(
                f"COMMENTBOX_TRUSTED_PROXIES has {each!r}, which is no address or network.",
                why="Every request would fail.",
                do="Write addresses such as 127.0.0.1 or networks such as 172.16.0.0/12, with commas between.",
            )
    if not settings.trusted_proxies and urlsplit(settings.base_url).scheme == "https":
        yield risky(
            "No reverse proxy is trusted, though the public address is https.",
            why="This server speaks http only, so a proxy stands in front; all readers seem to share its address, "
            "and with it one rate limit.",
            do="Set COMMENTBOX_TRUSTED_PROXIES to the proxy's address.",
        )


def identity(settings: Settings) -> Iterator[Finding]:
    """Look at the identity providers."""
    if settings.demo and not is_private_host(settings.rp_id):
        yield wrong(
            "The demo provider is switched on at a public address.",
            why="It verifies anybody as anybody.",
            do="Unset COMMENTBOX_DEMO.",
        )
    try:
        known = providers.load(settings)
    except ValueError as error:
        yield wrong("The identity providers cannot be read.", why=str(error), do="docs/providers.md shows the form.")
        return
    if not known:
        yield risky(
            "No identity provider is set up.",
            why="Nobody can become verified, so nobody can choose to hear from verified people.",
            do="docs/providers.md shows how to add one (COMMENTBOX_PROVIDERS).",
        )
    elif all(each.method_class == "document" for each in known.values() if each.name != "demo") and set(known) != {
        "demo"
    }:
        yield risky(
            "Documents are the only way to verify.",
            why="Whoever has no passport or identity card, or shows it to no camera, cannot be verified.",
            do="Add a bank, a wallet, or `in_person` at your own desk: docs/providers.md.",
        )


async def host(query: Query, settings: Settings) -> list[Finding]:
    """Look whether passkeys were made under another host name."""
    bound, passkeys = await facts.recall(query, facts.PASSKEY_HOST), await queries.passkeys_there_are(query)
    if not passkeys or bound in (None, settings.rp_id):
        return []
    return [
        wrong(
            f"{passkeys} passkeys were made for {bound}, but the public address now says {settings.rp_id}.",
            why="Passkeys are bound to the host name: none of them will work, and nobody can sign in.",
            do=f"Set COMMENTBOX_BASE_URL back to https://{bound}; a moved server keeps its name.",
        )
    ]


async def person_keys(query: Query, settings: Settings) -> list[Finding]:
    """Look whether every person key can still be matched."""
    try:
        keyring = Keyring(settings.secret_bytes(), settings.person_secrets())
    except (OSError, ValueError):
        return []
    lost = await key_versions.unknown(query, [purpose.rpartition(":")[2] for purpose in versions(keyring)])
    if not lost:
        return []
    return [
        wrong(
            f"{lost} person keys are under a version whose secret is not here.",
            why="These people are not recognised: each could get a second badge, and a ban does not find them.",
            do="Bring the file of COMMENTBOX_PERSON_KEY_FILE back from its own back-up.",
        )
    ]


async def papers(query: Query, settings: Settings) -> list[Finding]:
    """Look at the sites: is there one, is it read anywhere, can it send what it promises."""
    known = await sites.every(query)
    found = []
    if not known:
        found.append(
            risky(
                "There is no site yet.",
                why="The tag on a page names a site; without one there is nothing to show.",
                do="commentbox site create gazette --origin https://paper.example",
            )
        )
    for site in known:
        if not await sites.origins_of(query, site.id):
            found.append(
                wrong(
                    f"The site {site.slug} has no origin.",
                    why="Browsers show its comments on no page.",
                    do=f"commentbox site origin add {site.slug} https://paper.example",
                )
            )
        if Policy.model_validate(site.policy).mail_links and not settings.smtp_url:
            found.append(
                wrong(
                    f"The site {site.slug} signs people in by mail, but no mail can be sent.",
                    why="COMMENTBOX_SMTP_URL is not set; mails only leave a line in the log.",
                    do=f"Set COMMENTBOX_SMTP_URL, or:  commentbox site policy {site.slug} mail_links=false",
                )
            )
    return found


async def logins(query: Query, _settings: Settings) -> list[Finding]:
    """Look whether the log-in of each paper can be checked: a secret that only we read, keys that are there."""
    found = []
    for site in await sites.every(query):
        policy = Policy.model_validate(site.policy)
        try:
            if policy.sso_jwks_url:
                await keys.published(policy.sso_jwks_url)
            elif policy.sso_secret_file:
                keys.secrets_of(policy.sso_secret_file)
                found += _open_secret(policy.sso_secret_file)
        except Refusal as refusal:
            found.append(
                wrong(
                    f"The log-in of {site.slug}'s paper cannot be checked ({refusal.data.get('reason')}).",
                    why="Its readers are not signed in; nobody else is troubled.",
                    do=f"Look at {policy.sso_jwks_url or policy.sso_secret_file}, then:  commentbox site sso {site.slug}",
                )
            )
        if policy.has_sso and not policy.sso_login_url:
            found.append(
                risky(
                    f"The log-in of {site.slug}'s paper works in the frame only.",
                    why="Readers without scripts have no way to it, and nobody can connect it with a passkey: without that "
                    "none of them ever speaks as verified.",
                    do=f"commentbox site sso {site.slug} --login-url https://paper.example/log-in   (docs/sso.md)",
                )
            )
    return found


def _open_secret(path: str) -> list[Finding]:
    if os.name != "posix" or not Path(path).stat().st_mode & 0o077 or path.startswith("/run/secrets"):
        return []
    why = "Whoever has it can sign in as any reader of the paper."
    return [risky(f"Other users of this machine may read {path}", why=why, do=f"chmod 400 {path}")]


async def desk(query: Query, _settings: Settings) -> list[Finding]:
    """Look whether anybody sits at the desk."""
    if any(row.role in ("admin", "moderator") for row in await queries.staff(query)):
        return []
    return [
        risky(
            "Nobody sits at the desk.",
            why="Held comments and reports wait for a moderator.",
            do="commentbox staff invite",
        )
    ]


OF_SETTINGS = (address, secret, proxies, identity)
OF_DATABASE = (host, person_keys, papers, logins, desk)
