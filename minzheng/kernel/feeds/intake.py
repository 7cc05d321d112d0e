"""From a file to checked rows: the stages of an import that touch no database."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from minzheng.kernel.feeds.contracts import Contract
from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.header import Header, HeaderError, find_header
from minzheng.kernel.feeds.readers import open_tables
from minzheng.kernel.feeds.rows import Checked, check_chunk, unchecked
from minzheng.kernel.feeds.tables import Table

Progress = Callable[[int, int | None], None]
Opened = Callable[[], AbstractContextManager[list[Table]]]
T = TypeVar("T")
SHOWN_ROWS = 50  # of the rows that were no data, so many are named


@dataclass
class Tally:
    """What an import counted so far."""

    read: int = 0
    quarantined: int = 0
    not_data: int = 0
    not_data_rows: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    synthetic: bool = False
    sheets: list[dict[str, Any]] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)

    def add(self, checked: Checked, sheet: str = "") -> None:
        """Count one checked chunk of a sheet; a row counts under its first reason."""
        self.read += checked.good.height + checked.bad.height
        self.quarantined += checked.bad.height
        self.not_data += len(checked.not_data)
        room = max(0, SHOWN_ROWS - len(self.not_data_rows))
        self.not_data_rows += [f"{sheet} {number}".strip() for number in checked.not_data[:room]]
        self.reasons.update(first_reasons(checked.bad))
        self.warnings.update(checked.warnings)
        if not self.synthetic and "synthetic" in checked.good.columns:
            self.synthetic = bool(checked.good["synthetic"].any())

    def layout(self) -> dict[str, Any]:
        """What was recognised of the file's form, for the batch record."""
        return {
            "sheets": self.sheets, "skipped": self.skipped, "not_data": self.not_data, "not_data_rows": self.not_data_rows
        }  # fmt: skip


def first_reasons(bad: pl.DataFrame) -> dict[str, int]:
    """How many bad rows have which code as their first reason."""
    if not bad.height:
        return {}
    first = bad["reasons"].str.split("@").list.first()
    return dict(first.value_counts().iter_rows())


def checked_chunks(
    path: Path, contract: Contract, as_of: date, villages: frozenset[int], tally: Tally, *, raw: bool = False,
    opened: Opened | None = None,
) -> Iterator[tuple[int, str, Checked]]:
    """(sheet number, sheet name, checked chunk) of all tables of a file; fills the tally.

    `opened` gives the tables when they are not simply those of the file. With `raw`, nothing is checked: every row comes back as it was written, as if it were bad.
    Raises IntakeError when the file as a whole cannot be taken in: unreadable, no header, no rows.
    """
    with opened() if opened else open_tables(path) as tables:
        for number, (table, header) in enumerate(_with_headers(tables, contract, path, tally)):
            tally.sheets.append(
                {"sheet": table.sheet, "form": table.form, "header_row": header.first_row - 1,
                 "labels": header.labels, "ignored": list(header.ignored), "factors": header.factors}
            )  # fmt: skip
            # '(合成数据)' in a title marks the whole sheet.
            tally.synthetic = tally.synthetic or "合成" in header.above
            for chunk in ahead(table.body(header.first_row, header.width)):
                if raw:
                    checked = unchecked(chunk, header.width)
                else:
                    checked = check_chunk(chunk, header, contract, as_of, villages)
                tally.add(checked, table.sheet)
                yield number, table.sheet, checked
    if not tally.read and not raw:
        raise IntakeError(f"{path.name} 只有表头,没有数据行:如本期确无数据,不必报送;否则请重新导出")


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, the next one being read in a second thread while the caller works on this one."""
    waiting: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=1)
    stopped = threading.Event()

    def offer(kind: str, value: Any) -> bool:
        while not stopped.is_set():
            try:
                waiting.put((kind, value), timeout=0.2)
                return True
            except queue.Full:
                continue
        return False

    def read() -> None:
        try:
            for item in items:
                if not offer("item", item):
                    return
            offer("end", None)
        except BaseException as error:  # handed to the caller's thread, which raises it
            if not offer("error", error):
                raise

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        while True:
            kind, value = waiting.get()
            if kind == "end":
                return
            if kind == "error":
                raise value
            yield value
    finally:
        stopped.set()
        thread.join()


def _with_headers(
    tables: list[Table], contract: Contract, path: Path, tally: Tally
) -> list[tuple[Table, Header]]:
    """The tables that have a header. A sheet without one (notes, a summary) is left out if another has one."""
    found: list[tuple[Table, Header]] = []
    refusals: list[tuple[Table, HeaderError]] = []
    for table in tables:
        if table.hidden:
            tally.skipped[table.sheet] = "隐藏的工作表"
            continue
        try:
            header = find_header(table.head, contract)
        except HeaderError as error:
            refusals.append((table, error))
            continue
        if header:
            found.append((table, header))
        else:
            tally.skipped[table.sheet] = "没有表头"
    for table, refusal in refusals:
        # A summary beside the data may be passed over; a list of people with a column too few may not: rows would be lost.
        if not found or refusal.lists_people:
            place = f"工作表“{table.sheet}”:" if len(tables) > 1 else ""
            raise IntakeError(f"{place}{refusal}") from refusal
        tally.skipped[table.sheet] = str(refusal)
    if not found:
        wanted = "、".join(column.header for column in contract.columns.values() if column.required)
        raise IntakeError(f"{path.name} 里找不到“{contract.title}”的表头。至少需要这些列:{wanted}。请核对是否选错了数据目录或文件")
    return found
