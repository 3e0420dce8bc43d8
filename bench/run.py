"""`make bench`: measures what must stay fast and writes bench/results.json. `python -m bench.run posting` runs a part.

Ratios are what counts: both sides are measured turn about in the same run. Absolute figures are for reading only, and
on a busy machine mean little. Ends with status 1 where a bound is broken.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

from bench import badges, browser, desk, importing, live, posting, reading, results, screening, verifying
from bench.results import Figure

ROOT = Path(__file__).parents[1]
PARTS = ("importing", "reading", "posting", "desk", "live", "badges", "screening", "verifying", "browser")


def main(wanted: list[str]) -> int:
    """Run the parts that are asked for, or all; give the status to end with."""
    unknown = set(wanted) - set(PARTS)
    if unknown:
        print(f"There is no bench {', '.join(unknown)}. There are: {', '.join(PARTS)}")
        return 2
    (ROOT / ".cache").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / ".cache"))  # on the disk: posts must be durable
    try:
        figures = _measure(folder, wanted or list(PARTS))
    finally:
        shutil.rmtree(folder)
    results.save(figures)
    return 0 if all(figure.holds for figure in figures.values()) else 1


def _measure(folder: Path, wanted: list[str]) -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    if {"importing", "reading", "browser"} & set(wanted):
        figures |= _told("importing", importing.measure, folder / "moved")
    if "reading" in wanted:
        figures |= _told("reading", reading.measure, folder / "moved/town")
    if "browser" in wanted:
        figures |= _told("browser", browser.measure, folder / "moved/town")
    if "posting" in wanted:
        figures |= _told("posting", posting.measure, folder / "posted")
    if "badges" in wanted:
        figures |= _told("badges", lambda _folder: badges.measure(), folder)
    if "screening" in wanted:
        figures |= _told("screening", lambda _folder: screening.measure(), folder)
    if "verifying" in wanted:
        figures |= _told("verifying", verifying.measure, folder / "verified")
    if "live" in wanted:
        figures |= _told("live", live.measure, folder / "live")
    if "desk" in wanted:
        figures |= _told("desk", desk.measure, folder / "desk")
    return figures


def _told(name, measure, folder: Path) -> dict[str, Figure]:  # type: ignore[no-untyped-def]
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    print(f"{name} …", flush=True)
    figures: dict[str, Figure] = measure(folder)
    for each, figure in figures.items():
        print(figure.line(each))
    print(f"   ({time.monotonic() - began:.0f} s)\n", flush=True)
    return figures


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
