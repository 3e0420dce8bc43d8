"""Any OpenID provider: authorization code with PKCE, state, nonce and issuer check (RFC 6749, 7636, 9207, 9700).

By hand on httpx and joserfc: the flow is short, and it never lets a token, a claim or a code out of this module's
memory. `docs/providers.md` says what an operator writes.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from commentbox.server.base import clock
from commentbox.server.base.errors import Forbidden
from commentbox.server.base.signing import b64url, new_token
from commentbox.server.verification.providers.http import ask, bad_answer
from commentbox.server.verification.providers.oidc_discovery import Discovery, Metadata
from commentbox.server.verification.providers.oidc_settings import Level, OidcSettings
from commentbox.server.verification.providers.oidc_token import Expected, read_id_token
from commentbox.server.verification.providers.port import Begin, Redirect, Result

# The person or the provider said no, or could not ask: nobody's mistake, and the page says how to try again.
_DECLINED = {
    "access_denied",
    "login_required",
    "interaction_required",
    "consent_required",
    "account_selection_required",
}
_BUSY = {"temporarily_unavailable", "server_error"}


class OidcProvider:
    """One configured OpenID provider."""

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self._discovery = Discovery(settings.issuer)
        self.name = settings.name
        self.label = settings.label
        self.method_class = settings.method
        self.uniqueness = settings.uniqueness

    async def begin(self, attempt: Begin) -> Redirect:
        """Give the provider's address with our request, and nonce and verifier to keep."""
        metadata = await self._discovery.metadata()
        nonce, verifier = new_token(), new_token()
        request = self._request(attempt) | {
            "nonce": nonce,
            "code_challenge": b64url(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        start = metadata.authorization_endpoint
        url = f"{start}{'&' if '?' in start else '?'}{urlencode(request)}"
        return Redirect(url, {"nonce": nonce, "verifier": verifier, "return_url": attempt.return_url})

    def _request(self, attempt: Begin) -> dict[str, str]:
        request = dict(self._settings.parameters) | {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": attempt.return_url,
            "scope": " ".join(self._settings.scopes),
            "state": attempt.state,
            "ui_locales": attempt.lang,
        }
        if self._settings.acr_values:
            request["acr_values"] = " ".join(self._settings.acr_values)
        if self._settings.claims:
            request["claims"] = json.dumps(self._settings.claims, separators=(",", ":"))
        return request

    async def complete(self, keep: Mapping[str, Any], params: Mapping[str, str]) -> Result:
        """Redeem the code and read who came back."""
        metadata = await self._discovery.metadata()
        self._check_redirect(metadata, params)
        tokens = await self._redeem(metadata, keep, params["code"])
        expected = Expected(self._settings.issuer, self._settings.client_id, str(keep.get("nonce")))
        claims = await read_id_token(tokens.get("id_token"), self._discovery, expected, now=clock.now())
        level = self._level(claims.get("acr"))
        name = _name(claims, self._settings.name_claims)
        if name is None and metadata.userinfo_endpoint:
            about = await _userinfo(metadata.userinfo_endpoint, tokens.get("access_token"), claims["sub"])
            name = _name(about, self._settings.name_claims)
        return Result(
            outcome="verified",
            provider_class="oidc",
            issuer=self._settings.issuer,
            uniqueness=self._settings.uniqueness,
            assurance=level.assurance,
            method=level.method,
            time=datetime.fromtimestamp(claims["iat"], UTC),
            subject=claims["sub"],
            stated_name=name,
        )

    def _check_redirect(self, metadata: Metadata, params: Mapping[str, str]) -> None:
        """Refuse an answer of another issuer (a mix-up, RFC 9207) or one that says no."""
        iss = params.get("iss")
        if iss != self._settings.issuer and (iss is not None or metadata.states_iss):
            raise bad_answer("issuer")
        error = params.get("error")
        if error is not None:
            _refuse_error(error)
        if not params.get("code"):
            raise bad_answer("code")

    async def _redeem(self, metadata: Metadata, keep: Mapping[str, Any], code: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": str(keep.get("return_url")),
            "code_verifier": str(keep.get("verifier")),
        }
        secret = self._settings.secret().get_secret_value()
        auth: httpx.Auth | None = None
        if self._settings.auth == "client_secret_basic":
            # RFC 6749, 2.3.1: both are form-encoded before they become a user name and a password.
            auth = httpx.BasicAuth(quote(self._settings.client_id, safe=""), quote(secret, safe=""))
        else:
            form |= {"client_id": self._settings.client_id, "client_secret": secret}
        status, tokens = await ask("POST", metadata.token_endpoint, form=form, auth=auth)
        if status != 200:
            raise bad_answer("code" if tokens.get("error") == "invalid_grant" else "token_endpoint")
        return tokens

    def _level(self, acr: object) -> Level:
        """Give what the answer's level means. Where levels are listed, any other is too low."""
        if not self._settings.levels:
            return Level(acr="any", method=self._settings.method, assurance=self._settings.assurance)
        for level in self._settings.levels:
            if level.acr == acr:
                return level
        raise Forbidden("provider.level_too_low")


def _refuse_error(error: str) -> None:
    if error in _DECLINED:
        raise Forbidden("provider.declined")
    raise bad_answer("busy" if error in _BUSY else "refused")


async def _userinfo(address: str, access_token: object, subject: str) -> dict[str, Any]:
    """Give the person's claims, if they are about the subject of the ID token (OpenID Connect Core 5.3.2)."""
    if not isinstance(access_token, str) or not access_token.isascii():
        raise bad_answer("token")
    status, about = await ask("GET", address, headers={"Authorization": f"Bearer {access_token}"})
    stated = about.get("sub")
    if status != 200 or not isinstance(stated, str) or not hmac.compare_digest(stated.encode(), subject.encode()):
        raise bad_answer("userinfo")
    return about


def _name(claims: Mapping[str, Any], paths: tuple[str, ...]) -> str | None:
    """Join the claims at dotted `paths` (`verified_claims.claims.given_name`); None unless all of them are there."""
    parts = [_at(claims, path) for path in paths]
    texts = [part.strip() for part in parts if isinstance(part, str) and part.strip()]
    return " ".join(texts) if texts and len(texts) == len(parts) else None


def _at(claims: object, path: str) -> object:
    for step in path.split("."):
        claims = claims.get(step) if isinstance(claims, Mapping) else None
    return claims
