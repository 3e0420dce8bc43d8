"""Our adapter, set up for the services of the tests."""

import json
from pathlib import Path
from typing import Any

from commentbox.server.verification.providers.webhook import WebhookProvider, WebhookSettings
from tests.hosted.checker import Checker
from tests.hosted.voices import API_KEY, KEY_ID, OPTIONS, secret_of

RETURN_URL = "http://comments.localhost:8000/verify/callback/hosted"


def entry(folder: Path, checker: Checker, voice: str, **more: Any) -> dict[str, Any]:
    """Give what an operator would write about a service."""
    (folder / "api-key").write_text(API_KEY + "\n")
    (folder / "webhook-secret").write_text(secret_of(voice) + "\n")
    options = dict(OPTIONS.get(voice, {}))
    if voice == "persona":
        options["flow"] = f"{checker.origin}/page"
    said = {"name": "hosted", "kind": "webhook", "dialect": voice, "api": f"{checker.origin}/{voice}", "key_id": KEY_ID}
    said |= {"api_key_file": str(folder / "api-key"), "webhook_secret_files": [str(folder / "webhook-secret")]}
    said |= {"options": options, "uniqueness": "person" if voice == "standard" else "document"}
    return said | more


def hosted(folder: Path, checker: Checker, voice: str, **more: Any) -> WebhookProvider:
    """Give the adapter."""
    return WebhookProvider(WebhookSettings.model_validate(entry(folder, checker, voice, **more)))


def toml(said: dict[str, Any]) -> str:
    """Write an entry as an operator's file has it."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in said.items() if not isinstance(value, dict)]
    nested = [f'{name} = "{value}"' for name, value in said["options"].items()]
    return "\n".join(["[[provider]]", *lines, "[provider.options]", *nested, ""])
