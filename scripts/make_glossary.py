"""Writes docs/glossary.md: every Chinese term of the house with the place where it lives.

`--check` writes nothing and fails when the file is not what would be written.
"""

from __future__ import annotations

import inspect
import os
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minzheng.project.settings")

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "glossary.md"
HEAD = """# Glossary · 词汇表

Made by `make glossary`; do not edit. Chinese term → what it is in the code → where it lives.

| 业务用语 | in the code | where |
|---|---|---|
"""


def terms() -> set[tuple[str, str, str]]:
    """(Chinese term, code name, path) of models, feeds, scenarios and each manifest's own words."""
    import django

    django.setup()
    from django.apps import apps

    from minzheng.kernel.feeds.contracts import contracts
    from minzheng.kernel.foundation.access import roles
    from minzheng.kernel.foundation.packs import manifests
    from minzheng.kernel.monitoring.catalogue import scenarios
    from minzheng.kernel.monitoring.outcomes import OUTCOMES

    found: set[tuple[str, str, str]] = set()
    for model in apps.get_models():
        if model.__module__.startswith("minzheng."):
            found.add((str(model._meta.verbose_name), model.__name__, _path(inspect.getfile(model))))
    for contract in contracts().values():
        found.add((contract.title, contract.name, _path(contract.path)))
    for scenario in scenarios().values():
        found.add((scenario.title, scenario.name, _path(inspect.getfile(scenario.detect))))
    for outcome in OUTCOMES.values():
        found.add((outcome.title, outcome.name, "minzheng/kernel/monitoring/outcomes.py"))
    for name, role in roles().items():
        found.add((role.title, name, "minzheng/kernel/foundation/roles.yaml"))
    for manifest in manifests():
        for term, path in manifest.glossary.items():
            found.add((term, manifest.name, path))
    return found


def _path(path: str | Path) -> str:
    return Path(path).resolve().relative_to(ROOT).as_posix()


def main() -> int:
    """Write or check the glossary; 1 when it is out of date."""
    rows = [f"| {term} | `{name}` | [{path}](../{path}) |" for term, name, path in sorted(terms())]
    text = HEAD + "\n".join(rows) + "\n"
    if "--check" in sys.argv:
        if TARGET.read_text(encoding="utf-8") != text:
            print("docs/glossary.md is out of date: run `make glossary`", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
