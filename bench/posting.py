"""Posting: 32 writers at once on SQLite, the whole path, durable on return; and Isso beside it in the same run."""

import asyncio
import statistics
from pathlib import Path

from bench import isso, load, servers, town
from bench.load import Load
from bench.results import Figure

ROUNDS = 3
SECONDS = 4.0
ORIGIN = "http://comments.localhost:8000"


def measure(folder: Path) -> dict[str, Figure]:
    """Let the writers loose on both, turn about, so that a busy machine is as busy for the one as for the other.

    Ours are sent as a plain form, answered with where the comment stands; Isso answers with the comment as JSON.
    """
    asyncio.run(town.found(folder / "town"))
    writers = asyncio.run(town.writers(folder / "town"))
    with servers.commentbox(town.environment(folder / "town")) as ours, isso.serving(folder / "isso") as theirs:
        own = [writer.posts(ours.port, ORIGIN) for writer in writers]
        other = [isso.posts(theirs.port, number, town.ARTICLES) for number in range(town.WRITERS)]
        rounds = [
            (load.run(ours.port, own, seconds=SECONDS), load.run(theirs.port, other, seconds=SECONDS))
            for _ in range(ROUNDS)
        ]
        drawn = load.run(ours.port, [each.posts(ours.port, ORIGIN, htmx=True) for each in writers], seconds=SECONDS)
    against = f"the same, answered with the comment drawn in its place, {town.WRITERS} writers"
    return _figures([one for one, _ in rounds], [other for _, other in rounds]) | {
        "posting_rate_drawn": Figure(drawn.requests_per_second, "posts/s", against),
        "posting_p99_drawn": Figure(drawn.p99_ms, "ms", against),
    }


def _figures(ours: list[Load], theirs: list[Load]) -> dict[str, Figure]:
    against = (
        f"Isso 0.14, gunicorn, {isso.WORKERS} workers, limits off, {town.WRITERS} writers, median of {ROUNDS} rounds"
    )
    rate, other = (statistics.median(each.requests_per_second for each in rounds) for rounds in (ours, theirs))
    return {
        "posting_ratio": Figure(rate / other, "of Isso", against, at_least=1),
        "posting_rate": Figure(rate, "posts/s", against),
        "posting_rate_isso": Figure(other, "posts/s", against),
        "posting_p99": Figure(statistics.median(each.p99_ms for each in ours), "ms", against, at_most=150),
        "posting_worst": Figure(max(each.worst_ms for each in ours), "ms", against),
        "posting_failures": Figure(sum(each.failures for each in ours), "posts", "none may fail", at_most=0),
    }
