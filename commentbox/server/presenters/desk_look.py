"""The look of a site as the desk shows it: what it wears, what may be chosen, how well it reads, and every version before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from commentbox.server.base import looks
from commentbox.server.base.assets import DEFAULT_THEME
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.looks import Look
from commentbox.server.presenters.reasons import policy_of

SHOWN = "thread"
"""The component in the frame beside the form: a page with every kind of comment."""


@dataclass(frozen=True, slots=True)
class ColourView:
    """A colour's field: its token, its words, what the paper chose ("" for the theme's own), and the theme's own."""

    name: str
    words: str
    value: str
    theme: str


@dataclass(frozen=True, slots=True)
class FontView:
    """A typeface's choice: its token, its words, and the families with their names."""

    name: str
    words: str
    value: str
    families: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PairView:
    """How well words of a colour read on a ground, on light pages and on dark ones."""

    words: str
    light: str
    dark: str
    is_readable: bool


@dataclass(frozen=True, slots=True)
class WornView:
    """A version of the look: its number (0 is what was there before the first change), since when, and its text."""

    number: int
    at: datetime
    text: str
    is_worn: bool


@dataclass(frozen=True, slots=True)
class DeskLookView:
    """The page of a site's look. `tag` is what a tag could say instead; `preview` is shown in the frame beside it."""

    slug: str
    site_name: str
    version: int
    may_edit: bool
    tag: str
    theme: str
    themes: tuple[tuple[str, str], ...]
    light: tuple[ColourView, ...]
    dark: tuple[ColourView, ...]
    radius: str
    fonts: tuple[FontView, ...]
    pairs: tuple[PairView, ...]
    lowest: str
    preview: str
    all_of_it: str
    history: tuple[WornView, ...]


def look_view(
    site: Any,
    history: Sequence[Any],
    *,
    look: Look,
    typed: Mapping[str, str],
    themes: Mapping[str, Mapping[str, Any]],
    shown: str,
    lang: str,
    may_edit: bool,
) -> DeskLookView:
    """Give the view, in the language of the moment. `look` is what is tried on, `typed` what stands in the fields, `shown` the
    pass for the components."""
    policy = policy_of(site.policy)
    pairs = tuple(_pairs(look))
    query = urlencode({"theme": look.text, "lang": lang, "pass": shown})
    return DeskLookView(
        slug=site.slug,
        site_name=site.name,
        version=policy.look_version,
        may_edit=may_edit,
        tag=f'data-theme="{look.text or DEFAULT_THEME}"',
        theme=look.theme or DEFAULT_THEME,
        themes=tuple((name, str(about["name"])) for name, about in themes.items()),
        light=tuple(_colours(look, typed, "")),
        dark=tuple(_colours(look, typed, "-dark")),
        radius=typed.get("radius", ""),
        fonts=tuple(_fonts(typed)),
        pairs=pairs,
        lowest=_ratio(min(each.ratio for each in looks.measured(look))),
        preview=f"/components/{SHOWN}?{query}",
        all_of_it=f"/components?{query}",
        history=tuple(_worn(row, policy.look_version) for row in history),
    )


def _worn(row: Any, version: int) -> WornView:
    return WornView(row.version, row.at, row.look or DEFAULT_THEME, is_worn=row.version == version)


def _colours(look: Look, typed: Mapping[str, str], suffix: str) -> Iterator[ColourView]:
    words = {"paper": _("Paper"), "ink": _("Ink"), "accent": _("Accent")}
    theme = looks.palette_of(Look(look.theme))
    for name in looks.COLOURS:
        token = name + suffix
        yield ColourView(token, words[name], typed.get(token, ""), theme[name][bool(suffix)])


def _fonts(typed: Mapping[str, str]) -> Iterator[FontView]:
    words = {"headings": _("Headings"), "text": _("Comments"), "controls": _("Buttons and names")}
    families = tuple((name, ", ".join(stack.replace('"', "").split(", ")[:3])) for name, stack in looks.FONTS.items())
    for name, said in words.items():
        yield FontView(name, said, typed.get(name, ""), families)


def _pairs(look: Look) -> Iterator[PairView]:
    measured = list(looks.measured(look))
    half = len(measured) // 2
    for light, dark in zip(measured[:half], measured[half:], strict=True):
        readable = light.is_readable and dark.is_readable
        yield PairView(f"{light.ink} / {light.ground}", _ratio(light.ratio), _ratio(dark.ratio), readable)


def _ratio(ratio: float) -> str:
    """Write a contrast, rounded down: 4.499 is not enough."""
    return f"{int(ratio * 100) / 100:.2f}"
