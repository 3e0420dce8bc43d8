"""Catalogues: all that is said, in every language and whole; and nothing is said past them. `make catalogue` updates them."""

import re
from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.checkers import python_format
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from commentbox.server.base import catalogues, i18n

ROOT = Path(__file__).parents[2]
SERVER, THEMES = ROOT / "commentbox/server", ROOT / "themes"
PAGES = sorted([*(SERVER / "web/templates").rglob("*.html"), *THEMES.rglob("*.html")])
TRANSLATED = [lang for lang in i18n.languages() if lang != i18n.SOURCE]
JINJA = {"extensions": "jinja2.ext.do", "trimmed": "true", "silent": "false"}
PLACES = re.compile(r"%\((\w+)\)s")
TAGS = re.compile(r"<[^>]*>")
NUMBERS = {"num", "shown"}
"""Places of the number that a plural form is chosen by. A language may say one and two in words."""
SAID = {"placeholder", "title", "alt", "aria-label", "aria-description"}
"""Attributes that people read or hear."""
UNTRANSLATED = re.compile(r"^[jkcarunpxwshb?]$|^&write=(?:reply|quote)#")
"""What needs no translation: the desk's keys, as on every keyboard; an address in comment.html whose tag begins elsewhere."""

Id = str | tuple[str, str]


@lru_cache(maxsize=1)
def source() -> frozenset[Id]:
    """Everything that the server and the default theme say."""
    files = [("python", file, {}) for file in SERVER.rglob("*.py")]
    ours = [file for file in PAGES if THEMES not in file.parents or THEMES / "default" in file.parents]
    files += [("jinja2", file, JINJA) for file in [*ours, *(THEMES / "default/mail").glob("*.txt")]]
    said = (each[1] for method, file, options in files for each in extract_from_file(method, file, options=options))
    return frozenset(tuple(each) if isinstance(each, (tuple, list)) else each for each in said)


@lru_cache
def catalogue(lang: str) -> Catalog:
    with (i18n.CATALOGUES / lang / "messages.po").open("rb") as file:
        return read_po(file, locale=lang)


def messages(lang: str) -> list[Message]:
    return [each for each in catalogue(lang) if each.id]


def forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def test_six_languages_are_spoken() -> None:
    assert i18n.languages() == ["en", "ar", "de", "es", "fr", "pl"]


@pytest.mark.parametrize("lang", TRANSLATED)
def test_everything_that_is_said_is_translated_and_nothing_else_is_kept(lang: str) -> None:
    done = {each.id for each in messages(lang) if all(forms(each)) and not each.fuzzy}
    assert source() - done == set(), "say `make catalogue`, then translate what is new in every messages.po"
    assert done - source() == set(), "say `make catalogue`: it takes out what nobody says any more"


@pytest.mark.parametrize("lang", TRANSLATED)
def test_translations_have_every_plural_form_and_the_same_places_and_tags(lang: str) -> None:
    number = catalogue(lang).num_plurals
    for each in messages(lang):
        python_format(None, each)
        said = each.id if isinstance(each.id, str) else each.id[1]
        assert len(forms(each)) == (1 if isinstance(each.id, str) else number), each.id
        for form in forms(each):
            missing = set(PLACES.findall(said)) ^ set(PLACES.findall(form))
            assert missing <= (set() if isinstance(each.id, str) else NUMBERS), (each.id, form)
            assert sorted(TAGS.findall(form)) == sorted(TAGS.findall(said)), (each.id, form)
            assert form.endswith("\n") == said.endswith("\n") and form == form.strip(" \t"), (each.id, form)


@pytest.mark.parametrize("lang", TRANSLATED)
def test_what_is_spoken_is_what_stands_in_the_file(lang: str) -> None:
    spoken = catalogues.read(i18n.CATALOGUES / lang / "messages.po")
    singles = {each.id: each.string for each in messages(lang) if isinstance(each.id, str)}
    plurals = {each.id[0]: each.string for each in messages(lang) if not isinstance(each.id, str)}
    assert (spoken.words, spoken.forms) == (singles, plurals)
    assert spoken.ngettext("%(num)s day", "%(num)s days", 1) != spoken.ngettext("%(num)s day", "%(num)s days", 5)


def test_a_message_without_translation_is_said_in_english(tmp_path: Path) -> None:
    file = tmp_path / "messages.po"
    file.write_text(
        'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n#, fuzzy\nmsgid "A"\nmsgstr "B"\n\n'
        'msgid "C"\nmsgstr ""\n\nmsgid "\\"D\\"\\n"\n"E"\nmsgstr "\\\\F"\n',
        "utf-8",
    )
    spoken = catalogues.read(file)
    assert [spoken.gettext(each) for each in ("A", "C", '"D"\nE', "")] == ["A", "C", "\\F", ""]
    assert (spoken.ngettext("a", "b", 1), spoken.ngettext("a", "b", 2), spoken.plural(0)) == ("a", "b", 0)


@pytest.mark.parametrize("lang", TRANSLATED)
def test_only_forms_for_a_single_number_leave_the_number_out(lang: str) -> None:
    plural = catalogues.read(i18n.CATALOGUES / lang / "messages.po").plural
    for each in messages(lang):
        if isinstance(each.id, str):
            continue
        for number in (3, 11, 25, 100, 102):
            assert NUMBERS & set(PLACES.findall(forms(each)[plural(number)])), (each.id, number)


@pytest.mark.parametrize("lang", TRANSLATED)
def test_the_exact_words_stay_apart_in_every_language(lang: str) -> None:
    exact = ("Verified name", "Verified person", "Not verified"), ("Everyone", "Fold unverified", "Verified only")
    with i18n.use(lang):
        for words in exact:
            assert len({i18n.gettext(word) for word in words}) == len(words)
            assert not {i18n.gettext(word) for word in words} & set(words)
        for words in ("Anonym", "Fake"):
            assert not any(words.lower() in form.lower() for each in messages(lang) for form in forms(each))


class Page(HTMLParser):
    """Collects what people read in a page: texts, and attributes that are said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style")
        self.said += [value for name, value in attrs if name in SAID and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(data)


def bare(template: str) -> list[str]:
    """Give what a template says outside of `{{ }}` and `{% trans %}`."""
    template = re.sub(r"\{#.*?#\}", "", template, flags=re.S)
    template = re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", "", template, flags=re.S)
    page = Page()
    page.feed(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", template, flags=re.S))
    page.close()
    words = (" ".join(each.split()) for each in page.said)
    return [each for each in words if re.search(r"[^\W\d_]", each) and not UNTRANSLATED.match(each)]


def sentences(template: str) -> Iterator[str]:
    """Give texts that stand in a template's code and look like words, but go past gettext."""
    tree = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"]).parse(template)
    calls = [each for each in tree.find_all(nodes.Call) if isinstance(each.node, nodes.Name)]
    told = [each for each in calls if each.node.name in ("_", "gettext", "ngettext")]
    translated = {id(part) for call in told for part in call.find_all(nodes.Const)}
    for each in tree.find_all(nodes.Const):
        if id(each) not in translated and re.search(r"[^\W\d_]{2,} [^\W\d_]{2,}", str(each.value)):
            yield each.value


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_no_page_says_anything_past_the_catalogues(page: Path) -> None:
    template = page.read_text("utf-8")
    assert bare(template) == []
    assert list(sentences(template)) == []


def test_the_search_for_bare_words_finds_them() -> None:
    page = '{# not this #}<p title="Help">{{ _("Fine") }} but {% trans %}also fine{% endtrans %}<kbd>j</kbd></p>'
    assert bare(page) == ["Help", "but"]
    assert list(sentences('{{ _("Some words") }}{{ "other words" if x }}')) == ["other words"]


@pytest.mark.parametrize("script", ["loader.js", "counts.js"])
def test_scripts_on_the_papers_pages_speak_the_same_languages(script: str) -> None:
    text = (ROOT / "commentbox/widget" / script).read_text("utf-8")
    table = re.search(r"const WORDS = \{\n(.*?)\n  \};", text, re.S)
    assert table and re.findall(r"^    (\w\w): \[", table[1], re.M) == i18n.languages()
