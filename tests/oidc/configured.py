"""Our adapter, set up for a provider of the tests."""

from pathlib import Path
from typing import Any

from commentbox.server.verification.providers.oidc import OidcProvider
from commentbox.server.verification.providers.oidc_settings import OidcSettings
from tests.oidc.certified import SECRET

CLIENT_ID = "client"


class Configured:
    """Makes adapters whose client secret lies in a file of `folder`."""

    def __init__(self, folder: Path) -> None:
        self.secret_file = folder / "client-secret"
        self.secret_file.write_text(SECRET + "\n")

    def entry(self, issuer: str, **more: Any) -> dict[str, Any]:
        """Give what an operator would write."""
        said = {"name": "certified", "issuer": issuer, "client_id": CLIENT_ID, "method": "bank", "uniqueness": "person"}
        return said | {"client_secret_file": str(self.secret_file)} | more

    def __call__(self, issuer: str, **more: Any) -> OidcProvider:
        return OidcProvider(OidcSettings.model_validate(self.entry(issuer, **more)))
