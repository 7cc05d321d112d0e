"""Reads one workbook in a process of its own and writes its cells, as JSON lines, to stdout. Run by sheets.py.

On damaged workbooks the library panics, or asks for tens of gigabytes at once: neither may take the importing process
along. So this runs apart, under a limit of memory, and imports nothing of Minzheng.

    python workbook.py FILE heads            → one line: [[name, hidden, first rows], …]
    python workbook.py FILE rows NAME FIRST  → lines of rows, from row number FIRST on
Each ends with the line "end"; {"error": …} is what the library says of the file.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime, time
from typing import Any

import python_calamine

HEAD_ROWS, ROWS_A_LINE = 60, 5_000
MEMORY = 4 << 30  # a sheet as full as Excel allows, of twenty columns, needs less than half of it


def main(file: str, wanted: str, name: str = "", first: str = "1") -> None:
    """Answer one question about a workbook."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        # By the bytes, not by the path: the library believes a file's name ('.xls' on an xlsx) and then fails.
        with open(file, "rb") as handle:
            workbook = python_calamine.CalamineWorkbook.from_filelike(handle)
        if wanted == "heads":
            _say(_heads(workbook))
        else:
            _rows(workbook.get_sheet_by_name(name), int(first))
        _say("end")
    except (python_calamine.CalamineError, python_calamine.ZipError, python_calamine.XmlError) as error:
        _say({"error": str(error)})


def _heads(workbook: Any) -> list[Any]:
    found = []
    for meta in workbook.sheets_metadata:
        if meta.typ == python_calamine.SheetTypeEnum.WorkSheet:
            rows = workbook.get_sheet_by_name(meta.name).to_python(skip_empty_area=False, nrows=HEAD_ROWS)
            hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
            found.append([meta.name, hidden, [[cell_text(cell) for cell in row] for row in rows]])
    return found


def _rows(sheet: Any, first: int) -> None:
    merged = _merged(sheet)
    # The rows start at row 1, but the columns at the first one that is used.
    left = [""] * (sheet.start or (0, 0))[1]
    above: list[str] = []
    lines: list[list[str]] = []
    for index, row in enumerate(sheet.iter_rows()):
        if index + 1 < first:
            continue
        cells = left + [cell_text(cell) for cell in row]
        for column in merged.get(index, ()):
            if column < len(cells) and column < len(above) and not cells[column]:
                cells[column] = above[column]
        above = cells
        lines.append(cells)
        if len(lines) == ROWS_A_LINE:
            _say(lines)
            lines = []
    _say(lines)


def _merged(sheet: Any) -> dict[int, list[int]]:
    """Row → columns whose cell belongs to the one above (merged downwards, as a household number over its members)."""
    found: dict[int, list[int]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if left == right:
            for row in range(top + 1, bottom + 1):
                found.setdefault(row, []).append(left)
    return found


def cell_text(cell: Any) -> str:
    """An Excel cell as the text that its sender sees: whole floats without '.0', dates as ISO."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _say(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
