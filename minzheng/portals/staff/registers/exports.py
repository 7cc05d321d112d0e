"""Taking rows out as a workbook: what and why, then how far it is, then the file. Everybody sees only one's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.register_rows import find
from minzheng.kernel.foundation.registers import Register, registers
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import ANYBODY, page
from minzheng.portals.staff.registers import jobs
from minzheng.portals.staff.registers.asking import read, words
from minzheng.portals.staff.registers.subjects import list_address

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
            if sum(job.is_open for job in jobs.mine(request.actor)) >= jobs.MOST_AT_ONCE:
                messages.warning(request, "您已有导出在进行，等它完成后再开始下一份")
                return redirect("staff:register_exports")
            rows = found.rows.count() if found.more else found.total
            jobs.start(register, request.GET, asking, form.why() if form else "", request.actor, rows)
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
    found = jobs.mine(request.actor)
    rows = [
        {"job": job, "at": datetime.fromisoformat(job.asked_at), "url": f"{reverse('staff:register_export_file')}?id={job.number}"}
        for job in found
    ]
    context = {"rows": rows, "working": any(job.is_open for job in found), "kept_hours": jobs.KEPT_SECONDS // 3600}
    return render(request, "staff/registers/exports.html", context)


@page(ANYBODY)
def download(request: StaffRequest) -> HttpResponseBase:
    """A finished file, for whoever asked for it and may still have it."""
    if not request.GET.get("id"):
        return redirect("staff:register_exports")
    job = jobs.load(request.GET["id"])
    if job is None or job.user != request.actor.name or job.status != "done" or not job.file.exists():
        raise Http404
    request.actor.require(registers()[job.register].export)
    name = f"{job.title}台账-{datetime.fromisoformat(job.asked_at):%Y%m%d-%H%M}-{job.number}.xlsx"
    return FileResponse(job.file.open("rb"), as_attachment=True, filename=name)
