"""Closing a month: its statement is fixed, and the books take nothing more for it."""

from __future__ import annotations

import hashlib
import json
from datetime import date

from django.db import connection, transaction

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.ledger.actions.posting import BOOKS_LOCK
from minzheng.kernel.ledger.checks import faults_of_the_books
from minzheng.kernel.ledger.errors import LedgerError
from minzheng.kernel.ledger.models import ClosingBalance, MonthClose, Transfer
from minzheng.kernel.ledger.statements import balances, last_day, made_statement


def close_month(*, month: date, by: Actor) -> MonthClose:
    """Close a month (its first day) that is over; closed already, it stays as it is.

    Raises Forbidden, LedgerError for a month that is not over, one before which another is open, or books that do not agree with the payments.
    """
    by.require("payments.manage")
    if month.day != 1:
        raise LedgerError(f"月份应写成当月第一天，收到的是 {month}")
    on = clock.business_date()
    if last_day(month) >= on:
        raise LedgerError(f"{month:%Y 年 %m 月}还没有过完，{last_day(month)} 之后才能结账")
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BOOKS_LOCK])  # waits for whoever books, keeps others out
        if before := MonthClose.objects.filter(month=month).first():
            return before
        if later := MonthClose.objects.filter(month__gt=month).order_by("-month").first():
            raise LedgerError(f"{later.month:%Y 年 %m 月}已经结账，{month:%Y 年 %m 月}已随之关闭")
        if first := Transfer.objects.filter(on__lt=month).exclude(on__lte=_closed_until()).order_by("on").first():
            raise LedgerError(f"{first.on:%Y 年 %m 月}还没有结账，请按月份先后结账")
        if faults := faults_of_the_books():
            raise LedgerError(f"账实不符，不能结账：{'；'.join(faults[:5])}")
        standing = balances(last_day(month))  # before the month counts as closed: it is reckoned from the one before
        statement = made_statement(month).as_json()
        text = json.dumps(statement, ensure_ascii=False, sort_keys=True)
        row = MonthClose.objects.create(
            month=month, statement=statement, sha256=hashlib.sha256(text.encode()).hexdigest(), closed_on=on, closed_by=by.name
        )
        ClosingBalance.objects.bulk_create(
            [ClosingBalance(month=row, account_id=account, balance_fen=fen) for account, fen in standing.items()], batch_size=500
        )
        count = Transfer.objects.filter(on__gte=month, on__lte=last_day(month)).count()
        audit.record(by, "ledger.close", f"month:{month:%Y-%m}", sha256=row.sha256, transfers=count)
    return row


def _closed_until() -> date:
    """The last day that lies in a closed month."""
    last = MonthClose.objects.order_by("-month").first()
    return last_day(last.month) if last else date.min
