"""The glossary names every term of the house, and leads to files that exist."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.house.product import ROOT


def test_glossary_is_up_to_date() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "make_glossary.py"), "--check"]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_path_of_the_glossary_exists() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    paths = re.findall(r"\]\(\.\./([^)]+)\)", text)
    assert len(paths) > 50
    assert not [path for path in paths if not (ROOT / path).exists()]
