"""Themes: the documented context is the real one, and a theme of one style sheet is a whole theme."""

import pytest

from commentbox.server.base.assets import assets, themes_folder
from commentbox.server.base.render import Render
from commentbox.server.presenters import contract

RENDER = Render()


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
    refusal = {"code": "x", "message": "<b>no</b>", "status": 404, "data": {}, "text": None}
    page = RENDER.html("error.html", lang="en", theme=theme, **refusal)
    assert "&lt;b&gt;no&lt;/b&gt;" in page and "/static/theme.css?v=" in page
    own = f"{theme}.theme.css"
    assert (f"/static/{own}?v=" in page) == (own in assets())
    assert RENDER.block("error.html", "notice", lang="en", theme=theme, **refusal).startswith('<div class="cb-notice')


def test_every_theme_says_its_name() -> None:
    assert all({"name", "description"} <= set(about) for about in RENDER.themes.values())
