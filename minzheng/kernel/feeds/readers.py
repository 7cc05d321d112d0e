"""Reading a file as raw text cells, in chunks of bounded size, whatever kind of file it is.

A `Table` shows its first rows (to find the header in) and then streams the rows below as frames of String columns
'0', '1', … with their row numbers in the sender's file, so that every row can be pointed at.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as papq

from minzheng.kernel.feeds import text
from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.sheets import sheets
from minzheng.kernel.feeds.sniff import kind_of, text_form
from minzheng.kernel.feeds.tables import Chunk, Table

PARQUET_CHUNK, PARQUET_BYTES = 200_000, 128 << 20


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
            yield sheets(path, kind)
    except pa.ArrowException as error:
        raise text.refusal(path, error) from error
    except OSError as error:
        raise IntakeError(f"{path.name} 读不出来,文件可能不完整或已损坏:请重新导出后再报送") from error


def _text_table(path: Path) -> Table:
    form = text_form(path)
    head, lines = text.read_head(path, form)

    def body(first: int, width: int) -> Iterator[Chunk]:
        return text.stream(path, form, lines[first - 2] if first > 1 else 0, first, width)

    return Table("", head, body, f"文本 {form.encoding}")


def _parquet_table(path: Path) -> Table:
    file = papq.ParquetFile(path)
    names = list(file.schema_arrow.names)
    for name, kind in zip(names, file.schema_arrow.types, strict=True):
        if pa.types.is_nested(kind):
            raise IntakeError(f"{path.name} 的列“{name}”是嵌套结构({kind}):请展开成普通的列后再报送")
    return Table("", [names], lambda first, _width: _parquet_body(path, first), "Parquet")


def _parquet_body(path: Path, first: int) -> Iterator[Chunk]:
    file = papq.ParquetFile(path)
    metadata = file.metadata
    # Rows of a megabyte each must not come half a million at a time.
    size = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    rows = max(1, min(PARQUET_CHUNK, PARQUET_BYTES // max(1, size // max(1, metadata.num_rows))))
    number = first
    for batch in file.iter_batches(batch_size=rows):
        columns = [_as_text(column).alias(str(index)) for index, column in enumerate(batch.columns)]
        cells = pl.DataFrame(columns)
        numbers = pl.int_range(number, number + cells.height, eager=True).alias("row")
        number += cells.height
        yield Chunk(cells, numbers)


def _as_text(column: pa.Array) -> pl.Series:
    """A Parquet column as its sender sees it: whole floats without '.0', damaged bytes as U+FFFD, nothing for null."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        values = [None if value is None else value.decode("utf-8", "replace") for value in column.to_pylist()]
        return pl.Series(values, dtype=pl.String).fill_null("")
    series = pl.Series(column)
    if series.dtype.is_float():
        whole = (series == series.round(0)) & (series.abs() < 1e15)
        texts = pl.when(whole).then(series.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(series.cast(pl.String))
        series = pl.select(pl.when(series.is_nan()).then(None).otherwise(texts)).to_series()
    elif series.dtype == pl.Boolean:
        series = pl.select(pl.when(series).then(pl.lit("是")).when(~series).then(pl.lit("否"))).to_series()
    return series.cast(pl.String).fill_null("")
