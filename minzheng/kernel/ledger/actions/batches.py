"""Preparing a batch of payments from a list."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
from django.db import IntegrityError, transaction

from minzheng.kernel.divisions.codes import prefix_of
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.ledger.actions.lists import LineData, check, frame_of, refuse_paid, with_payees
from minzheng.kernel.ledger.bulk import Type, execute, table_of
from minzheng.kernel.ledger.errors import KeyClash, LedgerError
from minzheng.kernel.ledger.models import PaymentBatch
from minzheng.kernel.ledger.splitting import shares_of

__all__ = ["LineData", "create_batch"]
Percents = Mapping[str, int | Decimal]
CHUNK = 50_000  # lines a statement
_COLUMNS: dict[str, Type] = {
    "person_key": "bigint", "division_code": "text", "district": "text", "purpose": "text", "amount_fen": "bigint",
    "channel": "text", "state": "text", "reason": "text", "payee_name": "text", "account": "text",
}  # fmt: skip


def create_batch(
    *, key: str, programme: str, purse: str, month: date, lines: Iterable[LineData] | pl.DataFrame, shares: Percents, by: Actor,
    title: str = "", shares_by_district: Mapping[str, Percents] | None = None, prepared_by: str = "",
) -> PaymentBatch:  # fmt: skip
    """A batch of one programme and month (its first day), to be approved by somebody else; whoever has no name or no account
    is parked. Hundreds of thousands of lines at once; a frame has the columns of LineData. `shares` says in percent who
    bears the money ({'province': 60, 'district': 40}), `shares_by_district` where a board differs. `prepared_by` is who
    made the list when the actor hands on what somebody else prepared: that person cannot approve it.

    The same key with the same list gives the batch that is there. Raises Forbidden, KeyClash, LedgerError, and Refused
    with the lines that cannot be paid: amounts, places, channels, twice on the list, paid already in another batch.
    """
    if not by.may("benefits.approve"):
        by.require("payments.manage")
    on = clock.business_date()
    bearing = _shares(shares, shares_by_district or {})
    if month.day != 1 or month > on + timedelta(days=31):
        raise LedgerError(f"所属月份应写成当月第一天，且至多早一个月编制，收到的是 {month}")
    frame = check(frame_of(lines), on, by)
    content = _content(frame, programme, purse, month, bearing)
    if before := PaymentBatch.objects.filter(key=key).first():
        return _same(before, content)
    refuse_paid(frame, programme, month)
    stored = with_payees(frame)
    batch = PaymentBatch(
        key=key, title=title or f"{programme} {month:%Y-%m}", programme=programme, purse=purse, month=month,
        division_code=_common(frame["division_code"].unique().to_list()), shares=bearing, lines=frame.height,
        amount_fen=int(frame["amount_fen"].sum()), content_sha256=content, created_on=on, created_by=prepared_by or by.name,
    )  # fmt: skip
    try:
        with transaction.atomic():
            batch.save()
            _insert(batch, stored, on)
            parked = stored.filter(pl.col("state") == "parked").height
            audit.record(by, "payment.create", f"payment_batch:{batch.pk}", key=key, lines=batch.lines,
                         amount_fen=batch.amount_fen, parked=parked, prepared_by=batch.created_by)  # fmt: skip
    except IntegrityError as clash:
        if before := PaymentBatch.objects.filter(key=key).first():  # somebody did the same in this very moment
            return _same(before, content)
        raise LedgerError("名单中有人刚刚被编入另一批次（同一待遇、月份、事项）：请重新编制") from clash
    return batch


def _insert(batch: PaymentBatch, frame: pl.DataFrame, on: date) -> None:
    fixed = [batch.pk, batch.programme, batch.month, on]
    # Neighbours lie together, so that one district is read from few pages.
    for chunk in frame.sort("division_code", "person_key", "purpose").iter_slices(CHUNK):
        rows, parameters = table_of(_COLUMNS, {name: chunk[name].to_list() for name in _COLUMNS})
        execute(
            f"INSERT INTO ledger_paymentline (batch_id, programme, month, changed_on, attempt, {', '.join(_COLUMNS)})"
            f" SELECT %s, %s, %s, %s, 0, {', '.join(_COLUMNS)} FROM {rows}",
            [*fixed, *parameters],
        )


def _shares(shares: Percents, by_district: Mapping[str, Percents]) -> dict[str, dict[str, int]]:
    try:
        return {"": shares_of(shares), **{district: shares_of(percents) for district, percents in by_district.items()}}
    except ValueError as error:
        raise LedgerError(str(error)) from error


def _content(frame: pl.DataFrame, programme: str, purse: str, month: date, shares: object) -> str:
    """What makes two lists the same: who gets how much from whom; names and accounts are not part of it."""
    rows = frame.select("person_key", "purpose", "division_code", "amount_fen", "channel").sort("person_key", "purpose")
    head = json.dumps([programme, purse, month.isoformat(), shares], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(head.encode() + rows.write_csv().encode()).hexdigest()


def _same(batch: PaymentBatch, content: str) -> PaymentBatch:
    if batch.content_sha256 != content:
        raise KeyClash(f"幂等键 {batch.key} 已用于批次 {batch.pk}，名单或资金与这次不同：请先撤销那个批次，再用新的键")
    return batch


def _common(codes: list[str]) -> str:
    """The smallest unit that holds all places."""
    shared = os.path.commonprefix([*codes, max(codes)])
    digits = max((digits for digits in (2, 4, 6, 9, 12) if digits <= len(shared)), default=0)
    return prefix_of(shared[:digits].ljust(12, "0")).ljust(12, "0")
