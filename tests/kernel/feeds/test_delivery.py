"""Uploads as jobs: small ones at once, large ones by a worker, nothing lost by a kill, nothing left lying about."""

from __future__ import annotations

import fcntl
import io
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings

from minzheng.kernel.feeds import delivery, uploads
from minzheng.kernel.feeds.expected import rows_ahead
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.feeds.quarantine import export_quarantine
from minzheng.kernel.feeds.queries import open_rows
from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.foundation.actions import create_user
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.identifiers import make_id
from minzheng.kernel.foundation.jobs import actions as jobs
from minzheng.kernel.foundation.models import Job

DAY = date(2024, 5, 31)


@pytest.fixture
def steward(home: Home, divisions: None) -> Actor:
    user = create_user(
        username="shuju", full_name="孙数据", role="data_steward", jurisdictions=[("320400000000", "320500000000", "常州市")],
        by=Actor.system("t"), password_hash="x",
    )  # fmt: skip
    return Actor.of(user)


@pytest.fixture
def by_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is small: everything waits for a worker."""
    monkeypatch.setattr(delivery, "AT_ONCE", -1)


def unemployed(rows: int, bad: int = 0, first: int = 100) -> bytes:
    people = [f"张三,{make_id('320402', date(1980, 1, 1), first + n)},2024-05-01,在领" for n in range(rows)]
    return "\n".join(["姓名,身份证号,失业登记日期,状态", *people, *[f"坏行{n},123,2024-05-01,在领" for n in range(bad)]]).encode()


def send(by: Actor, content: bytes, name: str = "失业.csv", corrects: Batch | None = None) -> Job:
    return delivery.deliver(contract="unemployment", as_of=DAY, chunks=[content], file_name=name, by=by, corrects=corrects)


def work() -> None:
    while jobs._do_next():
        pass


def left() -> list[Path]:
    return list(settings.HOME.uploads.iterdir())


def test_a_small_file_is_taken_in_before_the_answer(steward: Actor) -> None:
    job = send(steward, unemployed(4, bad=2))
    batch = Batch.objects.get()
    assert (job.state, job.subject, job.done, job.total) == ("done", f"batch:{batch.batch_id}", 6, 6)
    assert job.message == "已入库：读入 6 行，采纳 4 行，隔离 2 行"
    assert (batch.file_name, batch.imported_by) == ("失业.csv", "shuju") and left() == []


def test_a_large_one_waits_for_a_worker_and_survives_leaving(steward: Actor, by_worker: None) -> None:
    job = send(steward, unemployed(4))
    assert (job.state, job.total) == ("waiting", 4) and len(left()) == 1 and not Batch.objects.exists()
    work()
    job.refresh_from_db()
    assert job.state == "done" and Batch.objects.count() == 1 and left() == []


def test_a_small_one_does_not_wait_in_line_behind_another_import(steward: Actor) -> None:
    with (settings.HOME.work / "intake.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        job = send(steward, unemployed(3))
    assert job.state == "waiting"
    work()
    job.refresh_from_db()
    assert job.state == "done"


def test_a_refused_file_says_why_and_goes(steward: Actor, by_worker: None) -> None:
    job = send(steward, b"\x89PNG\r\n\x1a\n" + b"0" * 64, "图.xlsx")
    work()
    job.refresh_from_db()
    assert job.state == "failed" and "图.xlsx 是图片" in job.message and left() == [] and not Batch.objects.exists()


def test_the_same_file_leads_to_its_batch(steward: Actor) -> None:
    first, again = send(steward, unemployed(3)), send(steward, unemployed(3), "另一个名字.csv")
    assert again.subject == first.subject and again.message == delivery.ALREADY and Batch.objects.count() == 1


def test_nobody_without_the_right_stages_anything(home: Home, db: None) -> None:
    user = create_user(username="wangge", full_name="赵", role="grid_worker", jurisdictions=[], by=Actor.system("t"), password_hash="x")
    with pytest.raises(Forbidden):
        send(Actor.of(user), unemployed(1))
    assert left() == []


def test_a_job_cut_off_after_the_commit_does_not_call_its_own_batch_an_earlier_one(
    steward: Actor, by_worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = send(steward, unemployed(3))

    def die(*_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(delivery, "_said", die)
        with pytest.raises(KeyboardInterrupt):
            work()
    job.refresh_from_db()
    assert job.is_open and Batch.objects.count() == 1 and len(left()) == 1, "the file stays for the next try"
    work()
    job.refresh_from_db()
    assert job.state == "done" and job.message.startswith("已入库") and Batch.objects.count() == 1 and left() == []


def test_what_a_killed_server_left_is_swept_and_what_waits_is_not(steward: Actor, by_worker: None) -> None:
    waiting = send(steward, unemployed(3))
    orphan = uploads.stage([b"x"], "孤儿.csv").parent
    half = settings.HOME.uploads / "tmpabc.upload.csv"
    half.write_bytes(b"x")
    old = time.time() - uploads.LEFT_OVER_SECONDS - 60
    for path in (settings.HOME.uploads / waiting.parameters["folder"], orphan, half):
        os.utime(path, (old, old))
    send(steward, unemployed(2, first=500))
    assert not orphan.exists() and not half.exists()
    work()
    waiting.refresh_from_db()
    assert waiting.state == "done"


def test_a_file_that_is_gone_is_said_to_be(steward: Actor, by_worker: None) -> None:
    job = send(steward, unemployed(3))
    uploads.discard(uploads.staged(job.parameters["folder"]) or Path())
    work()
    job.refresh_from_db()
    assert (job.state, job.message) == ("failed", delivery.LOST)


@pytest.mark.parametrize("folder", ["../keys", "/etc", "keys", ""])
def test_a_folder_is_only_ever_one_of_the_uploads(folder: str, home: Home) -> None:
    assert uploads.staged(folder) is None


def test_mended_rows_come_back_through_the_same_door(steward: Actor, tmp_path: Path) -> None:
    send(steward, unemployed(3, bad=2))
    root = Batch.objects.get()
    path = tmp_path / "退回.xlsx"
    export_quarantine(batch_id=root.batch_id, out=path, by=steward)
    untouched = send(steward, path.read_bytes(), "退回.xlsx", corrects=root)
    assert untouched.state == "failed" and "没有改动过的行" in untouched.message
    book = openpyxl.load_workbook(path)
    for number, row in enumerate(book.active.iter_rows(min_row=3)):
        row[1].value = make_id("320402", date(1981, 2, 3), 700 + number)
    mended = io.BytesIO()
    book.save(mended)
    job = send(steward, mended.getvalue(), "更正.xlsx", corrects=root)
    supplement = Batch.objects.latest("id")
    assert job.subject == f"batch:{supplement.batch_id}" and supplement.corrects == root and open_rows(root) == 0


def test_rows_ahead_are_guessed_from_the_form_of_a_file(tmp_path: Path) -> None:
    text = tmp_path / "a.csv"
    text.write_bytes(unemployed(7))
    assert rows_ahead(text) == 7
    book = openpyxl.Workbook()
    for number in range(9):
        book.active.append([number])
    book.save(tmp_path / "a.xlsx")
    assert rows_ahead(tmp_path / "a.xlsx") in (9, None)
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04" + b"0" * 40)
    assert rows_ahead(tmp_path / "b.xlsx") is None and rows_ahead(tmp_path / "missing") is None


PRELUDE = """
import os, signal
from datetime import date
import django; django.setup()
from minzheng.kernel.divisions.actions import load_divisions
from minzheng.kernel.feeds import delivery, staging
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.foundation.jobs import actions as jobs
from minzheng.kernel.foundation.models import Job

def work():
    while jobs._do_next():
        pass
"""
KILLED = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.actions import create_user
load_divisions(by=Actor.system("t"))
user = create_user(username="shuju", full_name="t", role="data_steward", jurisdictions=[], by=Actor.system("t"), password_hash="x")
delivery.AT_ONCE = -1
delivery.deliver(contract="unemployment", as_of=date(2024, 5, 31), chunks=[CONTENT], file_name="失业.csv", by=Actor.of(user))
staging.BatchWriter.commit_files = lambda self: os.kill(os.getpid(), signal.SIGKILL)
work()
"""
AFTER = """
job = Job.objects.get()
print(job.state, job.attempts, Batch.objects.count())
work()
job.refresh_from_db()
print(job.state, job.attempts, Batch.objects.get().accepted)
"""


@pytest.mark.kill
def test_a_killed_worker_leaves_nothing_half_done_and_another_takes_up(tmp_path: Path) -> None:
    env = {**os.environ, "MINZHENG_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "minzheng.project.settings"}
    env.pop("DATABASE_URL", None)

    def run(code: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", PRELUDE + code], env=env, capture_output=True, text=True, check=False, timeout=120)

    killed = run(f"CONTENT = {unemployed(5)!r}\n{KILLED}")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(list((tmp_path / "uploads").iterdir())) == 1, "the file waits for the next worker"
    done = run(AFTER)
    assert done.stdout.splitlines() == ["running 1 0", "done 2 5"], done.stderr
    assert list((tmp_path / "uploads").iterdir()) == []
