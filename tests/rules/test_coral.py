"""Coral's documented moderation features: each has a test of ours that exists, or a reason why not (decisions/0012)."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DECISION = ROOT / "docs/decisions/0012-what-corals-desk-has-and-ours.md"


def rows() -> list[list[str]]:
    lines = [line for line in DECISION.read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [each for each in cells if each[0] != "Coral's"]


def test_every_feature_has_a_test_that_exists_or_a_reason() -> None:
    files = [file.read_text("utf-8") for file in (ROOT / "tests").rglob("test_*.py")]
    tests = {name for text in files for name in re.findall(r"def (test_\w+)", text)}
    for feature, *more in rows():
        assert all(more), feature
        named = re.findall(r"`(test_\w+)`", more[-1])
        assert set(named) <= tests, (feature, set(named) - tests)
        assert named or len(more) == 1, feature
    assert len(rows()) > 40
