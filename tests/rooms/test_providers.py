"""The registry of providers: what an operator's file may say, and the demo that is off unless switched on."""

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

from commentbox.server.base.errors import Refusal
from commentbox.server.base.settings import Settings
from commentbox.server.verification import providers
from commentbox.server.verification.providers import Begin
from commentbox.server.verification.providers.demo import DemoProvider
from commentbox.server.verification.providers.dialects import DIALECTS

DOCUMENTATION = (Path(__file__).parents[2] / "docs" / "providers.md").read_text("utf-8")
SECRET = "a-client-secret-of-the-tests"
ENTRY = """
[[provider]]
name = "bank"
label = "Your bank"
issuer = "https://id.example"
client_id = "c"
client_secret_env = "BANK_SECRET"
method = "bank"
uniqueness = "person"
"""


@pytest.fixture(autouse=True)
def bank_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANK_SECRET", SECRET)


def load(folder: Path, text: str, *, demo: bool = False) -> dict[str, providers.Provider]:
    file = folder / "providers.toml"
    file.write_text(text)
    return providers.load(Settings(providers=str(file), demo=demo))


def fault(folder: Path, text: str) -> str:
    with pytest.raises(ValueError) as caught:
        load(folder, text)
    assert SECRET not in str(caught.value)
    return str(caught.value)


def test_the_examples_of_the_documentation_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EID_SECRET", SECRET)
    for name in ("mybank", "papers-api", "papers-webhook"):
        (tmp_path / name).write_text(SECRET)
    examples = [textwrap.dedent(each) for each in re.findall(r" *```toml\n(.*?)```", DOCUMENTATION, re.S)]
    text = "\n".join(examples).replace("/run/secrets/", f"{tmp_path}/")
    assert list(load(tmp_path, text)) == ["mybank", "eid", "papers", "counter", "desk"]


@pytest.mark.parametrize("written", [written for written, _ in providers.KINDS.values()])
def test_the_documentation_names_every_field(written: Any):
    for field in written.model_fields:
        assert f"`{field}`" in DOCUMENTATION, field


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_documentation_says_plainly_what_was_not_run_against_the_live_service(dialect: str):
    row = next(line for line in DOCUMENTATION.splitlines() if line.startswith(f"| `{dialect}`"))
    assert "not run against" in row
    assert all(f"`{option}`" in row for option in DIALECTS[dialect].needs)


def test_without_a_file_there_are_no_providers():
    assert providers.load(Settings()) == {}


def test_the_demo_provider_is_there_only_where_it_is_switched_on(tmp_path: Path):
    assert list(load(tmp_path, ENTRY)) == ["bank"]
    assert list(load(tmp_path, ENTRY, demo=True)) == ["bank", "demo"]
    assert list(providers.load(Settings(demo=True))) == ["demo"]


def test_an_entry_says_what_readers_will_see(tmp_path: Path):
    bank = load(tmp_path, ENTRY)["bank"]
    assert (bank.name, bank.label, bank.method_class, bank.uniqueness) == ("bank", "Your bank", "bank", "person")


def test_a_secret_may_lie_in_a_file(tmp_path: Path):
    (tmp_path / "secret").write_text(SECRET + "\n")
    text = ENTRY.replace('client_secret_env = "BANK_SECRET"', f'client_secret_file = "{tmp_path / "secret"}"')
    assert list(load(tmp_path, text)) == ["bank"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("https://id.example", "http://id.example"), "https"),
        (('method = "bank"', 'method = "e-mail"'), "method"),
        (('uniqueness = "person"', ""), "uniqueness"),
        (('name = "bank"', 'name = "The Bank"'), "name"),
        (('name = "bank"', 'name = "demo"'), "two providers"),
        (("BANK_SECRET", "UNSET_SECRET"), "secret is empty"),
        (('client_secret_env = "BANK_SECRET"', ""), "client_secret_env or client_secret_file"),
        (('client_secret_env = "BANK_SECRET"', 'client_secret_file = "/nowhere/s"'), "cannot be read"),
        (('client_id = "c"', 'client_id = "c"\nclient_secret = "a-client-secret-of-the-tests"'), "client_secret"),
        (('client_id = "c"', 'client_id = "c"\nscopes = ["profile"]'), "openid"),
        (('client_id = "c"', 'client_id = "c"\nparameters = {nonce = "1"}'), "nonce"),
        (("[[provider]]", "[[supplier]]"), "nothing else"),
        (("[[provider]]", "[[provider]"), "not TOML"),
    ],
)
def test_a_mistake_in_the_file_is_explained(tmp_path: Path, change: tuple[str, str], said: str):
    assert said in fault(tmp_path, ENTRY.replace(*change))


HOSTED = """
[[provider]]
name = "papers"
kind = "webhook"
dialect = "persona"
api_key_env = "BANK_SECRET"
webhook_secret_envs = ["BANK_SECRET"]
options = {template = "itmpl_1"}
"""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('dialect = "persona"', 'dialect = "fax"'), "there are: stripe, persona"),
        (('options = {template = "itmpl_1"}', ""), "options needs template"),
        (('dialect = "persona"', 'dialect = "veriff"'), "needs key_id"),
        (('dialect = "persona"', 'dialect = "persona"\nuniqueness = "person"'), "not people"),
        (('dialect = "persona"', 'dialect = "standard"'), "api must be an https address"),
        (('dialect = "persona"', 'dialect = "standard"\napi = "https://id.example"'), "base64"),
        (('webhook_secret_envs = ["BANK_SECRET"]', ""), "one or two"),
        (('["BANK_SECRET"]', '["BANK_SECRET", "BANK_SECRET", "BANK_SECRET"]'), "one or two"),
        (('["BANK_SECRET"]', '["UNSET_SECRET"]'), "webhook secret is empty"),
        (('api_key_env = "BANK_SECRET"', ""), "api_key_env or api_key_file"),
    ],
)
def test_a_mistake_about_a_hosted_service_is_explained(tmp_path: Path, change: tuple[str, str], said: str):
    assert list(load(tmp_path, HOSTED)) == ["papers"]
    assert said in fault(tmp_path, HOSTED.replace(*change))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('auth = "private_key_jwt"', 'auth = "private_key_jwt"\nlevels = [{method = "bank"}]'), "one of acr, vot"),
        (('private_key_env = "BANK_SECRET"', ""), "private_key_env or private_key_file"),
        (('auth = "private_key_jwt"', 'auth = "private_key_jwt"'), "no PEM"),
    ],
)
def test_a_mistake_about_levels_or_keys_is_explained(tmp_path: Path, change: tuple[str, str], said: str):
    signs = 'auth = "private_key_jwt"\nprivate_key_env = "BANK_SECRET"'
    assert said in fault(tmp_path, ENTRY.replace('client_secret_env = "BANK_SECRET"', signs).replace(*change))


def test_two_providers_cannot_share_a_name(tmp_path: Path):
    assert "two providers are called 'bank'" in fault(tmp_path, ENTRY + ENTRY)


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"/nowhere/providers\.toml: cannot be read"):
        providers.load(Settings(providers="/nowhere/providers.toml"))


async def test_the_demo_believes_everybody_on_its_own_page():
    demo = DemoProvider(switched_on=True)
    redirect = await demo.begin(Begin(state="s t", return_url="http://comments.localhost:8000/verify/back/demo"))
    assert redirect.url == "/verify/demo?state=s+t&lang=en"
    result = await demo.complete(redirect.keep, {"name": "Ada Lovelace", "subject": "ada", "method": "bank"})
    assert (result.outcome, result.method, result.subject, result.stated_name) == (
        "verified",
        "bank",
        "ada",
        "Ada Lovelace",
    )
    assert (await demo.complete({}, {"subject": "ada", "method": "x"})).method == "document"


async def test_the_demo_can_say_no_and_needs_a_subject():
    demo = DemoProvider(switched_on=True)
    for params, code in (({"refuse": "1"}, "provider.declined"), ({}, "provider.bad_answer")):
        with pytest.raises(Refusal) as caught:
            await demo.complete({}, params)
        assert caught.value.code == code


async def test_the_demo_refuses_everything_where_it_is_switched_off():
    demo = DemoProvider(switched_on=False)
    with pytest.raises(Refusal, match=r"provider\.demo_off"):
        await demo.begin(Begin(state="s", return_url=""))
    with pytest.raises(Refusal, match=r"provider\.demo_off"):
        await demo.complete({}, {"subject": "ada"})
