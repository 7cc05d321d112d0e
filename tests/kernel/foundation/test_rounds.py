"""Rounds: order, records, resumption after a failure or a kill, one at a time."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from datetime import date

import pytest
from django.contrib.sessions.backends.db import SessionStore

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.models import RoundRun
from minzheng.kernel.foundation.queries import round_run, round_runs
from minzheng.kernel.foundation.room import sweep_sessions
from minzheng.kernel.foundation.rounds import (
    Counts,
    Progress,
    RoundBusy,
    Step,
    in_order,
    reason_of,
    run_round,
)

NIGHT = date(2024, 5, 31)


def step(name: str, *after: str, log: list[str] | None = None, fails: list[bool] | None = None) -> Step:
    def run(as_of: date, progress: Progress) -> Counts:
        assert clock.business_date() == as_of
        if log is not None:
            log.append(name)
        if fails and fails.pop(0):
            raise OSError("磁盘满")
        progress(1, 1)
        return Counts(3, 2, {"new": 1})

    return Step(name, f"步骤{name}", run, after)


def names(*steps: Step) -> list[str]:
    return [each.name for each in in_order(steps)]


def test_order() -> None:
    assert names(step("c", "b"), step("a"), step("b", "a"), step("d")) == ["a", "b", "c", "d"]
    assert names(step("a"), step("z"), step("b", "a")) == ["a", "z", "b"], "free steps keep their order"
    assert names() == []
    for steps, message in (
        ((step("a"), step("a")), "重名"), ((step("a", "x"),), "不存在的步骤"), ((step("a", "b"), step("b", "a")), "互相等待"),
        ((step("a", "a"),), "互相等待"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            in_order(steps)


@pytest.mark.django_db
def test_a_round_is_recorded(home: Home) -> None:
    seen: list[tuple[str, int, int]] = []
    run = run_round(
        "night", NIGHT, (step("b", "a"), step("a")), lambda each: lambda done, total: seen.append((each.name, done, total))
    )
    assert run.status == RoundRun.Status.DONE
    assert run.finished_at is not None
    assert [(s.position, s.name, s.rows_in, s.rows_out, s.details) for s in run.steps.all()] == [
        (0, "a", 3, 2, {"new": 1}), (1, "b", 3, 2, {"new": 1}),
    ]  # fmt: skip
    assert seen == [("a", 1, 1), ("b", 1, 1)]
    assert clock.business_date() == date(2024, 6, 3), "the round's date ends with the round"
    operator = Actor.system("测试")
    assert round_run(run.pk, operator) == run
    assert [(each.step_count, each.pk) for each in round_runs(operator)] == [(2, run.pk)]  # type: ignore[attr-defined]
    with pytest.raises(Forbidden):
        round_runs(Actor("a", "auditor", frozenset(), ()))


@pytest.mark.django_db
def test_a_failed_round_goes_on_where_it_stopped(home: Home) -> None:
    log: list[str] = []
    fails = [True, False]
    steps = (step("a", log=log), step("b", log=log, fails=fails), step("c", log=log))
    with pytest.raises(OSError, match="磁盘满"):
        run_round("night", NIGHT, steps)
    assert [run.status for run in RoundRun.objects.all()] == ["failed"]
    other = run_round("night", date(2024, 5, 30), (step("a"),))
    run = run_round("night", NIGHT, steps)
    assert log == ["a", "b", "b", "c"]
    assert run.pk != other.pk
    assert (run.status, [s.name for s in run.steps.all()]) == ("done", ["a", "b", "c"])
    again = run_round("night", NIGHT, steps)
    assert again.pk != run.pk, "a night that is done can be run again, as a new record"
    assert log[4:] == ["a", "b", "c"]


@pytest.mark.django_db
def test_a_killed_round_is_shown_as_running_while_it_is_completed(home: Home) -> None:
    RoundRun.objects.create(round_name="night", as_of=NIGHT, started_at="2024-05-31T18:00Z", status="failed")
    states: list[str] = []

    def look(_as_of: date, _progress: Progress) -> Counts:
        states.append(RoundRun.objects.get().status)
        return Counts(0, 0)

    run_round("night", NIGHT, (Step("look", "看", look),))
    assert states == ["running"]


@pytest.mark.django_db
def test_wrong_steps_leave_no_record(home: Home) -> None:
    with pytest.raises(ValueError, match="不存在"):
        run_round("night", NIGHT, (step("a", "x"),))
    assert not RoundRun.objects.exists()


@pytest.mark.django_db
def test_two_processes_cannot_run_one_round(home: Home) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(f"""
            import fcntl, sys
            handle = open({str(home.work / "night.lock")!r}, "w")
            fcntl.flock(handle, fcntl.LOCK_EX)
            print("held", flush=True)
            sys.stdin.read()
        """)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    try:
        with pytest.raises(RoundBusy, match="另一个进程"):
            run_round("night", NIGHT, (step("a"),))
        run_round("month", NIGHT, (step("a"),))
    finally:
        holder.kill()
        holder.communicate()
    assert run_round("night", NIGHT, (step("a"),)).status == "done", "a killed process gives the lock back"


def test_a_page_is_told_why_without_what_libraries_say() -> None:
    assert reason_of(OSError(28, "No space left on device", "/srv/somewhere")) == "系统错误：No space left on device"
    assert reason_of(RoundBusy("另一个进程在跑")) == "另一个进程在跑"
    assert reason_of(ValueError("Key (name)=(王秀兰)")) == "程序错误 ValueError，详情见服务器日志"
    assert reason_of(KeyboardInterrupt()) == "被人中断"


@pytest.mark.django_db
def test_the_night_sweeps_sessions_that_are_over() -> None:
    kept, over = SessionStore(), SessionStore()
    kept.set_expiry(3600)
    over.set_expiry(-1)
    for row in (kept, over):
        row["who"] = "x"
        row.save()
    assert (done := sweep_sessions(NIGHT, lambda _done, _total: None)).rows_out == 1 and done.rows_in == 2
    assert SessionStore(kept.session_key)["who"] == "x" and not SessionStore(over.session_key).get("who")
