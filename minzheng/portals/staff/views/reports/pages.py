"""Reports: the list, one being made, one with its figures, its files."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.encoding import escape_uri_path

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.jobs import queries as jobs
from minzheng.kernel.foundation.jobs.work import JobRefused
from minzheng.kernel.foundation.typesetting import NoFonts
from minzheng.kernel.indicators.reports import actions, queries
from minzheng.kernel.indicators.reports.job import KIND, ask_for_report
from minzheng.kernel.indicators.reports.models import Report
from minzheng.kernel.indicators.reports.rendering import FONTS, FORMATS
from minzheng.kernel.indicators.statistics.figures import month_before
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.plan.board import place_choices

LINKS = {"docx": ("Word", "file-text"), "pdf": ("PDF", "file-text"), "xlsx": ("Excel（全部数字）", "file-spreadsheet")}


@page("plan.view", "GET", "POST")
def plan_reports(request: StaffRequest) -> HttpResponse:
    """What was made, what is being made (`?job=`), and asking for another."""
    actor, today = request.actor, clock.business_date()
    if request.method == "POST":
        return _ask(request)
    number = request.GET.get("job", "")
    job = jobs.job(int(number), actor) if number.isascii() and number.isdigit() and len(number) < 18 else None
    job = job if job is not None and job.kind == KIND else None
    if job is not None and job.state == job.State.DONE:
        return redirect("staff:plan_report", int(job.subject.partition(":")[2]))
    context = {
        "reports": queries.reports(actor), "kinds": Report.Kind.choices, "places": place_choices(actor, today), "month": f"{month_before(today):%Y-%m}",
        "job": job, "waiting": jobs.waiting_before(job) if job and job.is_open else 0, "fonts": FONTS,
    }  # fmt: skip
    return render(request, "staff/reports/list.html", context)


def _ask(request: StaffRequest) -> HttpResponse:
    sent = request.POST
    try:
        month = date.fromisoformat(f"{sent.get('month', '')}-01")
        if sent.get("kind") not in Report.Kind.values:
            raise ValueError
    except ValueError:
        messages.warning(request, "请选择报告种类和月份（如 2024-08）")
        return redirect("staff:plan_reports")
    try:
        job = ask_for_report(kind=sent["kind"], month=month, place=sent.get("place", ""), number=sent.get("number", ""), by=request.actor)
    except JobRefused as refusal:
        messages.warning(request, str(refusal))
        return redirect("staff:plan_reports")
    return redirect(f"/reports/?job={job.pk}")


@page("plan.view")
def plan_report(request: StaffRequest, report_id: int) -> HttpResponse:
    """Every frozen figure of a report, each leading to its page in the plan."""
    report = _report(request, report_id)
    figures = report.frozen["figures"]
    targets = [(item, target) for chapter in figures["chapters"] for item in chapter["items"] for target in item["targets"]]
    own = [(item, figure) for chapter in figures["chapters"] for item in chapter["items"] for figure in item["figures"]]
    context: dict[str, Any] = {"report": report, "figures": figures, "targets": targets, "own": own, "files": LINKS.items(), "fonts": FONTS,
                               "may_statistics": request.actor.may("statistics.view")}  # fmt: skip
    return render(request, "staff/reports/report.html", context)


@page("plan.view")
def plan_report_file(request: StaffRequest, report_id: int) -> HttpResponseBase:
    """A report's file; who took it, and when, is on record, and in the workbook itself."""
    report = _report(request, report_id)
    wanted = request.GET.get("format", "docx")
    if wanted not in FORMATS:
        raise Http404
    try:
        path = actions.take_out(report_id=report.pk, file_format=wanted, by=request.actor)
    except NoFonts as missing:
        messages.warning(request, str(missing))
        return redirect("staff:plan_report", report.pk)
    content = path.open("rb")
    path.unlink()  # open files stay readable; nothing is left behind
    response = FileResponse(content, content_type=FORMATS[wanted])
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{escape_uri_path(report.title)}.{wanted}"
    return response


def _report(request: StaffRequest, report_id: int) -> Report:
    try:
        return queries.report_for(request.actor, report_id)
    except LookupError as missing:
        raise Http404 from missing
