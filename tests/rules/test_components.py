"""The components: none of a theme's templates is missing, and all of them can be made in every theme and language."""

from collections.abc import Iterator

import pytest
from jinja2 import meta

from commentbox.server.base import i18n
from commentbox.server.base.assets import themes_folder
from commentbox.server.base.render import Render
from commentbox.server.presenters.comments import CommentView
from commentbox.server.presenters.samples import said
from commentbox.server.presenters.samples.catalogue import COMPONENTS, Component, Part

RENDER = Render()


def made(component: Component, *, lang: str = "en", theme: str = "") -> list[Part]:
    """Give a component's parts."""
    at = said.place(component.show, lang=lang, theme=theme, page=component.page)
    with i18n.use(lang):
        return list(component.make(at))


def used(template: str) -> set[str]:
    """Give a template and all it extends, includes and imports."""
    environment = RENDER._environment("default")
    source, _, _ = environment.loader.get_source(environment, template)
    named = {each for each in meta.find_referenced_templates(environment.parse(source)) if each}
    return {template}.union(*(used(each) for each in named))


def comments(views: tuple[CommentView, ...]) -> Iterator[CommentView]:
    for each in views:
        yield each
        yield from comments(each.replies)


def test_no_template_of_the_theme_is_on_no_component() -> None:
    folder = themes_folder() / "default"
    there = {str(file.relative_to(folder)) for kind in ("html", "txt") for file in folder.rglob(f"*.{kind}")}
    shown = set().union(*(used(part.template) for each in COMPONENTS for part in made(each)))
    assert there - shown == set()


def test_every_component_has_a_name_of_its_own() -> None:
    names = [each.name for each in COMPONENTS]
    assert len(set(names)) == len(names)


def test_the_threads_have_every_state_a_comment_can_be_in() -> None:
    views = [part.context["view"] for each in COMPONENTS for part in made(each) if "view" in part.context]
    seen = [each for view in views if view for each in comments(view.comments)]
    assert {each.state for each in seen} == {"published", "hidden", "held", "removed", "withdrawn", "deleted"}
    assert {each.badge.kind for each in seen if each.badge} == {"name", "person", "none"}
    assert len({each.label for each in seen}) == 4 and len({each.muted for each in seen}) == 3
    for state in ("is_folded", "is_focus", "is_protected", "edited_at", "more", "opens", "verified_can_reply"):
        assert any(getattr(each, state) for each in seen), state


@pytest.mark.parametrize("lang", ["ar", "pl"])
def test_every_component_speaks_every_language(lang: str) -> None:
    for each in COMPONENTS:
        for part in made(each, lang=lang, theme="plain-dark"):
            if not part.macro and not part.block:
                surroundings = {"came": None, "paper": "", "site_name": ""}
                assert RENDER.html(part.template, lang=lang, theme="plain-dark", **(surroundings | part.context))
