"""What every kind of file is read as: tables of raw text cells that stream in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import polars as pl

HEAD_ROWS = 60


@dataclass(frozen=True)
class Chunk:
    """Rows as written: `cells` has String columns '0'…; `numbers` are the rows' numbers in the file (from 1);
    `ragged` are rows that do not fit the columns, with their number and raw text. `suspect` is False when the reader
    knows that no cell holds damaged characters."""

    cells: pl.DataFrame
    numbers: pl.Series
    ragged: list[tuple[int, str]] = field(default_factory=list)
    suspect: bool = True
    delimiter: str = ","


@dataclass(frozen=True)
class Table:
    """One sheet, text file or Parquet file. `body(first_row, width)` streams the rows from that number on."""

    sheet: str
    head: list[list[str]]
    body: Callable[[int, int], Iterator[Chunk]]
    form: str
    hidden: bool = False
