"""Every setting of an instance, read once from the environment (`COMMENTBOX_…`). `docs/settings.md` is made from this file."""

import os
import re
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
    classifiers: str = Field(
        "",
        description="Path of a TOML file that describes outside help for screening: a local classifier, a signed hook, "
        "Akismet (docs/outside-help.md). Which of them a site asks is its own setting `outside_help`.",
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
    bus_url: str = Field(
        "",
        pattern=r"^($|memory:|postgres(ql)?://|(redis|rediss|valkey|valkeys)://)",
        description="How several processes tell each other that there is something new: `postgresql://…`, "
        "`redis://:password@host:6379` (`rediss:` over TLS, `valkey:` the same) or `memory:` for a single process. Empty: "
        "PostgreSQL's own NOTIFY where that is the database, else memory.",
    )
    live_streams: int = Field(
        6000,
        ge=0,
        description="Most live streams one process keeps open, each an open file of about 30 kB. Readers beyond it ask "
        "every few seconds instead. 0: everybody asks.",
    )
    mail_theme: str = Field(
        "default", description="The theme whose `mail/` templates mails with news are set in (themes/README.md)."
    )
    digest_hour: int = Field(
        6, ge=0, le=23, description="The hour (UTC) at which daily digests go out; 6 is breakfast time in Europe."
    )
    access_log: bool = Field(
        False, description="Write one line per request: method, route, status, milliseconds; never a path or query."
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    badge_months: int = Field(24, ge=6, le=36, description="How long an attestation is good for.")
    recovery_hours: int = Field(
        72,
        ge=24,
        le=336,
        description="How long a verified account waits before somebody who recovers it is let in. Long enough for its owner "
        "to come by and say no; meanwhile the badge sleeps.",
    )
    person_key_file: Path | None = Field(
        None,
        description="File with further versions of the secret behind person keys, kept by `commentbox person-key rotate`. "
        "Keep it away from the database and its backups. Not set: the first version, from the master secret, is the only one.",
    )
    passkey_origins: str = Field(
        "",
        description="Comma-separated origins of other titles of this publisher whose pages may use passkeys made here "
        "(`/.well-known/webauthn`). Only hosts that serve nothing but sign-in: whoever can put a script there can sign in "
        "as a reader who uses a passkey there.",
    )
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

    @property
    def bus(self) -> str:
        """Give the address of the bus."""
        on_postgres = self.database_url.startswith("postgres")
        return self.bus_url or (self.database_url if on_postgres else "memory:")

    @cached_property
    def origin(self) -> str:
        """Give scheme, host and port of `base_url`: what `Origin` must be on every POST."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def rp_id(self) -> str:
        """Give the host name that passkeys are bound to."""
        return urlsplit(self.base_url).hostname or "localhost"

    @cached_property
    def related_origins(self) -> tuple[str, ...]:
        """Give the origins of `passkey_origins`."""
        return tuple(each.strip().rstrip("/") for each in self.passkey_origins.split(",") if each.strip())

    def person_secrets(self) -> dict[str, bytes]:
        """Read the versions of the secret behind person keys, by purpose; none where there is no file.

        Each is bound to this instance's host name, so that two instances with one file share no person key.
        """
        if self.person_key_file is None or not self.person_key_file.exists():
            return {}
        lines = [line.split() for line in self.person_key_file.read_text("utf-8").splitlines() if line.strip()]
        if any(len(parts) != 2 or not re.fullmatch(r"v[1-9]\d*", parts[0]) or len(parts[1]) < 32 for parts in lines):
            raise ValueError(f"{self.person_key_file}: each line is a version and its secret, such as: v2 SECRET")
        return {f"person-key:{version}": f"{self.rp_id}\0{secret}".encode() for version, secret in lines}

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
