"""Writing deliveries: CSV in any encoding, Parquet, and Excel with titles, merged headers, totals and signatures.

Nothing of the clock or the machine gets into the files, so that the same city has the same bytes.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow as pa
import pyarrow.parquet as papq
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from minzheng.synthetic_city.dirt import BROKEN
from minzheng.synthetic_city.layouts import Layout

_CREATED = datetime(2024, 1, 1)


class Writer(Protocol):
    """Takes chunks of text columns and writes one file."""

    def write(self, text: pl.DataFrame) -> None:
        """Add a chunk."""

    def close(self) -> None:
        """Finish the file."""


class CsvWriter:
    """A CSV file; rows go out as they come."""

    def __init__(self, path: Path, headers: list[str], encoding: str) -> None:
        self._file = path.open("wb")
        self._bytes = "utf-8" if encoding == "utf-8-sig" else encoding
        if encoding == "utf-8-sig":
            self._file.write(b"\xef\xbb\xbf")
        self._file.write((",".join(headers) + "\n").encode(self._bytes))

    def write(self, text: pl.DataFrame) -> None:
        """Add a chunk; the sign for a broken byte becomes one."""
        buffer = io.BytesIO()
        text.write_csv(buffer, include_header=False)
        raw = buffer.getvalue()
        if self._bytes == "utf-8":
            self._file.write(raw.replace(BROKEN.encode(), b"\xff"))
        else:
            pieces = raw.decode().split(BROKEN)
            self._file.write(b"\xff".join(piece.encode(self._bytes) for piece in pieces))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class ParquetWriter:
    """A Parquet file of text columns; one row group per chunk."""

    def __init__(self, path: Path, headers: list[str]) -> None:
        self._schema = pa.schema([(header, pa.large_string()) for header in headers])
        self._writer = papq.ParquetWriter(path, self._schema, compression="zstd")

    def write(self, text: pl.DataFrame) -> None:
        """Add a chunk."""
        table = text.rename(dict(zip(text.columns, self._schema.names, strict=True))).to_arrow()
        self._writer.write_table(table.cast(self._schema))

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()


class SheetWriter:
    """An Excel workbook; chunks are collected, since the total stands below them."""

    def __init__(self, path: Path, layout: Layout, turn: int, as_of: date) -> None:
        self._path, self._layout, self._turn, self._as_of = path, layout, turn, as_of
        self._chunks: list[pl.DataFrame] = []

    def write(self, text: pl.DataFrame) -> None:
        """Add a chunk."""
        self._chunks.append(text)

    def close(self) -> None:
        """Write the workbook."""
        book = xlsxwriter.Workbook(self._path, {"strings_to_urls": False, "constant_memory": False})
        book.set_properties({"created": _CREATED, "title": f"{self._layout.title}(合成数据)"})
        sheet = book.add_worksheet(f"{self._as_of.month}月")
        text = pl.concat(self._chunks)
        first = self._head(sheet, book.add_format({"align": "center", "bold": True}))
        self._body(sheet, text, first)
        if not self._layout.plain_sheet:
            below = first + text.height
            sheet.write_string(below, 0, f"合计 {text.height} 条")
            sheet.write_string(below + 1, 0, "制表人:")
            sheet.write_string(below + 1, 3, "审核人:")
        note = book.add_worksheet("说明")
        note.write_string(0, 0, "合成数据:本表人员均为虚构,由系统生成")
        try:
            book.close()
        except FileCreateError as error:  # a full disk, which xlsxwriter does not report as an OSError
            raise OSError(str(error)) from error

    def _head(self, sheet: xlsxwriter.worksheet.Worksheet, bold: xlsxwriter.format.Format) -> int:
        headers = (["序号"] if self._layout.serial else []) + self._layout.headers(self._turn)
        row = 0
        if not self._layout.plain_sheet:
            title = f"常州市{self._as_of.year}年{self._as_of.month}月{self._layout.title}(合成数据)"
            sheet.merge_range(0, 0, 0, len(headers) - 1, title, bold)
            sheet.write_string(1, 0, f"填报单位:{self._layout.sender}")
            sheet.write_string(1, len(headers) - 3, f"数据截至:{self._as_of}")
            row = 2
        if self._layout.groups:
            self._groups(sheet, headers, bold)
            row += 1
        for column, header in enumerate(headers):
            sheet.write_string(row, column, header, bold)
        return row + 1

    def _groups(
        self, sheet: xlsxwriter.worksheet.Worksheet, headers: list[str], bold: xlsxwriter.format.Format
    ) -> None:
        """The upper row of a header of two merged rows."""
        starts = [list(self._layout.columns).index(name) for name in self._layout.groups]
        ends = [*[start - 1 for start in starts[1:]], len(headers) - 1]
        for start, end, label in zip(starts, ends, self._layout.groups.values(), strict=True):
            sheet.merge_range(0, start, 0, end, label, bold)

    def _body(self, sheet: xlsxwriter.worksheet.Worksheet, text: pl.DataFrame, first: int) -> None:
        numeric = self._layout.date_style(self._turn) == "serial"
        shift = 1 if self._layout.serial else 0
        for number, row in enumerate(text.iter_rows(), start=1):
            if shift:
                sheet.write_number(first + number - 1, 0, number)
            for column, value in enumerate(row, start=shift):
                # What Excel took for a number is a number in the file: mangled IDs, and dates without a format.
                mangled = len(value) == 11 and value.endswith("E+17")
                if mangled or (numeric and len(value) == 5 and value.isdigit()):
                    sheet.write_number(first + number - 1, column, float(value))
                elif value:
                    sheet.write_string(first + number - 1, column, value)


def writer_for(form: str, path: Path, layout: Layout, turn: int, as_of: date, large: bool) -> Writer:
    """The writer of one delivery."""
    if form == "csv":
        return CsvWriter(path, layout.headers(turn), layout.encoding(turn, large))
    if form == "parquet":
        return ParquetWriter(path, layout.headers(turn))
    return SheetWriter(path, layout, turn, as_of)
