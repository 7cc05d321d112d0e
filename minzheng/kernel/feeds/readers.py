"""Reading a file as raw text cells, in chunks of bounded size, whatever kind of file it is.

A `Table` shows its first rows (to find the header in) and then streams the rows below as frames of String columns
'0', '1', … with their row numbers in the sender's file, so that every row can be pointed at.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as papq
import python_calamine

from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.sniff import HEAD, TextForm, kind_of, text_form

HEAD_ROWS = 60
BLOCK = 16 << 20  # a text block; a single row must fit
SHEET_CHUNK, PARQUET_CHUNK = 50_000, 500_000


@dataclass(frozen=True)
class Chunk:
    """Rows as written: `cells` has String columns '0'…; `numbers` are the rows' numbers in the file (from 1);
    `ragged` are rows that do not fit the columns, with their number and raw text."""

    cells: pl.DataFrame
    numbers: pl.Series
    ragged: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """One sheet, text file or Parquet file. `body(first_row, width)` streams the rows from that number on."""

    sheet: str
    head: list[list[str]]
    body: Callable[[int, int], Iterator[Chunk]]
    form: str


@contextmanager
def open_tables(path: Path) -> Iterator[list[Table]]:
    """The tables of a file; raises IntakeError for what cannot be read as a whole."""
    kind = kind_of(path)
    try:
        if kind == "text":
            yield [_text_table(path)]
        elif kind == "parquet":
            yield [_parquet_table(path)]
        else:
            yield _sheets(path, kind)
    except (python_calamine.CalamineError, python_calamine.ZipError, python_calamine.XmlError) as error:
        raise IntakeError(f"{path.name} 读不出来,文件可能已损坏或加了密码({error}):请重新导出后再报送") from error
    except (pa.ArrowInvalid, pa.ArrowIOError, OSError) as error:
        if isinstance(error, pa.ArrowInvalid) and "straddling" in str(error):
            raise IntakeError(
                f"{path.name} 有一行超过 {BLOCK >> 20} MB,可能是引号不成对或误粘贴:请检查后重新导出"
            ) from error
        raise IntakeError(f"{path.name} 读不出来,文件可能不完整({error}):请重新导出后再报送") from error


class _Utf8Stream(io.RawIOBase):
    """A text file of any encoding as a stream of UTF-8; unreadable bytes become U+FFFD and are found by the checks."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._file = path.open("rb")
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        wanted = size if size >= 0 else 1 << 62
        parts = [self._ready]
        have = len(self._ready)
        while have < wanted and not self._ended:
            raw = self._file.read(4 << 20)
            self._ended = not raw
            # NUL bytes are damage like any other: show them as such.
            text = self._decoder.decode(raw, final=self._ended).replace("\x00", "\ufffd")
            encoded = text.encode()
            parts.append(encoded)
            have += len(encoded)
        everything = b"".join(parts)
        self._ready = everything[wanted:]
        return everything[:wanted]

    def close(self) -> None:
        self._file.close()
        super().close()


def _text_table(path: Path) -> Table:
    form = text_form(path)
    with path.open("rb") as handle:
        head_bytes = handle.read(HEAD)
    text = codecs.getincrementaldecoder(form.encoding)("replace").decode(head_bytes)
    csv.field_size_limit(1 << 30)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter)
    head = [row for row, _ in zip(rows, range(HEAD_ROWS), strict=False)]
    return Table("", head, lambda first, width: _text_body(path, form, first, width), f"文本 {form.encoding}")


def _text_body(path: Path, form: TextForm, first: int, width: int) -> Iterator[Chunk]:
    ragged: list[tuple[int, str]] = []

    def keep(row: pacsv.InvalidRow) -> str:
        ragged.append((row.number, row.text))
        return "skip"

    names = [str(column) for column in range(width)]
    reader = pacsv.open_csv(
        pa.PythonFile(_Utf8Stream(path, form.encoding), mode="r"),
        # One thread: only then does Arrow tell the numbers of the rows that do not fit.
        read_options=pacsv.ReadOptions(skip_rows=first - 1, column_names=names, block_size=BLOCK, use_threads=False),
        parse_options=pacsv.ParseOptions(
            delimiter=form.delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
        ),
    )
    number = first
    taken = 0
    for batch in reader:
        numbers, number, taken = _number(number, batch.num_rows, [n for n, _ in ragged], taken)
        skipped, ragged[:taken] = ragged[:taken], []
        taken = 0
        cells = pl.DataFrame(pa.Table.from_batches([batch]))
        yield Chunk(cells, pl.Series("row", numbers, dtype=pl.Int64), skipped)
    if ragged:
        yield Chunk(pl.DataFrame(schema=dict.fromkeys(names, pl.String)), pl.Series("row", [], dtype=pl.Int64), ragged)


def _number(first: int, count: int, skipped: list[int], taken: int) -> tuple[list[int], int, int]:
    """Numbers of `count` rows from `first` on, leaving out those in `skipped`; next number; how many were left out."""
    if taken >= len(skipped):
        return list(range(first, first + count)), first + count, taken
    numbers: list[int] = []
    left_out = iter([*skipped[taken:], None])
    next_skip = next(left_out)
    while len(numbers) < count:
        if next_skip is not None and first == next_skip:
            next_skip = next(left_out)
            taken += 1
        else:
            numbers.append(first)
        first += 1
    return numbers, first, taken


def _parquet_table(path: Path) -> Table:
    file = papq.ParquetFile(path)
    return Table("", [list(file.schema_arrow.names)], lambda first, width: _parquet_body(path, first), "Parquet")


def _parquet_body(path: Path, first: int) -> Iterator[Chunk]:
    number = first
    for batch in papq.ParquetFile(path).iter_batches(batch_size=PARQUET_CHUNK):
        frame = pl.DataFrame(pa.Table.from_batches([batch]))
        cells = frame.rename({name: str(index) for index, name in enumerate(frame.columns)})
        cells = cells.with_columns(pl.all().cast(pl.String).fill_null(""))
        numbers = pl.int_range(number, number + frame.height, eager=True).alias("row")
        number += frame.height
        yield Chunk(cells, numbers)


def _sheets(path: Path, kind: str) -> list[Table]:
    workbook = python_calamine.CalamineWorkbook.from_path(path)
    visible = python_calamine.SheetVisibleEnum.Visible
    hidden = {sheet.name for sheet in workbook.sheets_metadata if sheet.visible != visible}
    tables = []
    for name in workbook.sheet_names:
        if name in hidden:
            continue
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=HEAD_ROWS)
        head = [[cell_text(cell) for cell in row] for row in rows]
        tables.append(Table(name, head, _sheet_body(workbook, name), kind))
    return tables


def _sheet_body(workbook: python_calamine.CalamineWorkbook, name: str) -> Callable[[int, int], Iterator[Chunk]]:
    def body(first: int, width: int) -> Iterator[Chunk]:
        sheet = workbook.get_sheet_by_name(name)
        start = (sheet.start or (0, 0))[0]
        buffer: list[list[str]] = []
        number = first
        for index, row in enumerate(sheet.iter_rows()):
            if start + index + 1 < first:
                continue
            buffer.append([cell_text(cell) for cell in row])
            if len(buffer) == SHEET_CHUNK:
                yield _rows_chunk(buffer, number, width)
                number, buffer = number + len(buffer), []
        if buffer:
            yield _rows_chunk(buffer, number, width)

    return body


def _rows_chunk(rows: list[list[str]], number: int, width: int) -> Chunk:
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
