"""Turning view objects into HTML: one Jinja environment a theme, all text escaped, all words through gettext.

A template is looked for in the chosen theme, then in the default theme, then among the server's own pages
(`web/templates`). Fronts call `Render.html` for a page and `Render.block` for one block of it.
"""

import tomllib
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from commentbox.server.base import i18n, looks
from commentbox.server.base.assets import DEFAULT_THEME, asset_url, assets, themes_folder

PAGES = Path(__file__).parents[1] / "web" / "templates"
SCHEMES = ("light", "dark")


class Render:
    """Renders templates. Made once an instance; safe to call from anywhere."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or themes_folder()
        self._environments: dict[str, Environment] = {}

    def html(self, template: str, *, lang: str, theme: str = DEFAULT_THEME, **context: Any) -> str:
        """Render a whole template. `theme` is a look (base/looks.py): a theme, a scheme, or both, and tokens."""
        environment, around = self._look(lang, theme)
        with i18n.use(lang):
            return environment.get_template(template).render(around, **context)

    def block(self, template: str, block: str, *, lang: str, theme: str = DEFAULT_THEME, **context: Any) -> str:
        """Render one block of a template, for a fragment. What the block uses must be imported inside it."""
        environment, around = self._look(lang, theme)
        with i18n.use(lang):
            found = environment.get_template(template)
            return "".join(found.blocks[block](found.new_context({**around, **context})))

    def macro(self, template: str, macro: str, *, lang: str, theme: str = DEFAULT_THEME) -> Any:
        """Give a macro of a template to be called from Python within `i18n.use`."""
        environment, around = self._look(lang, theme)
        with i18n.use(lang):
            module = environment.get_template(template).make_module(around)
        return getattr(module, macro)

    def theme_of(self, wanted: str | None) -> tuple[str, str | None]:
        """Read `dark`, `plain` or `plain-dark` as (theme, scheme); whatever is unknown is the default."""
        name, _, scheme = (wanted or "").rpartition("-")
        if scheme not in SCHEMES:
            name, scheme = wanted or "", ""
        return (name if name in self.themes else DEFAULT_THEME), scheme or None

    @cached_property
    def themes(self) -> dict[str, dict[str, Any]]:
        """Every theme's `theme.toml` by the theme's name."""
        files = sorted(self._folder.glob("*/theme.toml"))
        return {file.parent.name: tomllib.loads(file.read_text("utf-8")) for file in files}

    def _look(self, lang: str, text: str) -> tuple[Environment, dict[str, Any]]:
        look = looks.parse(text)
        name, scheme = self.theme_of(look.theme)
        sheets = [looks.sheet_name(look)] if look.tokens else []
        return self._environment(name), _surroundings(lang, name, scheme, sheets)

    def _environment(self, theme: str) -> Environment:
        if theme not in self._environments:
            self._environments[theme] = _environment(self._folder / theme, self._folder / DEFAULT_THEME, PAGES)
        return self._environments[theme]


@lru_cache(maxsize=64)
def _environment(*folders: Path) -> Environment:
    """Give the environment of some folders, one a process: compiling the templates takes longer than all of a test."""
    environment = Environment(
        loader=FileSystemLoader(folders),
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(i18n.gettext, i18n.ngettext_raw, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["asset_url"] = asset_url
    environment.globals["kept"] = _Kept()
    environment.filters |= {"number": i18n.number_text, "moment": i18n.moment_text, "day": i18n.day_text}
    environment.filters |= {"month": i18n.month_text, "iso": _iso, "time": _time}
    return environment


class _Kept:
    """`kept(macro, value, …)`: what a macro makes of a value, made once for equal values and equal surroundings.

    For what repeats on every page, like badges. Everything the macro looks at must be among the arguments.
    """

    MOST = 4096

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], Markup] = {}

    def __call__(self, macro: Any, value: Any, *surroundings: Any) -> Markup:
        key = (macro.name, value, *surroundings)
        if key not in self._made:
            if len(self._made) >= self.MOST:
                self._made.clear()
            self._made[key] = macro(value)
        return self._made[key]


def _surroundings(lang: str, theme: str, scheme: str | None, more: list[str]) -> dict[str, Any]:
    """Give what every template may use: language, direction, scheme and the style sheets of the theme and the look."""
    own = f"{theme}.theme.css"
    sheets = ["theme.css", own] if theme != DEFAULT_THEME and own in assets() else ["theme.css"]
    return {"lang": lang, "dir": i18n.direction(lang), "scheme": scheme, "stylesheets": [*sheets, *more]}


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _time(moment: datetime) -> Markup:
    """Write a moment as `<time>`: readable as it is, made relative by the script."""
    return _time_element(moment, i18n.language())


@lru_cache(maxsize=8192)
def _time_element(moment: datetime, _lang: str) -> Markup:
    return Markup(f'<time datetime="{_iso(moment)}">{Markup.escape(i18n.moment_text(moment))}</time>')
