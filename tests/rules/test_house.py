"""The house rules that a machine can hold: floors, sizes, names, docstrings, locks. CONTRIBUTING.md says why."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter import cli

ROOT = Path(__file__).parents[2]
LINES_AT_MOST = 400
LINES_AT_MOST_OF_TESTS = 500
"""Sentences one after the other are read one at a time."""
VAGUE = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "manager",
    "handler",
    "handlers",
    "data",
    "info",
    "lib",
}
LOCKS = sorted(ROOT.glob("requirements/*.txt"))
# What nobody writes by hand or reads from top to bottom.
UNMEASURED = ("vendor", "versions", "node_modules", "locale")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(*folders: str, ending: str = ".py") -> list[Path]:
    files = [file for folder in folders for file in (ROOT / folder).rglob(f"*{ending}")]
    return sorted(file for file in files if not set(UNMEASURED) & set(file.parts))


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"), str(file))


def place(file: Path, node: ast.AST | None = None) -> str:
    return f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def functions(node: ast.AST) -> Iterator[Function]:
    """Functions of a module and of its classes, but not those inside functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield child
        elif isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
            yield from functions(child)


def test_imports_go_downward_only() -> None:
    assert cli.lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_nothing_is_imported_inside_a_function() -> None:
    found = [
        place(file, node)
        for file in sources("commentbox", "bench", "tests")
        for outer in ast.walk(tree(file))
        if isinstance(outer, Function)
        for node in ast.walk(outer)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not found


@pytest.mark.parametrize("ending", [".py", ".js", ".mjs", ".css", ".html"])
def test_no_file_is_too_long_to_hold_in_the_head(ending: str) -> None:
    files = sources("commentbox", "themes", "bench", "docs", ".ci", ending=ending)
    lengths = {file: LINES_AT_MOST for file in files}
    lengths |= {file: LINES_AT_MOST_OF_TESTS for file in sources("tests", ending=ending)}
    counted = {file: len(file.read_text("utf-8").splitlines()) for file in lengths}
    assert {place(file): lines for file, lines in counted.items() if lines > lengths[file]} == {}


def test_every_module_says_what_lives_in_it() -> None:
    silent = [
        place(file)
        for file in sources("commentbox", "bench")
        if file.stat().st_size and not ast.get_docstring(tree(file))
    ]
    assert not silent


def test_every_public_function_and_class_says_what_it_gives_or_does() -> None:
    silent = []
    for file in sources("commentbox", "bench"):
        module = tree(file)
        classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
        public = [node for node in [*functions(module), *classes] if not node.name.startswith("_")]
        silent += [f"{place(file, node)} {node.name}" for node in public if not ast.get_docstring(node)]
    assert not silent


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [place(file) for file in sources("commentbox", "bench", "tests") if {file.stem, file.parent.name} & VAGUE]
    assert not vague


def test_only_one_module_asks_which_database_it_is() -> None:
    asked = re.compile(r"dialect\.name|is_sqlite\b|is_postgres")
    asking = [place(file) for file in sources("commentbox") if asked.search(file.read_text("utf-8"))]
    assert asking == ["commentbox/server/base/db.py:1"]


def test_only_the_clock_reads_the_time_of_day() -> None:
    asked = re.compile(r"datetime\.(?:now|utcnow|today)\(|\btime\.time\(|\bdate\.today\(")
    asking = [place(file) for file in sources("commentbox/server") if asked.search(file.read_text("utf-8"))]
    assert asking == ["commentbox/server/base/clock.py:1"]


def test_locks_name_no_address_and_pin_everything_by_hash() -> None:
    for lock in LOCKS:
        text = lock.read_text("utf-8")
        assert not re.search(r"https?://|--index-url|--find-links|\bfile:", text), lock.name
        pinned = len(re.findall(r"^\S+==", text, re.M))
        assert len(re.findall(r"--hash=sha256:", text)) >= pinned, lock.name
    assert '"resolved"' not in (ROOT / "tests/npm/package-lock.json").read_text("utf-8")


def test_every_dependency_stands_in_the_docs_with_its_reason() -> None:
    explained = (ROOT / "docs/dependencies.md").read_text("utf-8")
    listed = [
        re.split(r"[\[;=<> ]", line)[0]
        for file in ROOT.glob("requirements/*.in")
        for line in file.read_text("utf-8").splitlines()
        if line and not line.startswith(("#", "-"))
    ]
    assert [name for name in listed if f"| {name} |" not in explained] == []
