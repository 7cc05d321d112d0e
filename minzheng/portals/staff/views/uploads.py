"""Files on their way in: sent, then checked and stored as a job that shows how far it is. Everybody sees one's own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.feeds.delivery import KIND, deliver
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.jobs import queries
from minzheng.kernel.foundation.jobs.work import JobRefused
from minzheng.kernel.foundation.models import Job
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page

SHOWN = 8  # uploads on the page


class UploadForm(forms.Form):
    """One file of one feed."""

    contract = forms.ChoiceField(label="哪一类数据", error_messages={"required": "请选择数据的种类"})
    file = forms.FileField(label="文件", error_messages={"required": "请选择文件", "empty": "这是空文件（0 字节），请重新导出"})
    as_of = forms.DateField(label="数据截至", error_messages={"required": "请填写数据截至日期", "invalid": "日期请写成 2024-05-31"})

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [(c.name, f"{c.title}（{'、'.join(c.owner)}）") for c in contracts().values()]
        self.fields["contract"].choices = choices  # type: ignore[attr-defined]


@page("feeds.import", "GET", "POST")
def upload(request: StaffRequest) -> HttpResponse:
    """Send a file: a small one is taken in, or refused with the reason, before the answer; a large one becomes a job."""
    first = {"as_of": clock.business_date(), "contract": request.GET.get("contract", "")}
    form = UploadForm(posted(request), request.FILES or None, initial=first)
    if request.method == "POST" and form.is_valid():
        sent, data = form.cleaned_data["file"], form.cleaned_data
        try:
            job = deliver(contract=data["contract"], as_of=data["as_of"], chunks=sent.chunks(), file_name=sent.name, by=request.actor)
        except JobRefused as refusal:
            form.add_error("file", str(refusal))
        else:
            if answer := after(job, form):
                return answer
    rows = [line(job) for job in queries.jobs(request.actor, KIND)[:SHOWN]]
    context = {"form": form, "rows": rows, "working": any(row["job"].is_open for row in rows)}
    return render(request, "staff/feeds/upload.html", context, status=422 if form.errors else 200)


@page("feeds.import")
def upload_job(request: StaffRequest, job_id: int) -> HttpResponse:
    """How far an upload is; once it is done, its batch."""
    job = queries.job(job_id, request.actor)
    if job is None or job.kind != KIND:
        raise Http404
    if job.state == Job.State.DONE:
        return redirect(address(job))
    return render(request, "staff/feeds/upload_job.html", {**line(job), "again": _again(job)})


def after(job: Job, form: forms.Form) -> HttpResponse | None:
    """Where an upload leads: to its batch, to its progress, or, with the reason on the form, nowhere."""
    if job.state == Job.State.FAILED:
        form.add_error("file", job.message)
        return None
    return redirect(address(job))


def address(job: Job) -> str:
    """The page on which an upload is seen best."""
    if job.state == Job.State.DONE:
        return f"{reverse('staff:batch', args=[job.subject.removeprefix('batch:')])}?job={job.pk}"
    return reverse("staff:upload_job", args=[job.pk])


def line(job: Job) -> dict[str, Any]:
    """One upload for a page."""
    known = contracts().get(job.parameters["contract"])
    return {
        "job": job, "title": known.title if known else job.parameters["contract"], "url": address(job),
        "file_name": job.parameters["file_name"], "bytes": job.parameters.get("bytes"), "corrects": job.parameters.get("corrects", ""),
        "waiting": queries.waiting_before(job) if job.state == Job.State.WAITING else 0,
    }  # fmt: skip


def _again(job: Job) -> str:
    """Where to send the file again after a refusal."""
    if corrected := job.parameters.get("corrects"):
        return reverse("staff:batch", args=[corrected])
    return f"{reverse('staff:upload')}?contract={job.parameters['contract']}"
