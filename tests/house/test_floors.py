"""The floors, also where the import checker cannot see: foreign keys, templates, URL names."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from django.apps import apps

from tests.house.product import ROOT, sources

STAIRS = ["foundation", "divisions", "registry", "feeds", "rules", "ledger", "benefits", "monitoring", "casework", "indicators"]


def floor(module: str) -> tuple[int, int]:
    """How high a module stands: floor, then stair."""
    parts = module.split(".")
    if parts[0] != "minzheng":
        return (0, 0)
    floors = ["kernel", "domains", "synthetic_city", "portals", "project"]
    stair = STAIRS.index(parts[2]) + 1 if parts[1] == "kernel" and len(parts) > 2 else 0
    return (floors.index(parts[1]) + 1, stair)


def test_imports_keep_to_the_floors() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_foreign_keys_point_down_the_stairs() -> None:
    wrong = []
    for model in apps.get_models():
        if not model.__module__.startswith("minzheng."):
            continue  # a library's own tables point at whatever user model they are given
        for field in model._meta.get_fields():
            related = getattr(field, "related_model", None)
            if field.concrete and related and floor(related.__module__) > floor(model.__module__):
                wrong.append(f"{model.__name__}.{field.name} → {related.__name__}")
    assert not wrong


def test_templates_include_only_their_own_portal() -> None:
    wrong = []
    for template in (ROOT / "minzheng").rglob("templates/**/*.html"):
        owner = template.relative_to(ROOT / "minzheng").parts
        portal = owner[1] if owner[0] == "portals" else owner[0]
        for target in re.findall(r'{%\s*(?:include|extends)\s+"([^"]+)"', template.read_text(encoding="utf-8")):
            if target.split("/")[0] != portal:
                wrong.append(f"{template.relative_to(ROOT)} → {target}")
    assert not wrong


def test_only_portals_know_addresses_of_pages() -> None:
    wrong = [
        source.name
        for source in sources("minzheng/kernel", "minzheng/domains", "minzheng/synthetic_city")
        if re.search(r"(?<![.\w])reverse\(|django\.urls|django\.shortcuts|django\.http", source.text)
    ]
    assert not wrong


def test_room_names_are_the_agreed_ones() -> None:
    rooms = {path.name for path in (ROOT / "minzheng/kernel").iterdir() if (path / "__init__.py").exists()}
    assert rooms <= set(STAIRS)
    folders = [path for path in (ROOT / "minzheng/kernel").iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert all(any(path.glob("*.py")) for path in folders), "no empty rooms"
