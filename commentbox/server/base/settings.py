"""Every setting of an instance, read once from the environment (`COMMENTBOX_…`). `docs/settings.md` is made from this file."""

import os
import secrets
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_SQLITE = "commentbox.sqlite3"


class Settings(BaseSettings):
    """One instance: one publisher, several sites."""

    model_config = SettingsConfigDict(env_prefix="COMMENTBOX_", extra="ignore", frozen=True)

    data_dir: Path = Field(Path("data"), description="Folder for the SQLite file and nothing else that must be kept.")
    database_url: str = Field(
        "",
        description="`sqlite:///path` or `postgresql://user:password@host/name`. Empty: a SQLite file in the data folder.",
    )
    base_url: str = Field(
        "http://localhost:8000",
        description="The public address of this server, as browsers see it. Passkeys are bound to its host name: "
        "changing the host makes every passkey useless.",
    )
    secret: str = Field("", description="The master secret, at least 32 characters. Prefer the file below.")
    secret_file: Path | None = Field(
        None,
        description="File with the master secret. Keep it away from the database and its backups. Where neither is "
        "set, a file `secret.key` is made in the data folder, and `commentbox doctor` says why that is second best.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    trusted_proxies: str = Field(
        "",
        description="Comma-separated addresses or networks of reverse proxies whose `X-Forwarded-For` is believed. "
        "Empty: nobody's.",
    )
    demo: bool = Field(
        False, description="Switches on the demo provider, which verifies anybody. Never on a real site."
    )
    providers: str = Field(
        "", description="Path of a TOML file that describes the identity providers (docs/providers.md)."
    )
    anchor_file: Path | None = Field(
        None,
        description="File to which the journal's hash is added once a day. Best on another disk or a share that only "
        "grows: whoever can change the database must not be able to change it. Empty: `journal.anchors` in the data folder.",
    )
    smtp_url: str = Field(
        "", description="`smtp://user:password@host:port` or `smtps://…`. Empty: mail is written to the log."
    )
    mail_from: str = Field("comments@localhost", description="Sender of every mail.")
    access_log: bool = Field(
        False, description="Write one line per request: method, route, status, milliseconds; never a path or query."
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    badge_months: int = Field(24, ge=6, le=36, description="How long an attestation is good for.")
    guest_secret_days: int = Field(400, ge=30, description="How long a guest's code works.")

    @cached_property
    def database(self) -> str:
        """Give the database address with its asynchronous driver."""
        url = self.database_url or f"sqlite:///{(self.data_dir / DEFAULT_SQLITE).resolve()}"
        for plain, driven in (
            ("sqlite:", "sqlite+aiosqlite:"),
            ("postgresql:", "postgresql+asyncpg:"),
            ("postgres:", "postgresql+asyncpg:"),
        ):
            if url.startswith(plain):
                return driven + url[len(plain) :]
        return url

    @cached_property
    def origin(self) -> str:
        """Give scheme, host and port of `base_url`: what `Origin` must be on every POST."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def rp_id(self) -> str:
        """Give the host name that passkeys are bound to."""
        return urlsplit(self.base_url).hostname or "localhost"

    def anchor_path(self) -> Path:
        """Say where the anchors of the journal are."""
        return self.anchor_file or self.data_dir / "journal.anchors"

    def secret_path(self) -> Path:
        """Say where the master secret is, or would be made."""
        return self.secret_file or self.data_dir / "secret.key"

    def secret_bytes(self) -> bytes:
        """Read the master secret; make it on the very first start. Refuses one that is too short to be one."""
        text = self.secret or _read_or_make(self.secret_path())
        if len(text) < 32:
            raise ValueError("the master secret must have at least 32 characters; `openssl rand -base64 48` makes one")
        return text.encode()


def _read_or_make(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text("utf-8").strip()
