"""The chores of whoever runs a server, typed as they would type them, on both databases."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import update
from typer.testing import CliRunner

from commentbox.cli import app, terminal
from commentbox.cli.settings import page
from commentbox.server.accounts import actions, names
from commentbox.server.accounts.passkeys import NewPasskey
from commentbox.server.base import facts, journal
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Invalid
from commentbox.server.base.models import Journal
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin
from tests.factories import make_person

ROOT = Path(__file__).parents[2]
Type = Callable[..., Result]
PAPERS = """[[provider]]
name = "papers"
kind = "webhook"
dialect = "stripe"
api_key_env = "PAPERS_SECRET"
webhook_secret_envs = ["PAPERS_SECRET"]
"""


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.setenv("COMMENTBOX_DATABASE_URL", database_url)
    monkeypatch.setenv("COMMENTBOX_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMMENTBOX_BASE_URL", "https://comments.example")
    monkeypatch.setenv("COMMENTBOX_SECRET", "a secret that only the tests know")
    monkeypatch.setenv("COMMENTBOX_TRUSTED_PROXIES", "127.0.0.1")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(terminal.out, "width", 200)  # which was read from the environment when the program was imported


@pytest.fixture
def typed(environment: None) -> Type:
    """Give a typist: `typed("site", "list")`."""
    return lambda *words: CliRunner().invoke(app, list(words), catch_exceptions=False)


def test_making_a_site_asks_nothing_and_prints_the_tag(typed: Type) -> None:
    made = typed("site", "create", "gazette", "--origin", "https://Paper.example/")
    assert made.exit_code == 0
    assert '<script src="https://comments.example/loader.js" data-site="gazette" async></script>' in made.stdout
    assert "https://paper.example" in typed("site", "list").stdout


def test_nobody_can_sign_up_as_the_paper(typed: Type, db_now: Callable) -> None:
    async def sign_up(db: Database) -> None:
        async with begin(db) as work:
            await actions.sign_up(work, names.check("Harbour Gazette"))

    typed("site", "create", "gazette", "--origin", "https://paper.example", "--name", "The Harbour Gazette")
    with pytest.raises(Invalid, match=r"name\.reserved"):
        db_now(sign_up)


def test_two_articles_threads_become_one_and_again_changes_nothing(typed: Type) -> None:
    typed("site", "create", "gazette", "--origin", "https://paper.example")
    old, new = "https://paper.example/harbour-2", "https://paper.example/harbour"
    for url in (old, new):
        assert typed("article", "register", "gazette", url).exit_code == 0
    assert [typed("article", "merge", "gazette", old, new).exit_code for _ in range(2)] == [0, 0]
    assert "thread.unknown" in typed("article", "merge", "gazette", f"{old}0", new).stderr


def test_a_site_announces_something_with_an_end(typed: Type) -> None:
    typed("site", "create", "gazette", "--origin", "https://paper.example")
    assert typed("site", "announce", "gazette", "The vote is on **Sunday**.", "--days", "2").exit_code == 0
    assert "The vote is on **Sunday**." in typed("site", "policy", "gazette").stdout
    assert "announcement.invalid" in typed("site", "announce", "gazette", "Far too long.", "--days", "91").stderr
    assert typed("site", "announce", "gazette", "").exit_code == 0
    assert "Sunday" not in typed("site", "policy", "gazette").stdout


def test_what_is_changed_about_a_site_has_a_history_and_is_set_back(typed: Type) -> None:
    typed("site", "create", "gazette", "--origin", "https://paper.example")
    typed("site", "policy", "gazette", "edit_minutes=30", "--reason", "Slow typists")
    rules = typed("site", "policy", "gazette", 'house_rules=[{"code": "kind", "text": "Be kind."}]')
    assert "1 rules" not in rules.stdout and "rules_version*" in rules.stdout
    history = typed("site", "history", "gazette").stdout
    line = next(line for line in history.splitlines() if "edit_minutes" in line)
    assert "15" in line and "30" in line and "Slow typists" in line and "(here)" in line
    assert typed("site", "undo", "gazette", line.split()[0]).exit_code == 0
    assert "setting.changed" in typed("site", "undo", "gazette", line.split()[0]).stderr
    assert "There is no setting" in typed("site", "policy", "gazette", "rules_version=7").stderr


def test_a_key_is_printed_once_and_revoked(typed: Type) -> None:
    typed("site", "create", "gazette", "--origin", "https://paper.example")
    assert typed("site", "api-key", "make", "gazette", "Publishing system").stdout.startswith("cbk_")
    listed = typed("site", "api-key", "list", "gazette").stdout
    assert "cbk_" not in listed
    key = next(line for line in listed.splitlines() if "Publishing system" in line).split()[0]
    assert typed("site", "api-key", "revoke", "gazette", key).exit_code == 0
    first = typed("site", "key", "gazette").stdout
    assert typed("site", "key", "gazette", "--new").stdout not in ("", first)


@pytest.mark.parametrize(
    ("slug", "origin", "code"),
    [("gazette", "paper", "origin.invalid"), ("The Gazette", "https://paper.example", "site.slug_invalid")],
)
def test_a_site_that_cannot_be_is_refused_in_a_sentence(typed: Type, slug: str, origin: str, code: str) -> None:
    refused = typed("site", "create", slug, "--origin", origin)
    assert refused.exit_code == 1
    assert code in refused.stderr and "Traceback" not in refused.output


def test_origins_come_and_go(typed: Type) -> None:
    typed("site", "create", "gazette", "--origin", "https://paper.example")
    assert typed("site", "origin", "add", "gazette", "https://www.paper.example").exit_code == 0
    assert typed("site", "origin", "remove", "gazette", "https://paper.example").exit_code == 0
    listed = typed("site", "list").stdout
    assert "https://www.paper.example" in listed and "https://paper.example" not in listed
    assert "origin.unknown" in typed("site", "origin", "remove", "gazette", "https://paper.example").stderr


def test_policy_is_shown_changed_and_kept_within_its_bounds(typed: Type) -> None:
    typed("site", "create", "gazette", "--origin", "https://paper.example")
    assert typed("site", "policy", "gazette", "edit_minutes=30", "guests=true").exit_code == 0
    assert typed("site", "policy", "gazette", 'held_words=["spam"]', "hold_first_n=1").exit_code == 0
    shown = typed("site", "policy", "gazette").stdout
    assert '"Words"' in shown and "screening_version*" in shown, "what judges comments made a version"
    assert re.search(r"edit_minutes\*\s+30", shown) and re.search(r"guests\*\s+true", shown)
    beyond = typed("site", "policy", "gazette", "edit_minutes=600")
    assert beyond.exit_code == 1 and "60" in beyond.stderr
    assert "edit_minutes" in typed("site", "policy", "gazette", "edit=3").stderr


def test_each_site_has_a_key_of_its_own(typed: Type) -> None:
    typed("site", "create", "gazette", "--origin", "https://paper.example")
    typed("site", "create", "courier", "--origin", "https://courier.example")
    keys = {typed("site", "key", slug).stdout.strip() for slug in ("gazette", "courier")}
    assert len(keys) == 2 and all(re.fullmatch(r"[0-9a-f]{64}", key) for key in keys)


def test_an_invitation_is_a_link_to_the_desk(typed: Type) -> None:
    invited = typed("staff", "invite")
    assert re.fullmatch(r"https://comments\.example/desk/invite/[\w-]{43}", invited.stdout.strip())
    assert "site.unknown" in typed("staff", "invite", "--site", "nowhere").stderr
    assert "no role" in typed("staff", "invite", "--role", "king").stderr


def test_a_removed_moderator_is_signed_out_everywhere(typed: Type, db_now: Callable) -> None:
    async def hire(db: Database) -> str:
        person = await make_person(db, "Ida Moderator")
        async with begin(db) as work:
            await actions.grant(work, person.account_id, "moderator")
            await actions.open_session(work, person.account_id, kind="staff", by_passkey=True)
        return person.account_id

    account = db_now(hire)
    assert "Ida Moderator" in typed("staff", "list").stdout
    assert typed("staff", "remove", account, "--role", "moderator").exit_code == 0
    assert "Ida Moderator" not in typed("staff", "list").stdout


def test_a_changed_journal_is_found(typed: Type, db_now: Callable) -> None:
    typed("site", "create", "gazette", "--origin", "https://paper.example")
    db_now(journal.seal)
    assert "1 entries" in typed("journal", "verify").stdout
    db_now(_forge)
    found = typed("journal", "verify")
    assert found.exit_code == 1 and "Entry 1 " in found.stderr


async def _forge(db: Database) -> None:
    async with db.write() as query:
        await query.run(update(Journal.__table__).values(kind="site.removed"))


def test_doctor_finds_nothing_wrong_with_a_sound_instance(typed: Type) -> None:
    typed("site", "create", "gazette", "--origin", "https://paper.example")
    looked = typed("doctor", "--json")
    assert looked.exit_code == 0
    assert not [each for each in json.loads(looked.stdout) if each["level"] == "wrong"]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("COMMENTBOX_BASE_URL", "http://comments.example", "plain http"),
        ("COMMENTBOX_BASE_URL", "https://paper.example/comments", "has a path"),
        ("COMMENTBOX_SECRET", "short", "no usable master secret"),
        ("COMMENTBOX_TRUSTED_PROXIES", "the proxy", "no address or network"),
        ("COMMENTBOX_DEMO", "true", "demo provider"),
        ("COMMENTBOX_PROVIDERS", "/nowhere.toml", "providers cannot be read"),
    ],
)
def test_doctor_explains_what_is_wrong(
    typed: Type, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    looked = typed("doctor")
    assert looked.exit_code == 1
    assert says in looked.stdout and "To do:" in looked.stdout


def test_doctor_sees_a_host_name_change_under_passkeys(
    typed: Type, db_now: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def join(db: Database) -> None:
        async with begin(db) as work:
            await facts.note(work, facts.PASSKEY_HOST, "comments.example")
            await actions.sign_up(work, names.check("Ada"), NewPasskey("a handle", b"a key", 0))

    db_now(join)
    assert "passkeys were made for" not in typed("doctor").stdout
    monkeypatch.setenv("COMMENTBOX_BASE_URL", "https://talk.example")
    looked = typed("doctor")
    assert looked.exit_code == 1 and "1 passkeys were made for comments.example" in looked.stdout


def test_doctor_warns_of_a_secret_beside_the_database(typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMMENTBOX_SECRET")
    monkeypatch.delenv("COMMENTBOX_DATABASE_URL")
    assert typed("migrate").exit_code == 0
    assert "lies beside the database" in typed("doctor").stdout


@pytest.mark.parametrize(("more", "warned"), [("", True), ('[[provider]]\nname = "desk"\nkind = "in_person"\n', False)])
def test_doctor_warns_where_only_documents_verify(
    typed: Type, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, more: str, warned: bool
) -> None:
    file = tmp_path / "providers.toml"
    file.write_text(PAPERS + more, "utf-8")
    monkeypatch.setenv("COMMENTBOX_PROVIDERS", str(file))
    monkeypatch.setenv("PAPERS_SECRET", "a secret of the sandbox")
    assert ("Documents are the only way" in typed("doctor").stdout) is warned


def test_doctor_wants_mail_where_a_site_signs_in_by_mail(typed: Type) -> None:
    typed("site", "create", "gazette", "--origin", "https://paper.example")
    typed("site", "policy", "gazette", "mail_links=true")
    assert "no mail can be sent" in typed("doctor").stdout


def test_an_import_prints_the_promised_figures(typed: Type, tmp_path: Path) -> None:
    typed("site", "create", "gazette", "--origin", "https://paper.example")
    export = tmp_path / "export.xml"
    export.write_text(EXPORT, "utf-8")
    words = ("import", "disqus", str(export), "--site", "gazette", "--json")
    assert json.loads(typed(*words).stdout) == {
        "threads": {"total": 1, "imported": 1, "skipped": {}},
        "comments": {"total": 1, "imported": 1, "held": 0, "skipped": {}},
    }
    assert json.loads(typed(*words).stdout)["comments"]["skipped"] == {"already_imported": 1}


def test_a_broken_export_is_refused_with_its_line(typed: Type, tmp_path: Path) -> None:
    typed("site", "create", "gazette", "--origin", "https://paper.example")
    export = tmp_path / "export.xml"
    export.write_text(EXPORT[:-30], "utf-8")
    refused = typed("import", "disqus", str(export), "--site", "gazette")
    assert refused.exit_code == 1 and re.search(r"Line \d+", refused.stderr)
    as_json = json.loads(typed("import", "disqus", str(export), "--site", "gazette", "--json").stdout)
    assert set(as_json["error"]) == {"code", "message", "data"}


def test_settings_that_cannot_be_are_named(typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMENTBOX_BADGE_MONTHS", "600")
    refused = typed("doctor")
    assert refused.exit_code == 1 and "COMMENTBOX_BADGE_MONTHS" in refused.stderr


def test_every_command_teaches(typed: Type) -> None:
    for command in ("", "serve", "demo", "migrate", "import", "site", "site create", "staff", "staff invite", "doctor"):
        taught = typed(*command.split(), "--help")
        assert taught.exit_code == 0 and len(taught.stdout) > 200, command


def test_the_settings_page_is_that_of_the_code() -> None:
    assert (ROOT / "docs/settings.md").read_text("utf-8") == page(), "type: make docs"


@pytest.fixture
def db_now(environment: None) -> Callable:
    """Give a way to do something with the database between two commands."""

    def doing(what: Callable) -> object:
        async def do() -> object:
            db = Database(Settings().database)
            try:
                return await what(db)
            finally:
                await db.close()

        return asyncio.run(do())

    return doing


EXPORT = """<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<thread dsq:id="1"><id>quay</id><link>https://paper.example/quay</link><title>The quay</title>
<createdAt>2020-01-01T10:00:00Z</createdAt><isClosed>false</isClosed><isDeleted>false</isDeleted></thread>
<post dsq:id="2"><message><![CDATA[<p>Keep it open.</p>]]></message><createdAt>2020-01-01T11:00:00Z</createdAt>
<isDeleted>false</isDeleted><isSpam>false</isSpam><author><name>Ada</name></author><thread dsq:id="1"/></post>
</disqus>
"""


def test_an_article_is_registered_and_followed_when_it_moves(typed: Type) -> None:
    typed("site", "create", "gazette", "--origin", "https://paper.example")
    assert typed("article", "register", "gazette", "https://paper.example/draft", "--id", "7").exit_code == 0
    assert typed("article", "move", "gazette", "https://paper.example/draft", "https://paper.example/x").exit_code == 0
    assert typed("article", "move", "gazette", "https://paper.example/x", "https://paper.example/y").exit_code == 0
    assert (
        "thread.unknown"
        in typed("article", "move", "gazette", "https://paper.example/z", "https://paper.example/y").stderr
    )
    assert "article.foreign" in typed("article", "register", "gazette", "https://other.example/z").stderr
    assert "site.unknown" in typed("article", "register", "nobody", "https://paper.example/z").stderr
