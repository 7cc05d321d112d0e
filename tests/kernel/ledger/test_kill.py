"""A kill at any moment leaves books that balance and agree with the payments, and the next call completes what was begun."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.kill

PRELUDE = """
import json, os, signal, sys
from datetime import date
import django; django.setup()
from django.core.management import call_command
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import EVERYWHERE, Actor
from minzheng.kernel.ledger import actions, checks
from minzheng.kernel.ledger.actions import approval, batches, returns, sending
from minzheng.kernel.ledger.models import PaymentBatch, PaymentLine, Transfer

def die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)
clerk = Actor("clerk", "x", frozenset({"payments.manage"}), EVERYWHERE)
checker = Actor("checker", "x", frozenset({"benefits.approve"}), EVERYWHERE)
people = [actions.LineData(n, "320402001001", 1000 + n, "bank", payee_name=f"张{n}", account=f"6228{n:012d}") for n in range(1, 801)]
"""
FAULTS = "print(json.dumps(checks.faults_of_the_books()), end='', flush=True)\n"
# Everything that is to be done, written as one would call it again after a kill.
ROAD = """
with clock.use(date(2024, 6, 3)):
    batch = actions.create_batch(key="k", programme="p", purse="甲", month=date(2024, 6, 1), lines=people,
                                 shares={"city": 50, "district": 50}, by=clerk)
    actions.approve_batch(batch_id=batch.pk, by=checker)
    if PaymentBatch.objects.get().state == "approved":  # later calls would send again what came back
        actions.send_batch(batch_id=batch.pk, by=clerk)
    actions.collect_returns(as_of=date(2024, 6, 3), by=clerk)
    actions.settle_returns(by=clerk)
"""
LOOK = """
print(json.dumps({
    "faults": checks.faults_of_the_books(),
    "transfers": list(Transfer.objects.order_by("key").values_list("key", "amount_fen", "debit__code", "credit__code")),
    "lines": list(PaymentLine.objects.order_by("pk").values_list("person_key", "state", "reason", "attempt")),
    "unapproved": PaymentBatch.objects.filter(state="draft").count(),
}))
"""
MOMENTS = {
    "before the list is stored": "batches._insert = die",
    "the list stored, not committed": "batches.audit.record = die",
    "before the funds are reserved": "approval.fund = die",
    "reserved, not committed": "approval.audit.record = die",
    "the file written, its row not": "keep = sending.storage.keep\nsending.storage.keep = lambda content: (keep(content), die())",
    "sent, not committed": "sending.audit.record = die",
    "before the answers are booked": "returns._book = die",
    "between transfers and states": "returns.execute = die",
    "answered, not committed": "returns.audit.record = die",
}


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**kept, "MINZHENG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "minzheng.project.settings"}


def run(home: Path, code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", PRELUDE + code], env=environment(home), capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment of synthetic people with divisions and nothing else."""
    home = tmp_path_factory.mktemp("kill") / "fresh"
    home.mkdir()
    (home / "SYNTHETIC").write_text("x", encoding="utf-8")
    load = "call_command('migrate', verbosity=0)\nfrom minzheng.kernel.divisions.actions import load_divisions\nload_divisions(by=Actor.system('t'))\n"
    assert run(home, load).returncode == 0
    return home


@pytest.fixture(scope="module")
def undisturbed(fresh: Path) -> dict[str, Any]:
    home = copy_of(fresh, "undisturbed")
    done = run(home, ROAD + LOOK)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert {state for _key, state, _reason, _attempt in found["lines"]} == {"paid", "sent", "parked", "retried"}
    return found


def copy_of(home: Path, name: str) -> Path:
    target = home.parent / name
    subprocess.run(["cp", "-r", str(home), str(target)], check=True)
    return target


def test_killed_at_each_station(fresh: Path, undisturbed: dict[str, Any]) -> None:
    home = copy_of(fresh, "stations")
    before = "the beginning"
    for moment, trap in MOMENTS.items():
        killed = run(home, FAULTS + trap + ROAD)
        assert killed.stdout == "[]", f"after the kill at: {before}"
        assert killed.returncode == -signal.SIGKILL, f"{moment}: {killed.stderr}"
        before = moment
    done = run(home, FAULTS + ROAD + "print()" + LOOK)
    faults, after = done.stdout.splitlines()
    assert faults == "[]" and json.loads(after) == undisturbed, done.stderr


def test_killed_at_any_moment(fresh: Path, undisturbed: dict[str, Any]) -> None:
    """Killed again and again, mostly later each time, until it comes to the end by itself."""
    home, moments = copy_of(fresh, "again"), random.Random(4)
    kills = 0
    for attempt in range(12):
        process = subprocess.Popen([sys.executable, "-c", PRELUDE + 'print("begin", flush=True)\n' + ROAD], env=environment(home),
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(moments.uniform(0, 0.1 * 2**attempt))
        ended = process.poll() is not None
        process.kill()
        process.wait()
        if ended:
            break
        kills += 1
    assert kills > 0
    assert json.loads(run(home, ROAD + LOOK).stdout) == undisturbed
