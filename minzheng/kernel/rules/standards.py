"""Where the standards that several packs read stand. Free of Django."""

from __future__ import annotations

from pathlib import Path

STANDARDS = Path(__file__).with_suffix(".yaml")
