"""What an operator writes about one OpenID provider (docs/providers.md), checked when the server starts."""

import os
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from commentbox.server.verification.providers.port import Assurance, MethodClass, Uniqueness

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
# These are ours to set: an operator's extra parameter must not loosen the flow.
_OWN_PARAMETERS = {
    "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
    "acr_values", "claims", "response_mode", "ui_locales", "request", "request_uri",
}  # fmt: skip


class Level(BaseModel):
    """One level of assurance (`acr`) the provider may answer with, and what it means to readers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    acr: str = Field(min_length=1)
    method: MethodClass
    assurance: Assurance = "substantial"


class OidcSettings(BaseModel):
    """One `[[provider]]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Slug
    kind: Literal["oidc"] = "oidc"
    label: str = ""
    issuer: str
    client_id: str = Field(min_length=1)
    client_secret_env: str | None = None
    client_secret_file: Path | None = None
    auth: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic"
    scopes: tuple[str, ...] = ("openid", "profile")
    acr_values: tuple[str, ...] = ()
    claims: dict[str, object] = Field(default_factory=dict)
    parameters: dict[str, str] = Field(default_factory=dict)
    method: MethodClass
    assurance: Assurance = "substantial"
    levels: tuple[Level, ...] = ()
    uniqueness: Uniqueness
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
        if (self.client_secret_env is None) == (self.client_secret_file is None):
            raise ValueError("needs client_secret_env or client_secret_file, and not both")
        if "openid" not in self.scopes:
            raise ValueError("scopes must contain openid")
        self.secret()
        return self

    def secret(self) -> SecretStr:
        """Read the client secret from where the file says it is."""
        if self.client_secret_env is not None:
            found = os.environ.get(self.client_secret_env, "")
        else:
            found = _text(self.client_secret_file)
        if not found:
            raise ValueError("the client secret is empty")
        return SecretStr(found)


def is_safe_address(address: object) -> bool:
    """Say whether an address is https, or plain http to this very machine."""
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and (host in LOOPBACK or host.endswith(".localhost")))


def _text(path: Path | None) -> str:
    try:
        return path.read_text("utf-8").strip() if path else ""
    except OSError as error:
        raise ValueError(f"client_secret_file cannot be read ({error.strerror})") from None
