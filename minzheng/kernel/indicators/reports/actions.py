"""Making a report (its figures are taken once and frozen) and taking it out; both on record."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.indicators.reports.errors import ReportError
from minzheng.kernel.indicators.reports.gathering import gathered, stamped
from minzheng.kernel.indicators.reports.models import Report
from minzheng.kernel.indicators.reports.queries import report_for
from minzheng.kernel.indicators.reports.rendering import as_pdf, as_word
from minzheng.kernel.indicators.reports.tables import laid_out
from minzheng.kernel.indicators.reports.words import composed, filled, fingerprint, plain, words
from minzheng.kernel.indicators.reports.workbook import Mark, write_workbook
from minzheng.kernel.indicators.statistics.figures import last_of, next_month

STEPS = ("读取要点进度", "读取分地区数字", "读取各事项", "固化数字、写成文字", "排版检查")
LONGEST_NUMBER = 64


def make_report(
    *, kind: str, month: date, by: Actor, place: str = "", number: str = "", progress: Callable[[int], None] = lambda _step: None,
    proof: bool = True,
) -> Report:
    """Freeze the figures of a month, write the text, and see that it can be printed. A month that is just over is told as known today,
    with what was recorded of it since; an earlier one as it was known on its last day.

    number: the document's number (发文字号) if it goes out as an official document; proof: whether it is printed once to see that it can be.
    Raises Forbidden, LookupError (place), PlanError (no
    plan), ReportError (kind, month to come, a template that is wrong).
    """
    by.require("plan.view")
    started, first, today = time.perf_counter(), month.replace(day=1), clock.business_date()
    if kind not in Report.Kind.values:
        raise ReportError(f"没有“{kind}”这种报告")
    if first > today:
        raise ReportError(f"{first:%Y 年 %m 月}还没有到")
    as_of = today if today <= last_of(next_month(first)) else last_of(first)
    progress(0)
    figures = gathered(kind, first, as_of, by, place, progress)
    if kind == Report.Kind.DISTRICT and figures["whole_city"]:
        raise ReportError("板块情况简报要选择一个板块或县（市、区）；全市请用进展报告")
    figures, mark = stamped(figures)
    said = words(kind)
    blocks = laid_out(list(composed(said.blocks, figures)), figures)
    frozen: dict[str, Any] = {"figures": figures, "blocks": blocks, "synthetic": bool(settings.SYNTHETIC)}
    report = Report(
        kind=kind, title=filled(said.title, figures)[:128], number=plain(number)[:LONGEST_NUMBER], first=first, as_of=as_of, place=figures["place"],
        place_title=figures["place_title"], frozen=frozen, fingerprint=mark, words=fingerprint(kind), made_on=today, made_by=by.name,
    )  # fmt: skip
    progress(4)
    if proof:
        as_word(report), as_pdf(report)
    report.seconds = round(time.perf_counter() - started, 2)
    with transaction.atomic():
        report.save(force_insert=True)
        audit.record(by, "report.make", f"report:{report.pk}", report.title, kind=kind, place=report.place, as_of=as_of, fingerprint=mark)
    return report


def take_out(*, report_id: int, file_format: str, by: Actor) -> Path:
    """Write a report's file (docx, pdf, xlsx) into the deployment's folder of exports and return where; the caller deletes it.

    Raises Forbidden, LookupError (no such report, or not of the reader's places; no such format).
    """
    report = report_for(by, report_id)
    if file_format not in ("docx", "pdf", "xlsx"):
        raise LookupError(f"没有“{file_format}”这种格式")
    path: Path = settings.HOME.exports / f"report-{uuid.uuid4().hex}.{file_format}"
    if file_format == "xlsx":
        who = by.user.full_name if by.user else by.name
        when = f"{timezone.localtime(timezone.now()):%Y-%m-%d %H:%M:%S}"
        synthetic = "（演示数据）" if report.frozen["synthetic"] else ""
        write_workbook(path, report.frozen["figures"], Mark(f"{who}（{by.name}）", when, f"{report.title}{synthetic}", report.fingerprint))
    else:
        path.write_bytes(as_word(report) if file_format == "docx" else as_pdf(report))
    audit.record(by, "report.take_out", f"report:{report.pk}", report.title, format=file_format, bytes=path.stat().st_size)
    return path
