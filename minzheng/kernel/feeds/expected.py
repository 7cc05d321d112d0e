"""How many rows a file is about to bring, found without reading its cells: enough for a progress bar, for nothing else."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as papq

from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.sniff import kind_of

_PIECE = 8 << 20
_DIMENSION = re.compile(rb'<dimension ref="[A-Z]+\d+:[A-Z]+(\d+)"')  # what a sheet says of its own size, at its beginning
_AHEAD = 4_096


def rows_ahead(path: Path) -> int | None:
    """Roughly the rows of a file, header and all; None when its form does not tell. Never raises for a damaged file:
    the import will say what is wrong with it."""
    try:
        kind = kind_of(path)
        if kind == "parquet":
            return int(papq.ParquetFile(path).metadata.num_rows) or None
        return (_lines(path) if kind == "text" else _sheets(path)) or None
    except (IntakeError, OSError, ValueError, pa.ArrowException, zipfile.BadZipFile, NotImplementedError):
        return None


def _lines(path: Path) -> int:
    with path.open("rb") as handle:
        return sum(piece.count(b"\n") for piece in iter(lambda: handle.read(_PIECE), b""))


def _sheets(path: Path) -> int:
    """The rows of all sheets of an xlsx; an xls does not tell."""
    if not zipfile.is_zipfile(path):
        return 0
    found = 0
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            if name.startswith("xl/worksheets/sheet"):
                with book.open(name) as sheet:
                    match = _DIMENSION.search(sheet.read(_AHEAD))
                found += int(match[1]) if match else 0
    return found
