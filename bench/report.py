"""bench/README.md: each benchmark owns the section between its two markers."""

from __future__ import annotations

import os
import platform
from datetime import date
from pathlib import Path

TARGET = Path(__file__).parent / "README.md"
LOAD_BEFORE = os.getloadavg()[0]  # of others: this module is imported before anything is measured


def write_section(name: str, title: str, header: list[str], rows: list[list[str]], note: str = "") -> None:
    """Replace (or add) the section `name` with a table, the machine and the date."""
    table = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    table += ["| " + " | ".join(row) + " |" for row in rows]
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    body = "\n".join([begin, f"## {title}", "", *table, "", f"{note} {machine()}".strip(), end])
    text = TARGET.read_text(encoding="utf-8") if TARGET.exists() else "# Benchmarks\n"
    if begin in text:
        text = text[: text.index(begin)] + body + text[text.index(end) + len(end) :]
    else:
        text = text.rstrip() + "\n\n" + body + "\n"
    TARGET.write_text(text, encoding="utf-8")


def machine() -> str:
    """Cores, memory and date of the measurement, in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    busy = f", others were at work (load {LOAD_BEFORE:.1f} before it began)" if LOAD_BEFORE > 0.5 else ""
    return (
        f"*{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB, Python {platform.python_version()}, "
        f"{date.today()}{busy}; a shared machine: quote medians and ratios.*"
    )
