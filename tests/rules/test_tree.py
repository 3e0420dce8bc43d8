"""Which replies a bounded page shows: fair, bounded, in reading order, and with honest numbers of what is left out."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentbox.server.base.errors import Invalid
from commentbox.server.comments.cursors import SORTS, After, Cursor, read_after, read_cursor
from commentbox.server.comments.tree import (
    PER_PARENT,
    Branch,
    Tally,
    assemble,
    grow,
    keep,
    openings,
    reading_order,
    unseen,
)

ALL = Tally(verified_only=False)
ID = "06h0315580000017"


@dataclass
class Row:
    id: str
    hangs_on: str = "thread"
    descendants_all: int = 0
    descendants_verified: int = 0
    state: str = "published"
    tier: str = "unverified"


def planted(shape: dict[str, list[str]], tops: list[str]) -> dict[str, Row]:
    """Make rows from `parent -> replies`, with the counters right."""
    rows = {top: Row(top) for top in tops}
    for parent, replies in shape.items():
        rows |= {reply: Row(reply, parent) for reply in replies}

    def below(each: str) -> int:
        return sum(1 + below(reply) for reply in shape.get(each, ()))

    for each, row in rows.items():
        row.descendants_all = below(each)
    return rows


def shown(shape: dict[str, list[str]], tops: list[str], *, room: int, levels: int = 3) -> list[Branch]:
    """Fill a page as the queries do, with a dictionary for a database."""
    rows = planted(shape, tops)
    roots = [Branch(rows[top]) for top in tops]
    kept: list[Branch] = []
    parents = roots
    for _ in range(levels):
        wanted = openings(parents, kept, room=room, tally=ALL)
        fetched = [rows[reply] for each in wanted for reply in sorted(shape[each.parent_id])[: each.limit]]
        grown = grow(parents, fetched)
        kept = keep(kept, grown, room=room)
        parents = [branch for branch in grown if any(branch is other for other in kept)]
    assemble(roots, kept)
    return roots


def ids(roots: list[Branch]) -> list[str]:
    return [branch.row.id for branch in reading_order(roots)]


def test_every_parent_gets_its_first_reply_before_anybodys_second() -> None:
    shape = {"a": ["a1", "a2", "a3"], "b": ["b1", "b2"], "a1": ["a11", "a12"]}
    assert ids(shown(shape, ["a", "b"], room=3)) == ["a", "a1", "a11", "b", "b1"]
    assert ids(shown(shape, ["a", "b"], room=4)) == ["a", "a1", "a11", "a2", "b", "b1"]


def test_a_parent_shows_its_first_five_replies_and_counts_the_rest_with_what_is_below_them() -> None:
    shape = {"a": [f"a{number}" for number in range(1, 8)], "a7": ["a71"]}
    root = shown(shape, ["a"], room=40)[0]
    assert [reply.row.id for reply in root.replies] == ["a1", "a2", "a3", "a4", "a5"]
    assert unseen(root, ALL) == 3


def test_the_number_of_what_is_left_heeds_what_earlier_pages_showed() -> None:
    root = Branch(Row("a", descendants_all=12), before=7)
    root.replies = [Branch(Row("a8", "a")), Branch(Row("a9", "a", descendants_all=2))]
    assert unseen(root, ALL) == 1


def test_replies_are_read_oldest_first_below_their_parent() -> None:
    roots = shown({"a": ["a2", "a1"], "a1": ["a11"]}, ["a"], room=10)
    assert ids(roots) == ["a", "a1", "a11", "a2"]


def test_below_the_third_level_nothing_is_fetched() -> None:
    shape = {"a": ["b"], "b": ["c"], "c": ["d"], "d": ["e"]}
    roots = shown(shape, ["a"], room=40)
    assert ids(roots) == ["a", "b", "c", "d"]
    last = list(reading_order(roots))[-1]
    assert unseen(last, ALL) == 1


def test_what_cannot_find_room_any_more_is_not_fetched() -> None:
    full = [Branch(Row(f"x{number}"), turn=0) for number in range(4)]
    assert openings([Branch(Row("p", descendants_all=9))], full, room=4, tally=ALL) == []


def test_verified_readers_are_counted_verified_comments_only() -> None:
    verified = Tally(verified_only=True)
    row = Row("a", descendants_all=9, descendants_verified=2)
    assert (verified.itself(row), verified.below(row), verified.whole(row)) == (0, 2, 2)
    row.tier = "verified"
    assert verified.itself(row) == 1
    row.state = "removed"
    assert verified.itself(row) == ALL.itself(row) == 0


@st.composite
def talks(draw: st.DrawFn) -> tuple[dict[str, list[str]], list[str]]:
    """Invent tops and replies; ids ascend as they are said."""
    said = [f"{number:03}" for number in range(draw(st.integers(1, 60)))]
    shape: dict[str, list[str]] = {}
    tops = []
    for place, each in enumerate(said):
        parent = draw(st.one_of(st.none(), st.sampled_from(said[:place]))) if place else None
        shape.setdefault(parent, []).append(each) if parent else tops.append(each)
    return shape, tops


@given(talks(), st.integers(0, 25))
def test_a_page_is_bounded_closed_under_parents_and_says_exactly_what_it_leaves_out(talk, room: int) -> None:
    shape, tops = talk
    roots = shown(shape, tops, room=room)
    seen = ids(roots)
    assert len(seen) == len(set(seen)) <= len(tops) + room
    every = list(reading_order(roots))
    assert all(reply.row.hangs_on == branch.row.id for branch in every for reply in branch.replies)
    assert all(len(branch.replies) <= PER_PARENT for branch in every)
    assert len(seen) + sum(unseen(branch, ALL) for branch in every) == len(tops) + sum(map(len, shape.values()))


@given(st.sampled_from(SORTS), st.integers(0, 999_999_999), st.integers(0, 999_999_999), st.sampled_from(["", ID]))
def test_a_cursor_comes_back_as_it_was_written(sort: str, likes: int, seen: int, within: str) -> None:
    cursor = Cursor(sort, ID, likes, seen, within)
    assert read_cursor(cursor.text(), sort) == cursor


@pytest.mark.parametrize("text", ["x", "%%%", "é", "MC4x", "A" * 100, After(ID, 3).text(), Cursor("oldest", ID).text()])
def test_a_cursor_that_is_not_ours_or_for_another_order_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"cursor\.invalid"):
        read_cursor(text, "newest")


@pytest.mark.parametrize("likes", ["-1", "1e3", "9999999999", "٣", ""])
def test_a_cursor_with_a_number_that_no_database_takes_is_refused(likes: str) -> None:
    forged = Cursor("recommended", ID)._replace(likes=likes)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match=r"cursor\.invalid"):
        read_cursor(forged.text(), "recommended")


def test_the_place_among_replies_comes_back_as_it_was_written_or_is_refused() -> None:
    assert read_after(After(ID, 47).text()) == After(ID, 47)
    assert read_after("") == read_after(None) == After()
    for wrong in ("x", ID, f"{ID}.", f"{ID}.x", "short.3"):
        with pytest.raises(Invalid, match=r"cursor\.invalid"):
            read_after(wrong)
