"""The token of the paper's own log-in: what is believed, and every way in which one can be wrong.

A small web server of our own publishes the paper's keys; nothing here needs a database.
"""

import json
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from commentbox.server.base import clock
from commentbox.server.base.errors import Refusal
from commentbox.server.base.signing import b64url
from commentbox.server.sites.rules import Policy
from commentbox.server.sso import tokens
from commentbox.server.sso.keys import PaperKeys
from commentbox.server.sso.rules import Expected, Login
from tests.oidc.certified import require_packages
from tests.papers.login import AUDIENCE, RSA_KEY, KeyPaper, Paper, claims, published, serving, signed

NOW = int(time.time())
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "sso.md"
SIGN = ROOT / "tests" / "papers" / "sign.mjs"


@pytest.fixture(autouse=True)
def a_clock_that_stands_still() -> None:
    clock.set(datetime.fromtimestamp(NOW, UTC))


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    return Paper(tmp_path)


@pytest.fixture
def printing() -> KeyPaper:
    return KeyPaper()


@pytest.fixture
def policy(printing: KeyPaper) -> Iterator[Policy]:
    with serving({"/keys": lambda: (200, printing.answer())}) as origin:
        yield Policy(sso_jwks_url=f"{origin}/keys")


async def read(token: object, policy: Policy, *, keys: PaperKeys | None = None, nonce: str | None = None) -> Login:
    return await tokens.read(token, keys or PaperKeys(), policy, Expected(AUDIENCE, clock.now(), nonce))


async def why(token: object, policy: Policy, **more: Any) -> str:
    with pytest.raises(Refusal) as caught:
        await read(token, policy, **more)
    return str(caught.value.data.get("reason", caught.value.code))


async def test_a_token_by_shared_secret_is_read(paper: Paper) -> None:
    policy = Policy(**paper.policy())
    login = await read(paper.token(name="Ada", subscriber=True, email="ada@example.org"), policy)
    assert (login.subject, login.name, login.is_subscriber) == ("41207", "Ada", True)
    assert "41207" not in repr(login) and "Ada" not in repr(login)
    assert (await read(paper.token(aud=[AUDIENCE], nbf=NOW, jti="x"), policy)).once == "x"


@pytest.mark.parametrize("kid", ["ec", "rsa"])
async def test_a_token_by_published_key_is_read(printing: KeyPaper, policy: Policy, kid: str) -> None:
    assert (await read(printing.token(kid=kid), policy)).subject == "41207"


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "for another site": ({"aud": "http://comments.localhost:8000/herald"}, "audience"),
    "for another installation": ({"aud": "http://other.localhost:8000/gazette"}, "audience"),
    "for two": ({"aud": [AUDIENCE, "http://other.localhost/gazette"]}, "audience"),
    "for nobody": ({"aud": None}, "audience"),
    "for a beginning": ({"aud": AUDIENCE[:-1]}, "audience"),
    "about nobody": ({"sub": None}, "claims"),
    "about an empty id": ({"sub": ""}, "claims"),
    "about a number": ({"sub": 41207}, "claims"),
    "about a long id": ({"sub": "4" * 256}, "claims"),
    "about half a letter": ({"sub": "\ud800"}, "claims"),
    "about a NUL": ({"sub": "41207\0"}, "claims"),
    "without an id": ({"jti": None}, "claims"),
    "with an empty id": ({"jti": ""}, "claims"),
    "with half a letter in the name": ({"name": "Ada \ud800"}, "claims"),
    "with a list for a name": ({"name": ["Ada"]}, "claims"),
    "subscribing in words": ({"subscriber": "yes"}, "claims"),
    "without a beginning": ({"iat": None}, "claims"),
    "without an end": ({"exp": None}, "claims"),
    "with an end in words": ({"exp": "tomorrow"}, "claims"),
    "with a true end": ({"exp": True}, "claims"),
    "without end": ({"exp": float("inf")}, "claims"),
    "with an end that is none": ({"exp": float("nan")}, "claims"),
    "with an end beyond counting": ({"exp": 10**400}, "claims"),
    "with a beginning in words": ({"nbf": "now"}, "claims"),
    "good for an hour": ({"exp": NOW + 3600}, "lifetime"),
    "good for no time": ({"exp": NOW, "iat": NOW}, "lifetime"),
    "of an hour ago": ({"iat": NOW - 3600, "exp": NOW - 3400}, "expired"),
    "of an hour to come": ({"iat": NOW + 3600, "exp": NOW + 3700}, "early"),
    "not good before an hour": ({"nbf": NOW + 3600}, "early"),
}


@pytest.mark.parametrize("fault", WRONG)
async def test_a_token_that_says_the_wrong_thing_is_refused(paper: Paper, fault: str) -> None:
    said, reason = WRONG[fault]
    assert await why(paper.token(**said), Policy(**paper.policy())) == reason


HEADERS: dict[str, tuple[dict[str, Any], str]] = {
    "without algorithm": ({"alg": "none"}, "algorithm"),
    "without algorithm, shouting": ({"alg": "NONE"}, "algorithm"),
    "of the other family": ({"alg": "HS256"}, "algorithm"),
    "of a longer hash": ({"alg": "ES384"}, "algorithm"),
    "of no algorithm": ({"alg": 7}, "algorithm"),
    "of the other key's algorithm": ({"alg": "RS256"}, "signature"),
    "by a key nobody published": ({"kid": "unknown"}, "key"),
    "by a file": ({"kid": "../../dev/null"}, "key"),
    "by a query": ({"kid": "' OR '1'='1"}, "key"),
    "by a number": ({"kid": 1}, "header"),
    "by no name": ({"kid": None}, "key"),
    "that brings its key": ({"jwk": published(RSA_KEY, "rsa")}, "header"),
    "that says where its key is": ({"jku": "https://evil.example/keys"}, "header"),
    "that brings a certificate": ({"x5c": ["MII"]}, "header"),
    "that demands to be understood": ({"crit": ["exp"]}, "header"),
    "that is not encoded": ({"b64": False, "crit": ["b64"]}, "header"),
}


@pytest.mark.parametrize("fault", HEADERS)
async def test_a_token_whose_header_tries_something_is_refused(printing: KeyPaper, policy: Policy, fault: str) -> None:
    header, reason = HEADERS[fault]
    assert await why(printing.token(header=header), policy) == reason


async def test_a_public_key_is_never_a_secret(printing: KeyPaper, policy: Policy) -> None:
    public = RSA_KEY.public_key()
    shapes = [
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(published(RSA_KEY, "rsa")).encode(),
    ]
    for shape in shapes:
        assert await why(signed({"alg": "HS256", "kid": "rsa"}, claims(), shape), policy) == "algorithm"
        assert await why(signed({"alg": "RS256", "kid": "rsa"}, claims(), shape), policy) == "signature"
    assert await why(signed({"alg": "ES256", "kid": "ec"}, claims(), None), policy) == "signature"


async def test_a_token_in_pieces_is_refused(paper: Paper) -> None:
    policy, honest = Policy(**paper.policy()), paper.token()
    head, body, signature = honest.split(".")
    other = paper.token(sub="another").split(".")[1]
    broken = ["", "a.b.c", honest + ".x", f"{head}.{body}", f"..{signature}", "é", "x" * 9000, None, b"x", 7]
    broken += [f"{b64url(b'[]')}.{body}.{signature}", f"{b64url(b'{')}.{body}.{signature}"]
    for each in broken:
        assert await why(each, policy) in ("token", "header", "algorithm", "signature"), each
    for each in (
        f"{head}.{body}.",
        f"{head}.{other}.{signature}",
        honest[:-2] + ("AA" if honest[-2:] != "AA" else "BB"),
    ):
        assert await why(each, policy) == "signature"
    for said in ([], "text", None, 7):
        assert await why(signed({"alg": "HS256"}, said, paper.secrets[0]), policy) in ("signature", "claims")


async def test_clocks_may_differ_by_a_minute(paper: Paper) -> None:
    policy = Policy(**paper.policy())
    for ahead in (-50, 50):
        assert await read(paper.token(iat=NOW + ahead, exp=NOW + ahead + 60), policy)
    assert await why(paper.token(iat=NOW + 90, exp=NOW + 120), policy) == "early"
    assert await why(paper.token(iat=NOW - 180, exp=NOW - 90), policy) == "expired"


async def test_an_attempt_takes_only_the_token_made_for_it(paper: Paper) -> None:
    policy = Policy(**paper.policy())
    assert await read(paper.token(nonce="n-1"), policy, nonce="n-1")
    for other in (None, "", "n-2", ["n-1"]):
        assert await why(paper.token(nonce=other), policy, nonce="n-1") == "nonce"


async def test_a_secret_changes_without_anybody_being_locked_out(paper: Paper) -> None:
    policy, old = Policy(**paper.policy()), paper.token()
    paper.secrets.append("the second secret of a paper, long enough")
    paper.write()
    assert await read(old, policy) and await read(paper.token(), policy)
    paper.secrets.pop(0)
    paper.write()
    assert await read(paper.token(), policy) and await why(old, policy) == "signature"
    for secrets in (["too short"], [], ["a secret of a paper that is long enough " + each for each in "123"]):
        paper.file.write_text("\n".join(secrets))
        assert await why(old, policy) == "secrets"
    paper.file.unlink()
    assert await why(old, policy) == "file"


async def test_keys_turn_and_made_up_ids_do_not_send_us_to_the_paper(printing: KeyPaper, policy: Policy) -> None:
    keys = PaperKeys()
    await read(printing.token(), policy, keys=keys)
    for number in range(5):
        assert await why(printing.token(header={"kid": f"made-up-{number}"}), policy, keys=keys) == "key"
    assert printing.asked == 1
    printing.keys["new"] = ec.generate_private_key(ec.SECP256R1())
    clock.advance(minutes=1)
    assert await read(printing.token(kid="new"), policy, keys=keys)
    del printing.keys["ec"], printing.keys["rsa"]
    clock.advance(minutes=61)
    late = {"iat": NOW + 62 * 60, "exp": NOW + 64 * 60}
    assert await read(printing.token(kid="new", **late), policy, keys=keys) and printing.asked == 3


async def test_known_keys_outlive_a_paper_that_is_away_for_a_day(printing: KeyPaper) -> None:
    state = {"status": 200}
    with serving({"/keys": lambda: (state["status"], printing.answer())}) as origin:
        policy, keys = Policy(sso_jwks_url=f"{origin}/keys"), PaperKeys()
        await read(printing.token(), policy, keys=keys)
        state["status"] = 500
        clock.advance(minutes=120)
        assert await read(printing.token(iat=NOW + 7200, exp=NOW + 7260), policy, keys=keys)
        clock.advance(minutes=25 * 60)
        assert await why(printing.token(), policy, keys=keys) == "status"


async def test_keys_are_taken_from_one_address_only_and_weak_ones_not_at_all() -> None:
    weak = json.dumps({"keys": [published(rsa.generate_private_key(65537, 1024), "weak")]}).encode()
    answers = {
        "/moved": lambda: (302, b""),
        "/gone": lambda: (404, b""),
        "/html": lambda: (200, b"<html>"),
        "/list": lambda: (200, b"[]"),
        "/deep": lambda: (200, b"[" * 100_000),
        "/secret": lambda: (200, json.dumps({"keys": [{"kty": "oct", "k": b64url(b"x" * 32), "kid": "ec"}]}).encode()),
        "/weak": lambda: (200, weak),
        "/huge": lambda: (200, b" " * (2 * 1024 * 1024 + 1)),
    }
    reasons = {"/moved": "status", "/gone": "status", "/html": "json", "/list": "json", "/deep": "json"}
    reasons |= {"/secret": "no_key", "/weak": "no_key", "/huge": "size"}
    with serving(answers) as origin:
        for path, reason in reasons.items():
            assert await why(KeyPaper().token(), Policy(sso_jwks_url=origin + path)) == reason, path
    assert await why(KeyPaper().token(), Policy(sso_jwks_url=origin + "/keys")) == "connection"
    assert await why(KeyPaper().token(), Policy(sso_jwks_url="https://localhost.example.invalid/keys")) == "name"


async def test_a_site_without_a_log_in_of_its_own_believes_nobody(paper: Paper) -> None:
    assert await why(paper.token(), Policy()) == "sso.off"


def test_a_site_has_one_sort_of_keys_at_a_safe_address() -> None:
    for wrong in (
        {"sso_jwks_url": "http://paper.example/keys"},
        {"sso_jwks_url": "https://ada:secret@paper.example/keys"},
        {"sso_jwks_url": "file:///etc/passwd"},
        {"sso_jwks_url": "https://paper.example/keys", "sso_secret_file": "/run/secrets/paper"},
        {"sso_login_url": "javascript:alert(1)"},
    ):
        with pytest.raises(ValueError, match=r"address|both"):
            Policy.model_validate(wrong)
    assert Policy(sso_jwks_url="http://10.0.0.7/keys").has_sso and not Policy().has_sso


@pytest.fixture
def shown(paper: Paper) -> dict[str, Any]:
    """Give keys and tokens as the documentation's own lines make them, run by node."""
    require_packages()
    command = ["node", str(SIGN), str(PAGE), paper.secrets[0]]
    return dict(json.loads(subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout))


async def test_what_the_documentation_shows_for_node_is_believed(paper: Paper, shown: dict[str, Any]) -> None:
    clock.reset()
    expected = Expected("https://comments.example/gazette", clock.now())
    for number, algorithm in enumerate(("ES256", "RS256")):
        one_key = json.dumps({"keys": [shown["keys"][number]]}).encode()
        with serving({"/keys": lambda body=one_key: (200, body)}) as origin:
            policy = Policy(sso_jwks_url=f"{origin}/keys")
            login = await tokens.read(shown["tokens"][algorithm], PaperKeys(), policy, expected)
        assert (login.subject, login.name, login.is_subscriber) == ("41207", "Ada", True)
    login = await tokens.read(shown["tokens"]["HS256"], PaperKeys(), Policy(**paper.policy()), expected)
    assert login.subject == "41207"
