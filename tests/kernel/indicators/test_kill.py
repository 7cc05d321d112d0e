"""Killed in the middle of the measure: what was there before stays whole, and the next run of that night completes."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = pytest.mark.kill
SETUP = """
import sys; from datetime import date
import django; django.setup()
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.indicators import actions
by = Actor.system("测试")
clock._today.set(date(2024, 6, 3))
"""
LOAD = """
from minzheng.portals.cli.bootstrap import bring_up_to_date
bring_up_to_date()
actions.load_shipped(name="changzhou-2024", by=by)
actions.measure_indicators(as_of=date(2024, 6, 3), by=by)
"""
# Stops at the point that is to be killed at: while counting, or inside the transaction, when half of the values are written.
MEASURE = """
import time
at = sys.argv[1]
def stop():
    print("there", flush=True)
    time.sleep(60)
if at == "counting":
    progress = lambda done, total: stop() if done == total // 2 else None
else:
    progress = lambda done, total: None
    from minzheng.kernel.indicators.models import IndicatorValue
    from django.db.models.query import QuerySet
    real = QuerySet.bulk_create
    def half(self, rows, **more):
        rows = list(rows)
        if self.model is IndicatorValue:
            real(self, rows[: len(rows) // 2], **more)
            stop()
        return real(self, rows, **more)
    QuerySet.bulk_create = half
actions.measure_indicators(as_of=date(2024, 6, 3), by=by, progress=progress)
"""
AGAIN = """
actions.measure_indicators(as_of=date(2024, 6, 3), by=by)
"""


def run(home: Path, script: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | {
        "MINZHENG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "minzheng.project.settings",
    }  # fmt: skip
    return subprocess.Popen([sys.executable, "-c", SETUP + script, *arguments], env=environment, stdout=subprocess.PIPE, text=True)


def values(home: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(home / "minzheng.sqlite3")) as connection:
        marks = connection.execute("select as_of, values_count from indicators_measurement").fetchall()
        rows = connection.execute("select indicator, reading, place, numerator, denominator from indicators_indicatorvalue order by 1, 2, 3").fetchall()
    return [*marks, *rows]


def test_a_kill_leaves_what_was_there_and_the_next_run_completes(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert run(home, LOAD).wait() == 0
    before = values(home)
    assert len(before) > 300
    for at in ("counting", "writing"):
        process = run(home, MEASURE, at)
        assert process.stdout is not None and process.stdout.readline() == "there\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
        deadline = time.monotonic() + 10
        while values(home) != before and time.monotonic() < deadline:
            time.sleep(0.1)
        assert values(home) == before, at
    assert run(home, AGAIN).wait() == 0
    assert values(home) == before
    shutil.rmtree(home)
