"""What every helper promises, run over all of them: the hook and the Akismet dialect against a real server, the local one with
its real worker."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from commentbox.server.screening.classifiers import port
from commentbox.server.screening.classifiers.akismet import Akismet, AkismetSettings
from commentbox.server.screening.classifiers.entry import MOST_SECONDS
from commentbox.server.screening.classifiers.local import Local, LocalSettings
from commentbox.server.screening.classifiers.port import Answer, Classifier, NoAnswer
from commentbox.server.screening.classifiers.silent import Silent, SilentSettings
from tests import outside
from tests.outside import INSULT, KIND, Service, about


@dataclass
class Tried:
    """A helper that works, a way to break it, and what it makes of something rude."""

    helper: Classifier
    break_it: Callable[[], object]
    objects: bool = True


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return outside.small_model(tmp_path_factory.mktemp("model") / "small.model")


@pytest.fixture
def service() -> Iterator[Service]:
    with outside.running() as service:
        yield service


@pytest.fixture(params=["silent", "hook", "akismet", "local"])
async def tried(request: pytest.FixtureRequest, service: Service, tmp_path: Path) -> AsyncIterator[Tried]:
    made = globals()[f"_{request.param}"](request, service, tmp_path)
    yield made
    await made.helper.close()


def _silent(*_given: object) -> Tried:
    return Tried(Silent(SilentSettings(name="nobody", kind="silent")), lambda: None, objects=False)


def _hook(_request: object, service: Service, folder: Path) -> Tried:
    service.says = lambda asked: '{"score": 0.9, "hold": true}' if b"idiot" in asked.body else '{"score": 0.1}'
    return Tried(
        outside.hook(service, folder / "secret", seconds=MOST_SECONDS), lambda: setattr(service, "status", 503)
    )


def _akismet(_request: object, service: Service, folder: Path) -> Tried:
    def says(asked: outside.Asked) -> str:
        return {"/verify-key": "valid"}.get(asked.path) or ("true" if b"idiot" in asked.body else "false")

    service.says = says
    return Tried(akismet(service, folder, seconds=MOST_SECONDS), lambda: setattr(service, "says", "oops"))


def akismet(service: Service, folder: Path, **more: object) -> Akismet:
    (folder / "key").write_text("123456789abc")
    entry = {"name": "adverts", "kind": "akismet", "blog": "https://paper.example", "key_file": folder / "key"}
    return Akismet(AkismetSettings.model_validate(entry | {"api": service.origin} | more))


def _local(request: pytest.FixtureRequest, _service: object, folder: Path) -> Tried:
    own = folder / "own.model"
    own.write_bytes(request.getfixturevalue("model_file").read_bytes())
    return Tried(Local(LocalSettings(name="local", kind="local", model=own, seconds=MOST_SECONDS)), own.unlink)


async def test_it_gives_an_opinion_and_tells_rude_from_kind(tried: Tried) -> None:
    rude, kind = await tried.helper.ask(about(INSULT)), await tried.helper.ask(about(KIND))
    assert all(each.score is None or 0 <= each.score <= 1 for each in (rude, kind))
    if tried.objects:
        assert rude.hold or (rude.score or 0) > 0.7
        assert kind.hold is None
        assert (kind.score or 0) < 0.3
    else:
        assert rude == kind == Answer()


async def test_everybody_who_asks_at_once_is_answered(tried: Tried) -> None:
    texts = [INSULT if number % 3 else KIND for number in range(12)]
    answers = await asyncio.gather(*(tried.helper.ask(about(text)) for text in texts))
    alone = {text: await tried.helper.ask(about(text)) for text in (INSULT, KIND)}
    assert answers == [alone[text] for text in texts]


async def test_what_cannot_be_written_as_utf_8_is_asked_about_too(tried: Tried) -> None:
    assert isinstance(await tried.helper.ask(about("\ud800 \x00\n\u2028 😀 line\nline")), Answer)


async def test_it_is_well_until_it_is_broken_and_then_says_nothing_but_no_answer(tried: Tried) -> None:
    await tried.helper.check()
    tried.break_it()
    if not tried.objects:
        return
    with pytest.raises(NoAnswer):
        await tried.helper.check()
    with pytest.raises(NoAnswer) as silent:
        await tried.helper.ask(about(INSULT))
    assert silent.value.reason in port.Reason.__args__


async def test_closing_it_twice_does_no_harm(tried: Tried) -> None:
    await tried.helper.ask(about())
    await tried.helper.close()
    await tried.helper.close()
