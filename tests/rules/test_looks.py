"""Looks: read from what papers write, refused where readers could not read, and served as custom properties alone."""

import re

import pytest

from commentbox.server.base import colours, looks
from commentbox.server.base.errors import Invalid
from commentbox.server.base.render import Render

THEMES = sorted(Render().themes)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#abcdef", "#abcdef", 1.0),
    ],
)
def test_contrast_is_what_wcag_says(one: str, other: str, ratio: float) -> None:
    assert colours.contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert colours.contrast(other, one) == colours.contrast(one, other)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", ""),
        ("dark", "dark"),
        ("  plain   radius=02 ", "plain radius=2"),
        ("text=bookish accent=#0B5876 broadsheet-dark", "broadsheet-dark accent=0b5876 text=bookish"),
        ("accent=#005", "accent=000055"),
        ("../default", ""),
        ("accent=0b5876 accent=7b1e22", "accent=7b1e22"),
    ],
)
def test_a_look_has_one_spelling(written: str, read: str) -> None:
    assert looks.read(written).text == read
    assert looks.read(read).text == read


@pytest.mark.parametrize(
    "token",
    [
        *(
            "colour=red",
            "accent=red",
            "accent=#12345",
            "accent=#1234567",
            "accent=",
            "radius=13",
            "radius=-1",
            "radius=²",
        ),
        *("text=Comic", "text=}body{display:none", "accent=url(//evil.example)", "=", "paper-darker=000000"),
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(Invalid) as refused:
        looks.read(f"plain {token}")
    assert (refused.value.code, refused.value.data) == ("look.token", {"token": token})


@pytest.mark.parametrize(
    ("written", "pair", "ratio"),
    [
        ("accent=ff5500", "accent / paper (light)", "3.20"),
        ("ink-dark=555555", "ink / paper (dark)", "2.39"),
        ("plain paper=888888 ink=000000", "accent / paper (light)", "2.07"),
        ("paper=000000", "ink / paper (light)", "1.24"),
    ],
)
def test_what_readers_could_not_read_is_refused_with_its_contrast(written: str, pair: str, ratio: str) -> None:
    with pytest.raises(Invalid) as refused:
        looks.read(written)
    assert (refused.value.code, refused.value.data["pair"], refused.value.data["ratio"]) == (
        "look.contrast",
        pair,
        ratio,
    )


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_of_ours_can_be_read_in_both_schemes(theme: str) -> None:
    assert [each for each in looks.measured(looks.parse(theme)) if not each.is_readable] == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    "own", ["paper=fff1e5 ink=33302e accent=990f3d accent-dark=ff9eb5", "ink=000000 paper-dark=000000"]
)
def test_what_a_paper_does_not_say_follows_from_what_it_says(theme: str, own: str) -> None:
    look = looks.read(f"{theme} {own}")
    palette = looks.palette_of(look)
    for scheme in (0, 1):
        assert colours.contrast(palette["edge"][scheme], palette["paper"][scheme]) >= looks.VISIBLE
    assert all(each.is_readable for each in looks.measured(look))


def test_a_sheet_has_custom_properties_of_the_contract_and_nothing_else() -> None:
    sheet = looks.sheet(looks.read("accent=990f3d radius=0 headings=slab text=sans controls=humanist"))
    assert re.fullmatch(r":root\{(--cb-[\w-]+:[^;{}<>]+;?)+\}", sheet)
    assert "--cb-accent:light-dark(#990f3d,#82c7e2)" in sheet and "--cb-radius:0px" in sheet
    assert "--cb-paper" not in sheet, "what the paper leaves alone stays the theme's"
    assert len(looks.sheet(looks.read("paper=fff1e5 ink=33302e accent=990f3d radius=9 text=slab")).encode()) < 2_000


@pytest.mark.parametrize(
    ("site", "asked", "worn"),
    [
        ("", "", ""),
        ("", "plain-dark", "plain-dark"),
        ("broadsheet radius=2", "", "broadsheet radius=2"),
        ("broadsheet radius=2", "dark", "broadsheet-dark radius=2"),
        ("radius=2", "light", "light radius=2"),
        ("broadsheet radius=2", "plain", "plain"),
        ("broadsheet radius=2", "default", "default"),
        ("broadsheet radius=2", "accent=0b5876", "accent=0b5876"),
    ],
)
def test_the_tags_look_goes_before_the_sites_and_a_scheme_on_top_of_it(site: str, asked: str, worn: str) -> None:
    assert looks.over(site, asked) == worn
