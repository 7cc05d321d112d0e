"""Rounds: named steps, each idempotent, restartable after a kill at any point, and recorded.

A step is a function of the as-of date. A round that was killed is completed by the next run of the same
date: steps that have a record are not repeated, the step that was under way starts again from its beginning.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from django.conf import settings
from django.utils import timezone

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.models import RoundRun, RoundStep

PROBE_SECONDS = 0.05


class Progress(Protocol):
    """Told by a step how far it is; a portal shows it."""

    def __call__(self, done: int, total: int, /) -> None: ...


@dataclass(frozen=True)
class Counts:
    """What a step did: rows in, rows out, and named further counts."""

    rows_in: int
    rows_out: int
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """`run(as_of, progress)` must be idempotent and leave nothing half done when killed."""

    name: str
    title: str
    run: Callable[[date, Progress], Counts]
    after: tuple[str, ...] = ()


class RoundBusy(RuntimeError):
    """Another process is running this round now."""


def in_order(steps: tuple[Step, ...]) -> list[Step]:
    """Sort steps so that each comes after those it names and otherwise in the order given.

    Raises ValueError (in Chinese) for two steps of one name, an unknown one, or steps that wait for each other.
    """
    names = [step.name for step in steps]
    if len(set(names)) != len(names):
        raise ValueError(f"批处理步骤重名:{sorted({name for name in names if names.count(name) > 1})}")
    for step in steps:
        if missing := set(step.after) - set(names):
            raise ValueError(f"步骤 {step.name} 要排在不存在的步骤之后:{sorted(missing)}")
    ordered: list[Step] = []
    waiting = list(steps)
    while waiting:
        done = {step.name for step in ordered}
        following = next((step for step in waiting if done.issuperset(step.after)), None)
        if following is None:
            raise ValueError(f"步骤互相等待:{[step.name for step in waiting]}")
        ordered.append(following)
        waiting.remove(following)
    return ordered


def run_round(
    name: str, as_of: date, steps: tuple[Step, ...],
    watch: Callable[[Step], Progress] = lambda _step: lambda _done, _total: None,
) -> RoundRun:
    """Run all steps of a round for a date and record each; complete an interrupted run of the same date.

    A run that is done is not taken up again: the next call makes a new one, whose steps, being idempotent, only
    take in what has come since. A step that raises leaves the run FAILED with the steps before it recorded; the
    next call goes on from there. Raises RoundBusy when another process is at it, ValueError for steps without order.
    """
    ordered = in_order(steps)
    with _alone(name), clock.use(as_of):
        run = (
            RoundRun.objects.filter(round_name=name, as_of=as_of).exclude(status=RoundRun.Status.DONE).first()
            or RoundRun.objects.create(round_name=name, as_of=as_of, started_at=timezone.now())
        )
        if run.status != RoundRun.Status.RUNNING:
            run.status, run.error = RoundRun.Status.RUNNING, ""
            run.save(update_fields=["status", "error"])
        done = set(run.steps.values_list("name", flat=True))
        at = ""
        try:
            for position, step in enumerate(ordered):
                if step.name not in done:
                    at = step.title
                    _run_step(run, position, step, watch(step))
        except BaseException as error:
            run.status, run.error = RoundRun.Status.FAILED, f"{at}：{reason_of(error)}"[:512]
            run.save(update_fields=["status", "error"])
            _tell_failed(run)
            raise
        run.status, run.finished_at = RoundRun.Status.DONE, timezone.now()
        run.save(update_fields=["status", "finished_at"])
        return run


def reason_of(error: BaseException) -> str:
    """Why a step failed, fit for a page: our own errors speak for themselves; those of libraries may hold values of rows,
    so that only their kind is told, and the whole of it stands in the server's log."""
    if isinstance(error, KeyboardInterrupt):
        return "被人中断"
    if type(error).__module__.startswith("minzheng."):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"系统错误：{error.strerror}"
    return f"程序错误 {type(error).__name__}，详情见服务器日志"


def _tell_failed(run: RoundRun) -> None:
    """Those who look after rounds hear of it the same morning."""
    from minzheng.kernel.foundation.notifications.actions import (
        notify_roles,  # it needs roles, which packs come before
    )

    notify_roles(
        capability="rounds.view", level="city", kind="round_failed", title=f"夜间批处理 {run.as_of} 没有跑完",
        text=f"{run.error}。已完成的步骤都保留着；排除原因后再跑一次会从断处接着做"[:200], subject=f"round:{run.pk}", on=run.as_of,
    )  # fmt: skip


def _run_step(run: RoundRun, position: int, step: Step, progress: Progress) -> None:
    started = time.perf_counter()
    counts = step.run(run.as_of, progress)
    RoundStep.objects.create(
        run=run, position=position, name=step.name, title=step.title, rows_in=counts.rows_in,
        rows_out=counts.rows_out, details=counts.details, seconds=round(time.perf_counter() - started, 3),
        finished_at=timezone.now(),
    )


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Hold the round's lock; the operating system gives it back when the process dies."""
    path = settings.HOME.work / f"{name}.lock"
    with path.open("w") as handle:
        for patience in (PROBE_SECONDS, 0):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if not patience:
                    raise RoundBusy(f"“{name}”正在另一个进程中运行,请等它结束后再试") from error
                time.sleep(patience)  # a page that only asks (is_running) is gone by then
        yield


def is_running(name: str) -> bool:
    """Whether a process is at this round now; a run that says RUNNING while none is was interrupted."""
    path = settings.HOME.work / f"{name}.lock"
    if not path.exists():
        return False
    with path.open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
