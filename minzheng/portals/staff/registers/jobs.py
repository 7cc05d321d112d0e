"""Exports as jobs: a workbook in the deployment's folder, for whoever asked, swept after a day."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.jobs.actions import ask, do_now
from minzheng.kernel.foundation.jobs.work import JobRefused, Outcome, Report, Work
from minzheng.kernel.foundation.models import Job
from minzheng.kernel.foundation.register_rows import all_rows, find
from minzheng.kernel.foundation.register_use.actions import record_exported
from minzheng.kernel.foundation.registers import Register, registers
from minzheng.portals.staff.registers.asking import Asking, query_of, read, words
from minzheng.portals.staff.registers.cells import Cells
from minzheng.portals.staff.registers.workbook import SHEET_ROWS, Book, Mark

KIND = "register_export"
KEPT_SECONDS = 24 * 3600
AT_ONCE = 5_000  # rows that are written before the answer goes out: under a second


def start(register: Register, address: QueryDict, asking: Asking, reason: str, actor: Actor, rows: int) -> Job:
    """Begin an export of everything that fits: at once when it is little, else a worker does it.

    Raises Forbidden, and JobRefused for too many at once.
    """
    actor.require(register.export)
    _sweep()
    parameters = {
        "register": register.slug, "query": query_of(address), "columns": [column.name for column in asking.columns],
        "reason": reason, "said": [list(pair) for pair in words(register, asking.asked)],
    }  # fmt: skip
    job = ask(kind=KIND, title=f"导出{register.title}台账", parameters=parameters, by=actor, total=rows)
    return do_now(job) if rows <= AT_ONCE else job


def export(job: Job, actor: Actor, report: Report, sheet_rows: int = SHEET_ROWS) -> Outcome:
    """Write the workbook; what leaves the system is on record before anybody can fetch it. Raises Forbidden, JobRefused."""
    asked: dict[str, Any] = job.parameters
    register = registers().get(asked["register"])
    if register is None:
        raise JobRefused("现在的程序里没有这个台账了")
    actor.require(register.export)
    address = QueryDict(asked["query"], mutable=True)
    address.setlist("col", asked["columns"])
    today = clock.business_date()
    asking = read(register, address, actor, today)
    if asking.errors:
        raise JobRefused("；".join(asking.errors.values()))
    found = find(register, asking.asked, actor, today)
    total, written = found.rows.count() if found.more else found.total, 0
    draft = file_of(job).with_suffix(".draft")
    cells = Cells(asking.columns, actor, whole_names=True)
    with Book(draft, asking.columns, _mark(job, register, actor), sheet_rows) as book:
        for part in all_rows(register, found, asking.asked.order or register.order, actor, today):
            book.write(cells.of(part))
            written += len(part)
            report(written, total)
    with transaction.atomic():
        record_exported(
            register=register, query=asked["query"], columns=asked["columns"], rows=written, reason=asked["reason"], by=actor
        )
        draft.replace(file_of(job))
    return Outcome(f"export:{job.pk}", f"共 {written:,} 条")


def file_of(job: Job) -> Path:
    """Where the workbook of a job lies when it is done."""
    return settings.HOME.exports / f"{job.pk}.xlsx"


def _tidy(job: Job) -> None:
    file_of(job).with_suffix(".draft").unlink(missing_ok=True)


def _mark(job: Job, register: Register, actor: Actor) -> Mark:
    assert actor.user is not None
    said = "；".join(f"{title}：{value}" for title, value in job.parameters["said"]) or "全部"
    asked_at: datetime = timezone.localtime(job.asked_at)
    when = f"{asked_at:%Y-%m-%d %H:%M:%S}（业务日期 {job.on}）"
    synthetic = "（演示数据，全部人员均为合成）" if settings.SYNTHETIC else ""
    return Mark(f"{register.title}台账{synthetic}", f"{actor.user.full_name}（{actor.name}）", when, f"条件 {said}", str(job.pk))


def _sweep() -> None:
    for path in settings.HOME.exports.glob("*.xlsx"):
        if time.time() - path.stat().st_mtime > KEPT_SECONDS:
            path.unlink(missing_ok=True)


WORK = Work(KIND, "", export, _tidy)
