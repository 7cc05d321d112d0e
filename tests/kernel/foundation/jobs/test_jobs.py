"""Long work: done once, with the rights of whoever asked, never stuck."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import date
from typing import Any

import pytest

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.foundation.accounts.actions import set_active
from minzheng.kernel.foundation.actions import create_user
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.jobs import actions, queries
from minzheng.kernel.foundation.jobs.work import JobRefused, Outcome, Report, Work, works
from minzheng.kernel.foundation.models import Job, User

pytestmark = pytest.mark.django_db
seen: list[tuple[int, date]] = []
cleaned: list[int] = []


def count(job: Job, actor: Actor, report: Report) -> Outcome:
    seen.append((job.pk, clock.business_date()))
    report(1, 4, "数一数")
    assert Job.objects.get(pk=job.pk).done == 1
    match job.parameters.get("end"):
        case "refuse":
            raise JobRefused("这份文件不行")
        case "break":
            raise RuntimeError("secret 320421")
        case "kill":
            raise KeyboardInterrupt
    return Outcome("batch:x", f"由 {actor.name} 完成")


@pytest.fixture(autouse=True)
def kinds(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    seen.clear()
    cleaned.clear()
    work = Work("count", "feeds.import", count, lambda job: cleaned.append(job.pk))
    monkeypatch.setattr(actions, "works", lambda: {"count": work})
    yield


def official(name: str = "shuju", role: str = "data_steward") -> User:
    return create_user(username=name, full_name=name, role=role, jurisdictions=[], by=Actor.system("t"), password_hash="x")


def asked(user: User, **parameters: Any) -> Job:
    return actions.ask(kind="count", title="数数", parameters=parameters, by=Actor.of(user))


def run_all() -> None:
    while actions._do_next():
        pass


def test_a_job_runs_once_on_the_day_it_was_asked_for_and_says_what_came_of_it() -> None:
    user = official()
    with clock.use(date(2024, 5, 1)):
        job = asked(user)
    assert (job.state, job.is_open, job.share) == ("waiting", True, None)
    run_all()
    run_all()
    job.refresh_from_db()
    assert (job.state, job.subject, job.message, job.share) == ("done", "batch:x", "由 shuju 完成", 100)
    assert job.finished_at and seen == [(job.pk, date(2024, 5, 1))] and cleaned == [job.pk]


def test_oldest_first_and_everybody_sees_only_their_own() -> None:
    user, other = official(), official("anders")
    first, second = asked(user), asked(other)
    assert queries.waiting_before(second) == 1
    run_all()
    assert [pk for pk, _ in seen] == [first.pk, second.pk]
    assert list(queries.jobs(Actor.of(user))) == [first]
    assert queries.job(second.pk, Actor.of(user)) is None
    assert not queries.jobs(Actor.system("t")).exists()


@pytest.mark.parametrize(("end", "said"), [("refuse", "这份文件不行"), ("break", "程序出错")])
def test_what_fails_says_so_and_shows_nothing_of_the_inside(end: str, said: str) -> None:
    job = asked(official(), end=end)
    with pytest.raises(RuntimeError) if end == "break" else nullcontext():
        run_all()
    job.refresh_from_db()
    assert job.state == "failed" and said in job.message and "320421" not in job.message
    assert cleaned == [job.pk] and not job.is_open


def test_a_killed_run_begins_again_and_in_the_end_fails_in_words() -> None:
    job = asked(official(), end="kill")
    for attempt in range(actions.MOST_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            run_all()
        job.refresh_from_db()
        assert (job.state, job.attempts) == ("running", attempt + 1) and cleaned == []
    run_all()
    job.refresh_from_db()
    assert job.state == "failed" and "中途断掉" in job.message and cleaned == [job.pk]


def test_a_job_that_somebody_is_at_is_left_alone(home: Home) -> None:
    job = asked(official())
    Job.objects.update(state="running")
    with (home.work / f"job-{job.pk}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        run_all()
        assert seen == []
    run_all()
    assert len(seen) == 1
    assert not list(home.work.glob("job-*.lock"))


def test_done_at_once_in_the_asking_process() -> None:
    job = actions.do_now(asked(official()))
    assert job.state == "done" and len(seen) == 1
    run_all()
    assert len(seen) == 1


def test_rights_are_asked_when_it_is_asked_for_and_when_it_runs() -> None:
    with pytest.raises(Forbidden):
        asked(official("stadt", "grid_worker"))
    with pytest.raises(Forbidden):
        actions.ask(kind="count", title="x", parameters={}, by=Actor.system("t"))
    user = official()
    job = asked(user)
    set_active(user=user, active=False, by=Actor.system("t"), reason="离职", expected_version=1)
    run_all()
    job.refresh_from_db()
    assert job.state == "failed" and seen == []


def test_nobody_fills_the_queue() -> None:
    user = official()
    for _ in range(actions.MOST_OPEN):
        asked(user)
    with pytest.raises(JobRefused, match="已有 10 个任务"):
        asked(user)
    asked(official("anders"))


@pytest.mark.django_db(transaction=True)  # a worker drops connections that stand inside a transaction
def test_a_worker_stops_when_told() -> None:
    asked(official())
    answers = iter([True, False])
    keep_on: Callable[[], bool] = lambda: next(answers)  # noqa: E731
    actions.work_off(keep_on)
    assert len(seen) == 1


def test_the_declared_kinds_are_sound() -> None:
    assert all(kind == work.kind for kind, work in works().items())


