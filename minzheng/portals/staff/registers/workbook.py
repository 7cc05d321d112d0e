"""An export as a workbook: constant memory, several sheets when one is full, text that can never become a formula, and
on every sheet who took it out, when, from which register and under which filter."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import segno
import xlsxwriter

from minzheng.kernel.foundation.registers import Column
from minzheng.portals.staff.registers.cells import Cell

SHEET_ROWS = 1_048_576  # what Excel can hold, the mark and the heads included
HEAD_ROWS = 2
LONGEST_TEXT, LONGEST_FOOTER = 32_767, 240
WIDTHS = {"name": 12, "age": 8, "number": 10, "money": 14, "date": 12, "choice": 14, "id_number": 22, "phone": 16, "place": 30, "address": 44}
# Characters that XML cannot hold: Excel would call the file damaged.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Mark:
    """The watermark: said in the first row, in the footer of every page, in the file's properties, and tiled behind
    the cells as a code that a phone reads."""

    title: str
    who: str
    when: str
    what: str
    number: str

    @property
    def line(self) -> str:
        """The whole mark in one line."""
        return f"{self.title}　导出人 {self.who}　{self.when}　{self.what}　编号 {self.number}"


class Book:
    """Writes rows of cells to a file; `with` closes it. Sheets follow each other when one is full."""

    def __init__(self, path: Path, columns: Sequence[Column], mark: Mark, sheet_rows: int = SHEET_ROWS) -> None:
        options = {
            "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True,
            "tmpdir": str(path.parent),
        }  # fmt: skip
        self._book = xlsxwriter.Workbook(str(path), options)
        self._columns, self._mark, self._sheet_rows = columns, mark, sheet_rows
        self._text = self._book.add_format({"num_format": "@"})
        self._bold = self._book.add_format({"num_format": "@", "bold": True, "bg_color": "#eef1f4", "bottom": 1})
        self._soft = self._book.add_format({"num_format": "@", "font_color": "#8a5300"})
        self._whole = self._book.add_format({"num_format": "#,##0"})
        self._money = self._book.add_format({"num_format": "¥#,##0.00"})
        self._tile = _tile(mark)
        self._sheets, self._line = 0, sheet_rows
        self._sheet: Any = None
        self._book.set_properties({
            "title": mark.title, "author": mark.who, "comments": mark.line, "keywords": mark.number, "company": "民政云",
        })  # fmt: skip

    def __enter__(self) -> Book:
        self._next_sheet()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._book.close()

    def write(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Append rows."""
        for cells in rows:
            if self._line >= self._sheet_rows:
                self._next_sheet()
            for at, cell in enumerate(cells):
                if cell.number is not None:
                    self._sheet.write_number(self._line, at, cell.number, self._money if cell.kind == "money" else self._whole)
                elif cell.text:
                    self._sheet.write_string(self._line, at, printable(cell.text), self._text)
            self._line += 1

    def _next_sheet(self) -> None:
        self._sheets += 1
        title = re.sub(r"[\[\]:*?/\\']", " ", self._mark.title)[:24]
        self._sheet = self._book.add_worksheet(title if self._sheets == 1 else f"{title} ({self._sheets})")
        for at, column in enumerate(self._columns):
            self._sheet.set_column(at, at, WIDTHS.get(column.kind, 20))
        self._sheet.set_background(self._tile)
        self._sheet.set_footer(f"&L&8{self._mark.line.replace('&', '&&')[:LONGEST_FOOTER - 20]}&R&8第 &P / &N 页")
        self._sheet.repeat_rows(0, HEAD_ROWS - 1)
        self._sheet.set_landscape()
        self._sheet.write_string(0, 0, printable(self._mark.line), self._soft)
        for at, column in enumerate(self._columns):
            self._sheet.write_string(1, at, printable(column.title), self._bold)
        self._sheet.freeze_panes(HEAD_ROWS, 1)
        self._line = HEAD_ROWS


def printable(text: str) -> str:
    """What a cell can hold of a text."""
    return _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n"))[:LONGEST_TEXT]


def _tile(mark: Mark) -> io.BytesIO:
    code = segno.make(f"{mark.number} {mark.who} {mark.when}", error="m", micro=False)
    image = code.png_data_uri(scale=4, border=16, dark="#eceff2", light="#ffffff")
    return io.BytesIO(base64.b64decode(image.partition(",")[2]))
