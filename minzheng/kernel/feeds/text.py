"""Text tables of any encoding, streamed in bounded memory, with the number of every row in the sender's file."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv

from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.sniff import HEAD, TextForm
from minzheng.kernel.feeds.tables import HEAD_ROWS, Chunk

BLOCK = 16 << 20  # what Arrow parses at once; a single row must fit into two of them
_PIECE = 4 << 20
MAX_IRREGULAR = 1_000_000  # rows on end that do not fit the columns: then the delimiter is wrong, not the rows
_NEWLINE = re.compile(r"\r\n|\n|\r")
_OPEN = re.compile(rb"[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2}")


def _show_bytes(error: UnicodeError) -> tuple[str, int]:
    """What cannot be decoded stays visible: U+FFFD (by which the checks find it) and the byte itself."""
    assert isinstance(error, UnicodeDecodeError)
    return "".join(f"\ufffd<{byte:02X}>" for byte in error.object[error.start : error.end]), error.end


codecs.register_error("minzheng.show_bytes", _show_bytes)


class Utf8Stream(io.RawIOBase):
    """A text file of any encoding as a stream of sound UTF-8. `damaged` tells whether anything was not readable."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._file = path.open("rb")
        self._plain = encoding in ("utf-8", "utf-8-sig")
        self._decoder = codecs.getincrementaldecoder(encoding.removesuffix("-sig"))("minzheng.show_bytes")
        if encoding == "utf-8-sig":
            self._file.seek(len(codecs.BOM_UTF8))
        self._ready: bytes = b""
        self._rest = b""
        self._ended = False
        self.damaged = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        wanted = size if size >= 0 else 1 << 62
        parts, have = [self._ready], len(self._ready)
        while have < wanted and not self._ended:
            piece = self._next()
            parts.append(piece)
            have += len(piece)
        everything = parts[0] if len(parts) == 1 else b"".join(parts)
        self._ready = everything[wanted:]
        return everything[:wanted]

    def close(self) -> None:
        self._file.close()
        super().close()

    def _next(self) -> bytes:
        raw = self._file.read(_PIECE)
        self._ended = not raw
        if self._plain:
            raw = self._rest + raw
            cut = len(raw) if self._ended else _last_whole(raw)
            raw, self._rest = raw[:cut], raw[cut:]
            # Sound UTF-8 goes through as it is; a file of gigabytes is not decoded and encoded again.
            if _is_utf8(raw) and b"\x00" not in raw:
                self.damaged = self.damaged or b"\xef\xbf\xbd" in raw
                return raw
            text = raw.decode("utf-8", "minzheng.show_bytes")
        else:
            text = self._decoder.decode(raw, final=self._ended)
        # NUL bytes are damage like any other.
        text = text.replace("\x00", "\ufffd<00>")
        self.damaged = self.damaged or "\ufffd" in text
        return text.encode("utf-8", "replace")


def _last_whole(raw: bytes) -> int:
    """Where to cut so that no character is cut in two."""
    for back in range(1, min(4, len(raw)) + 1):
        if raw[-back] & 0xC0 != 0x80:  # the first byte of the last character
            return len(raw) - back if _OPEN.fullmatch(raw[-back:]) else len(raw)
    return len(raw)


def _is_utf8(raw: bytes) -> bool:
    offsets = np.array([0, len(raw)], dtype=np.int64)
    array = pa.Array.from_buffers(pa.large_binary(), 1, [None, pa.py_buffer(offsets), pa.py_buffer(raw)])
    try:
        array.cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def read_head(path: Path, form: TextForm) -> tuple[list[list[str]], list[int]]:
    """The first rows, and for each the number of the line on which it ends."""
    with path.open("rb") as handle:
        text = codecs.getincrementaldecoder(form.encoding)("replace").decode(handle.read(HEAD))
    csv.field_size_limit(1 << 30)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter)
    rows, lines = [], []
    for row, _ in zip(reader, range(HEAD_ROWS), strict=False):
        rows.append(row)
        lines.append(reader.line_num)
    return rows, lines


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of one row as it was written; a quotation mark that is never closed is only a character."""
    if line.count('"') % 2:
        return [cell.strip('"') for cell in line.split(delimiter)]
    return next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter), [])


def stream(path: Path, form: TextForm, skip: int, first: int, width: int) -> Iterator[Chunk]:
    """The rows below the header: `skip` lines are passed over, the first row after them has the number `first`."""
    irregular: list[tuple[int, list[str]]] = []

    def keep(row: pacsv.InvalidRow) -> str:
        irregular.append((row.number - skip - 1, _lines(row.text, width, form.delimiter)))
        return "skip" if len(irregular) < MAX_IRREGULAR else "error"

    source = Utf8Stream(path, form.encoding)
    names = [str(column) for column in range(width)]
    reader = pacsv.open_csv(
        pa.PythonFile(source, mode="r"),
        # One thread: only then does Arrow tell the numbers of the rows that do not fit.
        read_options=pacsv.ReadOptions(skip_rows=skip, column_names=names, block_size=BLOCK, use_threads=False),
        parse_options=pacsv.ParseOptions(
            delimiter=form.delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False, check_utf8=False
        ),
    )
    numbering = _Numbering(first)
    for batch in reader:
        cells = pl.DataFrame(pa.Table.from_batches([batch]))
        swallowed = _swallowed(batch, cells, form.delimiter)
        numbers, ragged = numbering.assign(cells.height, irregular, swallowed)
        if swallowed:
            sound = np.ones(cells.height, dtype=bool)
            sound[list(swallowed)] = False
            cells, numbers = cells.filter(pl.Series(sound)), numbers[sound]
        yield Chunk(cells, pl.Series("row", numbers, dtype=pl.Int64), ragged, source.damaged, form.delimiter)
    if irregular:
        _, ragged = numbering.assign(0, irregular, {})
        empty = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
        yield Chunk(empty, pl.Series("row", [], dtype=pl.Int64), ragged, source.damaged, form.delimiter)


def refusal(path: Path, error: pa.ArrowException) -> IntakeError:
    """What Arrow says, in words that help the sender."""
    said = str(error)
    if "straddling" in said:
        reason = f"有一行超过 {BLOCK >> 20} MB,可能是引号不成对或误粘贴:请检查后重新导出"
    elif "Expected" in said and "columns" in said:
        reason = f"连续 {MAX_IRREGULAR:,} 行的列数与表头不一致:请检查分隔符和表头"
    else:
        reason = "读不出来,文件可能不完整或已损坏:请重新导出后再报送"
    return IntakeError(f"{path.name} {reason}")


def _lines(text: str, width: int, delimiter: str) -> list[str]:
    """A row that does not fit; if an unclosed quotation mark swallowed whole rows into it, these one by one."""
    lines = _NEWLINE.split(text)
    if len(lines) > 1 and any(len(cells_of(line, delimiter)) == width for line in lines):
        return lines
    return [text]


def _swallowed(batch: pa.RecordBatch, cells: pl.DataFrame, delimiter: str) -> dict[int, list[str]]:
    """Rows with a cell that holds whole other rows, between two stray quotation marks: position → the rows in it."""
    found: dict[int, list[str]] = {}
    for name, column in zip(cells.columns, batch.columns, strict=True):
        data = column.buffers()[2]
        if data is None or b"\n" not in data.to_pybytes():
            continue
        marks = pl.col(name).str.count_matches(delimiter, literal=True)
        # From mark to mark in the same column: so many delimiters make an address of several lines unlikely.
        likely = cells.select(pl.col(name).str.contains("\n", literal=True) & (marks >= max(1, cells.width - 1))).to_series()
        for position in likely.arg_true().to_list():
            lines = _lines(delimiter.join(cells.row(position)), cells.width, delimiter)
            if len(lines) > 1:
                found[position] = lines
    return dict(sorted(found.items()))


class _Numbering:
    """Numbers rows as they stand in the file. Arrow tells which records were left out, counted from 0 below the header."""

    def __init__(self, first: int) -> None:
        self._number, self._record = first, 0

    def assign(
        self, count: int, irregular: list[tuple[int, list[str]]], swallowed: dict[int, list[str]]
    ) -> tuple[np.ndarray, list[tuple[int, str]]]:
        """Numbers of the next `count` rows, and (number, text) of the irregular ones before, among and right after them.

        Those are taken out of `irregular`. A row that swallowed others counts as many as it swallowed.
        """
        left_out = np.array([record for record, _ in irregular], dtype=np.int64) - self._record
        rows_before = left_out - np.arange(len(left_out))  # of the `count` rows, how many precede each one left out
        taken = int((rows_before <= count).sum())
        spans = np.array([len(lines) for _, lines in irregular[:taken]], dtype=np.int64)
        own = np.ones(count, dtype=np.int64)
        for position, lines in swallowed.items():
            own[position] = len(lines)
        place = np.concatenate([np.arange(count), rows_before[:taken] - 0.5])
        order = np.argsort(place, kind="stable")
        span = np.concatenate([own, spans])[order]
        starts = np.empty(len(span), dtype=np.int64)
        starts[order] = self._number + np.cumsum(span) - span
        texts = [lines for _, lines in irregular[:taken]]
        numbered = [
            (int(start) + i, line)
            for start, lines in [*zip(starts[count:], texts, strict=True), *((starts[p], t) for p, t in swallowed.items())]
            for i, line in enumerate(lines)
        ]
        self._number += int(span.sum())
        self._record += count + taken
        del irregular[:taken]
        return starts[:count], numbered
