"""The bad rows of a batch as a workbook for their sender: what was written, where, why it was refused, what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from minzheng.kernel.feeds import lake
from minzheng.kernel.feeds.actions import record_quarantine_given_back
from minzheng.kernel.feeds.contracts import Contract
from minzheng.kernel.feeds.errors import IntakeError, UnknownName
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.feeds.quarantine_form import EXTRA, note_of, printable
from minzheng.kernel.feeds.reasons import sentence
from minzheng.kernel.feeds.staging import read_quarantine
from minzheng.kernel.foundation.access import Actor

MAX_ROWS = 1_000_000  # what one sheet of Excel holds


def batch(batch_id: str) -> Batch:
    """A committed batch; raises UnknownName."""
    found = Batch.objects.filter(batch_id=batch_id).first()
    if found is None:
        raise UnknownName(f"没有批次“{batch_id}”。用 minzheng feeds batches 查看已入库的批次")
    return found


def export_quarantine(*, batch_id: str, out: Path, by: Actor) -> int:
    """Write the bad rows of a batch to an xlsx file; returns their number. Audited.

    Every cell is written as text, so nothing that a sender wrote can run as a formula. Raises UnknownName for an
    unknown batch, IntakeError when there is nothing to give back or `out` cannot be written.
    """
    by.require("feeds.quarantine")
    found = batch(batch_id)
    if not found.quarantined:
        raise IntakeError(f"批次 {batch_id} 没有隔离的行,无需退回")
    if out.suffix.lower() != ".xlsx":
        raise IntakeError(f"退回文件应以 .xlsx 结尾:{out}")
    if not out.parent.is_dir():
        raise IntakeError(f"文件夹不存在:{out.parent}")
    draft = out.with_name(f".{out.name}.draft")
    try:
        rows = _write(found, lake.contract(found.contract), draft)
        record_quarantine_given_back(batch=found, by=by, rows=rows)
        draft.replace(out)
    except (OSError, XlsxWriterException) as error:
        raise IntakeError(f"写不了 {out}:{getattr(error, 'strerror', None) or error}") from error
    finally:
        draft.unlink(missing_ok=True)
    return rows


def reasons_in_words(reasons: str, contract: Contract) -> str:
    """'id_checksum@person_id|…' → the sentences for the sender."""
    said = []
    for reason in reasons.split("|"):
        code, _, column = reason.partition("@")
        header = contract.columns[column].header if column in contract.columns else ""
        said.append(sentence(code, header))
    return ";".join(said)


class _Book:
    """A workbook with a page for each sheet of the sender's file, and further ones when a page is full."""

    def __init__(self, book: Any, batch: Batch, labels: dict[str, list[str]], contract: Contract) -> None:
        self._book, self._batch, self._labels, self._contract = book, batch, labels, contract
        self._text, self._bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "num_format": "@"})
        self._pages: dict[str, tuple[Any, int]] = {}
        self._names: set[str] = set()

    def write(self, sheet: str, rows: pl.DataFrame) -> None:
        """Append rows of one sheet: cells as they were, row number, reasons."""
        cells = [name for name in rows.columns if name.isdigit()]
        for row in rows.sort("row").iter_rows(named=True):
            page, line = self._pages.get(sheet, (None, MAX_ROWS))
            if line >= MAX_ROWS:
                page, line = self._new_page(sheet), 2
            reasons = reasons_in_words(row["reasons"], self._contract)
            for column, value in enumerate([*(row[name] or "" for name in cells), str(row["row"]), reasons]):
                if value:
                    page.write_string(line, column, printable(value), self._text)
            self._pages[sheet] = (page, line + 1)

    def _new_page(self, sheet: str) -> Any:
        # Excel takes 31 characters, not these marks, and no name twice whatever its case.
        base = re.sub(r"[\[\]:*?/\\']", " ", sheet).strip()[:26] or "退回"
        name, number = base, 2
        while name.casefold() in self._names:
            name, number = f"{base} ({number})", number + 1
        self._names.add(name.casefold())
        page = self._book.add_worksheet(name)
        page.write_string(0, 0, note_of(self._batch, sheet), self._bold)
        labels = self._labels[sheet]
        named = [label or f"第{column + 1}列" for column, label in enumerate(labels)]
        for column, label in enumerate([*named, *EXTRA]):
            page.write_string(1, column, printable(label), self._bold)
        page.set_column(0, max(len(labels) - 1, 0), 18)
        page.set_column(len(labels) + 1, len(labels) + 1, 60)
        page.freeze_panes(2, 0)
        return page


def _write(found: Batch, contract: Contract, draft: Path) -> int:
    labels = {sheet["sheet"]: sheet["labels"] for sheet in found.layout["sheets"]}
    written = 0
    # Text stays text: nothing that a sender wrote becomes a formula, a link or a number.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}
    with xlsxwriter.Workbook(str(draft), options) as workbook:
        book = _Book(workbook, found, labels, contract)
        for chunk in read_quarantine(found.contract, found.batch_id):
            for (sheet,), rows in chunk.group_by("sheet", maintain_order=True):
                book.write(str(sheet), rows)
                written += rows.height
    return written
