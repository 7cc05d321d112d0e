"""Taking rows out as a workbook: what and why, then how far it is, then the file. Everybody sees only one's own."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.jobs import queries
from minzheng.kernel.foundation.jobs.work import JobRefused
from minzheng.kernel.foundation.register_rows import find
from minzheng.kernel.foundation.registers import Register, registers
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import ANYBODY, page
from minzheng.portals.staff.registers import jobs
from minzheng.portals.staff.registers.asking import read, words
from minzheng.portals.staff.registers.subjects import list_address

SHOWN = 30  # exports on the page
View = Callable[..., HttpResponseBase]
REASONS = [("work", "日常业务核对"), ("report", "上级要求的统计报送"), ("share", "依法向其他部门提供"), ("other", "其他")]


class ReasonForm(forms.Form):
    """Why rows with data of persons leave the system."""

    reason = forms.ChoiceField(label="事由", choices=REASONS, widget=forms.RadioSelect, error_messages={"required": "请选择事由"})
    note = forms.CharField(label="补充说明", required=False, max_length=100)

    def clean(self) -> dict[str, object]:
        """'Other' needs words."""
        data: dict[str, object] = super().clean() or {}
        if data.get("reason") == "other" and len(str(data.get("note", "")).strip()) < 2:
            self.add_error("note", "请写明事由")
        return data

    def why(self) -> str:
        """The reason as it goes on record."""
        said, note = dict(REASONS)[self.cleaned_data["reason"]], self.cleaned_data["note"].strip()
        return f"{said}：{note}" if note else said


def export_view(register: Register) -> View:
    """Say what will be taken out, ask for the reason where persons are in it, and start."""

    @page(register.export, "GET", "POST")
    def view(request: StaffRequest) -> HttpResponse:
        request.actor.require(register.capability)
        today = clock.business_date()
        asking = read(register, request.GET, request.actor, today)
        back = f"{list_address(register)}?{request.GET.urlencode()}"
        if asking.errors:
            return redirect(back)
        found = find(register, asking.asked, request.actor, today)
        personal = register.is_personal(asking.columns)
        form = ReasonForm(posted(request)) if personal else None
        if request.method == "POST" and (form is None or form.is_valid()):
            rows = found.rows.count() if found.more else found.total
            try:
                jobs.start(register, request.GET, asking, form.why() if form else "", request.actor, rows)
            except JobRefused as refusal:
                messages.warning(request, str(refusal))
            return redirect("staff:register_exports")
        context = {
            "register": register, "found": found, "said": words(register, asking.asked), "columns": asking.columns,
            "form": form, "back": back, "kept_hours": jobs.KEPT_SECONDS // 3600,
        }  # fmt: skip
        return render(request, "staff/registers/export.html", context, status=422 if form and form.errors else 200)

    return view


@page(ANYBODY)
def exports(request: StaffRequest) -> HttpResponse:
    """The reader's exports: how far each is, and the finished files."""
    found = list(queries.jobs(request.actor, jobs.KIND)[:SHOWN])
    rows = [
        {"job": job, "waiting": queries.waiting_before(job) if job.state == job.State.WAITING else 0,
         "url": f"{reverse('staff:register_export_file')}?id={job.pk}" if jobs.file_of(job).exists() else ""}
        for job in found
    ]  # fmt: skip
    context = {"rows": rows, "working": any(job.is_open for job in found), "kept_hours": jobs.KEPT_SECONDS // 3600}
    return render(request, "staff/registers/exports.html", context)


@page(ANYBODY)
def download(request: StaffRequest) -> HttpResponseBase:
    """A finished file, for whoever asked for it and may still have it."""
    number = request.GET.get("id", "")
    if not number:
        return redirect("staff:register_exports")
    job = queries.job(int(number), request.actor) if number.isascii() and number.isdigit() and len(number) < 18 else None
    if job is None or job.kind != jobs.KIND or job.state != job.State.DONE or not jobs.file_of(job).exists():
        raise Http404
    request.actor.require(registers()[job.parameters["register"]].export)
    name = f"{job.title.removeprefix('导出')}-{timezone.localtime(job.asked_at):%Y%m%d-%H%M}-{job.pk}.xlsx"
    return FileResponse(jobs.file_of(job).open("rb"), as_attachment=True, filename=name)
