"""Records of the night's rounds, each beside the nights before it."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from minzheng.kernel.foundation import queries
from minzheng.kernel.foundation.models import RoundRun, RoundStep
from minzheng.kernel.foundation.packs import round_steps
from minzheng.kernel.foundation.rounds import in_order, is_running
from minzheng.kernel.monitoring.catalogue import title_of
from minzheng.portals.staff import sparks
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import page_of

NIGHTS = 12  # that are compared
NOTICED, SLOW_SECONDS = 1.5, 2.0  # how much longer than usual is worth a word, and from what length on
COUNTS = {
    "candidates": "候选", "findings": "发现", "unknown_person": "查无此人", "left_with_towns": "留待镇街派单", "new": "新增",
    "repeated": "近期已发", "escalated": "升级",
}  # fmt: skip


@dataclass(frozen=True)
class StepLine:
    """One step of a night, and what is usual."""

    step: RoundStep
    lines: list[str]
    spark: sparks.Spark | None
    seconds: str
    rows: str


@page("rounds.view")
def rounds(request: StaffRequest) -> HttpResponse:
    """All nights, newest first, each with how long it took against the nights before."""
    page_obj = page_of(request, queries.round_runs(request.actor))
    runs = list(page_obj)
    busy = is_running(runs[0].round_name) if runs else False
    newest = queries.runs_until(runs[0], request.actor, NIGHTS) if runs else []
    nights = [(f"{run.as_of:%m-%d}", sum(step.seconds for step in run.steps.all())) for run in newest]
    done = [run.step_seconds or 0.0 for run in runs if run.status == RoundRun.Status.DONE]
    rows = [
        {"run": run, "state": state_of(run, busy), "change": _against(run.step_seconds or 0.0, done) if run.status == "done" else ""}
        for run in runs
    ]
    context = {"page_obj": page_obj, "rows": rows, "spark": sparks.of_seconds(nights) if len(nights) > 1 else None, "nights": len(nights)}
    return render(request, "staff/rounds/list.html", context)


@page("rounds.view")
def round_run(request: StaffRequest, run_id: int) -> HttpResponse:
    """One night with its steps, each beside the same step of earlier nights."""
    try:
        run = queries.round_run(run_id, request.actor)
    except RoundRun.DoesNotExist as missing:
        raise Http404 from missing
    steps = list(run.steps.all())
    earlier = [other for other in queries.runs_until(run, request.actor, NIGHTS + 1) if other.pk != run.pk][-NIGHTS:]
    past = queries.steps_of(earlier)
    finished = {step.name for step in steps}
    waiting = [step.title for step in in_order(round_steps()) if step.name not in finished] if run.status != "done" else []
    context = {
        "run": run, "state": state_of(run, is_running(run.round_name)), "steps": [_line(step, run, past.get(step.name, [])) for step in steps],
        "seconds": sum(step.seconds for step in steps), "earlier": len(earlier), "waiting": waiting,
        "change": _against(sum(s.seconds for s in steps), [sum(s.seconds for s in other.steps.all()) for other in earlier]) if earlier else "",
    }  # fmt: skip
    return render(request, "staff/rounds/detail.html", context)


def state_of(run: RoundRun, busy: bool) -> str:
    """'done', 'failed', 'running', or 'interrupted': it says that it runs, and no process is at it."""
    return "interrupted" if run.status == RoundRun.Status.RUNNING and not busy else run.status


def _line(step: RoundStep, run: RoundRun, past: list[tuple[RoundRun, RoundStep]]) -> StepLine:
    nights = [*((f"{other.as_of:%m-%d}", before.seconds) for other, before in past), (f"{run.as_of:%m-%d}", step.seconds)]
    usual_rows = median([before.rows_out for _, before in past]) if past else None
    return StepLine(
        step, _in_words(step.details), sparks.of_seconds(nights, f"“{step.title}”用时") if past else None,
        _against(step.seconds, [before.seconds for _, before in past]) if past else "",
        f"前 {len(past)} 晚中位数 {usual_rows:,.0f}" if usual_rows is not None else "",
    )  # fmt: skip


def _against(seconds: float, others: list[float]) -> str:
    """What is to be said of a duration beside others: only when it is far from what is usual."""
    usual = median(others) if others else 0.0
    if seconds >= SLOW_SECONDS and usual and seconds >= usual * NOTICED:
        return f"比平常慢 {seconds / usual:.1f} 倍"
    return ""


def _in_words(details: dict[str, Any]) -> list[str]:
    """A step's further counts, one line each; those of a scenario stand together on one."""
    plain = {name: value for name, value in details.items() if not isinstance(value, dict)}
    lines = [" · ".join(_count(name, value) for name, value in plain.items())] if plain else []
    for name, counts in details.items():
        if isinstance(counts, dict):
            lines.append(f"{title_of(name)}：" + " · ".join(_count(key, value) for key, value in counts.items()))
    return lines


def _count(name: str, value: Any) -> str:
    return f"{COUNTS.get(name, name)} {value:,}" if isinstance(value, int) else f"{COUNTS.get(name, name)} {value}"
