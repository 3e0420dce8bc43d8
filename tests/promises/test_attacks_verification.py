"""Attacks on verifying that need more than one room: two real providers mixed up, our windows framed, a dump restored."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from commentbox.server.base.settings import Settings
from tests.journeys.reader import Reader
from tests.journeys.reading import refresh_of, words
from tests.oidc.certified import SECRET, Certified, certified

CALLBACK = "http://comments.localhost:8000/verify/callback/"
WINDOWS = ("/signup", "/signin", "/welcome", "/verify", "/recover", "/verification", "/verification/data", "/guest")
TABLE = """[[provider]]
name = "{name}"
issuer = "{issuer}"
client_id = "basic"
client_secret_file = "{secret}"
method = "bank"
uniqueness = "person"
"""


@pytest.fixture(scope="module")
def two() -> Iterator[dict[str, Certified]]:
    """Give two certified providers that both know us as the same client: an honest one, and one run by an attacker."""
    back = (f"{CALLBACK}honest", f"{CALLBACK}evil")
    with certified(*back) as honest, certified(*back) as evil:
        yield {"honest": honest, "evil": evil}


@pytest.fixture
def settings(settings: Settings, two: dict[str, Certified], tmp_path: Path) -> Settings:
    (tmp_path / "secret").write_text(SECRET)
    known = (TABLE.format(name=name, issuer=each.issuer, secret=tmp_path / "secret") for name, each in two.items())
    (tmp_path / "providers.toml").write_text("\n".join(known))
    return settings.model_copy(update={"providers": str(tmp_path / "providers.toml")})


async def test_two_real_providers_cannot_be_mixed_up(two: dict[str, Certified], new_visitor: Callable[..., Any]):
    victim = Reader(new_visitor())
    await victim.sign_up()
    # The attacker's provider sends its guest on to the honest one, to be handed the code that comes back (RFC 9207).
    sent_on = refresh_of(await victim.leave("evil")).replace(two["evil"].issuer, two["honest"].issuer)
    came = two["honest"].log_in(sent_on, account="a", name="Ada Lovelace")
    assert came["iss"] == two["honest"].issuer
    answer = await finish(victim, "evil", came)
    assert answer == ("provider.bad_answer", "issuer"), "the code goes to nobody"
    away = refresh_of(await victim.leave("honest"))
    came = two["honest"].log_in(away, account="a", name="Ada Lovelace")
    assert await finish(victim, "evil", came) == ("verification.attempt_gone", None), "a state is good at its own door"
    again = Reader(new_visitor(), "Heron")
    await again.sign_up()
    params = two["honest"].log_in(refresh_of(await again.leave("honest")), account="b", name="Ada Lovelace")
    assert "Verified person" in words(await again.come_back("honest", params)), "unmixed it works"


async def finish(reader: Reader, name: str, brought: dict[str, str]) -> tuple[str, str | None]:
    """Bring an answer to a provider's door; give the refusal and its reason."""
    path, as_program = f"/verify/finish/{name}", {"Accept": "application/json"}
    answer = await reader.visitor.fetch(path, method="POST", data=brought, headers=as_program)
    error = answer.json()["error"]
    return error["code"], error["data"].get("reason")


@pytest.mark.parametrize("path", WINDOWS)
async def test_no_page_lays_itself_over_our_windows(visitor: Any, path: str):
    page = await visitor.open(path)
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy, path
    assert page.headers.get("x-frame-options", "DENY").upper() == "DENY"
