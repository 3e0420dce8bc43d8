"""What `bench/results.json` holds: name -> figure, unit, what it was compared with; and the bound it must keep."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = Path(__file__).parent / "results.json"


@dataclass(frozen=True)
class Figure:
    """One measured figure. `at_least` or `at_most` is the bound; a figure without one is there to be read."""

    figure: float
    unit: str
    compared_with: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def holds(self) -> bool:
        """Say whether the bound is kept."""
        low = self.at_least is None or self.figure >= self.at_least
        return low and (self.at_most is None or self.figure <= self.at_most)

    def line(self, name: str) -> str:
        """Give one line for people."""
        bound = [f"at least {self.at_least:g}"] if self.at_least is not None else []
        bound += [f"at most {self.at_most:g}"] if self.at_most is not None else []
        mark = "   " if self.holds else "!! "
        limits = f"  [{', '.join(bound)}]" if bound else ""
        return f"{mark}{name:<34}{self.figure:>10.4g} {self.unit}{limits}  ({self.compared_with})"


def save(figures: dict[str, Figure]) -> None:
    """Write the file; figures of an earlier run that were not measured this time stay."""
    known = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    known |= {name: asdict(figure) for name, figure in figures.items()}
    FILE.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", "utf-8")
