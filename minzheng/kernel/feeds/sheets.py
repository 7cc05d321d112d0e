"""Workbooks, xls and xlsx alike, as tables of text. They are read by workbook.py in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.tables import Chunk, Table

READER = Path(__file__).with_name("workbook.py")
SHEET_CHUNK = 50_000


def sheets(path: Path, kind: str) -> list[Table]:
    """The worksheets of a workbook, hidden ones marked. Raises IntakeError for a damaged or locked workbook."""
    (found,) = _ask(path, "heads")
    return [Table(name, head, _body(path, name), kind, hidden) for name, hidden, head in found]


def _body(path: Path, name: str) -> Callable[[int, int], Iterator[Chunk]]:
    def body(first: int, width: int) -> Iterator[Chunk]:
        buffer: list[list[str]] = []
        number = first
        for rows in _ask(path, "rows", name, str(first)):
            buffer += rows
            if len(buffer) >= SHEET_CHUNK:
                yield _chunk(buffer, number, width)
                number, buffer = number + len(buffer), []
        if buffer:
            yield _chunk(buffer, number, width)

    return body


def _chunk(rows: list[list[str]], number: int, width: int) -> Chunk:
    columns = {str(c): pl.Series([row[c] if c < len(row) else "" for row in rows], dtype=pl.String) for c in range(width)}
    return Chunk(pl.DataFrame(columns), pl.int_range(number, number + len(rows), eager=True).alias("row"))


def _ask(path: Path, *question: str) -> Iterator[Any]:
    """The answers of workbook.py. Raises IntakeError when it refuses, or does not come to the end."""
    command = [sys.executable, "-P", str(READER), str(path), *question]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                said = json.loads(line)
                if said == "end":
                    return
                if isinstance(said, dict):
                    raise IntakeError(f"{path.name} 读不出来,文件可能已损坏或加了密码:请重新导出后再报送")
                yield said
        finally:
            process.kill()
    raise IntakeError(
        f"{path.name} 读不出来:文件已损坏,或工作表远远伸展到数据之外。请删除表格以外的空行空列,重新导出后再报送"
    )
