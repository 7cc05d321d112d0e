"""The bad rows of a batch as a workbook for their sender: what was written, where, why it was refused, what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from django.conf import settings

from minzheng.kernel.feeds import lake
from minzheng.kernel.feeds.actions import record_quarantine_given_back
from minzheng.kernel.feeds.contracts import Contract
from minzheng.kernel.feeds.errors import IntakeError, UnknownName
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.feeds.reasons import sentence
from minzheng.kernel.feeds.staging import read_quarantine
from minzheng.kernel.foundation.access import Actor

SYNTHETIC_NOTE = "演示数据 · 全部人员均为合成"
MAX_ROWS, MAX_TEXT = 1_000_000, 32_000  # what one sheet and one cell of Excel hold


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
    except OSError as error:
        raise IntakeError(f"写不了 {out}:{error.strerror}") from error
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


def _write(found: Batch, contract: Contract, draft: Path) -> int:
    labels = {sheet["sheet"]: sheet["labels"] for sheet in found.layout["sheets"]}
    note = f"退回:{contract.title} {found.file_name} 批次 {found.batch_id}"
    if found.synthetic or settings.SYNTHETIC:
        note += f"({SYNTHETIC_NOTE})"
    written = 0
    # strings_to_formulas and strings_to_urls are off: text stays text.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}
    with xlsxwriter.Workbook(str(draft), options) as book:
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "num_format": "@"})
        pages: dict[str, Any] = {}
        for chunk in read_quarantine(found.contract, found.batch_id):
            for sheet, rows in chunk.group_by("sheet", maintain_order=True):
                name = str(sheet[0])
                if name not in pages:
                    pages[name] = [_new_page(book, name, labels[name], note, bold), 2]
                written += _write_rows(pages[name], rows, contract, text)
    return written


def _new_page(book: Any, name: str, labels: list[str], note: str, bold: Any) -> Any:
    page = book.add_worksheet(name[:31] or "退回")
    page.write_string(0, 0, note, bold)
    named = [label or f"第{column + 1}列" for column, label in enumerate(labels)]
    for column, label in enumerate([*named, "行号", "隔离原因"]):
        page.write_string(1, column, label, bold)
    page.set_column(0, len(labels) - 1, 18)
    page.set_column(len(labels) + 1, len(labels) + 1, 60)
    page.freeze_panes(2, 0)
    return page


def _write_rows(page: list[Any], rows: pl.DataFrame, contract: Contract, text: Any) -> int:
    sheet, line = page
    cells = [name for name in rows.columns if name.isdigit()]
    for row in rows.sort("row").iter_rows(named=True):
        if line >= MAX_ROWS:
            raise IntakeError(f"隔离行超过 {MAX_ROWS:,} 行,Excel 装不下:请先与报送单位核对整份文件的格式")
        values = [*(row[name] or "" for name in cells), str(row["row"]), reasons_in_words(row["reasons"], contract)]
        for column, value in enumerate(values):
            if value:
                sheet.write_string(line, column, value[:MAX_TEXT], text)
        line += 1
    page[1] = line
    return rows.height
