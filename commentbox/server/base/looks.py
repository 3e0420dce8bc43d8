"""How a paper wants its comments to look: a theme, perhaps a colour scheme, and its own values for a few tokens.

Written as text, in the tag and in a site's policy alike: `broadsheet-dark accent=a3122a radius=0 text=bookish`. What a paper
does not say follows from what it says (quiet ink, hairlines, tints), and every pair of colours that carries words is measured:
a look that somebody could not read is refused. Here is also the style sheet it becomes, the same bytes for everybody.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from commentbox.server.base import colours
from commentbox.server.base.assets import DEFAULT_THEME, assets
from commentbox.server.base.errors import Invalid

LONGEST = 200
READABLE = 4.5
"""WCAG 2.2, success criterion 1.4.3, for text of the sizes that we use."""
VISIBLE = 3.0
"""The same, 1.4.11, for the edges of what can be used."""
MOST_RADIUS = 12
"""Pixels. Rounder than that, a field would pass for a badge."""
SHEET = "look.css"
COLOURS = ("paper", "ink", "accent")
"""Each for light pages, and with `-dark` behind it for dark ones."""
FONTS = {
    "serif": 'Charter, "Iowan Old Style", "Sitka Text", Cambria, Georgia, serif',
    "bookish": '"Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", "URW Palladio L", serif',
    "times": '"Times New Roman", Times, "Liberation Serif", serif',
    "slab": 'Rockwell, "Rockwell Nova", "Roboto Slab", "DejaVu Serif", serif',
    "sans": 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
    "humanist": 'Seravek, "Gill Sans Nova", Ubuntu, Calibri, "DejaVu Sans", source-sans-pro, sans-serif',
    "grotesque": '"Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif',
}
"""Typefaces that readers' devices have already: none is fetched."""
_PROPERTY = {"headings": "--cb-font-serif", "text": "--cb-font-text", "controls": "--cb-font-ui"}
TOKENS = (*(f"{each}{scheme}" for scheme in ("", "-dark") for each in COLOURS), "radius", *_PROPERTY)
_PAIR = re.compile(rb"--cb-([\w-]+):light-dark\((#[0-9a-f]{6}),(#[0-9a-f]{6})\)")
_NAME = re.compile(r"^[a-z][a-z-]{0,39}$")
_MEASURED = (
    *((ink, ground) for ink in ("ink", "ink-2", "accent") for ground in ("paper", "sunk")),
    *(("ink", f"{each}-tint") for each in ("warn", "bad")),
    *((each, ground) for each in ("warn", "bad") for ground in ("paper", f"{each}-tint")),
    ("ink", "tint"),
    ("accent", "tint"),
    ("on-accent", "accent"),
)
"""Which words stand on which ground, somewhere on our pages."""


@dataclass(frozen=True)
class Look:
    """A look as it was read. `theme` may be a name that nobody has; `Render` takes the default one then."""

    theme: str = ""
    tokens: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """Write it in its one spelling."""
        return " ".join([*filter(None, [self.theme]), *(f"{name}={value}" for name, value in self.tokens)])


@dataclass(frozen=True)
class Measured:
    """A pair of colours with its contrast; `scheme` is light or dark."""

    scheme: str
    ink: str
    ground: str
    ratio: float

    @property
    def is_readable(self) -> bool:
        """Say whether words of one on the other can be read."""
        return self.ratio >= READABLE


def read(text: str) -> Look:
    """Read a look that can be read by people, too. Refuses `look.token` and `look.contrast`."""
    look = parse(text)
    for pair in measured(look) if _own_colours(look) else ():
        if not pair.is_readable:
            words = f"{pair.ink} / {pair.ground} ({pair.scheme})"
            raise Invalid("look.contrast", pair=words, ratio=f"{int(pair.ratio * 100) / 100:.2f}", needed=READABLE)
    return look


def parse(text: str) -> Look:
    """Read a look as it is written, whatever its colours do to each other. Refuses `look.token`."""
    theme, tokens = "", {}
    for word in text.split():
        name, equals, value = word.partition("=")
        if not equals:
            theme = theme or name
        elif name in TOKENS:
            tokens[name] = _value(name, value)
        else:
            raise Invalid("look.token", token=word[:60])
    return Look(theme if _NAME.match(theme) else "", tuple((name, tokens[name]) for name in TOKENS if name in tokens))


def _value(name: str, value: str) -> str:
    if name in _PROPERTY and value in FONTS:
        return value
    if name == "radius" and value.isascii() and value.isdigit() and int(value) <= MOST_RADIUS:
        return str(int(value))
    colour = colours.read(value) if name not in _PROPERTY and name != "radius" else None
    if colour is None:
        raise Invalid("look.token", token=f"{name}={value}"[:60])
    return colour[1:]


def over(site: str, asked: str) -> str:
    """Give the look of a page: the one its address asks for, else the site's; a scheme alone goes on top of the site's."""
    if not site or asked not in ("", "light", "dark"):
        return asked or site
    look = parse(site)
    theme = "-".join(filter(None, [look.theme, asked]))
    return Look(theme, look.tokens).text


def measured(look: Look) -> Iterator[Measured]:
    """Measure every pair of colours that carries words."""
    for number, scheme in enumerate(("light", "dark")):
        palette = {name: pair[number] for name, pair in palette_of(look).items()}
        for ink, ground in _MEASURED:
            yield Measured(scheme, ink, ground, colours.contrast(palette[ink], palette[ground]))


def _own_colours(look: Look) -> dict[str, str]:
    return {name: f"#{value}" for name, value in look.tokens if name.removesuffix("-dark") in COLOURS}


def palette_of(look: Look) -> dict[str, tuple[str, str]]:
    """Give the colours of a look: the theme's, over them the paper's own and what follows from them."""
    own, palette = _own_colours(look), _palette(look.theme.removesuffix("-light").removesuffix("-dark"))
    for number, suffix in enumerate(("", "-dark")):
        given = {each: own[each + suffix] for each in COLOURS if each + suffix in own}
        for name, colour in _followed(given, {name: pair[number] for name, pair in palette.items()}).items():
            light, dark = palette[name]
            palette[name] = (colour, dark) if number == 0 else (light, colour)
    return palette


def _followed(given: Mapping[str, str], theme: Mapping[str, str]) -> dict[str, str]:
    """Give the colours that a paper's own bring with them, of one scheme."""
    made = dict(given)
    paper, ink, accent = ({**theme, **given}[each] for each in COLOURS)
    if "paper" in given or "ink" in given:
        made["sunk"] = colours.mix(paper, ink, 0.05)
        made["line"] = colours.mix(paper, ink, 0.14)
        made["edge"] = colours.towards(paper, ink, at_least=VISIBLE, on=made["sunk"])
        made["ink-2"] = colours.towards(paper, ink, at_least=READABLE + 1, on=made["sunk"])
        for each in ("warn", "bad"):
            made[f"{each}-tint"] = colours.mix(paper, theme[each], 0.08)
    if "accent" in given or "paper" in given:
        made["tint"] = colours.mix(paper, accent, 0.08)
        made["on-accent"] = colours.readable_on(accent)
    return made


@lru_cache(maxsize=16)
def _theme_colours(theme: str) -> tuple[tuple[str, tuple[str, str]], ...]:
    sheets = [
        assets()["theme.css"],
        *filter(None, [assets().get(f"{theme}.theme.css") if theme != DEFAULT_THEME else None]),
    ]
    found = {
        name.decode(): (light.decode(), dark.decode())
        for each in sheets
        for name, light, dark in _PAIR.findall(each.body)
    }
    return tuple(found.items())


def _palette(theme: str) -> dict[str, tuple[str, str]]:
    return dict(_theme_colours(theme))


@lru_cache(maxsize=512)
def sheet(look: Look) -> str:
    """Give the style sheet of a look: custom properties and nothing else."""
    changed, theme = palette_of(look), palette_of(Look(look.theme))
    said = [f"--cb-{name}:light-dark({a},{b})" for name, (a, b) in changed.items() if theme[name] != (a, b)]
    for name, value in look.tokens:
        said += [f"--cb-radius:{value}px"] if name == "radius" else []
        said += [f"{_PROPERTY[name]}:{FONTS[value]}"] if name in _PROPERTY else []
    return ":root{" + ";".join(said) + "}"


@lru_cache(maxsize=512)
def sheet_name(look: Look) -> str:
    """Give the asset name of a look's style sheet, with its version: it may be kept for ever."""
    version = hashlib.sha256(sheet(look).encode()).hexdigest()[:10]
    return f"{SHEET}?{urlencode({'look': look.text, 'v': version})}"
