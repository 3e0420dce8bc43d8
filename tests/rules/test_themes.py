"""Themes: the documented context is the real one, and a theme of one style sheet is a whole theme."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from commentbox.server.base.assets import assets, themes_folder
from commentbox.server.base.render import Render
from commentbox.server.presenters import contract, letters

RENDER = Render()
BADGE_ENDS = SimpleNamespace(
    id="n", kind="expiring", author=None, label=None, site_name=None, title=None, html=None, seen_at=None
)
BADGE_ENDS.at = datetime(2026, 11, 22, tzinfo=UTC)


def test_the_readme_documents_every_view_as_it_is() -> None:
    text = (themes_folder() / "README.md").read_text("utf-8")
    assert contract.renewed(text) == text, "run: python -m commentbox.server.presenters.contract"


def test_the_readme_names_every_template() -> None:
    text = (themes_folder() / "README.md").read_text("utf-8")
    assert [file.name for file in (themes_folder() / "default").glob("*.html") if f"`{file.name}`" not in text] == []


@pytest.mark.parametrize(
    "wanted, theme, scheme",
    [
        (None, "default", None),
        ("", "default", None),
        ("dark", "default", "dark"),
        ("light", "default", "light"),
        ("plain", "plain", None),
        ("plain-dark", "plain", "dark"),
        ("unknown", "default", None),
        ("../default", "default", None),
        ("unknown-dark", "default", "dark"),
    ],
)
def test_a_theme_is_chosen_by_name_scheme_or_both(wanted: str | None, theme: str, scheme: str | None) -> None:
    assert RENDER.theme_of(wanted) == (theme, scheme)


@pytest.mark.parametrize("theme", sorted(RENDER.themes))
def test_every_theme_takes_what_it_lacks_from_the_default_one(theme: str) -> None:
    refusal = {"code": "x", "message": "<b>no</b>", "status": 404, "data": {}, "text": None, "nudged": False}
    page = RENDER.html("error.html", lang="en", theme=theme, **refusal)
    assert "&lt;b&gt;no&lt;/b&gt;" in page and "/static/theme.css?v=" in page
    own = f"{theme}.theme.css"
    assert (f"/static/{own}?v=" in page) == (own in assets())
    assert RENDER.block("error.html", "notice", lang="en", theme=theme, **refusal).startswith('<div class="cb-notice')


def test_a_theme_restyles_mails_with_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "themes"
    shutil.copytree(themes_folder(), folder)
    (folder / "plain/mail").mkdir()
    (folder / "plain/mail/style.html").write_text("<style>body { color: teal }</style>")
    view = letters.letter_view(
        [BADGE_ENDS], more=0, origin="https://comments.example", stop="https://comments.example/stop/x"
    )
    default, plain = (
        Render(folder).html("mail/news.html", lang="en", theme=theme, letter=view) for theme in ("default", "plain")
    )
    assert "body { color: teal }" in plain and "teal" not in default
    assert default.partition("</style>")[2] == plain.partition("</style>")[2] and "Your badge ends soon" in plain


def test_every_theme_says_its_name() -> None:
    assert all({"name", "description"} <= set(about) for about in RENDER.themes.values())


def test_the_bar_of_live_news_and_the_list_under_the_bell_have_styles_of_their_own() -> None:
    """The bar is away where no script runs; the list is there for everybody."""
    css = (themes_folder() / "default/theme.css").read_text("utf-8")
    hidden = re.findall(r"@media \(scripting: none\) \{ (\.[\w-]+) \{ display: none \} \}", css)
    assert hidden == [".cb-livebar"]
    assert 'class="cb-news"' in (themes_folder() / "default/bell_list.html").read_text("utf-8")
