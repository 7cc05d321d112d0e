"""Files of channels: those that went out, as downloads on record; those that come back, taken in whole or refused with places."""

from __future__ import annotations

import re

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render

from minzheng.kernel.foundation.encryption import Unreadable
from minzheng.kernel.foundation.jobs import queries as jobs
from minzheng.kernel.foundation.jobs.work import JobRefused
from minzheng.kernel.foundation.models import Job
from minzheng.kernel.ledger import actions
from minzheng.kernel.ledger.channels import titles
from minzheng.kernel.ledger.models import ChannelFile
from minzheng.portals.staff import payment_jobs
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.payments import batch as batch_pages
from minzheng.portals.staff.views.payments.shown import batch_of, led_by

LARGEST = 64 * 1024 * 1024  # a city's largest batch comes back in some 20 MB


class ReturnForm(forms.Form):
    """A channel's answer."""

    channel = forms.ChoiceField(label="渠道", choices=lambda: list(titles().items()), error_messages={"required": "请选择渠道"})
    file = forms.FileField(label="回盘文件", error_messages={"required": "请选择回盘文件", "empty": "这是空文件（0 字节）：请重新向渠道取"})

    def clean_file(self) -> object:
        """A file of a size that a channel sends."""
        sent = self.cleaned_data["file"]
        if sent.size > LARGEST:
            raise forms.ValidationError(f"文件有 {sent.size / 1024 / 1024:.0f} MB，超过 64 MB：不像是回盘文件")
        return sent


@page("payments.manage", "POST")
def payment_file(request: StaffRequest, channel_file_id: int) -> HttpResponse:
    """Hand a channel's file over in plain, to be carried there; who took it, and when, is on record."""
    try:
        file, content = actions.open_file(file_id=channel_file_id, by=request.actor)
    except ChannelFile.DoesNotExist as missing:
        raise Http404 from missing
    except (Unreadable, FileNotFoundError):
        return render(request, "staff/payments/file_broken.html", status=422)
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{file.file_name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@page("payments.manage", "POST")
def take_payment_return(request: StaffRequest, payment_batch_id: int) -> HttpResponse:
    """Take an answer in: all of it, or nothing and a table of what is wrong in which line."""
    batch = batch_of(request, payment_batch_id)
    form = ReturnForm(request.POST, request.FILES)
    if not form.is_valid():
        return batch_pages.shown(request, batch, "；".join(str(error) for errors in form.errors.values() for error in errors))
    sent, channel = form.cleaned_data["file"], form.cleaned_data["channel"]
    content = sent.read()
    try:
        job = payment_jobs.start_return(channel, content, sent.name, request.actor, content.count(b"\n"), batch.pk)
    except JobRefused as refusal:
        return batch_pages.shown(request, batch, str(refusal))

    def refused(failed: Job) -> HttpResponse:
        what, faults = faults_of(failed.message)
        return batch_pages.shown(request, batch, what, faults)

    return led_by(job, refused)


@page("payments.manage")
def payment_job(request: StaffRequest, job_id: int) -> HttpResponse:
    """How far a piece of work is; once it is done, what came of it."""
    job = jobs.job(job_id, request.actor)
    if job is None or job.kind != payment_jobs.KIND:
        raise Http404
    if job.state == Job.State.DONE:
        return led_by(job, lambda _job: HttpResponse())
    what, faults = faults_of(job.message)
    waiting = jobs.waiting_before(job) if job.state == Job.State.WAITING else 0
    context = {"job": job, "waiting": waiting, "problem": what, "faults": faults, "batch_id": job.parameters.get("batch")}
    return render(request, "staff/payments/job.html", context)


def faults_of(message: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What was refused, and (line, reason) of each place, as the job put it down."""
    what, *places = message.split("\n")
    return what, tuple((found[1], found[2]) if (found := re.fullmatch(r"第 ([\d,]+) 行：(.*)", place)) else ("整份", place) for place in places)
