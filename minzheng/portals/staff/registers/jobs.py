"""Exports in the making: each has a folder of its own with its state and, in the end, the file.

Whoever asked sees how far it is; a day later it is gone. The work runs in a process of its own, so that a million rows
keep nobody waiting for a page, and dies with nothing but an unfinished folder.
"""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.queries import user_named
from minzheng.kernel.foundation.register_rows import all_rows, find
from minzheng.kernel.foundation.register_use.actions import record_exported
from minzheng.kernel.foundation.registers import Register, registers
from minzheng.portals.staff.registers.asking import Asking, query_of, read, words
from minzheng.portals.staff.registers.cells import Cells
from minzheng.portals.staff.registers.workbook import SHEET_ROWS, Book, Mark

KEPT_SECONDS = 24 * 3600
SILENT_SECONDS = 120  # a running export writes its progress far more often
MOST_AT_ONCE = 2  # exports of one official in the making
AT_ONCE = 5_000  # rows that are written before the answer goes out: under a second


@dataclass(frozen=True)
class Job:
    """One export. status: waiting, running, done, failed."""

    number: str
    user: str
    register: str
    query: str
    columns: list[str]
    reason: str
    on: str
    asked_at: str
    status: str = "waiting"
    written: int = 0
    total: int = 0
    touched: float = 0.0
    error: str = ""
    said: list[list[str]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Where its state and file lie."""
        return Path(settings.HOME.exports) / self.number

    @property
    def file(self) -> Path:
        """The finished workbook."""
        return self.folder / "export.xlsx"

    @property
    def is_open(self) -> bool:
        """Whether something is still to come; a process that fell silent was ended from outside."""
        return self.status in ("waiting", "running") and time.time() - self.touched < SILENT_SECONDS

    @property
    def share(self) -> int:
        """Percent written."""
        return 100 if self.status == "done" else int(100 * self.written / self.total) if self.total else 0

    @property
    def title(self) -> str:
        """The register's title."""
        known = registers().get(self.register)
        return known.title if known else self.register

    def keep(self) -> Job:
        """Write the state; a reader sees the old one or the new one, never half of it."""
        kept = replace(self, touched=time.time())
        draft = self.folder / f"state.{secrets.token_hex(4)}"
        draft.write_text(json.dumps(asdict(kept), ensure_ascii=False), encoding="utf-8")
        draft.replace(self.folder / "state.json")
        return kept


def start(register: Register, address: QueryDict, asking: Asking, reason: str, actor: Actor, rows: int) -> Job:
    """Begin an export of everything that fits: at once when it is little, else in a process of its own."""
    _sweep()
    job = Job(
        number=secrets.token_hex(6), user=actor.name, register=register.slug, query=query_of(address),
        columns=[column.name for column in asking.columns], reason=reason, on=clock.business_date().isoformat(),
        asked_at=timezone.localtime().isoformat(timespec="seconds"), total=rows,
        said=[list(pair) for pair in words(register, asking.asked)],
    )  # fmt: skip
    job.folder.mkdir(mode=0o700, parents=True)
    job = job.keep()
    if rows <= AT_ONCE:
        return make(job)
    command = [sys.executable, "-m", "django", "make_export", job.number, "--settings", "minzheng.project.settings"]
    subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True, stdin=subprocess.DEVNULL)
    return job


def make(job: Job, sheet_rows: int = SHEET_ROWS) -> Job:
    """Write the workbook of a job; what left the system is on record before anybody can fetch it."""
    register, user = registers()[job.register], user_named(job.user)
    if user is None:
        raise ValueError(f"没有用户 {job.user}")
    actor, on = Actor.of(user), date.fromisoformat(job.on)
    actor.require(register.export)
    with clock.use(on):
        address = QueryDict(job.query, mutable=True)
        address.setlist("col", job.columns)
        asking = read(register, address, actor, on)
        found = find(register, asking.asked, actor, on)
        job = replace(job, status="running", total=found.rows.count() if found.more else found.total).keep()
        draft = job.folder / "draft.xlsx"
        cells = Cells(asking.columns, actor, whole_names=True)
        with Book(draft, asking.columns, _mark(job, actor), sheet_rows) as book:
            for part in all_rows(register, found, asking.asked.order or register.order, actor, on):
                book.write(cells.of(part))
                job = replace(job, written=job.written + len(part)).keep()
        with transaction.atomic():
            record_exported(
                register=register, query=job.query, columns=job.columns, rows=job.written, reason=job.reason, by=actor
            )
            draft.replace(job.file)
    return replace(job, status="done", total=job.written).keep()


def fail(job: Job, why: str) -> None:
    """Note that a job came to nothing."""
    replace(job, status="failed", error=why).keep()


def mine(actor: Actor) -> list[Job]:
    """The actor's own exports, newest first."""
    _sweep()
    found = [job for path in settings.HOME.exports.glob("*/state.json") if (job := load(path.parent.name)) and job.user == actor.name]
    return sorted(found, key=lambda job: job.asked_at, reverse=True)


def load(number: str) -> Job | None:
    """The job of that number, or None."""
    if not number.isascii() or not number.isalnum():
        return None
    try:
        return Job(**json.loads((Path(settings.HOME.exports) / number / "state.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def _mark(job: Job, actor: Actor) -> Mark:
    assert actor.user is not None
    said = "；".join(f"{title}：{value}" for title, value in job.said) or "全部"
    when = f"{datetime.fromisoformat(job.asked_at):%Y-%m-%d %H:%M:%S}（业务日期 {job.on}）"
    synthetic = "（演示数据，全部人员均为合成）" if settings.SYNTHETIC else ""
    return Mark(f"{job.title}台账{synthetic}", f"{actor.user.full_name}（{actor.name}）", when, f"条件 {said}", job.number)


def _sweep() -> None:
    for folder in settings.HOME.exports.glob("*"):
        if folder.is_dir() and time.time() - folder.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
