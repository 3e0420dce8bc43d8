"""Which characters a name may have and which script each belongs to. Pure; `names.py` and `skeletons.py` call it.

An allow-list of letters, marks and digits of living scripts (UAX #31, recommended and limited use), read on first
use from the script table that the package confusable-homoglyphs carries.
"""

import json
import unicodedata
from array import array
from bisect import bisect_right
from functools import cache
from importlib.resources import files

_LIVING = """
LATIN GREEK CYRILLIC ARMENIAN HEBREW ARABIC SYRIAC THAANA NKO DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA TAMIL TELUGU
KANNADA MALAYALAM SINHALA THAI LAO TIBETAN MYANMAR GEORGIAN HANGUL ETHIOPIC KHMER MONGOLIAN HIRAGANA KATAKANA BOPOMOFO
HAN ADLAM BALINESE BAMUM BATAK CANADIAN_ABORIGINAL CHAKMA CHAM CHEROKEE HANIFI_ROHINGYA JAVANESE KAYAH_LI LEPCHA LIMBU
LISU MANDAIC MEETEI_MAYEK MIAO NEW_TAI_LUE NEWA NYIAKENG_PUACHUE_HMONG OL_CHIKI OSAGE SAURASHTRA SUNDANESE SYLOTI_NAGRI
TAI_LE TAI_THAM TAI_VIET TIFINAGH VAI WANCHO YI
"""
LIVING_SCRIPTS = frozenset(_LIVING.split())
"""Scripts that people write their names in today. Dead ones are mostly used as pictures (hieroglyphs, cuneiform)."""

PUNCTUATION = frozenset(" '’.-_")
COMMON = "COMMON"
_SHARED_LETTERS = dict.fromkeys("ʻʼʾʿ", COMMON)  # okina, Ukrainian apostrophe, ayin and hamza: letters of any script
_SHARED_LETTERS |= dict.fromkeys("ー", "KATAKANA") | dict.fromkeys("٠١٢٣٤٥٦٧٨٩", "ARABIC")
_SHARED_LETTERS |= dict.fromkeys(map(chr, (*range(0x64B, 0x656), 0x670)), "ARABIC")  # vowel signs, "inherited"

_ACCENTS = range(0x300, 0x332)  # what names are written with; overlays, doubles and letters above begin after it
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f")  # letters and marks with no ink
_TECHNICAL = (
    range(0x1D00, 0x1DC0),  # small capitals and other phonetic signs, which only imitate letters here
    *(range(0x1100, 0x1200), range(0xA960, 0xA980), range(0xD7B0, 0xD800)),  # Hangul parts that make no syllable
)

_KEEP = frozenset("ำຳໜໝև")  # common Thai, Lao and Armenian letters that Unicode calls compatible with two others
_STYLED = ("<font>", "<super>", "<sub>", "<circle>", "<square>", "<fraction>")
_SAME = str.maketrans({**dict.fromkeys("‘‛`´", "’"), **dict.fromkeys("‐‑–", "-"), "ـ": None})

_ARABIC, _HEBREW, _TIBETAN = frozenset({"ARABIC"}), frozenset({"HEBREW"}), frozenset({"TIBETAN"})
_JAPANESE = frozenset({"HAN", "HIRAGANA", "KATAKANA"})
_JOINS = {"\u200c": _ARABIC, "׳": _HEBREW, "״": _HEBREW, "־": _HEBREW, "་": _TIBETAN, "・": _JAPANESE}
_ENDS = frozenset("׳״་")
JOINERS = frozenset(_JOINS) | {"\u200d", "·"}
_VIRAMA = 9  # the combining class of the sign that joins two consonants in Indic scripts


def tidy(text: str) -> str:
    """Give a name as we keep it: NFC, single spaces, one kind of quote and hyphen, no width variants, no tatweel."""
    folded = "".join(map(_plain, unicodedata.normalize("NFC", text))).translate(_SAME)
    return " ".join(unicodedata.normalize("NFC", folded).split())


def _plain(char: str) -> str:
    """Undo width variants, ligatures and presentation forms, but leave styled letters to be refused."""
    if char < "\x80" or char in _KEEP or not is_word_part(char):
        return char
    styled = unicodedata.decomposition(char).startswith(_STYLED)
    return char if styled else unicodedata.normalize("NFKC", char)


def is_word_part(char: str) -> bool:
    """Say whether Unicode calls it a letter, a mark or a decimal digit."""
    category = unicodedata.category(char)
    return category[0] == "L" or category in ("Mn", "Mc", "Nd")


def first_refused(text: str) -> str | None:
    """Give the first character that no name may have where it stands, or None."""
    for place, char in enumerate(text):
        if char not in PUNCTUATION and script_of(char) is None and not _joins(text, place):
            return char
    return None


def script_of(char: str) -> str | None:
    """Name the script of a letter, mark or digit ("LATIN", or "COMMON" for any); None if a name may not have it."""
    if char in _SHARED_LETTERS:
        return _SHARED_LETTERS[char]
    if "0" <= char <= "9" or ord(char) in _ACCENTS:
        return COMMON
    if not is_word_part(char) or char in _INVISIBLE or any(ord(char) in block for block in _TECHNICAL):
        return None
    if char not in _KEEP and unicodedata.decomposition(char).startswith("<"):
        return None
    return _table_script(ord(char))


def _joins(text: str, place: int) -> bool:
    """Say whether a joiner or inner mark stands where its spelling needs it (after RFC 5892, appendix A)."""
    char, before, after = text[place], text[:place][-1:], text[place + 1 :][:1]
    if not before or (not after and char not in _ENDS):
        return False
    if char in "\u200c\u200d" and unicodedata.combining(before) == _VIRAMA:
        return script_of(after) not in (None, COMMON)
    if char == "·":
        return before in "lL" and after in "lL"  # Catalan: Gal·la
    scripts = _JOINS.get(char, frozenset())
    return script_of(before) in scripts and (char in _ENDS or script_of(after) in scripts)


def package_text(name: str) -> str:
    """Read a data file of confusable-homoglyphs without importing its modules, which would keep all of it."""
    return (files("confusable_homoglyphs") / name).read_text("utf-8")


def _table_script(code: int) -> str | None:
    starts, ends, numbers, names = _table()
    at = bisect_right(starts, code) - 1
    return names[numbers[at]] if at >= 0 and code <= ends[at] else None


@cache
def _table() -> "tuple[array[int], array[int], array[int], tuple[str, ...]]":
    """Give the ranges of the living scripts: about 25 kB, made from a table 20 times larger."""
    read = json.loads(package_text("categories.json"))
    names = tuple(read["iso_15924_aliases"])
    starts, ends, numbers = array("L"), array("L"), array("L")
    for start, end, number, _category in read["code_points_ranges"]:
        if names[number] not in LIVING_SCRIPTS:
            continue
        if ends and ends[-1] + 1 == start and numbers[-1] == number:
            ends[-1] = end
            continue
        starts.append(start)
        ends.append(end)
        numbers.append(number)
    return starts, ends, numbers, names
