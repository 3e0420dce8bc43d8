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
from joserfc import jwt

from commentbox.server.base import clock
from commentbox.server.base.errors import Forbidden
from commentbox.server.base.signing import b64url, new_token
from commentbox.server.verification.providers import oidc_levels
from commentbox.server.verification.providers.http import ask, bad_answer
from commentbox.server.verification.providers.oidc_discovery import Discovery, Metadata
from commentbox.server.verification.providers.oidc_settings import OidcSettings
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
_BY_JWT = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 60  # It is used within the same second; a minute is for clocks.
_BUSY = {"temporarily_unavailable", "server_error"}


class OidcProvider:
    """One configured OpenID provider."""

    def __init__(self, settings: OidcSettings) -> None:
        self.settings = settings
        self.discovery = Discovery(settings.issuer)
        self.name = settings.name
        self.label = settings.label
        self.method_class = settings.method
        self.uniqueness = settings.uniqueness

    async def begin(self, attempt: Begin) -> Redirect:
        """Give the provider's address with our request, and nonce and verifier to keep."""
        metadata = await self.discovery.metadata()
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
        request = dict(self.settings.parameters) | {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": attempt.return_url,
            "scope": " ".join(self.settings.scopes),
            "state": attempt.state,
            "ui_locales": attempt.lang,
        }
        if self.settings.acr_values:
            request["acr_values"] = " ".join(self.settings.acr_values)
        if self.settings.vtr:
            request["vtr"] = json.dumps(self.settings.vtr, separators=(",", ":"))
        if self.settings.claims:
            request["claims"] = json.dumps(self.settings.claims, separators=(",", ":"))
        return request

    async def complete(self, keep: Mapping[str, Any], params: Mapping[str, str]) -> Result:
        """Redeem the code and read who came back."""
        metadata = await self.discovery.metadata()
        self._check_redirect(metadata, params)
        tokens = await self._redeem(metadata, keep, params["code"])
        expected = Expected(self.settings.issuer, self.settings.client_id, str(keep.get("nonce")))
        claims = await read_id_token(tokens.get("id_token"), self.discovery, expected, now=clock.now())
        about = await self._about(metadata, claims, tokens.get("access_token"))
        level = oidc_levels.reached(self.settings, claims | about)
        return Result(
            outcome="verified",
            provider_class="oidc",
            issuer=self.settings.issuer,
            uniqueness=self.settings.uniqueness,
            assurance=level.assurance,
            method=level.method,
            time=datetime.fromtimestamp(claims["iat"], UTC),
            subject=claims["sub"],
            stated_name=oidc_levels.name(level, claims | about, self.settings.name_claims),
            spellings=oidc_levels.spellings(level, claims | about, self.settings.name_claims),
        )

    async def _about(self, metadata: Metadata, claims: Mapping[str, Any], access_token: object) -> dict[str, Any]:
        """Ask userinfo, only where the ID token lacks the name or what a level is read from."""
        missing = oidc_levels.missing(self.settings, claims)
        if not missing or metadata.userinfo_endpoint is None:
            return {}
        about = await _userinfo(metadata.userinfo_endpoint, access_token, claims["sub"])
        # The signed token has the last word on everything it says itself, and the only one on the level of the log-in.
        return {name: value for name, value in about.items() if name not in (*claims, "acr", "vot")}

    def _check_redirect(self, metadata: Metadata, params: Mapping[str, str]) -> None:
        """Refuse an answer of another issuer (a mix-up, RFC 9207) or one that says no."""
        iss = params.get("iss")
        if iss != self.settings.issuer and (iss is not None or metadata.states_iss):
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
        auth, proof = self._client_proof()
        form |= proof
        status, tokens = await ask("POST", metadata.token_endpoint, form=form, auth=auth)
        if status != 200:
            raise bad_answer("code" if tokens.get("error") == "invalid_grant" else "token_endpoint")
        return tokens

    def _client_proof(self) -> tuple[httpx.Auth | None, dict[str, str]]:
        """Give how we prove to be the client: in a header, in the form, or by a signature (RFC 7523)."""
        if self.settings.auth == "private_key_jwt":
            return None, {"client_assertion_type": _BY_JWT, "client_assertion": self._client_assertion()}
        secret = self.settings.secret().get_secret_value()
        if self.settings.auth == "client_secret_basic":
            # RFC 6749, 2.3.1: both are form-encoded before they become a user name and a password.
            return httpx.BasicAuth(quote(self.settings.client_id, safe=""), quote(secret, safe="")), {}
        return None, {"client_id": self.settings.client_id, "client_secret": secret}

    def _client_assertion(self) -> str:
        """Sign that we are the client: for this issuer, for a minute, once.

        The audience is the issuer and not the token endpoint, so that no other provider can name an endpoint that makes
        our signature useful to it.
        """
        key, algorithm = self.settings.signing_key()
        now = int(clock.now().timestamp())
        said: dict[str, Any] = {
            "iss": self.settings.client_id,
            "sub": self.settings.client_id,
            "aud": self.settings.issuer,
        }
        said |= {"jti": new_token(), "iat": now, "exp": now + ASSERTION_SECONDS}
        header = {"alg": algorithm, "typ": "JWT"}
        if self.settings.private_key_id:
            header["kid"] = self.settings.private_key_id
        return jwt.encode(header, said, key, algorithms=[algorithm])


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
