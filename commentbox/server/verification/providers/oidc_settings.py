"""What an operator writes about one OpenID provider (docs/providers.md), checked when the server starts."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from commentbox.server.base.entries import check_one_place, is_safe_address, read_secret
from commentbox.server.verification.providers.entry import Entry
from commentbox.server.verification.providers.port import Assurance, MethodClass

Auth = Literal["client_secret_basic", "client_secret_post", "private_key_jwt"]
# These are ours to set: an operator's extra parameter must not loosen the flow.
_OWN_PARAMETERS = {
    "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
    "acr_values", "vtr", "claims", "response_mode", "ui_locales", "request", "request_uri",
}  # fmt: skip
_KEY_ALGORITHMS = {"RSA": "RS256", "EC": "ES256", "OKP": "Ed25519"}


class Level(BaseModel):
    """One level a provider may answer with, and what it means to readers. Exactly one of the first three says where it is.

    `acr`: the claim of that name. `vot`: the vector of trust (RFC 8485). `trust_framework`: of `verified_claims`
    (OpenID Identity Assurance), where `assurance_level` narrows it down.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    acr: str = ""
    vot: str = ""
    trust_framework: str = ""
    assurance_level: str = ""
    method: MethodClass
    assurance: Assurance = "substantial"

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(map(bool, (self.acr, self.vot, self.trust_framework))) != 1:
            raise ValueError("a level needs one of acr, vot and trust_framework")
        if self.assurance_level and not self.trust_framework:
            raise ValueError("assurance_level belongs to trust_framework")
        return self


class OidcSettings(Entry):
    """One `[[provider]]` table."""

    kind: Literal["oidc"] = "oidc"
    issuer: str
    client_id: str = Field(min_length=1)
    client_secret_env: str | None = None
    client_secret_file: Path | None = None
    private_key_env: str | None = None
    private_key_file: Path | None = None
    private_key_id: str | None = None
    auth: Auth = "client_secret_basic"
    scopes: tuple[str, ...] = ("openid", "profile")
    acr_values: tuple[str, ...] = ()
    vtr: tuple[str, ...] = ()
    claims: dict[str, object] = Field(default_factory=dict)
    parameters: dict[str, str] = Field(default_factory=dict)
    levels: tuple[Level, ...] = ()
    name_claims: tuple[str, ...] = ("name",)

    @field_validator("issuer")
    @classmethod
    def _issuer_is_https(cls, issuer: str) -> str:
        if not is_safe_address(issuer) or urlsplit(issuer).query or urlsplit(issuer).fragment:
            raise ValueError("must be an https address without query (plain http only on this machine)")
        return issuer

    @field_validator("parameters")
    @classmethod
    def _parameters_are_extra(cls, parameters: dict[str, str]) -> dict[str, str]:
        if taken := _OWN_PARAMETERS & set(parameters):
            raise ValueError(f"{', '.join(sorted(taken))} cannot be set here")
        return parameters

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        if "openid" not in self.scopes:
            raise ValueError("scopes must contain openid")
        if self.auth == "private_key_jwt":
            check_one_place(self.private_key_env, self.private_key_file, field="private_key")
            self.signing_key()
        else:
            check_one_place(self.client_secret_env, self.client_secret_file, field="client_secret")
            self.secret()
        return self

    def secret(self) -> SecretStr:
        """Read the client secret from where the file says it is."""
        return read_secret(self.client_secret_env, self.client_secret_file, what="client secret")

    def signing_key(self) -> tuple[Key, str]:
        """Read our private key (PEM) and give it with the algorithm it signs with; a new file is a new key at once."""
        pem = read_secret(self.private_key_env, self.private_key_file, what="private key").get_secret_value()
        for kind, algorithm in _KEY_ALGORITHMS.items():
            try:
                key = JWKRegistry.import_key(pem, kind)
            except (JoseError, ValueError, TypeError):
                continue
            if key.is_private:
                return key, algorithm
        raise ValueError("the private key is no PEM of an RSA, P-256 or Ed25519 private key")
