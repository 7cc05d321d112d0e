"""Booking transfers: in bulk, once for each key, never in a closed month. Writers do not wait for each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from minzheng.kernel.divisions.queries import county_codes
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.ledger import chart
from minzheng.kernel.ledger.bulk import Type, execute, fetch, table_of
from minzheng.kernel.ledger.chart import Spot
from minzheng.kernel.ledger.districts import districts
from minzheng.kernel.ledger.errors import KeyClash, LedgerError, MonthIsClosed
from minzheng.kernel.ledger.models import Account, Transfer
from minzheng.kernel.ledger.splitting import LEVELS

BOOKS_LOCK = 7_401_004  # PostgreSQL advisory lock: shared by whoever books, exclusive for who closes a month
_COLUMNS: dict[str, Type] = {
    "key": "text", "kind": "text", "debit": "text", "credit": "text", "amount": "bigint", "batch": "bigint", "line": "bigint",
    "memo": "text",
}  # fmt: skip
_SIDES = "JOIN ledger_account d ON d.code = r.debit JOIN ledger_account c ON c.code = r.credit"
_BY_HAND = {Account.Kind.APPROPRIATION, Account.Kind.FUND}
_INTO = 'INSERT INTO ledger_transfer (key, kind, debit_id, credit_id, amount_fen, batch_id, line_id, memo, "on")'


@dataclass(frozen=True)
class Entry:
    """One transfer to be booked: `amount_fen` leaves `credit` and reaches `debit`."""

    key: str
    kind: str
    debit: Spot
    credit: Spot
    amount_fen: int
    batch_id: int | None = None
    line_id: int | None = None
    memo: str = ""


def post_transfers(*, entries: Iterable[Entry], by: Actor, reason: str) -> int:
    """Book transfers between appropriations and funds (shifts, corrections) on the business date; returns how many are new,
    repeated ones are left as they are. What is owed, on its way, paid or claimed moves by the verbs of payments alone.

    Raises Forbidden, KeyClash when a key stands for something else, MonthIsClosed, LedgerError for an amount that is not
    positive or two equal sides. All or none.
    """
    by.require("payments.manage")
    wanted = list(entries)
    for entry in wanted:
        if not {entry.debit.kind, entry.credit.kind} <= _BY_HAND:
            raise LedgerError(f"转账 {entry.key}：应付、在途、已付和应追回只随支付变动，不能手工记账")
    with transaction.atomic():
        new = post(wanted, clock.business_date())
        if new:
            audit.record(by, "ledger.post", f"transfers:{new}", reason)
    return new


def receive_funds(*, level: str, purse: str, district: str, amount_fen: int, key: str, by: Actor, memo: str = "") -> int:
    """Money of a level of government has arrived for a purse in a district; 1 when it is new, 0 for a repetition.

    Raises as `post_transfers`, and LedgerError for a level or district that is unknown or lies outside the jurisdiction.
    """
    by.require("payments.manage")
    if level not in LEVELS:
        raise LedgerError(f"没有“{level}”这一级财政；可用：{'、'.join(LEVELS)}")
    if not purse.strip():
        raise LedgerError("拨入资金须写明资金科目")
    code = codes_of(clock.business_date()).get(district)
    if code is None:
        raise LedgerError(f"没有“{district}”这个板块或区县，开不了账户")
    if not by.covers(code):
        raise LedgerError("这个板块不在您的辖区内")
    entry = Entry(
        f"funding:{key}", Transfer.Kind.FUNDING, chart.fund(level, purse, district), chart.appropriation(level, purse, district),
        amount_fen, memo=memo[:128],
    )  # fmt: skip
    with transaction.atomic():
        new = post([entry], clock.business_date())
        if new:
            audit.record(by, "ledger.fund", f"account:{entry.debit.code}", memo, amount_fen=amount_fen, key=key)
    return new


def post(entries: Sequence[Entry], on: date) -> int:
    """Book entries in the caller's transaction; returns how many are new. The caller records why."""
    if not entries:
        return 0
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.amount_fen <= 0 or entry.debit == entry.credit:
            raise LedgerError(f"转账 {entry.key} 的金额应大于 0、借贷应是两个账户：{entry.amount_fen} 分，{entry.debit.code}")
        if found.setdefault(entry.key, entry) != entry:
            raise KeyClash(f"幂等键 {entry.key} 在同一批里用于两笔不同的转账")
    open_month(on)
    ordered = list(found.values())
    data: dict[str, list[Any]] = {
        "key": [e.key for e in ordered], "kind": [str(e.kind) for e in ordered], "debit": [e.debit.code for e in ordered],
        "credit": [e.credit.code for e in ordered], "amount": [e.amount_fen for e in ordered],
        "batch": [e.batch_id for e in ordered], "line": [e.line_id for e in ordered], "memo": [e.memo for e in ordered],
    }  # fmt: skip
    rows, parameters = table_of(_COLUMNS, data)
    # PostgreSQL: all writers in one order, so that they never block in a ring. SQLite has one writer at a time, so looking
    # first is enough; its triggers refuse an insert that meets a row.
    tail = (
        "ORDER BY r.key ON CONFLICT (key) DO NOTHING" if connection.vendor == "postgresql"
        else "WHERE NOT EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.key = r.key)"
    )  # fmt: skip
    insert = f"{_INTO} SELECT r.key, r.kind, d.id, c.id, r.amount, r.batch, r.line, r.memo, %s FROM {rows} {_SIDES} {tail}"
    if (new := execute(insert, [on, *parameters])) < len(ordered):  # an account is new, or keys are booked already
        ensure_accounts({spot for entry in ordered for spot in (entry.debit, entry.credit)}, on)
        new += execute(insert, [on, *parameters])
    if new < len(ordered):
        _check_repeated(rows, parameters)
    return new


def post_lines(*, kind: str, step: str, debit: str, credit: str, ids: Sequence[int], on: date) -> None:
    """Book one transfer for each of many payments, from the account of one kind to that of another, in one statement.

    `step` and the payment's attempt make the key: 'line:17:sent:1'. In the caller's transaction; raises MonthIsClosed.
    """
    if not ids:
        return
    open_month(on)
    rows, wanted = table_of({"id": "bigint"}, {"id": ids})
    groups = fetch(
        f"SELECT DISTINCT l.programme, l.district, l.channel FROM ledger_paymentline l JOIN {rows} ON r.id = l.id", wanted
    )
    ensure_accounts({_spot(side, *group) for group in groups for side in (debit, credit)}, on)
    booked = execute(
        f"{_INTO} SELECT 'line:' || l.id || ':{step}:' || l.attempt, %s, d.id, c.id, l.amount_fen, l.batch_id, l.id, '', %s"
        f" FROM ledger_paymentline l JOIN {rows} ON r.id = l.id {_join('d', debit)} {_join('c', credit)}",
        [str(kind), on, *wanted, str(debit), str(credit)],
    )
    if booked != len(ids):
        raise LedgerError(f"应记 {len(ids)} 笔，只能记 {booked} 笔：账户不全")


def open_month(on: date) -> None:
    """Hold the books open for the rest of the transaction; raises MonthIsClosed when the month of a day is closed."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [BOOKS_LOCK])
    if fetch("SELECT 1 FROM ledger_monthclose WHERE month >= %s LIMIT 1", [on.replace(day=1)]):
        raise MonthIsClosed(f"{on:%Y 年 %m 月}已经结账，{on} 不能再记账：请记在以后的日期")


def codes_of(on: date) -> dict[str, str]:
    """District (a board's slug, a county's six digits) → the code that stands for it."""
    return {board.slug: board.code for board in districts(on)} | {code: f"{code}000000" for code in county_codes()}


def ensure_accounts(spots: Iterable[Spot], on: date) -> dict[str, int]:
    """code → primary key of accounts, those that are new are opened. Raises LedgerError for an unknown district."""
    wanted = {spot.code: spot for spot in spots}
    known = chart.known_accounts(wanted.values())
    if absent := sorted(set(wanted) - set(known)):
        codes = codes_of(on)
        for code in absent:
            if wanted[code].district not in codes:
                raise LedgerError(f"没有“{wanted[code].district}”这个板块或区县，开不了账户")
        rows = [
            Account(code=code, kind=spot.kind, level=spot.level, purse=spot.purse, programme=spot.programme, channel=spot.channel,
                    district=spot.district, division_code=codes[spot.district])
            for code in absent for spot in (wanted[code],)
        ]  # fmt: skip
        Account.objects.bulk_create(rows, ignore_conflicts=connection.vendor == "postgresql", batch_size=500)
        known = chart.known_accounts(wanted.values())
    return known


def _spot(kind: str, programme: str, district: str, channel: str) -> Spot:
    return Spot(kind, district, programme=programme, channel=channel if kind == Account.Kind.CLEARING else "")


def _join(name: str, kind: str) -> str:
    channel = "l.channel" if kind == Account.Kind.CLEARING else "''"
    return (
        f"JOIN ledger_account {name} ON {name}.kind = %s AND {name}.programme = l.programme AND {name}.district = l.district"
        f" AND {name}.channel = {channel}"
    )


def _check_repeated(rows: str, parameters: Sequence[object]) -> None:
    """A repetition must be one: raises KeyClash for a key that stands for something else."""
    other = fetch(
        f"SELECT r.key FROM {rows} {_SIDES} JOIN ledger_transfer t ON t.key = r.key WHERE t.kind <> r.kind OR t.debit_id <> d.id"
        " OR t.credit_id <> c.id OR t.amount_fen <> r.amount ORDER BY r.key LIMIT 5", parameters,
    )  # fmt: skip
    if other:
        raise KeyClash(f"幂等键 {'、'.join(key for (key,) in other)} 已用于另一笔转账，不能再用")
