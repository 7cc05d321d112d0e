"""Approval of a run by a second person: entitlements begin and end, reviews open, recoveries are proposed, payments go to the
ledger; in one transaction, so that a kill leaves a run that is still to be approved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from minzheng.kernel.benefits.actions import bulk
from minzheng.kernel.benefits.actions.introducing import introduce
from minzheng.kernel.benefits.actions.running import locked, standing_now
from minzheng.kernel.benefits.errors import BenefitsError, StaleRun, Unverified
from minzheng.kernel.benefits.history import payments
from minzheng.kernel.benefits.models import (
    Award,
    Entitlement,
    MonthLock,
    Recovery,
    Review,
    Run,
    RunChange,
)
from minzheng.kernel.benefits.months import terms_of
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.ledger.actions import create_batch
from minzheng.kernel.ledger.errors import LedgerError
from minzheng.kernel.rules.language import Month

# The second is one transaction, so that nobody sees (and no kill leaves) a part of it.
PHASES = ("登记领款人", "核对批次，写入待遇、复核和追回建议，交付发放清单")
SHARED = "programme, unit_key, person_key, household_key, division_code"


def refuse_approval(*, run: Run, by: Actor, expected_version: int | None = None) -> None:
    """Say at once, without changing anything, why a run cannot be approved as it stands. Raises as `approve_run`."""
    by.require("benefits.approve")
    with transaction.atomic():
        _check(locked(run, expected_version), by, quick=True)


def approve_run(
    *, run: Run, by: Actor, note: str = "", expected_version: int | None = None, phase: Callable[[int], None] = lambda _number: None
) -> Run:
    """Let a submitted run take effect; a run that is approved is given back unchanged. `phase` is told the number in PHASES that
    begins.

    Raises Forbidden, StaleRun (something it rests on has changed), Unverified (parameters that the bureau has not
    confirmed, unless the deployment is synthetic), BenefitsError (not submitted, the same person, the ledger refuses).
    """
    by.require("benefits.approve")
    phase(0)
    introduce(run, by)
    phase(1)
    with transaction.atomic():
        row = locked(run, None)
        if row.state == Run.State.APPROVED:
            return row
        row = locked(run, expected_version)
        _check(row, by)
        month, paid_for = Month.of(row.month), programmes()
        if row.kind == Run.Kind.REGULAR:
            _end_and_begin(row, month, paid_for)
            _end_faded_awards(row, month, by)
            _open_reviews(row)
        _propose_recoveries(row)
        batches = _hand_over(row, month, paid_for, by)
        row.state, row.decided_at, row.decided_by = Run.State.APPROVED, timezone.now(), by.name
        row.decided_on, row.version = clock.business_date(), row.version + 1
        row.note = note.strip()[:512] or row.note
        row.save()
        if row.kind == Run.Kind.REGULAR:
            MonthLock.objects.create(month=row.month, run=row, at=timezone.now(), by=by.name)
        audit.record(by, "benefits.approve", f"run:{row.pk}", note.strip(), month=row.month, digest=row.digest,
                     batches=batches, unverified=len(row.unverified), submitted_by=row.submitted_by)  # fmt: skip
    return row


def reject_run(*, run: Run, by: Actor, note: str, expected_version: int | None = None) -> Run:
    """Send a submitted run back; the month is reckoned anew. Raises Forbidden, BenefitsError, StaleRun."""
    by.require("benefits.approve")
    if len(note.strip()) < 2:
        raise BenefitsError("退回须写明理由")
    with transaction.atomic():
        row = locked(run, expected_version)
        if row.state != Run.State.SUBMITTED:
            raise BenefitsError(f"{row.month} 的批次{row.get_state_display()}，不能退回")
        row.state, row.decided_at, row.decided_by = Run.State.REJECTED, timezone.now(), by.name
        row.decided_on, row.note, row.version = clock.business_date(), note.strip()[:512], row.version + 1
        row.save()
        audit.record(by, "benefits.reject", f"run:{row.pk}", note.strip(), month=row.month)
    return row


def _check(row: Run, by: Actor, quick: bool = False) -> None:
    """`quick`: without reckoning anew what stands now."""
    if row.state != Run.State.SUBMITTED:
        raise BenefitsError(f"{row.month} 的批次{row.get_state_display()}，提交以后才能审批")
    if by.name in (row.submitted_by, row.computed_by):
        raise BenefitsError("核算、提交和审批须由不同的人办理：请由另一位有审批权限的人员审批")
    if row.snapshot.preview:
        raise BenefitsError("这个批次是按试算快照核算的，不能发放")
    if row.unverified and not settings.SYNTHETIC:
        names = "、".join(dict.fromkeys(each["title"] for each in row.unverified[:5]))
        raise Unverified(f"有 {len(row.unverified)} 项参数或规则未经核定（{names} 等），不能据此发放：请先在“参数”中写明依据并由第二人确认，再重新核算")
    if row.parameters_sha256 != terms_of(Month.of(row.month)).sha256():
        raise StaleRun("核算以后参数有变化：请退回并重新核算")
    if not quick and row.standing_sha256 != standing_now(row):
        raise StaleRun("核算以后有新的暂停、复核决定、认定或发放：请退回并重新核算")


def _end_and_begin(run: Run, month: Month, paid_for: Mapping[str, Programme]) -> None:
    """What stops or changes ends, what starts or changes begins, with the month."""
    changes, entitled = RunChange._meta.db_table, Entitlement._meta.db_table
    bulk.execute(
        f"UPDATE {entitled} SET valid_to = %s WHERE valid_to IS NULL AND valid_from < %s AND EXISTS (SELECT 1 FROM {changes} c"
        f" WHERE c.run_id = %s AND c.kind IN ('stop', 'change') AND c.programme = {entitled}.programme AND c.unit_key = {entitled}.unit_key)",
        month.first, month.first, run.pk,
    )  # fmt: skip
    once = [name for name, programme in paid_for.items() if programme.pays == "once"]
    marks = ", ".join(["%s"] * len(once)) or "NULL"
    end = "CAST(%s AS date)" if connection.vendor == "postgresql" else "%s"
    bulk.execute(
        f"INSERT INTO {entitled} ({SHARED}, amount_fen, valid_from, valid_to, basis, run_id)"
        f" SELECT {SHARED}, is_fen, {end}, CASE WHEN programme IN ({marks}) THEN {end} ELSE NULL END, cause, run_id FROM {changes}"
        f" WHERE run_id = %s AND kind IN ('start', 'change') ORDER BY id",
        month.first, *once, month.after.first, run.pk,
    )  # fmt: skip


def _end_faded_awards(run: Run, month: Month, by: Actor) -> None:
    """The awards of whom the run stops because a 渐退期 is over end with it."""
    stopped = RunChange.objects.filter(run=run, kind=RunChange.Kind.STOP, cause_kind="gradual").values_list("programme", "unit_key")
    for programme, unit in stopped:
        granted = Review.objects.filter(programme=programme, unit_key=unit, decision=Review.Decision.GRADUAL, until__lte=month.first)
        for award in Award.objects.select_for_update().filter(terms__fades_by_review__in=list(granted.values_list("pk", flat=True)), until__isnull=True):
            award.until, award.ended_because = max(month.first, award.since), "渐退期满"
            award.save()
            audit.record(by, "award.end", f"award:{award.pk}", award.ended_because, until=award.until)


def _open_reviews(run: Run) -> None:
    """A review for every adverse change that is not before somebody yet; those whose cause has gone are closed."""
    changes, reviews = RunChange._meta.db_table, Review._meta.db_table
    asked = (
        f"SELECT 1 FROM {changes} c WHERE c.run_id = %s AND c.kind = 'review' AND c.programme = {reviews}.programme"
        f" AND c.unit_key = {reviews}.unit_key"
    )
    standing = f"{reviews}.state IN ('open', 'heard')"
    bulk.execute(f"UPDATE {reviews} SET state = 'moot' WHERE {standing} AND NOT EXISTS ({asked})", run.pk)
    newer = f"(SELECT {{}} FROM {changes} c WHERE c.run_id = %s AND c.kind = 'review' AND c.programme = {reviews}.programme AND c.unit_key = {reviews}.unit_key)"
    bulk.execute(
        f"UPDATE {reviews} SET is_fen = {newer.format('c.is_fen')}, was_fen = {newer.format('c.was_fen')}, cause = {newer.format('c.cause')},"
        f" version = version + 1 WHERE {standing} AND EXISTS ({asked})",
        run.pk, run.pk, run.pk, run.pk,
    )  # fmt: skip
    day = "CAST(%s AS date)" if connection.vendor == "postgresql" else "%s"
    bulk.execute(
        f"INSERT INTO {reviews} ({SHARED}, run_id, month, was_fen, is_fen, ends, cause, opened_on, state, heard_by, statement, decision,"
        f" decided_by, reasons, version) SELECT c.programme, c.unit_key, c.person_key, c.household_key, c.division_code, c.run_id, c.month,"
        f" c.was_fen, c.is_fen, c.is_fen = 0, c.cause, {day}, 'open', '', '', '', '', '', 1 FROM {changes} c WHERE c.run_id = %s"
        f" AND c.kind = 'review' AND NOT EXISTS (SELECT 1 FROM {reviews} r WHERE r.programme = c.programme AND r.unit_key = c.unit_key"
        f" AND r.state IN ('open', 'heard')) ORDER BY c.id",
        clock.business_date(), run.pk,
    )  # fmt: skip


def _propose_recoveries(run: Run) -> None:
    changes, recoveries = RunChange._meta.db_table, Recovery._meta.db_table
    bulk.execute(
        f"INSERT INTO {recoveries} ({SHARED}, run_id, month, amount_fen, cause, state, decided_by, reasons)"
        f" SELECT {SHARED}, run_id, month, was_fen - is_fen, cause, 'proposed', '', '' FROM {changes}"
        f" WHERE run_id = %s AND kind = 'recovery' AND was_fen > is_fen ORDER BY id",
        run.pk,
    )


def _hand_over(run: Run, month: Month, paid_for: Mapping[str, Programme], by: Actor) -> dict[str, int]:
    """One batch a programme to the ledger; programme → its number there."""
    lines, found = payments(run, month).drop("household_key"), {}
    terms = terms_of(month)
    for name in lines["programme"].unique().sort():
        programme = paid_for[name]
        mine = lines.filter(pl.col("programme") == name).drop("programme")
        try:
            batch = create_batch(
                key=f"benefits:{run.pk}:{name}", programme=name, purse=programme.purse, month=month.first, lines=mine,
                shares=programme.split(terms.values[name]), by=by, prepared_by=run.submitted_by,
                title=f"{programme.title} {run.month} {run.get_kind_display()}",
            )  # fmt: skip
        except (LedgerError, ValueError) as error:
            raise BenefitsError(f"“{programme.title}”交付支付时被拒绝：{error}") from error
        found[name] = batch.pk
    return found

