"""A night that is killed at any moment is completed by the next run with the result of an undisturbed one."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.kill
NIGHT = "2024-06-05"
LOAD = """
import json, sys
from datetime import date
from pathlib import Path
import django; django.setup()
from minzheng.portals.cli.bootstrap import bring_up_to_date
bring_up_to_date()
from minzheng.kernel.divisions.queries import villages
from minzheng.kernel.feeds.actions import import_file
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.actions import create_user
folder, by = Path(sys.argv[1]), Actor.system("测试")
for item in json.loads((folder / "manifest.json").read_text())["files"]:
    if item["as_of"] <= "2024-05-31":
        import_file(contract=item["contract"], path=folder / item["file"], as_of=date.fromisoformat(item["as_of"]), by=by)
for number, village in enumerate(villages(date(2024, 6, 1))):
    if number % 3:
        create_user(username=f"g{village.code}", full_name="网格员", role="grid_worker", password_hash="!", by=by,
                    jurisdictions=[(village.code, str(int(village.code) + 1), village.name)])
"""
TABLES = {
    "alerts": "select a.id, a.scenario, p.person_key, a.division_code, a.severity, a.severity_rank, a.status, a.raised_on,"
    " a.event_date, a.due_on, a.rung, u.username, a.evidence, a.summary, a.version from monitoring_alert a"
    " join registry_person p on p.id = a.person_id left join foundation_user u on u.id = a.assigned_to_id order by a.id",
    "steps": 'select alert_id, verb, "on", "by", note, details from monitoring_alertstep order by id',
    "people": "select person_key, sex, birth_date, death_date, division_code from registry_person order by person_key",
    "memberships": "select person_id, household_id, relation, valid_from, valid_to from registry_membership order by person_id",
    "facts": "select person_id, kind, value, valid_from, valid_to, amount_fen from registry_fact"
    " order by person_id, kind, value, valid_from",
}


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**kept, "MINZHENG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "minzheng.project.settings"}


def night(home: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "minzheng.portals.cli", "night", "--as-of", NIGHT, "--json"]
    done = subprocess.run(command, env=environment(home), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def killed_night(home: Path, steps: int, delay: float) -> bool:
    """Start the night and kill it `delay` seconds after its round has recorded `steps` steps; whether it still ran."""
    command = [sys.executable, "-m", "minzheng.portals.cli", "night", "--as-of", NIGHT]
    process = subprocess.Popen(command, env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and recorded(home) < steps:
        time.sleep(0.003)
    time.sleep(delay)
    was_running = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return was_running


def recorded(home: Path) -> int:
    """Steps recorded so far; -1 before the round has begun."""
    with closing(sqlite3.connect(f"file:{home / 'minzheng.sqlite3'}?mode=ro", uri=True)) as connection:
        begun = connection.execute("select count(*) from foundation_roundrun").fetchone()[0]
        return connection.execute("select count(*) from foundation_roundstep").fetchone()[0] if begun else -1


def state(home: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(home / "minzheng.sqlite3")) as connection:
        return {name: connection.execute(query).fetchall() for name, query in TABLES.items()}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment with a small city taken in, before its first night."""
    root = tmp_path_factory.mktemp("kill")
    home, files = root / "home", root / "files"
    make = [sys.executable, "-m", "minzheng.portals.cli", "city", "make", "--residents", "3000", "--seed", "11", "--out", str(files)]
    subprocess.run(make, env=environment(home), check=True, capture_output=True)
    subprocess.run([sys.executable, "-c", LOAD, str(files)], env=environment(home), check=True, capture_output=True)
    return home


@pytest.fixture(scope="module")
def undisturbed(city: Path) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    home = city.parent / "undisturbed"
    shutil.copytree(city, home)
    report = night(home)
    return state(home), report


def counts(report: dict[str, Any]) -> dict[str, Any]:
    steps = {step["step"]: (step["rows_in"], step["rows_out"]) for step in report["steps"] if step["step"] != "refresh_known"}
    return {"steps": steps, "new_alerts": report["new_alerts"], "assigned": report["assigned"], "waiting": report["waiting"]}


@pytest.mark.parametrize("trial", range(6))
def test_killed_and_completed(city: Path, undisturbed: tuple[Any, Any], trial: int) -> None:
    expected, report = undisturbed
    assert report["new_alerts"] > 10, "the city must give the round something to do"
    home = city.parent / f"trial-{trial}"
    shutil.copytree(city, home)
    moments = random.Random(trial)
    # The first kill falls into the round whatever the machine's pace; the later ones may come after its end.
    kills = [killed_night(home, steps, moments.uniform(0, 0.05)) for steps in (trial % 3, *sorted(moments.sample(range(5), 2)))]
    finished = night(home)
    assert kills[0], "the first kill must meet a running round"
    assert state(home) == expected
    assert counts(finished) == counts(report)
    shutil.rmtree(home)


def test_a_finished_night_is_not_changed_by_another(city: Path, undisturbed: tuple[Any, Any]) -> None:
    expected, report = undisturbed
    home = city.parent / "undisturbed"
    again = night(home)
    assert state(home) == expected
    assert again["new_alerts"] == report["new_alerts"]
