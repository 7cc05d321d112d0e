"""What makes a workbook of bad rows known again when it comes back: its first row, and the columns on the right."""

from __future__ import annotations

import re

from django.conf import settings

from minzheng.kernel.feeds import lake
from minzheng.kernel.feeds.models import Batch

SYNTHETIC_NOTE = "演示数据 · 全部人员均为合成"
EXTRA = ("行号", "隔离原因")  # the columns added on the right
MAX_TEXT = 32_000  # what one cell of Excel holds
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def note_of(batch: Batch, sheet: str) -> str:
    """The first row of a page: what it is, and of which batch and sheet, by which it is known again when it comes back."""
    note = f"退回:{lake.contract(batch.contract).title} {batch.file_name} 批次 {batch.batch_id}"
    note += f" 工作表“{sheet}”" if sheet else ""
    return printable(note + (f"({SYNTHETIC_NOTE})" if batch.synthetic or settings.SYNTHETIC else ""))


def printable(value: str) -> str:
    """What XML can hold of a text: Excel would call a file with other characters damaged."""
    return _UNPRINTABLE.sub("\ufffd", value.replace("\r\n", "\n").replace("\r", "\n"))[:MAX_TEXT]
