"""Killed in the middle of reckoning or approving: nothing half done, and the next call completes with the undisturbed result."""

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
SETUP = """
import sys; from datetime import date
import django; django.setup()
from django.conf import settings
settings.SYNTHETIC = True
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, EVERYWHERE, roles
from minzheng.kernel.benefits import actions
from minzheng.kernel.benefits.models import Run
from minzheng.kernel.rules.language import Month
def official(name, role): return Actor(name, role, roles()[role].capabilities, EVERYWHERE)
CLERK, APPROVER = official("clerk", "benefits_clerk"), official("approver", "benefits_approver")
clock._today.set(date(2024, 6, 3))
"""
LOAD = """
from minzheng.portals.cli.bootstrap import bring_up_to_date
bring_up_to_date()
from minzheng.kernel.feeds.actions import import_file
from pathlib import Path
import json
folder, by = Path(sys.argv[1]), Actor.system("测试")
for item in json.loads((folder / "manifest.json").read_text())["files"]:
    if item["as_of"] <= "2024-05-31":
        import_file(contract=item["contract"], path=folder / item["file"], as_of=date.fromisoformat(item["as_of"]), by=by)
actions.take_roster(as_of=date(2024, 6, 3), by=by)
"""
COMPUTE = """
print("started", flush=True)
run = actions.compute_run(month=Month.of("2024-05"), by=CLERK)
actions.submit_run(run=run, by=CLERK)
"""
APPROVE = """
print("started", flush=True)
actions.approve_run(run=Run.objects.get(), by=APPROVER)
"""
TABLES = {
    "runs": "select month, state, digest, parameters_sha256, totals from benefits_run",
    "lines": "select programme, unit_key, kind, month, was_fen, is_fen, cause from benefits_runchange order by programme, unit_key, kind",
    "entitlements": "select programme, unit_key, person_key, amount_fen, valid_from, valid_to from benefits_entitlement order by programme, unit_key",
    "batches": "select programme, lines, amount_fen, content_sha256 from ledger_paymentbatch order by programme",
    "payments": "select programme, person_key, amount_fen, state from ledger_paymentline order by programme, person_key",
    "locks": "select month from benefits_monthlock",
}


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**kept, "MINZHENG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "minzheng.project.settings"}


def do(home: Path, what: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-c", SETUP + what, *arguments], env=environment(home), check=True, capture_output=True)


def killed(home: Path, what: str, delay: float) -> bool:
    """Start and kill `delay` seconds after the verb began; whether it still ran."""
    process = subprocess.Popen([sys.executable, "-c", SETUP + what], env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout and process.stdout.readline() == b"started\n"
    time.sleep(delay)
    was_running = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return was_running


def state(home: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(home / "minzheng.sqlite3")) as connection:
        return {name: connection.execute(query).fetchall() for name, query in TABLES.items()}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("kill-benefits")
    home, files = root / "home", root / "files"
    make = [sys.executable, "-m", "minzheng.portals.cli", "city", "make", "--residents", "2000", "--seed", "5", "--out", str(files)]
    subprocess.run(make, env=environment(home), check=True, capture_output=True)
    do(home, LOAD, str(files))
    return home


@pytest.fixture(scope="module")
def undisturbed(city: Path) -> dict[str, list[Any]]:
    home = city.parent / "undisturbed"
    shutil.copytree(city, home)
    do(home, COMPUTE)
    do(home, APPROVE)
    found = state(home)
    assert len(found["entitlements"]) > 20 and len(found["payments"]) > 20
    return found


@pytest.mark.parametrize("trial", range(2))
def test_killed_and_completed(city: Path, undisturbed: dict[str, list[Any]], trial: int) -> None:
    home, moments = city.parent / f"trial-{trial}", random.Random(trial)
    shutil.copytree(city, home)
    hits = [killed(home, COMPUTE, moments.uniform(0, 1.2)) for _ in range(2)]
    assert state(home)["entitlements"] == [] == state(home)["batches"], "reckoning gives nothing to anybody"
    do(home, COMPUTE)
    hits += [killed(home, APPROVE, moments.uniform(0, 0.6)) for _ in range(2)]
    half = state(home)
    if half["locks"]:
        assert half == undisturbed, "all of it"
    else:
        assert half["entitlements"] == [] == half["batches"] and half["runs"][0][1] == "submitted", "or nothing"
    do(home, APPROVE)
    assert any(hits)
    assert state(home) == undisturbed
    assert not [path for path in (home / "snapshots").iterdir() if not path.name.startswith(".") and not (path / "manifest.json").exists()]
    assert json.loads(half["runs"][0][4])
    shutil.rmtree(home)
