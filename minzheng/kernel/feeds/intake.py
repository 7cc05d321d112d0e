"""From a file to checked rows: the stages of an import that touch no database."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from minzheng.kernel.feeds.contracts import Contract
from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.header import Header, find_header
from minzheng.kernel.feeds.readers import Table, open_tables
from minzheng.kernel.feeds.rows import Checked, check_chunk, unchecked
from minzheng.kernel.feeds.sniff import kind_of, text_form

Progress = Callable[[int, int | None], None]
T = TypeVar("T")


@dataclass
class Tally:
    """What an import counted so far."""

    read: int = 0
    quarantined: int = 0
    not_data: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    synthetic: bool = False
    sheets: list[dict[str, Any]] = field(default_factory=list)

    def add(self, checked: Checked) -> None:
        """Count one checked chunk; a row counts under its first reason."""
        self.read += checked.good.height + checked.bad.height
        self.quarantined += checked.bad.height
        self.not_data += checked.not_data
        self.reasons.update(first_reasons(checked.bad))
        self.warnings.update(checked.warnings)
        if not self.synthetic and "synthetic" in checked.good.columns:
            self.synthetic = bool(checked.good["synthetic"].any())


def first_reasons(bad: pl.DataFrame) -> dict[str, int]:
    """How many bad rows have which code as their first reason."""
    if not bad.height:
        return {}
    first = bad["reasons"].str.split("@").list.first()
    return dict(first.value_counts().iter_rows())


def checked_chunks(
    path: Path, contract: Contract, as_of: date, villages: frozenset[int], tally: Tally, *, raw: bool = False
) -> Iterator[tuple[int, str, Checked]]:
    """(sheet number, sheet name, checked chunk) of all tables of a file; fills the tally.

    With `raw`, nothing is checked: every row comes back as it was written, as if it were bad.
    Raises IntakeError when the file as a whole cannot be taken in: unreadable, no header, no rows.
    """
    delimiter = text_form(path).delimiter if kind_of(path) == "text" else ","
    with open_tables(path) as tables:
        for number, (table, header) in enumerate(_with_headers(tables, contract, path)):
            tally.sheets.append(
                {"sheet": table.sheet, "form": table.form, "header_row": header.first_row - 1,
                 "labels": _labels(table, header), "ignored": list(header.ignored)}
            )  # fmt: skip
            for chunk in ahead(table.body(header.first_row, header.width)):
                if raw:
                    checked = unchecked(chunk, header.width, delimiter)
                else:
                    checked = check_chunk(chunk, header, contract, as_of, villages, delimiter)
                tally.add(checked)
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


def _with_headers(tables: list[Table], contract: Contract, path: Path) -> list[tuple[Table, Header]]:
    """The tables that have a header; a sheet without one (notes) is left out if another has one."""
    found, refusals = [], []
    for table in tables:
        try:
            header = find_header(table.head, contract)
        except IntakeError as error:
            refusals.append(error)
            continue
        if header:
            found.append((table, header))
    if not found:
        if refusals:
            raise refusals[0]
        wanted = "、".join(column.header for column in contract.columns.values() if column.required)
        raise IntakeError(f"{path.name} 里找不到“{contract.title}”的表头。至少需要这些列:{wanted}。请核对是否选错了数据目录或文件")
    return found


def _labels(table: Table, header: Header) -> list[str]:
    row = table.head[header.first_row - 2] if header.first_row >= 2 and len(table.head) >= header.first_row - 1 else []
    by_index = {index: header.labels[name] for name, index in header.columns.items()}
    return [by_index.get(i) or (row[i].strip() if i < len(row) else "") or f"第{i + 1}列" for i in range(header.width)]
