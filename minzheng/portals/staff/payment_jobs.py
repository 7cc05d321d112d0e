"""Work on payments that takes long when a batch is large: sending, taking answers in, closing a month. What is small is done
before the answer goes out, the rest by a worker; each file or batch is all or nothing, and what was killed may begin again without booking twice."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.jobs.actions import ask, do_now
from minzheng.kernel.foundation.jobs.work import JobRefused, Outcome, Report, Work
from minzheng.kernel.foundation.models import Job
from minzheng.kernel.ledger import actions
from minzheng.kernel.ledger.errors import LedgerError, Refused
from minzheng.kernel.ledger.models import PaymentBatch

KIND = "payment_work"
AT_ONCE = 10_000  # payments that are seen to in a second or so
TITLES = {"send": "发出支付批次", "take": "回盘入账", "collect": "收取渠道应答", "close": "月结"}
PREFIX = "return-"
Asked = dict[str, Any]


def start(verb: str, by: Actor, lines: int, **parameters: Any) -> Job:
    """Begin a piece of work about so many payments; returns its job, ended when it was little.

    Raises Forbidden, and JobRefused for too many at once.
    """
    by.require("payments.manage")
    job = ask(kind=KIND, title=TITLES[verb], parameters={"verb": verb, **parameters}, by=by, total=lines)
    return do_now(job) if lines <= AT_ONCE else job


def start_return(channel: str, content: bytes, file_name: str, by: Actor, lines: int, batch_id: int) -> Job:
    """Begin taking in a return file, which waits in the deployment's folder until its job ends. Raises as `start`."""
    name = f"{PREFIX}{uuid.uuid4().hex}"
    path = _staged(name)
    path.touch(mode=0o600)
    path.write_bytes(content)
    try:
        return start("take", by, lines, channel=channel, file=name, file_name=file_name[:96], batch=batch_id)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def carry_out(job: Job, actor: Actor, report: Report) -> Outcome:
    """Do what was asked. Raises Forbidden, and JobRefused: the first line says what, each further line one place of a file."""
    report(0, job.total, "正在办理")
    try:
        return _VERBS[job.parameters["verb"]](job.parameters, actor, report)
    except Refused as refusal:
        what = str(refusal).split("：", 1)[0]
        raise JobRefused("\n".join([f"{what}，共 {refusal.total:,} 处不对", *map(str, refusal.faults)])) from refusal
    except LedgerError as refusal:
        raise JobRefused(str(refusal)) from refusal
    except PaymentBatch.DoesNotExist as missing:
        raise JobRefused("没有这个支付批次，或它不全在您的辖区内") from missing


def _send(asked: Asked, actor: Actor, report: Report) -> Outcome:
    report(0, None, "正在写渠道文件、逐笔记账")
    files = actions.send_batch(batch_id=asked["batch"], by=actor)
    said = f"已发出 {sum(file.lines for file in files):,} 笔，渠道文件 {len(files)} 份" if files else "没有等待发出的款项，什么都没有改变"
    return Outcome(f"payment_batch:{asked['batch']}", said)


def _take(asked: Asked, actor: Actor, report: Report) -> Outcome:
    report(0, None, "正在逐行核对、记账")
    path = _staged(asked["file"])
    if not path.exists():
        raise JobRefused("服务器上已没有这份回盘文件，什么都没有入账：请重新上传")
    row, before = actions.take_return(channel_name=asked["channel"], content=path.read_bytes(), file_name=asked["file_name"], by=actor)
    said = f"{row.lines:,} 笔结果：成功 {row.paid:,}，退回 {row.returned:,}"
    return Outcome(f"payment_batch:{row.file.batch_id}", f"这份回盘文件以前已经入过账，没有重复入账（{said}）" if before else f"回盘已入账，{said}")


def _collect(asked: Asked, actor: Actor, report: Report) -> Outcome:
    def progress(done: int, total: int | None) -> None:
        report(done, total, "正在逐份收取")

    found = actions.collect_returns(as_of=clock.business_date(), by=actor, progress=progress)
    said = f"渠道应答 {found['returns']} 份：付讫 {found['paid']:,} 笔，退回 {found['returned']:,} 笔"
    batch = asked.get("batch")
    subject = f"payment_batch:{batch}" if batch else "payments"
    return Outcome(subject, said if found["returns"] else "渠道没有新的应答：迟到的和退汇要等以后的业务日期")


def _close(asked: Asked, actor: Actor, report: Report) -> Outcome:
    report(0, None, "正在核对账目")
    row = actions.close_month(month=date.fromisoformat(asked["month"]), by=actor)
    return Outcome(f"payment_month:{row.month:%Y-%m}", f"{row.month:%Y 年 %m 月}已结账")


def _staged(name: str) -> Path:
    folder: Path = settings.HOME.work
    return folder / Path(name).name


def _tidy(job: Job) -> None:
    if name := job.parameters.get("file", ""):
        _staged(name).unlink(missing_ok=True)


_VERBS: dict[str, Callable[[Asked, Actor, Report], Outcome]] = {"send": _send, "take": _take, "collect": _collect, "close": _close}
WORK = Work(KIND, "payments.manage", carry_out, _tidy)
