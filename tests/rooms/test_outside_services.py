"""The signed hook and the Akismet dialect against a real server: what goes out, and what is believed of what comes back.

Akismet is played after its public documentation; the live service was not asked.
"""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from standardwebhooks.webhooks import Webhook

from commentbox.server.base import clock
from commentbox.server.base.settings import Settings
from commentbox.server.screening.classifiers import loading
from commentbox.server.screening.classifiers.akismet import Akismet, AkismetSettings
from commentbox.server.screening.classifiers.asking import FAILURES, REST_SECONDS, Heard
from commentbox.server.screening.classifiers.entry import MOST_SECONDS
from commentbox.server.screening.classifiers.hook import Hook, HookSettings
from commentbox.server.screening.classifiers.local import MOST_WAITING, Local, LocalSettings
from commentbox.server.screening.classifiers.port import NOBODY, NOTHING, Answer, NoAnswer
from tests import outside
from tests.outside import INSULT, KIND, SECRET, SOONEST, Service, about


@pytest.fixture
def service() -> Iterator[Service]:
    with outside.running() as service:
        yield service


@pytest.fixture
async def hook(service: Service, tmp_path: Path) -> AsyncIterator[Hook]:
    hook = outside.hook(service, tmp_path / "secret", seconds=MOST_SECONDS)
    yield hook
    await hook.close()


@pytest.fixture
async def akismet(service: Service, tmp_path: Path) -> AsyncIterator[Akismet]:
    (tmp_path / "key").write_text("123456789abc")
    entry = {"name": "adverts", "kind": "akismet", "blog": "https://paper.example/", "api": service.origin}
    more = {"key_file": tmp_path / "key", "seconds": MOST_SECONDS}
    akismet = Akismet(AkismetSettings.model_validate(entry | more))
    yield akismet
    await akismet.close()


async def reason_of(helper: Any) -> str:
    with pytest.raises(NoAnswer) as silent:
        await helper.ask(about(INSULT))
    return silent.value.reason


async def test_a_hook_is_sent_text_and_place_and_nothing_else_signed_as_standard_webhooks(
    hook: Hook, service: Service
) -> None:
    service.says = '{"score": 0.75, "hold": true, "model": "ours-7"}'
    assert await hook.ask(about("Zażółć\n<b>gęślą</b>")) == Answer(0.75, "outside")
    (asked,) = service.asked
    assert Webhook(SECRET).verify(asked.body, asked.headers) == json.loads(asked.body)
    assert json.loads(asked.body) == {
        "type": "comment.check",
        "text": "Zażółć\n<b>gęślą</b>",
        "lang": "en",
        "tier": "unverified",
        "site": "gazette",
        "article": "https://paper.example/harbour",
        "is_reply": False,
    }
    await hook.check()
    assert json.loads(service.asked[-1].body) == {"type": "ping"}


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("{}", NOTHING),
        ('{"score": null}', NOTHING),
        ('{"score": 1}', Answer(1.0)),
        ('{"score": 0.0, "hold": false}', Answer(0.0)),
        ('{"hold": true}', Answer(hold="outside")),
    ],
)
async def test_what_a_hook_may_answer(hook: Hook, service: Service, said: str, answer: Answer) -> None:
    service.says = said
    assert await hook.ask(about()) == answer


@pytest.mark.parametrize(
    "said",
    [
        *("", "yes", "[]", "0.9", '{"score": "0.9"}', '{"score": 1.1}', '{"score": -1}', '{"score": NaN}'),
        *('{"score": 1e999}', '{"hold": "remove"}', '{"hold": 1}', '{"score": true}', "{" * 5000, " " * 20_000 + "{}"),
    ],
)
async def test_what_no_hook_may_answer_is_no_answer(hook: Hook, service: Service, said: str) -> None:
    service.says = said
    assert await reason_of(hook) == "form"


@pytest.mark.parametrize(("status", "reason"), [(500, "status"), (302, "status"), (401, "refused"), (403, "refused")])
async def test_a_hook_that_refuses_or_sends_us_elsewhere_has_not_answered(
    hook: Hook, service: Service, status: int, reason: str
) -> None:
    service.status, service.headers, service.says = status, {"location": f"{service.origin}/other"}, '{"score": 0.9}'
    assert await reason_of(hook) == reason
    assert len(service.asked) == 1


@pytest.mark.parametrize(("manner", "seconds", "reason"), [("hangs", SOONEST, "slow"), ("drips", MOST_SECONDS, "form")])
async def test_nobody_waits_longer_or_for_more_than_a_hook_may_take(
    service: Service, tmp_path: Path, manner: str, seconds: float, reason: str
) -> None:
    hook = outside.hook(service, tmp_path / "secret", seconds=seconds)
    setattr(service, manner, True)
    assert await reason_of(hook) == reason
    await hook.close()


async def test_a_service_that_is_gone_is_unreachable(hook: Hook, service: Service, tmp_path: Path) -> None:
    with outside.running() as another:
        gone = outside.hook(another, tmp_path / "secret")
    assert await reason_of(gone) == "unreachable"
    await gone.close()


async def test_an_inner_address_is_refused_unless_the_operator_allows_it(service: Service, tmp_path: Path) -> None:
    hook = outside.hook(service, tmp_path / "secret", may_be_private=False)
    assert await reason_of(hook) == "private_address"
    assert service.asked == []
    await hook.close()
    with pytest.raises(ValidationError, match="must be https"):
        HookSettings(name="x", kind="hook", url="http://10.0.0.7/", secret_file=tmp_path / "secret")


async def test_akismet_is_told_no_name_and_nobodys_address(akismet: Akismet, service: Service) -> None:
    service.says = "true"
    assert await akismet.ask(about(INSULT, is_reply=True)) == Answer(hold="spam")
    service.says = "false"
    assert await akismet.ask(about(KIND)) == NOTHING
    asked, _ = service.asked
    assert asked.path == "/comment-check"
    assert asked.form == {
        "api_key": "123456789abc",
        "blog": "https://paper.example",
        "user_ip": NOBODY,
        "permalink": "https://paper.example/harbour",
        "comment_type": "reply",
        "comment_content": INSULT,
        "blog_lang": "en",
        "blog_charset": "UTF-8",
    }


async def test_the_surest_spam_is_held_like_any_other(akismet: Akismet, service: Service) -> None:
    service.says, service.headers = "true", {"X-akismet-pro-tip": "discard"}
    assert await akismet.ask(about(INSULT)) == Answer(hold="spam")


async def test_a_wrong_key_is_known_from_a_broken_service(akismet: Akismet, service: Service) -> None:
    service.says = "invalid"
    assert await reason_of(akismet) == "refused"
    with pytest.raises(NoAnswer, match="refused"):
        await akismet.check()
    assert service.asked[-1].form == {"key": "123456789abc", "blog": "https://paper.example"}
    service.says = "Missing required field: blog."
    assert await reason_of(akismet) == "form"


async def test_what_moderators_decide_is_submitted_as_ham_and_spam(akismet: Akismet, service: Service) -> None:
    service.says = "Thanks for making the web a better place."
    await akismet.learn(about(KIND), is_fine=True)
    await akismet.learn(about(INSULT), is_fine=False)
    assert [(each.path, each.form["comment_content"]) for each in service.asked] == [
        ("/submit-ham", KIND),
        ("/submit-spam", INSULT),
    ]


async def test_only_a_helper_that_is_allowed_to_gets_the_writers_address(
    akismet: Akismet, hook: Hook, service: Service, tmp_path: Path
) -> None:
    entry = akismet.settings.model_dump() | {"name": "open", "send_address": True}
    allowed = Akismet(AkismetSettings.model_validate(entry))
    service.says = lambda asked: "{}" if asked.path == "/check" else "false"
    found = outside.help_by(akismet, allowed, hook)
    await found.ask(("adverts",), about(address="203.0.113.9"))
    await found.ask(("open",), about(address="203.0.113.9"))
    await found.ask(("hook",), about(address="203.0.113.9"))
    first, second, third = service.asked
    assert (first.form["user_ip"], second.form["user_ip"]) == (NOBODY, "203.0.113.9")
    assert b"203.0.113.9" not in third.body
    assert found.wants_address
    assert not outside.help_by(akismet, hook).wants_address
    await allowed.close()


async def test_of_several_the_highest_score_and_the_first_hold_count_and_silence_is_told(
    hook: Hook, akismet: Akismet, service: Service
) -> None:
    service.says = lambda asked: '{"score": 0.4}' if asked.path == "/check" else "true"
    found = outside.help_by(hook, akismet)
    assert await found.ask(("hook", "adverts", "hook"), about()) == Heard(0.4, "spam", ())
    assert len(service.asked) == 2
    assert await found.ask(("nobody", "adverts"), about()) == Heard(None, "spam", ("nobody",))


async def test_a_helper_that_failed_three_times_rests_and_comes_back(hook: Hook, service: Service) -> None:
    clock.set(clock.now())
    found, service.status = outside.help_by(hook), 500
    for _time in range(FAILURES + 2):
        assert (await found.ask(("hook",), about())).unheard == ("hook",)
    assert len(service.asked) == FAILURES
    clock.advance(seconds=REST_SECONDS)
    service.status, service.says = 200, '{"score": 0.2}'
    assert await found.ask(("hook",), about()) == Heard(0.2)


async def test_a_local_classifier_takes_no_more_than_it_can_do(tmp_path: Path) -> None:
    file = outside.small_model(tmp_path / "small.model")
    local = Local(LocalSettings(name="local", kind="local", model=file, seconds=3))
    local._waiting.extend(object() for _ in range(MOST_WAITING))  # type: ignore[misc]
    assert await reason_of(local) == "busy"
    local._waiting.clear()
    assert (await local.ask(about(INSULT))).score > 0.7  # type: ignore[operator]
    assert local._process is not None
    local._process.kill()
    await local._process.wait()
    assert (await local.ask(about(INSULT))).score > 0.7  # type: ignore[operator]
    await local.close()


async def test_the_operators_file_makes_helpers_and_its_faults_are_said_without_its_secrets(tmp_path: Path) -> None:
    file = tmp_path / "classifiers.toml"
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "key").write_text("hush-hush")
    file.write_text(
        f"""
[[classifier]]
name = "ours"
kind = "hook"
url = "https://check.example/comments"
secret_file = "{tmp_path / "secret"}"
seconds = 0.5
[[classifier]]
name = "adverts"
kind = "akismet"
blog = "https://paper.example"
key_file = "{tmp_path / "key"}"
learn = true
[[classifier]]
name = "local"
kind = "local"
model = "{tmp_path / "none.model"}"
"""
    )
    settings = Settings(data_dir=tmp_path, classifiers=str(file))
    known = loading.load(settings)
    assert {name: (each.seconds, each.learns) for name, each in known.items()} == {
        "ours": (0.5, False),
        "adverts": (1.0, True),
        "local": (0.3, False),
    }
    with pytest.raises(NoAnswer, match="model"):
        await known["local"].check()
    for each in known.values():
        await each.close()
    whole = file.read_text()
    faults = {
        'kind = "akismet"': ('kind = "oracle"', "kind is one of"),
        "seconds = 0.5": ("seconds = 30", "less than or equal to 3"),
        'name = "local"': ('name = "ours"', "two classifiers"),
        "learn = true": ("lern = true", "Extra inputs"),
    }
    for right, (wrong, words) in faults.items():
        file.write_text(whole.replace(right, wrong))
        with pytest.raises(ValueError, match=words) as told:
            loading.load(settings)
        assert "hush" not in str(told.value)
