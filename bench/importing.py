"""Importing: comments per second on SQLite, and whether memory grows with the file."""

import asyncio
import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bench import town
from bench.results import Figure
from bench.servers import program

SMALL, LARGE = 5_000, 40_000


@dataclass(frozen=True)
class Import:
    """One import as it went."""

    comments: int
    seconds: float
    peak_mb: float

    @property
    def rate(self) -> float:
        """Give comments per second, the start of the program included."""
        return self.comments / self.seconds


def measure(folder: Path) -> dict[str, Figure]:
    """Import a small and a large file into fresh databases; the large one stays for the reading benches."""
    small = import_file(folder / "small", SMALL)
    large = import_file(folder / "town", LARGE)
    against = f"{LARGE:,} comments, beside {SMALL:,} in the same run"
    return {
        "import_rate": Figure(large.rate, "comments/s", against, at_least=2000),
        "import_memory_growth": Figure(large.peak_mb / small.peak_mb, "times", against, at_most=1.5),
        "import_memory_peak": Figure(large.peak_mb, "MB", against),
    }


def import_file(folder: Path, comments: int) -> Import:
    """Write an export, import it as an operator would, and say how it went."""
    asyncio.run(town.found(folder))
    export = folder.with_suffix(".xml")
    town.write_export(export, comments)
    command = [str(program()), "import", "disqus", str(export), "--site", town.SITE, "--json"]
    began = time.perf_counter()
    with export.with_suffix(".json").open("w+") as printed:
        process = subprocess.Popen(command, env=os.environ | town.environment(folder), stdout=printed)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        printed.seek(0)
        report = json.load(printed) if status == 0 else {}
    process.returncode = os.waitstatus_to_exitcode(status)
    imported = report.get("comments", {}).get("imported", 0)
    assert imported >= comments - town.USUAL, f"{imported} of {comments} comments were imported"
    return Import(imported, seconds, _megabytes(usage.ru_maxrss))


def _megabytes(maxrss: int) -> float:
    """Linux counts in kilobytes, macOS in bytes."""
    return maxrss / 1024 / 1024 if os.uname().sysname == "Darwin" else maxrss / 1024
