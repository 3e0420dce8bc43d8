"""Setting the paper's own log-in up, and being told what is wrong with a token."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from commentbox.cli import app
from tests.papers.login import Paper

AUDIENCE = "https://comments.example/gazette"
Type = Callable[..., Result]


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    return Paper(tmp_path)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> Type:
    monkeypatch.setenv("COMMENTBOX_DATABASE_URL", database_url)
    monkeypatch.setenv("COMMENTBOX_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMMENTBOX_BASE_URL", "https://comments.example")
    monkeypatch.setenv("COMMENTBOX_SECRET", "a secret that only the tests know")
    monkeypatch.setenv("COLUMNS", "200")

    def typing(*words: str) -> Result:
        return CliRunner().invoke(app, list(words), catch_exceptions=False)

    typing("site", "create", "gazette", "--origin", "https://paper.example")
    return typing


def test_setting_up_shows_what_the_paper_must_write_and_switching_off_ends_it(typed: Type, paper: Paper) -> None:
    shown = typed("site", "sso", "gazette", "--secret-file", str(paper.file))
    assert shown.exit_code == 0 and AUDIENCE in shown.stdout and "HS256" in shown.stdout
    assert '<script src="https://comments.example/sso.js" data-token-url=' in shown.stdout
    assert paper.secrets[0] not in shown.stdout
    keys = typed(
        "site", "sso", "gazette", "--jwks", "https://paper.example/keys", "--login-url", "https://paper.example/in"
    )
    assert "RS256, ES256" in keys.stdout and str(paper.file) not in keys.stdout
    assert (
        "must be an https address" in typed("site", "sso", "gazette", "--login-url", "http://paper.example/in").stderr
    )
    assert "no log-in" in typed("site", "sso", "gazette", "--off").stdout


def test_a_token_is_looked_at_step_by_step(typed: Type, paper: Paper) -> None:
    typed("site", "sso", "gazette", "--secret-file", str(paper.file))
    right = typed("site", "sso", "gazette", "--check", paper.token(aud=AUDIENCE))
    assert right.exit_code == 0 and "wrong" not in right.stdout and "It would sign its reader in" in right.stdout
    wrong = typed("site", "sso", "gazette", "--check", paper.token(aud="https://comments.example/herald"))
    assert wrong.exit_code == 1
    (line,) = [each for each in wrong.stdout.splitlines() if each.startswith("wrong")]
    assert "this site (aud)" in line and f'"aud should be": "{AUDIENCE}"' in wrong.stdout
    assert "wrong" in typed("site", "sso", "gazette", "--check", "no token").stdout


def test_doctor_says_when_a_log_in_cannot_be_checked(typed: Type, paper: Paper) -> None:
    typed("site", "sso", "gazette", "--secret-file", str(paper.file), "--login-url", "https://paper.example/in")
    paper.file.chmod(0o644)
    assert f"Other users of this machine may read {paper.file}" in typed("doctor").stdout
    paper.file.chmod(0o400)
    assert "log-in" not in typed("doctor").stdout and str(paper.file) not in typed("doctor").stdout
    paper.file.unlink()
    found = typed("doctor")
    assert found.exit_code == 1 and "cannot be checked (file)" in found.stdout
