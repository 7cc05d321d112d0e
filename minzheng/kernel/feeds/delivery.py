"""Taking a delivery in as a job: staged, checked and stored in the background, small ones at once.

The file waits under MINZHENG_HOME/uploads until its job ends, so whoever sent it may leave the page; a job whose worker was
killed begins again from the same file, and an import is all or nothing.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings

from minzheng.kernel.feeds import lake, uploads
from minzheng.kernel.feeds.actions import Imported, import_correction, import_file
from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.expected import rows_ahead
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.feeds.quarantine import batch as batch_named
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.jobs.actions import ask, do_now
from minzheng.kernel.foundation.jobs.queries import open_parameters
from minzheng.kernel.foundation.jobs.work import JobRefused, Outcome, Report, Work
from minzheng.kernel.foundation.models import Job

KIND = "feed_import"
AT_ONCE = 1 << 20  # bytes that are checked and stored before the answer goes out: a second or so
WAITING, CHECKING, STORING = "等前一份文件入库", "逐行检查", "与已入库的数据比对并写入"
LOST = "服务器上已没有这份文件，没有改变任何数据：请重新上传"
ALREADY = "这份文件以前已经入过库，就是下面这一批；没有重复入库"


def deliver(
    *, contract: str, as_of: date, chunks: Iterable[bytes], file_name: str, by: Actor, corrects: Batch | None = None
) -> Job:
    """Stage a file and have it taken in; what is small, and has not to wait, is done when this returns.

    `corrects`: the file is the mended workbook of that batch's bad rows (then contract and date are the batch's). What
    came of it stands in the job: subject 'batch:…', or state FAILED with the reason. Raises Forbidden, UnknownName, and
    JobRefused for too many at once; then nothing is kept.
    """
    by.require("feeds.import")
    title = lake.contract(contract).title
    uploads.sweep({str(parameters.get("folder")) for parameters in open_parameters(KIND)})
    path = uploads.stage(chunks, file_name)
    size = path.stat().st_size
    parameters: dict[str, Any] = {
        "contract": contract, "as_of": as_of.isoformat(), "folder": path.parent.name, "file_name": file_name[:255], "bytes": size,
    }  # fmt: skip
    if corrects:
        parameters["corrects"] = corrects.batch_id
    try:
        job = ask(kind=KIND, title=f"{title} · {file_name}", parameters=parameters, by=by, total=rows_ahead(path))
    except BaseException:
        uploads.discard(path)
        raise
    return do_now(job) if size <= AT_ONCE and not _intake_is_busy() else job


def take_in(job: Job, actor: Actor, report: Report) -> Outcome:
    """Check and store the staged file of a job. Raises JobRefused with the reason when it cannot be taken in."""
    asked: dict[str, Any] = job.parameters
    path = uploads.staged(asked["folder"])
    if path is None:
        raise JobRefused(LOST)
    rows = job.total
    report(0, rows, WAITING if _intake_is_busy() else CHECKING)

    def progress(done: int, whole: int | None) -> None:
        if whole is None:
            report(done, max(rows, done) if rows else None, CHECKING)
        else:
            report(done, whole, STORING)

    name = asked["file_name"]
    try:
        if "corrects" in asked:
            imported = import_correction(batch=batch_named(asked["corrects"]), path=path, by=actor, file_name=name, progress=progress)
        else:
            day = date.fromisoformat(asked["as_of"])
            imported = import_file(contract=asked["contract"], path=path, as_of=day, by=actor, file_name=name, progress=progress)
    except IntakeError as refusal:
        raise JobRefused(str(refusal)) from refusal
    return Outcome(f"batch:{imported.batch.batch_id}", _said(job, actor, imported))


def _said(job: Job, actor: Actor, imported: Imported) -> str:
    """What came of it. A batch that this very job committed, before its worker was killed, is not an earlier one."""
    found = imported.batch
    own = job.attempts > 1 and found.imported_at >= job.asked_at and found.imported_by == actor.name
    if imported.already and not own:
        return ALREADY
    said = f"已入库：读入 {found.read:,} 行，采纳 {found.accepted:,} 行"
    said += f"，隔离 {found.quarantined:,} 行" if found.quarantined else ""
    return said + (f"，重复 {found.duplicates:,} 行" if found.duplicates else "")


def _intake_is_busy() -> bool:
    """Whether a delivery is being taken in now, so that another would have to wait; asked of the lock that imports hold."""
    with (settings.HOME.work / "intake.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _tidy(job: Job) -> None:
    path = uploads.staged(job.parameters.get("folder", ""))
    if path:
        uploads.discard(path)


WORK = Work(KIND, "feeds.import", take_in, _tidy)
