"""Reckoning a month as a job: minutes for a city, so whoever asked may leave the page. All or nothing, like the run itself."""

from __future__ import annotations

from typing import Any

from minzheng.kernel.benefits.actions.running import PHASES, compute_run
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Run
from minzheng.kernel.benefits.snapshot.errors import SnapshotError
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.jobs.actions import ask
from minzheng.kernel.foundation.jobs.work import JobRefused, Outcome, Report, Work
from minzheng.kernel.foundation.models import Job
from minzheng.kernel.rules.language import Month

KIND = "benefit_run"


def ask_for_run(*, month: Month, kind: str, refresh: bool, by: Actor) -> Job:
    """Put the reckoning of a month in the queue. Raises Forbidden, JobRefused."""
    parameters: dict[str, Any] = {"month": str(month), "kind": kind, "refresh": refresh}
    return ask(kind=KIND, title=f"{month} {Run.Kind(kind).label}核算", parameters=parameters, by=by, total=len(PHASES))


def reckon(job: Job, actor: Actor, report: Report) -> Outcome:
    """Reckon the month that a job asks for. Raises JobRefused with the reason when it cannot be reckoned."""
    asked: dict[str, Any] = job.parameters

    def phase(number: int) -> None:
        report(number, len(PHASES), PHASES[number])

    try:
        run = compute_run(month=Month.of(asked["month"]), by=actor, kind=asked["kind"], refresh=asked["refresh"], phase=phase)
    except (BenefitsError, SnapshotError, LookupError, ValueError) as refusal:
        raise JobRefused(str(refusal)) from refusal
    return Outcome(f"run:{run.pk}", f"{run.month} {run.get_kind_display()}：{run.get_state_display()}")


WORK = Work(KIND, "benefits.run", reckon)
