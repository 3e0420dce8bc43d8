"""`commentbox provider`: lists what is set up, and tries one out step by step, against services that are really there."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from commentbox.cli import app
from tests.hosted.checker import Checker, checker
from tests.hosted.configured import entry, toml
from tests.hosted.counter import Counter
from tests.hosted.voices import VOICES
from tests.oidc.crooked import crooked


@pytest.fixture(scope="module")
def services() -> Iterator[Checker]:
    with checker(VOICES) as running:
        yield running


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Give a typist with a providers file: `typed("check", "hosted", file="…")`."""

    def typing(*words: str, file: str) -> Result:
        (tmp_path / "providers.toml").write_text(file)
        monkeypatch.setenv("COMMENTBOX_PROVIDERS", str(tmp_path / "providers.toml"))
        monkeypatch.setenv("COMMENTBOX_BASE_URL", "https://comments.example")
        monkeypatch.setenv("COLUMNS", "200")
        return CliRunner().invoke(app, ["provider", *words], catch_exceptions=False)

    return typing


@pytest.mark.parametrize("voice", VOICES)
def test_a_session_is_begun_asked_for_and_forgotten(typed: Any, services: Checker, tmp_path: Path, voice: str):
    file = toml(entry(tmp_path, services, voice))
    said = typed("check", "hosted", file=file)
    assert said.exit_code == 0, said.output
    assert "A session was begun" in said.output and "https://comments.example/verify/webhook/hosted" in said.output
    assert "an-api-key-of-the-tests" not in said.output
    assert f"webhook: {voice}" in typed("list", file=file).output


def test_a_key_that_is_not_accepted_is_explained(typed: Any, services: Checker, tmp_path: Path):
    file = toml(entry(tmp_path, services, "stripe"))
    (tmp_path / "api-key").write_text("another key")
    said = typed("check", "hosted", file=file)
    assert said.exit_code == 1 and "the key is not accepted" in said.output and "another key" not in said.output


def test_an_openid_provider_and_a_counter_are_asked_for_their_keys(typed: Any, tmp_path: Path):
    (tmp_path / "secret").write_text("a-secret-of-the-tests")
    counter = Counter(tmp_path)
    said = "\n".join(f'{name} = "{value}"' for name, value in counter.entry().items())
    with crooked() as liar:
        oidc = f'[[provider]]\nname = "bank"\nissuer = "{liar.issuer}"\nclient_id = "c"\nmethod = "bank"\n'
        oidc += f'uniqueness = "person"\nclient_secret_file = "{tmp_path / "secret"}"\n[[provider]]\n{said}\n'
        right = typed("check", "bank", file=oidc)
        assert right.exit_code == 0 and "Keys: 1 that we can use" in right.output, right.output
        assert typed("check", "counter", file=oidc).exit_code == 0
        liar.document = {"issuer": "https://another.example"}
        wrong = typed("check", "bank", file=oidc)
        assert wrong.exit_code == 1 and "to the letter" in wrong.output
    assert typed("check", "bank", file=oidc).exit_code == 1


def test_what_is_not_there_or_cannot_be_is_said(typed: Any):
    desk = '[[provider]]\nname = "desk"\nkind = "in_person"\n'
    assert "There are: desk" in typed("check", "nobody", file=desk).output
    assert typed("check", "desk", file=desk).exit_code == 0
    assert "one of oidc, webhook" in typed("list", file='[[provider]]\nname = "x"\nkind = "fax"\n').output
    assert "there is one desk" in typed("list", file=desk + desk.replace('"desk"', '"two"')).output
