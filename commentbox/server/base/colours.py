"""Arithmetic of colours: contrast as WCAG 2 measures it, and what is made of a paper's own colours. Pure."""

import re

_HEX = re.compile(r"^#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})$")
BLACK, WHITE = "#14171a", "#ffffff"


def read(text: str) -> str | None:
    """Read `a3122a`, `#A3122A` or `#abc` as `#a3122a`; None for anything else."""
    found = _HEX.match(text)
    if not found:
        return None
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(each * 2 for each in digits))


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _light(channel: int) -> float:
    share = channel / 255
    return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)


def _luminance(colour: str) -> float:
    red, green, blue = (_light(each) for each in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """Give `one` with this share of `other` in it."""
    mixed = (
        round(mine + (theirs - mine) * share) for mine, theirs in zip(_channels(one), _channels(other), strict=True)
    )
    return "#" + "".join(f"{each:02x}" for each in mixed)


def towards(paper: str, ink: str, *, at_least: float, on: str) -> str:
    """Give the colour nearest to the paper, on the way to the ink, that has a contrast on a ground."""
    steps = (mix(paper, ink, share / 20) for share in range(4, 21))
    return next((each for each in steps if contrast(each, on) >= at_least), ink)


def readable_on(ground: str) -> str:
    """Give black or white, whichever reads better on a ground."""
    return max((WHITE, BLACK), key=lambda each: contrast(each, ground))
