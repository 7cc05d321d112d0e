"""Audit entries as lines of CSV, one after another, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.portals.staff.audit_words import verb_words

HEAD = ("编号", "时间", "业务日期", "操作人", "动作", "动作代码", "对象", "事由", "详情", "哈希")
ACTIVE = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula


def lines(rows: Any, actor: Actor) -> Iterator[str]:
    """Heading with who draws it, then one line an entry; the byte order mark lets spreadsheets see UTF-8."""
    yield "\ufeff" + _line(("审计记录", f"导出人 {actor.name}")) + _line(HEAD)
    for entry in rows.iterator(chunk_size=2000):
        yield _line(_cells(entry))


def _cells(entry: AuditEntry) -> tuple[str, ...]:
    details = json.dumps(entry.details, ensure_ascii=False) if entry.details else ""
    return (
        str(entry.pk), f"{entry.at:%Y-%m-%d %H:%M:%S}", str(entry.business_date), entry.actor, verb_words(entry.verb), entry.verb,
        entry.subject, entry.reason, details, entry.hash,
    )  # fmt: skip


def _line(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(ACTIVE) else cell for cell in cells])
    return out.getvalue()
