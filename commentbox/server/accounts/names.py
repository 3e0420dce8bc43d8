"""The rules for display names: what a name may look like, its skeleton, and whether it is what a provider states.

Pure. Whether a skeleton is free is asked in `actions.py`. Every rule refuses with its own code, `name.<rule>`:
empty, too_short, too_long, characters, no_letter, punctuation, marks, mixed_scripts, reserved.
"""

import hashlib
import re
import unicodedata
from collections.abc import Set
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from commentbox.server.accounts import letters
from commentbox.server.accounts.skeletons import skeleton
from commentbox.server.base.errors import Invalid

__all__ = ["Name", "check", "given_up", "matches", "shown", "skeleton"]

MIN_LENGTH = 2
MAX_LENGTH = 40  # a line on a narrow phone, with its badge
_HOPELESS_LENGTH = 10 * MAX_LENGTH  # not even normalised

MAX_MARKS = 4  # UTS #39 5.4: no language stacks more on one letter, but "Zalgo" does

_TOGETHER = (
    frozenset({"LATIN", "HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "HAN", "HANGUL"}),
    frozenset({"LATIN", "HAN", "BOPOMOFO"}),
)
"""What may stand in one name: one script, or one of these (UTS #39, highly restrictive)."""

_TICKS = frozenset("レㇾ乚")  # letters that pass for a tick when they stand alone beside a Latin name

_BADGE_WORDS = """
verified unverified verifiziert verifizierte verifizierter unverifiziert vérifié vérifiée verificado verificada
zweryfikowany zweryfikowana zweryfikowane موثق موثّق
"""
"""Words of our badges in the languages we speak: in a name they would stand where the badge stands."""
_LABELS = """
staff|moderator|admin|administrator|author of the article|subscriber|editor|editors|editor in chief|newsroom|
redaktion|chefredaktion|redakteur|redakteurin|moderatorin|moderation|rédaction|rédacteur|rédactrice|modérateur|modératrice|
redacción|redactor|redactora|moderador|moderadora|redakcja|redaktor|redaktorka|moderatorka|هيئة التحرير|المحرر|المشرف
"""
"""What we set beside the names of some people, and what a paper's people are called; nobody else is called so."""

_BETWEEN_WORDS = re.compile(r"[-\s._'’]+")
_DOUBLED = re.compile(r"([-._'’])\1|[-._'’]{3}")
_WORD_BREAKS = str.maketrans(dict.fromkeys("-‐‑–.,_·・־", " ") | dict.fromkeys("'’‘ʼ`´׳״\u200c\u200d"))


@dataclass(frozen=True, slots=True)
class Name:
    """A name that keeps the rules: as it is shown, and the skeleton that holds it unique."""

    display: str
    skeleton: str


def given_up(skeleton: str) -> str:
    """Give the form in which the name of somebody who has left is held: enough to know it again, not to read it."""
    return "left:" + hashlib.sha256(skeleton.encode()).hexdigest()


def check(display_name: str, *, reserved: Set[str] = frozenset()) -> Name:
    """Give the name in its kept form. Refuses with the first rule it breaks; `reserved` are skeletons."""
    if len(display_name) > _HOPELESS_LENGTH:
        raise Invalid("name.too_long", at_most=MAX_LENGTH, length=len(display_name))
    display = letters.tidy(display_name)
    _check_length(display)
    _check_characters(display)
    _check_punctuation(display)
    _check_marks(display)
    _check_scripts(display)
    name = Name(display, skeleton(display))
    if name.skeleton in reserved or _reads_as_badge(name):
        raise Invalid("name.reserved")
    return name


def _reads_as_badge(name: Name) -> bool:
    """Say whether a name looks like one of our badges or labels, or has a word of a badge in it."""
    words, labels = _our_words()
    own = {name.skeleton, *map(skeleton, _BETWEEN_WORDS.split(name.display))}
    return name.skeleton in labels or not words.isdisjoint(own)


@cache
def _our_words() -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(map(skeleton, _BADGE_WORDS.split())), frozenset(
        skeleton(each.strip()) for each in _LABELS.split("|")
    )


def shown(name: str, number: int) -> str:
    """Give a name as readers see it: with a number where people with Verified name share it, or it gave way to one."""
    return f"{name} ({number})" if number else name


def matches(stated: str, display: str) -> bool:
    """Say whether a display name is the stated name, whatever the order of its words, their case and hyphens."""
    said, shown = _words(stated), _words(display)
    return bool(said) and said == shown


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return sorted(folded.translate(_WORD_BREAKS).split())


def _check_length(name: str) -> None:
    if not name:
        raise Invalid("name.empty")
    if len(name) < MIN_LENGTH:
        raise Invalid("name.too_short", at_least=MIN_LENGTH, length=len(name))
    if len(name) > MAX_LENGTH:
        raise Invalid("name.too_long", at_most=MAX_LENGTH, length=len(name))


def _check_characters(name: str) -> None:
    wrong = letters.first_refused(name)
    if wrong is not None:
        raise _wrong_character(wrong)
    if not any(unicodedata.category(char)[0] == "L" for char in name):
        raise Invalid("name.no_letter")


def _wrong_character(char: str) -> Invalid:
    """Name the character in a way that can be shown: invisible ones only by code point and Unicode name."""
    code_point = f"U+{ord(char):04X}"
    visible = char if unicodedata.category(char)[0] not in "CZM" else ""
    name = unicodedata.name(char, code_point)
    return Invalid("name.characters", character=visible, code_point=code_point, unicode_name=name)


def _check_punctuation(name: str) -> None:
    """Punctuation belongs to a word: O'Brien, J.-P., anna_b; no ornaments, no dashes that begin a title."""
    if _DOUBLED.search(name) or not all(any(map(letters.is_word_part, word)) for word in name.split(" ")):
        raise Invalid("name.punctuation")


def _check_marks(name: str) -> None:
    """Every mark needs its letter, no mark twice in a row, no towers."""
    before, height = "", 0
    for char in unicodedata.normalize("NFD", name):
        is_mark = unicodedata.category(char) in ("Mn", "Mc")
        is_nonspacing = unicodedata.category(char) == "Mn"
        height = height + 1 if is_nonspacing else 0
        if is_mark and (not letters.is_word_part(before or " ") or before == char or height > MAX_MARKS):
            raise Invalid("name.marks", at_most=MAX_MARKS)
        before = char


def _check_scripts(name: str) -> None:
    scripts = {letters.script_of(char) or letters.COMMON for char in name} - {letters.COMMON}
    allowed = len(scripts) <= 1 or any(scripts <= together for together in _TOGETHER)
    if not allowed or _mixes_digits(name):
        raise Invalid(
            "name.mixed_scripts", scripts=sorted(script.replace("_", " ").title() for script in scripts if script)
        )
    if "LATIN" in scripts:
        _check_ticks(name)


def _mixes_digits(name: str) -> bool:
    zeros = {ord(char) - unicodedata.decimal(char) for char in name if unicodedata.category(char) == "Nd"}
    return len(zeros) > 1


def _check_ticks(name: str) -> None:
    for _script, run in groupby(name, letters.script_of):
        if (run_text := "".join(run)) in _TICKS:
            raise _wrong_character(run_text)
