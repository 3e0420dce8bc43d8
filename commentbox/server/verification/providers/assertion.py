"""The `assertion` shape: a checker the paper trusts (its counter, its CRM, another service) says in a JWS who somebody is.

We send the browser there with a nonce; it comes back by a form with the JWS, so that nothing of it stands in an address.
Audience, nonce, lifetime and a one-use id bind the statement to this attempt; the keys are where the operator says.
"""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlencode

from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry
from pydantic import Field, model_validator

from commentbox.server.base import clock
from commentbox.server.base.entries import is_safe_address
from commentbox.server.base.errors import Forbidden
from commentbox.server.base.signing import new_token
from commentbox.server.verification.providers.entry import Entry
from commentbox.server.verification.providers.http import ask, bad_answer
from commentbox.server.verification.providers.jose import Keys, read_signed
from commentbox.server.verification.providers.port import Begin, Redirect, Result

TYP = "person+jwt"  # Said in the header, so that no token made for another purpose passes for one of these (RFC 8725, 3.11).
LIFETIME = timedelta(minutes=10)  # From the counter's click to our form; an older one was kept by somebody.
SKEW = timedelta(seconds=60)
_MAX_CHARS = 255


class AssertionSettings(Entry):
    """One `[[provider]]` table of kind `assertion`."""

    kind: Literal["assertion"]
    start: str
    issuer: str = Field(min_length=1)
    audience: str = Field(min_length=1)
    jwks_uri: str | None = None
    jwks_file: Path | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not is_safe_address(self.start):
            raise ValueError("start must be an https address (plain http only on this machine)")
        if (self.jwks_uri is None) == (self.jwks_file is None):
            raise ValueError("needs jwks_uri or jwks_file, and not both")
        if self.jwks_uri is not None and not is_safe_address(self.jwks_uri):
            raise ValueError("jwks_uri must be an https address (plain http only on this machine)")
        if self.jwks_file is not None:
            self.published()
        return self

    def published(self) -> dict[str, Any]:
        """Read the keys from the file, as it is now."""
        try:
            found = json.loads(self.jwks_file.read_text("utf-8")) if self.jwks_file else {}
        except (OSError, ValueError):
            raise ValueError("jwks_file cannot be read as JSON") from None
        if not isinstance(found, dict):
            raise ValueError("jwks_file is no set of keys")
        return found


class AssertionProvider:
    """One configured checker of this shape."""

    def __init__(self, settings: AssertionSettings) -> None:
        self.settings = settings
        self.keys = Keys(self._published)
        self.name = settings.name
        self.label = settings.label
        self.method_class = settings.method
        self.uniqueness = settings.uniqueness

    async def begin(self, attempt: Begin) -> Redirect:
        """Give the checker's address, with what its answer must carry."""
        nonce = new_token()
        asked = {"return_url": attempt.return_url, "state": attempt.state, "nonce": nonce, "lang": attempt.lang}
        start = self.settings.start
        return Redirect(f"{start}{'&' if '?' in start else '?'}{urlencode(asked)}", {"nonce": nonce})

    async def complete(self, keep: Mapping[str, Any], params: Mapping[str, str]) -> Result:
        """Read the statement the form brought."""
        if params.get("error") == "access_denied":
            raise Forbidden("provider.declined")
        claims = await read_signed(params.get("assertion"), self.keys, typ=TYP)
        now = clock.now()
        _check(claims, self.settings, nonce=str(keep.get("nonce")), now=now)
        until = claims.get("until")
        return Result(
            outcome="verified",
            provider_class="assertion",
            issuer=self.settings.issuer,
            uniqueness=self.uniqueness,
            assurance=self.settings.assurance,
            method=self.settings.method,
            time=datetime.fromtimestamp(claims["iat"], UTC),
            subject=claims["sub"],
            stated_name=claims["name"] if isinstance(claims.get("name"), str) else None,
            until=datetime.fromtimestamp(until, UTC) if isinstance(until, int) and until > now.timestamp() else None,
            once=claims["jti"],
        )

    async def _published(self) -> dict[str, Any]:
        if self.settings.jwks_uri is None:
            return self.settings.published()
        status, content = await ask("GET", self.settings.jwks_uri)
        if status != 200:
            raise bad_answer("keys")
        return content


def _check(claims: dict[str, Any], settings: AssertionSettings, *, nonce: str, now: datetime) -> None:
    rules = JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=int(SKEW.total_seconds()),
        iss={"essential": True, "value": settings.issuer},
        aud={"essential": True, "value": settings.audience},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        jti={"essential": True},
    )
    try:
        rules.validate(claims)
    except (JoseError, ValueError, TypeError):
        raise bad_answer("claims") from None
    if claims["exp"] - claims["iat"] > LIFETIME.total_seconds():
        raise bad_answer("lifetime")
    stated = claims.get("nonce")
    if not isinstance(stated, str) or not hmac.compare_digest(stated.encode(), nonce.encode()):
        raise bad_answer("nonce")
    if not all(isinstance(claims[name], str) and 0 < len(claims[name]) <= _MAX_CHARS for name in ("sub", "jti")):
        raise bad_answer("claims")
