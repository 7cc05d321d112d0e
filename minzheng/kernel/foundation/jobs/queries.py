"""Reading jobs: everybody's own only."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import Job


def jobs(actor: Actor, kind: str = "") -> QuerySet[Job]:
    """The actor's own jobs, newest first; of one kind if named."""
    own = Job.objects.filter(owner=actor.user) if actor.user else Job.objects.none()
    return (own.filter(kind=kind) if kind else own).order_by("-id")


def job(job_id: int, actor: Actor) -> Job | None:
    """The actor's own job of that number, or None."""
    return jobs(actor).filter(pk=job_id).first()


def waiting_before(job: Job) -> int:
    """How many jobs of anybody stand before this one."""
    return Job.objects.filter(state__in=[Job.State.WAITING, Job.State.RUNNING], pk__lt=job.pk).count()


def open_parameters(kind: str) -> list[dict[str, Any]]:
    """What the waiting and running jobs of a kind were asked with, whoever asked: for keeping what they still need."""
    rows = Job.objects.filter(kind=kind, state__in=[Job.State.WAITING, Job.State.RUNNING])
    return list(rows.values_list("parameters", flat=True))
