"""Confirmed recoveries in the books: the claim stands on the payments that the money went out with."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Sum

from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Recovery
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.ledger.actions import record_recovery
from minzheng.kernel.ledger.errors import LedgerError
from minzheng.kernel.ledger.models import PaymentLine, Transfer
from minzheng.kernel.ledger.queries import claims


def key_of(recovery: Recovery) -> str:
    """What the ledger's keys of a recovery begin with."""
    return f"benefits:{recovery.pk}:"


def booked_fen(recovery: Recovery) -> int:
    """What of a recovery stands in the books as a claim, in 分."""
    rows = Transfer.objects.filter(kind=Transfer.Kind.RECOVERY, key__startswith=f"recovery:{key_of(recovery)}")
    return int(rows.aggregate(s=Sum("amount_fen"))["s"] or 0)


@transaction.atomic
def book_recovery(*, recovery: Recovery, by: Actor) -> int:
    """Claim a confirmed recovery from the payments of its month that arrived; returns how much is new, in 分. What has not arrived
    yet is booked by a later call; a repetition books nothing. Raises Forbidden, BenefitsError (not confirmed, the ledger
    refuses)."""
    by.require("payments.manage")
    row = scoped(Recovery.objects.select_for_update(), by).filter(pk=recovery.pk).first()
    if row is None:
        raise BenefitsError("没有这项追回建议，或它不在您的辖区内")
    if row.state != Recovery.State.CONFIRMED:
        raise BenefitsError(f"追回建议{row.get_state_display()}，决定追回以后才能立账")
    left, new = row.amount_fen - booked_fen(row), 0
    month = date.fromisoformat(f"{row.month}-01")
    paid = PaymentLine.objects.filter(programme=row.programme, person_key=row.person_key, month=month, state=PaymentLine.State.PAID)
    rows: list[Any] = list(claims(by).filter(pk__in=paid.values("pk")))  # with the sums that the query adds
    claimed = {line.pk: line.claimed_fen for line in rows}
    for line in paid.order_by("pk"):
        amount = min(left, line.amount_fen - claimed.get(line.pk, 0))
        if amount <= 0:
            continue
        try:
            record_recovery(line_id=line.pk, amount_fen=amount, key=f"{key_of(row)}{line.pk}", reason=row.reasons or "决定追回", by=by)
        except LedgerError as refusal:
            raise BenefitsError(f"立账时被拒绝：{refusal}") from refusal
        left, new = left - amount, new + amount
    return new


def book_recoveries(*, by: Actor) -> tuple[int, int]:
    """Every confirmed recovery that is not wholly in the books; returns (recoveries looked at, those of which something was booked).
    Idempotent: for the night, when payments have arrived."""
    by.require("payments.manage")
    waiting = [row for row in Recovery.objects.filter(state=Recovery.State.CONFIRMED).order_by("pk") if booked_fen(row) < row.amount_fen]
    return len(waiting), sum(book_recovery(recovery=row, by=by) > 0 for row in waiting)
