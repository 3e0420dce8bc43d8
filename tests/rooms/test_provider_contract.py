"""What every provider promises, asked of every adapter. A new adapter joins `ADAPTERS` and learns here what it owes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qs, urlsplit

import pytest

from commentbox.server.base.errors import Refusal
from commentbox.server.verification.providers import Begin, Hosted, MethodClass, Provider, Redirect, Result, Uniqueness
from commentbox.server.verification.providers.demo import DemoProvider
from commentbox.server.verification.providers.dialects import DIALECTS
from commentbox.server.verification.providers.in_person import InPersonProvider, InPersonSettings, Seen
from tests.hosted.checker import Checker, checker
from tests.hosted.configured import hosted
from tests.hosted.counter import Counter
from tests.hosted.voices import VOICES
from tests.oidc.certified import RETURN_URL, Certified, certified
from tests.oidc.configured import Configured

NAME = "Ada Lovelace"


@dataclass(frozen=True)
class Adapter:
    """A provider, and what a person does there: say yes, or no. Both give the parameters of the way back."""

    provider: Provider
    say_yes: Callable[[str], dict[str, str]]
    say_no: Callable[[str], dict[str, str]]

    async def begin(self) -> Redirect:
        return await self.provider.begin(Begin(state="state-1", return_url=RETURN_URL, lang="de"))

    async def result(self, redirect: Redirect, params: dict[str, str]) -> Result:
        """Give what it says of somebody who came back: a session is asked for, anything else is read."""
        if isinstance(self.provider, InPersonProvider):
            return self.provider.confirmed(Seen(NAME, "1955-12-10", "London"))
        if isinstance(self.provider, Hosted):
            return await self.provider.fetch(redirect.session)
        return await self.provider.complete(redirect.keep, params)


@pytest.fixture(scope="module")
def real() -> Iterator[Certified]:
    with certified() as running:
        yield running


@pytest.fixture(scope="module")
def services() -> Iterator[Checker]:
    with checker(VOICES) as running:
        yield running


def demo(_folder: Path, **_running: Any) -> Adapter:
    return Adapter(
        DemoProvider(switched_on=True),
        lambda url: {"state": state_in(url), "subject": "ada", "name": NAME},
        lambda url: {"state": state_in(url), "refuse": "1"},
    )


def oidc(folder: Path, *, real: Certified, **_running: Any) -> Adapter:
    provider = Configured(folder)(real.issuer, client_id="basic")
    return Adapter(provider, lambda url: real.log_in(url, account="ada", name=NAME), real.refuse)


def assertion(folder: Path, **_running: Any) -> Adapter:
    counter = Counter(folder)
    no = {"state": "state-1", "error": "access_denied"}
    return Adapter(counter.provider(), counter.answer, lambda _url: no)


def in_person(_folder: Path, **_running: Any) -> Adapter:
    provider = InPersonProvider(InPersonSettings(name="desk", kind="in_person"))
    return Adapter(provider, lambda url: {"state": state_in(url)}, lambda url: {"state": state_in(url)})


def webhook(dialect: str) -> Callable[..., Adapter]:
    def make(folder: Path, *, services: Checker, **_running: Any) -> Adapter:
        person = {"name": NAME, "number": "AB-123 456"}
        return Adapter(
            hosted(folder, services, dialect),
            lambda url: services.visit(url, **person),
            lambda url: services.visit(url, outcome="declined", **person),
        )

    make.__name__ = dialect
    return make


ADAPTERS = [demo, oidc, assertion, in_person, *map(webhook, DIALECTS)]


@pytest.fixture(params=ADAPTERS, ids=lambda each: each.__name__)
def adapter(request: pytest.FixtureRequest, real: Certified, services: Checker, tmp_path: Path) -> Adapter:
    return request.param(tmp_path, real=real, services=services)


def state_in(url: str) -> str:
    return parse_qs(urlsplit(url).query)["state"][0]


def test_it_declares_what_it_is(adapter: Adapter):
    assert adapter.provider.name and isinstance(adapter.provider.label, str)
    assert adapter.provider.method_class in get_args(MethodClass)
    assert adapter.provider.uniqueness in get_args(Uniqueness)


async def test_it_carries_our_state_and_keeps_what_json_can_hold(adapter: Adapter):
    redirect = await adapter.begin()
    assert json.loads(json.dumps(redirect.keep)) == redirect.keep
    assert "state-1" not in repr(redirect) and "state-1" not in json.dumps(redirect.keep)
    assert bool(redirect.session) == isinstance(adapter.provider, Hosted | InPersonProvider)
    assert adapter.say_yes(redirect.url)["state"] == "state-1"


async def test_it_says_who_without_showing_it(adapter: Adapter):
    redirect = await adapter.begin()
    result = await adapter.result(redirect, adapter.say_yes(redirect.url))
    assert result.outcome == "verified" and result.subject and result.issuer and result.provider_class
    assert result.stated_name == NAME and result.uniqueness == adapter.provider.uniqueness
    assert result.time.tzinfo is not None
    assert NAME not in repr(result) and result.subject not in repr(result)


async def test_it_calls_one_person_the_same_every_time(adapter: Adapter):
    subjects = set()
    for _ in range(2):
        redirect = await adapter.begin()
        subjects.add((await adapter.result(redirect, adapter.say_yes(redirect.url))).subject)
    assert len(subjects) == 1


async def test_it_respects_a_no(adapter: Adapter):
    if isinstance(adapter.provider, InPersonProvider):
        return  # Whoever says no stays away from the desk.
    redirect = await adapter.begin()
    params = adapter.say_no(redirect.url)
    if isinstance(adapter.provider, Hosted):
        assert (await adapter.result(redirect, params)).outcome == "declined"
        return
    with pytest.raises(Refusal, match=r"^provider\.declined$"):
        await adapter.result(redirect, params)


@pytest.mark.parametrize("keep", [{}, {"nonce": 1, "verifier": None}])
async def test_it_refuses_an_answer_without_content_and_quotes_nothing(adapter: Adapter, keep: dict[str, Any]):
    with pytest.raises(Refusal) as caught:
        await adapter.provider.complete(keep, {"state": "state-1", "noise": "canary"})
    assert caught.value.code == "provider.bad_answer" and set(caught.value.data) == {"reason"}
    assert "canary" not in str(caught.value)
