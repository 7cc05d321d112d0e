"""Asking for long work, and doing it.

Whoever runs a job holds its lock, which the operating system gives back when the process dies: a job that says it is
running while its lock is free was interrupted, and whoever finds it takes it up again.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.foundation.jobs.work import JobRefused, Outcome, Work, works
from minzheng.kernel.foundation.models import Job

MOST_ATTEMPTS = 3
MOST_OPEN = 10  # of one user
PROGRESS_SECONDS = 0.5
IDLE_SECONDS = 0.5
BROKEN = "处理时程序出错，没有改变任何数据。请重试；再次出错请把任务编号 {pk} 告诉系统管理员"
KILLED = "处理了 {attempts} 次都中途断掉（多半是内存不足或服务器重启），没有改变任何数据。请把任务编号 {pk} 告诉系统管理员"


def ask(*, kind: str, title: str, parameters: dict[str, Any], by: Actor, total: int | None = None) -> Job:
    """Put a job in the queue; a worker will do it. Raises Forbidden, and JobRefused for too many at once."""
    if capability := works()[kind].capability:
        by.require(capability)
    if by.user is None:
        raise Forbidden("后台任务要由登录用户发起")
    if Job.objects.filter(owner=by.user, state__in=[Job.State.WAITING, Job.State.RUNNING]).count() >= MOST_OPEN:
        raise JobRefused(f"您已有 {MOST_OPEN} 个任务在排队，请等其中一个完成后再试")
    return Job.objects.create(
        owner=by.user, kind=kind, title=title[:255], on=clock.business_date(), parameters=parameters, total=total,
        asked_at=timezone.now(),
    )


def do_now(job: Job) -> Job:
    """Do a job in this process, for work that takes a moment; returns it as it ended (or runs, if a worker was first)."""
    with _alone(job) as free:
        if free:
            _do(job)
    job.refresh_from_db()
    return job


def work_off(keep_on: Callable[[], bool]) -> None:
    """Do jobs, oldest first, waiting for more as long as `keep_on()`; a job under way is always finished.

    What breaks unforeseen is noted on its job and raised: whoever keeps workers running starts another.
    """
    while keep_on():
        close_old_connections()
        if not _do_next():
            time.sleep(IDLE_SECONDS)


def _do_next() -> bool:
    """Do the oldest job that nobody is at; whether there was one."""
    for job in Job.objects.filter(state__in=[Job.State.WAITING, Job.State.RUNNING]).order_by("id"):
        with _alone(job) as free:
            if free:
                job.refresh_from_db()
                if job.is_open:
                    _do(job)
                    return True
    return False


def _do(job: Job) -> None:
    """Run a job whose lock is held, and note how it ended. Raises what the work raised unforeseen, after noting it."""
    work = works().get(job.kind)
    try:
        outcome = _outcome(job, work)
    except (JobRefused, Forbidden) as refusal:
        _end(job, work, Job.State.FAILED, Outcome("", str(refusal)))
    except Exception:
        _end(job, work, Job.State.FAILED, Outcome("", BROKEN.format(pk=job.pk)))
        raise
    else:
        _end(job, work, Job.State.DONE, outcome)


def _outcome(job: Job, work: Work | None) -> Outcome:
    if work is None:
        raise JobRefused("现在的程序里没有这种任务了，没有改变任何数据")
    if job.attempts >= MOST_ATTEMPTS:
        raise JobRefused(KILLED.format(attempts=job.attempts, pk=job.pk))
    _note(job, state=Job.State.RUNNING, attempts=job.attempts + 1, started_at=timezone.now(), done=0, message="")
    with clock.use(job.on):
        actor = Actor.of(job.owner)
        if work.capability:
            actor.require(work.capability)
        return work.run(job, actor, _reporter(job))


def _reporter(job: Job) -> Callable[..., None]:
    last = 0.0

    def report(done: int, total: int | None, message: str = "", /) -> None:
        nonlocal last
        now = time.monotonic()
        if message != job.message or now - last >= PROGRESS_SECONDS:
            last = now
            _note(job, done=done, total=total if total is not None else job.total, message=message)

    return report


def _end(job: Job, work: Work | None, state: Job.State, outcome: Outcome) -> None:
    _note(job, state=state, subject=outcome.subject, message=outcome.message, finished_at=timezone.now())
    if work is not None:
        work.clean_up(job)


def _note(job: Job, **changes: Any) -> None:
    Job.objects.filter(pk=job.pk).update(**changes)
    for name, value in changes.items():
        setattr(job, name, value)


@contextmanager
def _alone(job: Job) -> Iterator[bool]:
    """Hold the job's lock if it is free; the file goes when the job has ended."""
    path = settings.HOME.work / f"job-{job.pk}.lock"
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
        if not job.is_open:
            path.unlink(missing_ok=True)
