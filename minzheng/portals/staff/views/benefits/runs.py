"""发放批次: the list of runs, and reckoning a month as long work."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from minzheng.kernel.benefits import queries
from minzheng.kernel.benefits.actions import take_opening
from minzheng.kernel.benefits.approval_job import KIND as APPROVAL
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Run
from minzheng.kernel.benefits.run_job import KIND, ask_for_run
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.jobs import queries as jobs
from minzheng.kernel.foundation.jobs.work import JobRefused
from minzheng.kernel.foundation.models import Job
from minzheng.kernel.rules.language import Month
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import page_of
from minzheng.portals.staff.views.benefits.openings import OpeningForm, opening_context, said
from minzheng.portals.staff.views.benefits.shown import STATES

PER_PAGE = 24


class ComputeForm(forms.Form):
    """Which month, and whether it is looked at again."""

    month = forms.CharField(label="月份", max_length=7, error_messages={"required": "请选择月份"})
    kind = forms.ChoiceField(label="种类", choices=Run.Kind.choices, error_messages={"required": "请选择种类"})
    refresh = forms.BooleanField(label="按最新数据重新冻结快照", required=False)

    def clean_month(self) -> Month:
        """A month that is over."""
        try:
            month = Month.of(self.cleaned_data["month"])
        except ValueError as error:
            raise forms.ValidationError("月份请写成 2024-07") from error
        if month.last >= clock.business_date():
            raise forms.ValidationError(f"{month} 还没有结束（业务日期 {clock.business_date()}），月底以后才能核算；想先看看，请用政策模拟")
        return month


@page("benefits.view")
def benefit_runs(request: StaffRequest) -> HttpResponse:
    """All runs, newest month first."""
    return shown_runs(request, first_form())


@page("benefits.run", "POST")
def compute_benefit_run(request: StaffRequest) -> HttpResponse:
    """Reckon a month, or correct an earlier one: a worker does it."""
    form = ComputeForm(posted(request))
    if form.is_valid():
        asked = form.cleaned_data
        try:
            job = ask_for_run(month=asked["month"], kind=asked["kind"], refresh=asked["refresh"], by=request.actor)
        except JobRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("staff:benefit_run_job", job_id=job.pk)
    return shown_runs(request, form, status=422)


@page("benefits.run", "POST")
def take_benefit_opening(request: StaffRequest) -> HttpResponse:
    """Take over what people receive by the rosters."""
    form = OpeningForm(posted(request))
    if form.is_valid():
        try:
            taken = take_opening(month=form.cleaned_data["month"], by=request.actor)
        except BenefitsError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "；".join(f"{row.title}：已接收 {said(row)}" for row in taken))
            return redirect("staff:benefit_runs")
    return shown_runs(request, first_form(), opening=form, status=422)


@page("benefits.view")
def benefit_run_job(request: StaffRequest, job_id: int) -> HttpResponse:
    """How far a reckoning or an approval of one's own is; once it is done, its run."""
    job = jobs.job(job_id, request.actor)
    if job is None or job.kind not in (KIND, APPROVAL):
        raise Http404
    if job.state == Job.State.DONE:
        run = reverse("staff:benefit_run", args=[int(job.subject.removeprefix("run:"))])
        return redirect(f"{run}?job={job.pk}")
    waiting = jobs.waiting_before(job) if job.state == Job.State.WAITING else 0
    approval = job.kind == APPROVAL
    back = reverse("staff:benefit_run", args=[job.parameters["run"]]) if approval else reverse("staff:benefit_runs")
    kind = "审批" if approval else Run.Kind(job.parameters["kind"]).label
    context = {"job": job, "waiting": waiting, "kind": kind, "approval": approval, "back": back}
    return render(request, "staff/benefits/job.html", context)


def first_form() -> ComputeForm:
    """The month that is over, its own run."""
    last = Month(clock.business_date().replace(day=1)).before
    return ComputeForm(initial={"month": str(last), "kind": Run.Kind.REGULAR})


def shown_runs(request: StaffRequest, form: ComputeForm, opening: OpeningForm | None = None, status: int = 200) -> HttpResponse:
    """The list, with what may be begun here."""
    pages = page_of(request, queries.runs(request.actor), PER_PAGE)
    may_run = request.actor.may("benefits.run")
    working = jobs.jobs(request.actor, KIND).filter(state__in=[Job.State.WAITING, Job.State.RUNNING]) if may_run else []
    context = {
        "rows": [_row(run, request) for run in pages], "page_obj": pages, "form": form, "may_run": may_run,
        "working": [(job, reverse("staff:benefit_run_job", args=[job.pk])) for job in working],
        **opening_context(request.actor, opening),
    }  # fmt: skip
    return render(request, "staff/benefits/runs.html", context, status=status)


def _row(run: Run, request: StaffRequest) -> dict[str, Any]:
    """A run with its sums in the reader's jurisdiction."""
    figures = sums(queries.totals(run, request.actor))
    return {"run": run, "tone": STATES[run.state], "sum": figures, "more_fen": figures["fen"] - figures["before_fen"]}


def sums(totals: dict[str, dict[str, int]]) -> dict[str, int]:
    """All programmes together."""
    return {name: sum(row[name] for row in totals.values()) for name in queries.FIGURES}
