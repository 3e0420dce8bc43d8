"""A site's word lists as they are set: bounds, what an entry may be, and how the lists of earlier releases are read. Pure.

How they are looked for in a text is `screening`'s.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

MOST_LISTS = 20
MOST_ENTRIES = 5000
"""Of all lists together: a policy travels with every page, and this is about 50 kB."""
MOST_WILD = 1000
"""Of those so many with wildcards, which cost a little for every letter of a comment."""
LONGEST_ENTRY = 80
FEWEST_LETTERS = 2
"""An entry with wildcards needs so many letters: "a*" would catch every comment."""
FIRST_NAME = "Words"
"""What the one list of earlier releases is called now."""


class WordList(BaseModel):
    """Words, or several in a row, and what comes of them: the comment is refused, held, or its writer asked to think again.

    `*` stands for any letters, `?` for one. With a `lang` it is looked for in texts of that language only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=40)
    effect: Literal["block", "hold", "nudge"] = "hold"
    lang: str = Field("", max_length=12)
    entries: tuple[str, ...] = Field(max_length=MOST_ENTRIES)

    @field_validator("entries")
    @classmethod
    def _check_entries(cls, entries: tuple[str, ...]) -> tuple[str, ...]:
        if max(map(len, entries), default=0) <= LONGEST_ENTRY and not is_wild("\n".join(entries)):
            return entries  # a policy is read with every page
        for entry in entries:
            if why := what_is_wrong(entry):
                raise ValueError(f"{why}: {entry[:LONGEST_ENTRY]}")
        return entries


def is_wild(entry: str) -> bool:
    """Say whether an entry has wildcards."""
    return "*" in entry or "?" in entry


def what_is_wrong(entry: str) -> str | None:
    """Say why an entry cannot be one: `long` or `wide`, or None."""
    if len(entry) > LONGEST_ENTRY:
        return "long"
    return "wide" if is_wild(entry) and sum(map(str.isalnum, entry)) < FEWEST_LETTERS else None


def check_lists(lists: tuple[WordList, ...]) -> tuple[WordList, ...]:
    """Give lists whose names differ and which are not too many; raises ValueError."""
    if len(lists) > MOST_LISTS or sum(len(each.entries) for each in lists) > MOST_ENTRIES or _wild(lists) > MOST_WILD:
        raise ValueError("many")
    if len({each.name for each in lists}) < len(lists):
        raise ValueError("twice")
    return lists


def _wild(lists: tuple[WordList, ...]) -> int:
    """Count the entries with wildcards, one by one only where there may be many."""
    together = "\n".join("\n".join(each.entries) for each in lists)
    signs = together.count("*") + together.count("?")
    return signs if signs <= MOST_WILD else sum(is_wild(entry) for each in lists for entry in each.entries)


def with_lists(stored: Any) -> Any:
    """Read a policy in which an earlier release, or a habit at the command line, keeps one list of `held_words`."""
    if not isinstance(stored, dict) or "held_words" not in stored:
        return stored
    read = {name: value for name, value in stored.items() if name != "held_words"}
    words = [str(each).replace("*", " ").replace("?", " ")[:LONGEST_ENTRY] for each in stored["held_words"]]
    others = [each for each in read.get("word_lists", ()) if _name(each) != FIRST_NAME]
    first = [{"name": FIRST_NAME, "effect": "hold", "entries": words}] if words else []
    return {**read, "word_lists": [*first, *others]}


def _name(listed: Any) -> str:
    return str(listed["name"] if isinstance(listed, dict) else listed.name)
