"""Workbooks, xls and xlsx alike, as tables of text."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import python_calamine

from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.tables import HEAD_ROWS, Chunk, Table

SHEET_CHUNK = 50_000
UNREADABLE = (python_calamine.CalamineError, python_calamine.ZipError, python_calamine.XmlError)


def sheets(path: Path, kind: str) -> list[Table]:
    """The worksheets of a workbook, hidden ones marked. Raises IntakeError for a damaged or locked workbook."""
    # By the bytes, not by the path: the library believes a file's name ('.xls' on an xlsx) and then fails.
    with path.open("rb") as handle, _reading(path, kind):
        workbook = python_calamine.CalamineWorkbook.from_filelike(handle)
    tables = []
    for meta in workbook.sheets_metadata:
        if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        with _reading(path, kind):
            rows = workbook.get_sheet_by_name(meta.name).to_python(skip_empty_area=False, nrows=HEAD_ROWS)
        head = [[cell_text(cell) for cell in row] for row in rows]
        hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
        tables.append(Table(meta.name, head, _body(workbook, meta.name, path, kind), kind, hidden))
    return tables


def _body(
    workbook: python_calamine.CalamineWorkbook, name: str, path: Path, kind: str
) -> Callable[[int, int], Iterator[Chunk]]:
    def body(first: int, width: int) -> Iterator[Chunk]:
        with _reading(path, kind):
            sheet = workbook.get_sheet_by_name(name)
            merged = _merged(sheet)
        # The rows start at row 1, but the columns at the first one that is used.
        left = [""] * (sheet.start or (0, 0))[1]
        above: dict[int, str] = {}
        buffer: list[list[str]] = []
        number = first
        for index, row in enumerate(sheet.iter_rows()):
            if index + 1 < first:
                continue
            cells = left + [cell_text(cell) for cell in row]
            for column in merged.get(index, ()):
                if column < len(cells) and not cells[column]:
                    cells[column] = above.get(column, "")
            if merged:
                above = dict(enumerate(cells))
            buffer.append(cells)
            if len(buffer) == SHEET_CHUNK:
                yield _chunk(buffer, number, width)
                number, buffer = number + len(buffer), []
        if buffer:
            yield _chunk(buffer, number, width)

    return body


def _merged(sheet: python_calamine.CalamineSheet) -> dict[int, list[int]]:
    """Row → columns whose cell belongs to the one above (merged downwards, as a household number over its members)."""
    found: dict[int, list[int]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if left == right:
            for row in range(top + 1, bottom + 1):
                found.setdefault(row, []).append(left)
    return found


def _chunk(rows: list[list[str]], number: int, width: int) -> Chunk:
    columns = {str(c): pl.Series([row[c] if c < len(row) else "" for row in rows], dtype=pl.String) for c in range(width)}
    return Chunk(pl.DataFrame(columns), pl.int_range(number, number + len(rows), eager=True).alias("row"))


def cell_text(cell: Any) -> str:
    """An Excel cell as the text that its sender sees: whole floats without '.0', dates as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


@contextmanager
def _reading(path: Path, kind: str) -> Iterator[None]:
    """Turn what the library says of a bad workbook into a refusal."""
    try:
        # On some damaged xls the library panics, and prints a trace of its own that tells a user nothing.
        with _silence() if kind == "xls" else nullcontext():
            yield
    except UNREADABLE as error:
        raise IntakeError(f"{path.name} 读不出来,文件可能已损坏或加了密码({error}):请重新导出后再报送") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # derives from BaseException, and has no importable name
            raise
        raise IntakeError(f"{path.name} 读不出来,文件已损坏:请重新导出后再报送") from error


@contextmanager
def _silence() -> Iterator[None]:
    sys.stderr.flush()
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
