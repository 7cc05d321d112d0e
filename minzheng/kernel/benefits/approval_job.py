"""Letting a run take effect as a job: for a city minutes, so whoever approves may leave the page. All or nothing, like the approval
itself: a kill in the middle leaves a run that waits, the next attempt completes it, a second one finds it done."""

from __future__ import annotations

from typing import Any

from minzheng.kernel.benefits.actions.approving import PHASES, approve_run, refuse_approval
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Run
from minzheng.kernel.benefits.snapshot.errors import SnapshotError
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.jobs.actions import ask
from minzheng.kernel.foundation.jobs.queries import open_parameters
from minzheng.kernel.foundation.jobs.work import JobRefused, Outcome, Report, Work
from minzheng.kernel.foundation.models import Job

KIND = "benefit_approval"


def ask_for_approval(*, run: Run, by: Actor, note: str, expected_version: int | None) -> Job:
    """Put the approval of a run in the queue. What can be seen at once is refused at once: raises Forbidden, BenefitsError,
    StaleRun, Unverified as `approve_run`, and JobRefused."""
    refuse_approval(run=run, by=by, expected_version=expected_version)
    if any(each.get("run") == run.pk for each in open_parameters(KIND)):
        raise BenefitsError(f"{run.month} 的批次正在审批生效，请等它完成")
    parameters: dict[str, Any] = {"run": run.pk, "month": run.month, "note": note, "version": expected_version}
    return ask(kind=KIND, title=f"{run.month} {run.get_kind_display()}审批", parameters=parameters, by=by, total=len(PHASES))


def approve(job: Job, actor: Actor, report: Report) -> Outcome:
    """Approve the run that a job asks for. Raises JobRefused with the reason."""
    asked: dict[str, Any] = job.parameters

    def phase(number: int) -> None:
        report(number, len(PHASES), PHASES[number])

    try:
        run = Run.objects.get(pk=asked["run"])
        done = approve_run(run=run, by=actor, note=asked["note"], expected_version=asked["version"], phase=phase)
    except Run.DoesNotExist as missing:
        raise JobRefused("这个批次已经不在了") from missing
    except (BenefitsError, SnapshotError, LookupError) as refusal:
        raise JobRefused(str(refusal)) from refusal
    return Outcome(f"run:{done.pk}", f"{done.month} 已审批：待遇按此生效，各项目的发放清单已交付支付")


WORK = Work(KIND, "benefits.approve", approve)
