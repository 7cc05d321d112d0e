"""Making a report as a job, so that the page shows how far it is. One row at the end: killed before, it begins again."""

from __future__ import annotations

from datetime import date

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.declared import DeclarationError
from minzheng.kernel.foundation.jobs.actions import ask
from minzheng.kernel.foundation.jobs.work import JobRefused, Outcome, Report, Work
from minzheng.kernel.foundation.models import Job
from minzheng.kernel.foundation.typesetting import NoFonts
from minzheng.kernel.indicators.errors import PlanError
from minzheng.kernel.indicators.reports.actions import STEPS, make_report
from minzheng.kernel.indicators.reports.errors import ReportError
from minzheng.kernel.indicators.reports.models import Report as Made

KIND = "plan_report"


def ask_for_report(*, kind: str, month: date, by: Actor, place: str = "", number: str = "") -> Job:
    """Put a report in the queue. Raises Forbidden, JobRefused (too many at once)."""
    title = f"{month:%Y-%m} {dict(Made.Kind.choices).get(kind, kind)}"
    return ask(kind=KIND, title=title, parameters={"kind": kind, "month": f"{month}", "place": place, "number": number}, by=by, total=len(STEPS))


def make(job: Job, actor: Actor, report: Report) -> Outcome:
    """Make what a job asks for. Raises JobRefused with the reason."""
    asked = job.parameters

    def step(number: int) -> None:
        report(number, len(STEPS), STEPS[number])

    try:
        made = make_report(
            kind=asked["kind"], month=date.fromisoformat(asked["month"]), place=asked["place"], number=asked["number"], by=actor, progress=step
        )
    except (PlanError, ReportError, LookupError, NoFonts, DeclarationError) as refusal:
        raise JobRefused(str(refusal)) from refusal
    return Outcome(f"report:{made.pk}", f"{made.title}已生成，用时 {made.seconds:.1f} 秒")


WORK = Work(KIND, "plan.view", make)
