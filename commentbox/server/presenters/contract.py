"""What themes may rely on, written from the view classes themselves: the tables of `themes/README.md`.

`python -m commentbox.server.presenters.contract` writes them anew; a test compares. No view is built here.
"""

import dataclasses
import inspect
import re
import sys
from pathlib import Path
from typing import get_type_hints

from commentbox.server.base.assets import themes_folder
from commentbox.server.presenters.badges import BadgeView, PanelFact
from commentbox.server.presenters.comments import CommentView, MoreView
from commentbox.server.presenters.letters import LetterView
from commentbox.server.presenters.news import BellView, NewsView
from commentbox.server.presenters.places import Place
from commentbox.server.presenters.searching import HitView, SearchView
from commentbox.server.presenters.tabs import TabView
from commentbox.server.presenters.thread import ChoiceView, NoticeView, ThreadView
from commentbox.server.presenters.viewer import ComposerView, HeldView, OwnView, ViewerView

VIEWS = (
    ThreadView,
    CommentView,
    MoreView,
    SearchView,
    HitView,
    BadgeView,
    PanelFact,
    ChoiceView,
    TabView,
    NoticeView,
    ViewerView,
    ComposerView,
    HeldView,
    OwnView,
    BellView,
    NewsView,
    LetterView,
    Place,
)
BEGIN, END = "<!-- made from the view classes; do not edit below -->", "<!-- made until here -->"


def tables() -> str:
    """Give the part of the README that is made: every view with its fields and types."""
    return "\n\n".join(_table(view) for view in VIEWS)


def _table(view: type) -> str:
    hints = get_type_hints(view)
    lines = [f"### {view.__name__}", "", inspect.cleandoc(view.__doc__ or ""), "", "| field | type |", "|---|---|"]
    lines += [f"| `{field.name}` | {_words(hints[field.name])} |" for field in dataclasses.fields(view)]
    return "\n".join(lines)


def _words(hint: object) -> str:
    text = hint.__name__ if isinstance(hint, type) and not hasattr(hint, "__args__") else str(hint)
    text = re.sub(r"[a-z_]+(?:\.[a-z_]+)*\.(?=[A-Za-z])", "", text)
    return text.replace("tuple[", "tuple of ").replace(", ...]", "").replace(" | ", " or ").replace("NoneType", "None")


def renewed(readme: str) -> str:
    """Give the README with its tables made anew."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


def main() -> None:
    """Write the tables into the README beside the themes."""
    path: Path = themes_folder() / "README.md"
    path.write_text(renewed(path.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
