"""Do the books agree with the payments? Asked before a month is closed, by tests after every verb and kill, by whoever doubts."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from django.db.models import Sum

from minzheng.kernel.ledger import chart
from minzheng.kernel.ledger.models import Account, PaymentBatch, PaymentLine, Transfer
from minzheng.kernel.ledger.splitting import split
from minzheng.kernel.ledger.statements import balances
from minzheng.kernel.ledger.states import OWED

State, Kind = PaymentLine.State, Account.Kind
RELEASED = (PaymentBatch.State.APPROVED, PaymentBatch.State.SENT)


def faults_of_the_books() -> list[str]:
    """What does not agree, in Chinese; empty when all is well: the books sum to zero, what is owed, on its way and paid is
    what the payments in these states come to, and each batch's reserves are the exact split of what it pays."""
    accounts = {account.pk: account for account in Account.objects.all()}
    standing = balances(date.max)
    faults = [f"全部账户合计 {sum(standing.values())} 分，应为 0"] if sum(standing.values()) else []
    codes = {accounts[number].code: fen for number, fen in standing.items()}
    expected = _expected()
    for code in sorted({*expected, *(code for code, fen in codes.items() if fen)}):
        if code.split("/")[0] in (Kind.PAYABLE, Kind.CLEARING, Kind.PAID) and codes.get(code, 0) != expected.get(code, 0):
            faults.append(f"{code} 账上 {codes.get(code, 0)} 分，明细合计 {expected.get(code, 0)} 分")
    return faults + _reserves()


def _expected() -> dict[str, int]:
    """code → what the payments say should stand there."""
    found: defaultdict[str, int] = defaultdict(int)
    groups = PaymentLine.objects.filter(batch__state__in=RELEASED).order_by().values_list("programme", "district", "channel", "state")
    for programme, district, name, state, total in groups.annotate(s=Sum("amount_fen")):
        if state in OWED:
            found[chart.payable(programme, district).code] += int(total)
        elif state == State.SENT:
            found[chart.clearing(name, programme, district).code] += int(total)
        elif state == State.PAID:
            found[chart.paid(programme, district).code] += int(total)
    claims = Transfer.objects.filter(kind=Transfer.Kind.RECOVERY).order_by()
    for side, sign in (("credit", -1), ("debit", 1)):
        of_paid = claims.filter(**{f"{side}__kind": Kind.PAID}).values_list(f"{side}__code")
        for code, total in of_paid.annotate(s=Sum("amount_fen")):
            found[code] += sign * int(total)
    return dict(found)


def _reserves() -> list[str]:
    """Each live batch has reserved exactly its split; one that was cancelled or not approved nothing."""
    reserved: defaultdict[tuple[int, str, str], int] = defaultdict(int)
    rows = Transfer.objects.filter(kind__in=[Transfer.Kind.ACCRUAL, Transfer.Kind.RELEASE]).order_by()
    for side, sign in (("credit", 1), ("debit", -1)):
        groups = rows.filter(**{f"{side}__kind": Kind.FUND}).values_list("batch_id", f"{side}__district", f"{side}__level")
        for batch, district, level, total in groups.annotate(s=Sum("amount_fen")):
            reserved[batch, district, level] += sign * int(total)
    batches = PaymentBatch.objects.in_bulk()
    needed = PaymentLine.objects.filter(batch__state__in=RELEASED).exclude(state=State.CANCELLED).order_by()
    for number, district, total in needed.values_list("batch_id", "district").annotate(s=Sum("amount_fen")):
        shares = batches[number].shares
        for level, part in split(int(total), shares.get(district) or shares[""]).items():
            reserved[number, district, level] -= part
    return [f"批次 {key[0]} {key[1]} {key[2]} 计提差 {fen} 分" for key, fen in sorted(reserved.items()) if fen]
