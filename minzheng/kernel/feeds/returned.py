"""A workbook of bad rows come back from its sender: which rows were mended.

A row is known by its sheet and number in the file that was first sent; both stand in the workbook (quarantine.py), also
when a supplement's own bad rows are given back. So what is still open of a batch can always be counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from minzheng.kernel.feeds.convert import BLANKS, fold
from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.feeds.quarantine_form import EXTRA, note_of, printable
from minzheng.kernel.feeds.readers import open_tables
from minzheng.kernel.feeds.reasons import MAY_PASS
from minzheng.kernel.feeds.staging import read_quarantine, read_settled
from minzheng.kernel.feeds.tables import Chunk, Table

Place = tuple[str, int]  # sheet and row of the file that was first sent
Cells = tuple[str, ...]


class Returned:
    """What came back for `batch`. Raises IntakeError for a workbook that is not its, or in which nothing was mended."""

    def __init__(self, batch: Batch, path: Path) -> None:
        self.batch, self.root = batch, batch.corrects or batch
        self._counts: Counter[str] = Counter()
        self._mended: dict[str, list[tuple[int, Cells]]] = {}
        self._labels: dict[str, list[str]] = {}
        given, may_pass = dict(_given(batch)), _may_pass(batch)
        settled = settled_places(self.root)
        seen: set[Place] = set()
        for sheet, labels, rows in _pages(batch, path):
            self._labels[sheet] = labels
            for number, cells in rows:
                place = (sheet, number)
                if place not in given or place in seen:
                    self._counts["unknown"] += 1
                elif place in settled:
                    self._counts["settled"] += 1
                elif given[place] == cells and place not in may_pass:
                    self._counts["untouched"] += 1
                else:
                    self._mended.setdefault(sheet, []).append((number, cells))
                seen.add(place)
        if not self._mended:
            raise IntakeError(self._nothing_mended())

    def counts(self) -> dict[str, int | str]:
        """Rows of the workbook that were left out: untouched, taken in before (settled), not among those given back."""
        names = ("untouched", "settled", "unknown")
        return {"batch": self.batch.batch_id, **{name: self._counts[name] for name in names}}

    @contextmanager
    def tables(self) -> Iterator[list[Table]]:
        """The mended rows as tables of their first sheets, each row under its first number."""
        yield [self._table(sheet, rows) for sheet, rows in self._mended.items()]

    def _table(self, sheet: str, rows: list[tuple[int, Cells]]) -> Table:
        def body(_first: int, width: int) -> Iterator[Chunk]:
            padded = [[*cells[:width], *[""] * (width - len(cells))] for _, cells in rows]
            frame = pl.DataFrame(padded, schema={str(c): pl.String for c in range(width)}, orient="row")
            yield Chunk(frame, pl.Series("row", [number for number, _ in rows], dtype=pl.Int64))

        return Table(sheet, [[note_of(self.batch, sheet)], self._labels[sheet]], body, "退回后更正的表")

    def _nothing_mended(self) -> str:
        said = [f"{self._counts[name]:,} 行{words}" for name, words in WORDS.items() if self._counts[name]]
        return f"没有改动过的行({'，'.join(said) or '表里没有数据'})：请在原来的单元格里更正后再上传"


WORDS = {"untouched": "没有改动", "settled": "以前已更正入库", "unknown": "不是这一批退回的行"}


def settled_places(root: Batch) -> set[Place]:
    """The rows of a batch that came in with one of its supplements."""
    parts = [read_settled(b.contract, b.batch_id) for b in Batch.objects.filter(corrects=root)]
    return {(str(sheet), int(row)) for part in parts for sheet, row in part.iter_rows()}


def _given(batch: Batch) -> Iterator[tuple[Place, Cells]]:
    """What was given back: place and cells, as they read once they have been through a workbook."""
    for chunk in read_quarantine(batch.contract, batch.batch_id):
        names = [name for name in chunk.columns if name.isdigit()]
        for row in chunk.iter_rows(named=True):
            yield (row["sheet"], row["row"]), _comparable([printable(row[name] or "") for name in names])


def _may_pass(batch: Batch) -> set[Place]:
    """Rows that something else than themselves stood in the way of: they are tried again, touched or not."""
    return {
        (row["sheet"], row["row"])
        for chunk in read_quarantine(batch.contract, batch.batch_id)
        for row in chunk.select("sheet", "row", "reasons").iter_rows(named=True)
        if {reason.partition("@")[0] for reason in row["reasons"].split("|")} <= MAY_PASS
    }


def _pages(batch: Batch, path: Path) -> Iterator[tuple[str, list[str], list[tuple[int, Cells]]]]:
    """(sheet, labels, [(row number, cells)]) of each page that was given back; other pages are passed over."""
    known = {fold(note_of(batch, str(sheet["sheet"]))): str(sheet["sheet"]) for sheet in batch.layout["sheets"]}
    found = 0
    with open_tables(path) as tables:
        for table in tables:
            note = fold(table.head[0][0]) if table.head and table.head[0] else ""
            labels = [cell.strip(BLANKS) for cell in table.head[1]] if len(table.head) > 1 else []
            if note not in known:
                continue
            if EXTRA[0] not in labels:
                raise IntakeError(f"{path.name} 里没有“{EXTRA[0]}”一列：请在下载的退回表上直接更正，不要删改第一行、表头和右边两列")
            found += 1
            yield known[note], labels[: labels.index(EXTRA[0])], list(_rows(table, labels.index(EXTRA[0])))
    if not found:
        raise IntakeError(f"{path.name} 不是批次 {batch.batch_id} 的退回表：请上传从这一批下载、更正后的表，第一行请保持原样")


def _rows(table: Table, number_at: int) -> Iterator[tuple[int, Cells]]:
    """Row number (0 when it is unreadable) and the cells before it, of each row that holds anything."""
    for chunk in table.body(3, number_at + 1):
        for *cells, number in chunk.cells.iter_rows():
            comparable = _comparable(cells)
            if comparable:
                text = fold(number).removesuffix(".0")
                yield int(text) if text.isascii() and text.isdigit() else 0, comparable


def _comparable(cells: list[str]) -> Cells:
    """Cells without blanks around them and without empty ones at the end."""
    stripped = [(cell or "").strip(BLANKS) for cell in cells]
    while stripped and not stripped[-1]:
        stripped.pop()
    return tuple(stripped)
