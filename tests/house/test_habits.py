"""Habits of the house that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.house.product import ROOT, Source, sources

PRODUCT = sources("minzheng", "bench", "scripts")
MAX_FILE, MAX_FUNCTION = 400, 50
WRITES = {"create", "bulk_create", "update", "bulk_update", "delete", "save", "get_or_create", "update_or_create"}


def functions(source: Source) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_files_and_functions_are_short() -> None:
    long_files = [f"{s.name} {s.text.count(chr(10))}" for s in PRODUCT if s.text.count("\n") > MAX_FILE]
    long_functions = [
        f"{s.name}:{node.lineno} {node.name}"
        for s in PRODUCT
        for node in functions(s)
        if (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION
    ]
    assert not long_files + long_functions


def test_public_functions_of_the_kernel_say_what_they_do() -> None:
    silent = []
    for source in sources("minzheng/kernel", "minzheng/domains", "minzheng/synthetic_city"):
        for node in source.tree.body:
            is_definition = isinstance(node, ast.FunctionDef | ast.ClassDef)
            quiet = is_definition and not node.name.startswith("_") and not ast.get_docstring(node)
            if quiet and not node.name.endswith("Config"):
                silent.append(f"{source.name}:{node.lineno} {node.name}")
    assert not silent


def test_the_kernel_never_asks_the_machine_for_today() -> None:
    pattern = re.compile(r"date\.today\(|datetime\.now\(|datetime\.today\(|localdate\(|utcnow\(|CURRENT_DATE", re.I)
    wrong = [s.name for s in sources("minzheng/kernel", "minzheng/domains", "minzheng/portals") if pattern.search(s.text)]
    assert not wrong


def test_portals_neither_query_nor_write_by_themselves() -> None:
    wrong = [s.name for s in sources("minzheng/portals") if re.search(r"\.objects\b|\.raw\(", s.text)]
    allowed = {"minzheng/portals/cli/bootstrap.py"}  # asks whether the reference tables are filled
    assert set(wrong) <= allowed


def test_only_actions_write() -> None:
    """Outside actions, no call like `Model.objects.create(...)` or `instance.save()`."""
    homes = {"actions.py", "actions"}
    mechanisms = {  # what actions and rounds stand on
        "minzheng/kernel/foundation/audit.py",
        "minzheng/kernel/foundation/rounds.py",
        "minzheng/kernel/indicators/reports/word.py",  # saves a Word file, no table
        "minzheng/portals/citizen/store.py",  # sessions and counters in the session store, no table of ours
        "minzheng/portals/staff/once.py",  # keeps what was sent in the session store, no table of ours
    }
    wrong = []
    for source in sources("minzheng/kernel", "minzheng/domains", "minzheng/portals"):
        if source.name in mechanisms or homes & set(source.path.parts):
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
                text = ast.unparse(node.func.value)
                if ".objects" in text or (node.func.attr == "save" and "form" not in text):
                    wrong.append(f"{source.name}:{node.lineno} {ast.unparse(node.func)}")
    assert not wrong


def test_errors_are_not_swallowed() -> None:
    wrong = []
    for source in PRODUCT:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ExceptHandler):
                broad = node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"}
                silent = all(isinstance(child, ast.Pass) for child in node.body)
                if broad and (silent or not any(isinstance(n, ast.Raise) for n in ast.walk(node))):
                    wrong.append(f"{source.name}:{node.lineno}")
    assert not wrong


@pytest.mark.parametrize(
    "pattern",
    [r"/work/main", r"/root/", r"files\.pythonhosted", r"registry\.npmjs", r"pypi\.org/simple", r"https?://[^ ]*registry"],
)
def test_nothing_committed_names_a_machine_or_a_registry(pattern: str) -> None:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    wrong = []
    for name in filter(None, listing.split("\0")):
        path = ROOT / name
        if path == Path(__file__).resolve() or not path.is_file():
            continue
        if re.search(pattern.encode(), path.read_bytes()):
            wrong.append(name)
    assert not wrong


def test_no_marks_of_unfinished_work() -> None:
    pattern = re.compile(r"\b(TODO|FIXME|XXX)\b|raise NotImplementedError|待实现|coming soon")
    assert not [s.name for s in PRODUCT if pattern.search(s.text)]
