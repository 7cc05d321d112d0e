"""Runs: reckon a month, hand it in. What a run does is done by its approval (approving.py)."""

from __future__ import annotations

import fcntl
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from minzheng.kernel.benefits import history, standing
from minzheng.kernel.benefits.actions import bulk
from minzheng.kernel.benefits.actions.introducing import introduce
from minzheng.kernel.benefits.actions.snapshots import freeze_snapshot
from minzheng.kernel.benefits.causes import CAUSE, Side, with_causes
from minzheng.kernel.benefits.errors import BenefitsError, StaleRun
from minzheng.kernel.benefits.exclusions_now import matrix_now
from minzheng.kernel.benefits.models import MonthLock, Opening, Review, Run, RunChange, RunTotal
from minzheng.kernel.benefits.months import side_of, side_of_run, terms_of, titles, values_kept
from minzheng.kernel.benefits.reckoning import desired
from minzheng.kernel.benefits.reconcile import Reconciled, reconcile
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.notifications.actions import notify_roles
from minzheng.kernel.rules.language import Month

COLUMNS = [
    "programme", "unit_key", "person_key", "household_key", "division_code", "kind", "month", "was_fen", "is_fen", *CAUSE, "exclusion",
]  # fmt: skip
COUNTED = ("keep", "start", "stop", "change", "review", "hold")
PHASES = ("冻结快照", "按规则核算，与上月比较并查找原因", "保存变动", "登记领款人")


@dataclass(frozen=True)
class Reckoned:
    """A month's lines with causes and its totals by village, not stored yet."""

    lines: pl.DataFrame
    totals: pl.DataFrame
    standing_sha256: str

    def digest(self) -> str:
        """A fingerprint of the result: a second reckoning of the same gives the same."""
        content = self.lines.write_csv() + self.totals.write_csv()
        return hashlib.sha256(content.encode()).hexdigest()


def compute_run(
    *, month: Month, by: Actor, kind: str = Run.Kind.REGULAR, refresh: bool = False, phase: Callable[[int], None] = lambda _number: None
) -> Run:
    """Reckon a month: freeze, evaluate, apply the matrix, compare with what stands. Nothing changes for anybody by it.

    A draft is reckoned again over its own snapshot (`refresh`, or a 渐退期 granted since: over a new one), a run that was submitted or approved is given
    back as it is. kind 'correction': a month that was paid already, as known now. `phase` is told the number in PHASES that
    begins. Raises Forbidden, BenefitsError, SnapshotError (a month that is not closed), LookupError (a parameter without value).
    """
    by.require("benefits.run")
    with _alone():
        existing = _existing(month, kind)
        if existing is not None and existing.state != Run.State.DRAFT:
            return existing
        _check_order(month, kind)
        started = time.perf_counter()
        phase(0)
        terms = terms_of(month)
        keeps = existing is not None and not refresh and not _decided_since(existing)
        snapshot = existing.snapshot if existing and keeps else freeze_snapshot(month=month, by=by)
        previous = _previous(month, kind)
        before = side_of_run(previous) if previous else None
        phase(1)
        reckoned = _reckon(kind, side_of(snapshot, terms), before)
        run = existing or Run(month=str(month), kind=kind)
        run.snapshot, run.previous, run.values = snapshot, previous, values_kept(terms)
        run.parameters_sha256, run.unverified = terms.sha256(), terms.unverified()
        run.digest, run.standing_sha256 = reckoned.digest(), reckoned.standing_sha256
        run.totals, run.computed_at, run.computed_by = _sums(reckoned.totals), timezone.now(), by.name
        run.seconds = round(time.perf_counter() - started, 3)
        phase(2)
        _store(run, reckoned, by)
    phase(3)
    introduce(run, by)
    return run


def submit_run(*, run: Run, by: Actor, note: str = "", expected_version: int | None = None) -> Run:
    """Hand a draft in for approval by somebody else, who is told. Raises Forbidden, BenefitsError, StaleRun."""
    by.require("benefits.run")
    with transaction.atomic():
        row = locked(run, expected_version)
        if row.state == Run.State.SUBMITTED and row.submitted_by == by.name:
            return row
        if row.state != Run.State.DRAFT:
            raise BenefitsError(f"{row.month} 的批次{row.get_state_display()}，不能提交")
        row.state, row.submitted_at, row.submitted_by = Run.State.SUBMITTED, timezone.now(), by.name
        row.note, row.version = note.strip()[:512] or row.note, row.version + 1
        row.save()
        audit.record(by, "benefits.submit", f"run:{row.pk}", note.strip(), month=row.month, digest=row.digest)
        notify_roles(
            capability="benefits.approve", level=None, kind="benefit_submitted", title=f"{row.month} 的{row.get_kind_display()}等待审批",
            text=f"{by.name} 提交", subject=f"run:{row.pk}", on=clock.business_date(),
        )  # fmt: skip
    return row


def locked(run: Run, expected_version: int | None) -> Run:
    """The run as it stands now, locked in the caller's transaction. Raises StaleRun when it is not what the reader saw."""
    row = Run.objects.select_for_update().get(pk=run.pk)
    if expected_version is not None and row.version != expected_version:
        raise StaleRun(f"这个批次在您打开后已有变化，现状态：{row.get_state_display()}（{row.month}）。请核对后再办")
    return row


def standing_now(run: Run) -> str:
    """The fingerprint of what stands now, to be compared with what the run was reckoned from."""
    month, terms = Month.of(run.month), terms_of(Month.of(run.month))
    if run.kind == Run.Kind.CORRECTION:
        return _paid_sha256(month)
    before = side_of_run(run.previous) if run.previous else None
    return standing.fingerprint(standing.standing_before(month, side_of(run.snapshot, terms).people, terms, before))


def _existing(month: Month, kind: str) -> Run | None:
    rows = Run.objects.select_related("snapshot").filter(month=str(month), kind=kind).exclude(state=Run.State.REJECTED)
    if kind == Run.Kind.CORRECTION:
        rows = rows.exclude(state=Run.State.APPROVED)
    return rows.order_by("-id").first()


def _check_order(month: Month, kind: str) -> None:
    months = [str(each) for each in standing.locked_months()]
    if kind == Run.Kind.CORRECTION:
        if str(month) not in months:
            raise BenefitsError(f"{month} 没有审批过的发放批次，不用更正：请先做当月的发放")
    elif later := [each for each in months if each > str(month)]:
        raise BenefitsError(f"{later[-1]} 已经审批，{month} 不能再做月度发放；以前月份有误请做“更正”")
    elif first := Opening.objects.filter(month__gt=str(month)).order_by("month").first():
        raise BenefitsError(f"期初在享是按 {first.month} 首次核算接收的，不能核算更早的 {month}：要从 {month} 起，请重新接收期初")


def _decided_since(run: Run) -> bool:
    """Whether somebody was granted a 渐退期 for the run's month on the day of its snapshot or later: its people do not know it."""
    first = Month.of(run.month).first
    return Review.objects.filter(decision=Review.Decision.GRADUAL, effective_from=first, decided_on__gte=run.snapshot.frozen_on).exists()


def _previous(month: Month, kind: str) -> Run | None:
    """The run to compare with: the last approved month before, or, for a correction, that month's own run."""
    rows = MonthLock.objects.select_related("run__snapshot")
    if kind == Run.Kind.CORRECTION:
        lock = rows.filter(month=str(month)).first()
    else:
        lock = rows.filter(month__lt=str(month)).order_by("-month").first()
    return lock.run if lock else None


def _reckon(kind: str, side: Side, before: Side | None) -> Reckoned:
    month, terms = side.terms.month, side.terms
    due = desired(side.people, terms, standing.granted(month, terms.programmes))
    if kind == Run.Kind.CORRECTION:
        lines = history.corrections(month, due, standing.overrides_in(month), terms)
        totals, mark = _totals(None, lines), _paid_sha256(month)
    else:
        stands = standing.standing_before(month, side.people, terms, before)
        done = reconcile(due, stands, terms.programmes)
        late = history.after_death(month, side.people, terms, stands.floors)
        lines = pl.concat([done.lines.with_columns(pl.lit(str(month)).alias("month")), late])
        totals, mark = _totals(done, lines), standing.fingerprint(stands)
    caused = with_causes(lines, before, side, matrix_now(), titles()).select(COLUMNS)
    return Reckoned(caused.sort("programme", "unit_key", "kind", "month"), totals, mark)


def _paid_sha256(month: Month) -> str:
    frame = history.paid([month])
    return hashlib.sha256(frame.sort(frame.columns).write_csv().encode()).hexdigest()


def _totals(done: Reconciled | None, lines: pl.DataFrame) -> pl.DataFrame:
    """By programme and village: the columns of RunTotal."""
    place = ["programme", "division_code"]
    money = lines.group_by(place).agg(
        (pl.col("is_fen") - pl.col("was_fen")).filter(pl.col("kind") == "backpay").sum().alias("backpay_fen"),
        (pl.col("was_fen") - pl.col("is_fen")).filter(pl.col("kind") == "recovery").sum().alias("recovery_fen"),
    )
    counts = pl.DataFrame(schema=dict.fromkeys(place, pl.String()))
    if done is not None:
        counts = done.units.group_by(place).agg(
            pl.col("had").sum().cast(pl.Int64).alias("before_units"), pl.col("before_fen").sum(),
            pl.col("has").sum().cast(pl.Int64).alias("units"), pl.col("pays_fen").sum().alias("fen"),
            *((pl.col("kind") == name).sum().cast(pl.Int64).alias(name) for name in COUNTED),
        )  # fmt: skip
    both = counts.join(money, on=place, how="full", coalesce=True)
    names = ["before_units", "before_fen", "units", "fen", *COUNTED, "backpay_fen", "recovery_fen"]
    missing = [pl.lit(0, pl.Int64).alias(name) for name in names if name not in both.columns]
    return both.with_columns(missing).select(*place, *(pl.col(name).fill_null(0).cast(pl.Int64) for name in names)).sort(place)


def _sums(totals: pl.DataFrame) -> dict[str, Any]:
    """Programme → the same figures for everywhere."""
    summed = totals.drop("division_code").group_by("programme").sum().sort("programme")
    return {row.pop("programme"): row for row in summed.iter_rows(named=True)}


def _store(run: Run, reckoned: Reckoned, by: Actor) -> None:
    """The run with its lines, or nothing; lines of an earlier reckoning go."""
    with transaction.atomic():
        if run.pk:
            run.version += 1
            bulk.execute(f"DELETE FROM {RunChange._meta.db_table} WHERE run_id = %s", run.pk)
            bulk.execute(f"DELETE FROM {RunTotal._meta.db_table} WHERE run_id = %s", run.pk)
        run.save()
        bulk.insert(RunChange, reckoned.lines, run_id=run.pk)
        bulk.insert(RunTotal, reckoned.totals, run_id=run.pk)
        audit.record(by, "benefits.compute", f"run:{run.pk}", month=run.month, run_kind=run.kind, lines=reckoned.lines.height,
                     digest=run.digest, snapshot=run.snapshot.name)  # fmt: skip


@contextmanager
def _alone() -> Iterator[None]:
    """One reckoning at a time; the operating system gives the lock back when the process dies."""
    with (settings.HOME.work / "benefits-run.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BenefitsError("另一个发放核算正在进行，请等它结束后再试") from error
        yield
