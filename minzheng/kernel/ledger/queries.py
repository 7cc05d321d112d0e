"""Reading batches, payments and books, always inside the reader's jurisdiction; names and accounts masked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from minzheng.kernel.divisions.codes import code_range
from minzheng.kernel.foundation.access import Actor, scope_filter, scoped
from minzheng.kernel.ledger.errors import LedgerError, MonthNotClosed
from minzheng.kernel.ledger.models import (
    Account,
    ChannelFile,
    MonthClose,
    PaymentBatch,
    PaymentLine,
    ReturnFile,
    Transfer,
    WriteOff,
)
from minzheng.kernel.ledger.reasons import title_of
from minzheng.kernel.ledger.statements import Statement, balances, made_statement, stored_statement
from minzheng.kernel.registry.masking import mask_name


@dataclass(frozen=True)
class LineRow:
    """A payment as lists show it."""

    pk: int
    batch_id: int
    person_key: int
    programme: str
    month: date
    purpose: str
    division_code: str
    district: str
    amount_fen: int
    channel: str
    state: str
    reason: str
    attempt: int
    changed_on: date
    name: str  # masked
    account: str  # masked

    @property
    def state_title(self) -> str:
        return str(PaymentLine.State(self.state).label)

    @property
    def reason_title(self) -> str:
        return title_of(self.reason) if self.reason else ""


@dataclass(frozen=True)
class Total:
    """Payments and their sum."""

    lines: int
    amount_fen: int


@dataclass(frozen=True)
class Part:
    """Payments of a batch that are alike."""

    state: str
    reason: str
    channel: str
    district: str
    lines: int
    amount_fen: int


@dataclass(frozen=True)
class BalanceRow:
    """An account of the trial balance; one of the two sides is zero."""

    account: Account
    debit_fen: int
    credit_fen: int


@dataclass(frozen=True)
class TrialBalance:
    """All accounts that stand somewhere, on a day; both totals are equal."""

    on: date
    rows: tuple[BalanceRow, ...]

    @property
    def debit_fen(self) -> int:
        return sum(row.debit_fen for row in self.rows)

    @property
    def credit_fen(self) -> int:
        return sum(row.credit_fen for row in self.rows)

    @property
    def balanced(self) -> bool:
        return self.debit_fen == self.credit_fen


def batches(actor: Actor, month: date | None = None, programme: str = "", state: str = "") -> QuerySet[PaymentBatch]:
    """Batches that pay somebody in the actor's jurisdiction, newest month first. `lines` and `amount_fen` are the whole
    batch's; `totals` gives those of the jurisdiction. Raises Forbidden."""
    actor.require("benefits.view")
    mine = scoped(PaymentLine.objects.filter(batch=OuterRef("pk")), actor)
    rows = PaymentBatch.objects.filter(scope_filter(actor, "division_code") | Exists(mine))
    if month is not None:
        rows = rows.filter(month=month)
    if programme:
        rows = rows.filter(programme=programme)
    if state:
        rows = rows.filter(state=state)
    return rows.order_by("-month", "programme", "-pk")


def batch(batch_id: int, actor: Actor) -> PaymentBatch:
    """One batch; raises Forbidden, PaymentBatch.DoesNotExist when nobody of the jurisdiction is on it."""
    return batches(actor).get(pk=batch_id)


def lines(
    actor: Actor, batch_id: int | None = None, state: str = "", reason: str = "", channel: str = "", district: str = "",
    division: str = "", programme: str = "",
) -> QuerySet[PaymentLine]:
    """Payments in the actor's jurisdiction, without names and accounts (`shown` gives them masked). `division`: a code or its
    leading digits. Raises Forbidden, ValueError for what is no code."""
    actor.require("benefits.view")
    rows = scoped(PaymentLine.objects.defer("payee_name", "account"), actor)
    given = {"batch_id": batch_id, "state": state, "reason": reason, "channel": channel, "district": district, "programme": programme}
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    if division:
        low, high = code_range(division)
        rows = rows.filter(division_code__gte=low, division_code__lt=high)
    return rows.order_by("batch_id", "pk")


def shown(rows: QuerySet[PaymentLine], start: int = 0, size: int = 50) -> list[LineRow]:
    """A page of payments with masked names and accounts."""
    return [_shown(row) for row in rows.defer(None)[start : start + size]]


def line(line_id: int, actor: Actor) -> LineRow:
    """One payment, masked; raises Forbidden, PaymentLine.DoesNotExist outside the jurisdiction."""
    return _shown(lines(actor).defer(None).get(pk=line_id))


def lines_of_person(person_key: int, actor: Actor) -> list[LineRow]:
    """All payments to one person that lie in the jurisdiction, newest month first. Raises Forbidden."""
    rows = lines(actor).filter(person_key=person_key).defer(None).order_by("-month", "programme", "-pk")
    return [_shown(row) for row in rows]


def totals(actor: Actor, batch_id: int | None = None, month: date | None = None) -> dict[str, Total]:
    """state → payments and sum in the jurisdiction, states without any too. One query. Raises Forbidden."""
    return _totals(actor, batch_id, month, "state", {str(state): Total(0, 0) for state in PaymentLine.State})


def totals_by_reason(actor: Actor, batch_id: int | None = None, month: date | None = None) -> dict[str, Total]:
    """reason → what came back or is parked for it. One query. Raises Forbidden."""
    found = _totals(actor, batch_id, month, "reason", {})
    return {reason: total for reason, total in found.items() if reason}


def totals_of_batches(batch_ids: Iterable[int], actor: Actor, states: Iterable[str] = ()) -> dict[int, dict[str, Total]]:
    """batch → state → payments and sum in the jurisdiction, of some states or all that there are. One query. Raises Forbidden."""
    rows = lines(actor).filter(batch_id__in=list(batch_ids)).order_by()
    if wanted := list(states):
        rows = rows.filter(state__in=wanted)
    found: dict[int, dict[str, Total]] = {}
    for number, state, count, amount in rows.values_list("batch_id", "state").annotate(n=Count("pk"), s=Sum("amount_fen")):
        found.setdefault(number, {})[state] = Total(count, int(amount))
    return found


def parts(batch_id: int, actor: Actor) -> list[Part]:
    """A batch by state, reason, channel and district, in the jurisdiction. One query. Raises Forbidden."""
    rows = lines(actor, batch_id=batch_id).order_by().values_list("state", "reason", "channel", "district")
    found = rows.annotate(n=Count("pk"), s=Sum("amount_fen"))
    return [Part(state, reason, name, district, count, int(amount)) for state, reason, name, district, count, amount in found]


def claims(actor: Actor) -> QuerySet[PaymentLine]:
    """Payments of which something has to be given back, newest first, with `claimed_fen` (less what was dropped), `repaid_fen`,
    `written_off_fen` and whether giving it up is `proposed`. Raises Forbidden."""
    booked = Transfer.objects.filter(line=OuterRef("pk")).order_by().values("line")

    def total(**which: object) -> Coalesce:
        return Coalesce(Subquery(booked.filter(**which).annotate(s=Sum("amount_fen")).values("s")), 0)

    claimed = Transfer.objects.filter(kind=Transfer.Kind.RECOVERY, debit__kind=Account.Kind.RECEIVABLE)
    rows = lines(actor).filter(pk__in=claimed.values("line"))
    dropped = total(kind=Transfer.Kind.RECOVERY, credit__kind=Account.Kind.RECEIVABLE)
    return rows.annotate(
        claimed_fen=total(kind=Transfer.Kind.RECOVERY, debit__kind=Account.Kind.RECEIVABLE) - dropped,
        repaid_fen=total(kind=Transfer.Kind.REPAYMENT, credit__kind=Account.Kind.RECEIVABLE),
        written_off_fen=total(kind=Transfer.Kind.WRITE_OFF, credit__kind=Account.Kind.RECEIVABLE),
        proposed=Exists(WriteOff.objects.filter(line=OuterRef("pk"), state=WriteOff.State.PROPOSED)),
    ).order_by("-pk")  # fmt: skip


def claims_by_key(prefix: str, actor: Actor) -> QuerySet[PaymentLine]:
    """As `claims`, of the payments that were claimed under keys with a prefix ('benefits:12:'). Raises Forbidden."""
    booked = Transfer.objects.filter(kind=Transfer.Kind.RECOVERY, key__startswith=f"recovery:{prefix}", line__isnull=False)
    return claims(actor).filter(pk__in=booked.values("line"))


def claim_totals(actor: Actor) -> dict[str, int]:
    """claimed, repaid, written_off and left of all claims in the jurisdiction, in 分. Raises Forbidden."""
    names = ("claimed", "repaid", "written_off")
    sums = claims(actor).order_by().aggregate(**{name: Sum(f"{name}_fen") for name in names})
    found = {name: int(sums[name] or 0) for name in names}
    return {**found, "left": found["claimed"] - found["repaid"] - found["written_off"]}


def write_offs(actor: Actor, line_id: int | None = None, state: str = "") -> QuerySet[WriteOff]:
    """Proposals to give claims up, newest first, in the jurisdiction. Raises Forbidden."""
    actor.require("benefits.view")
    rows = scoped(WriteOff.objects.select_related("line"), actor).order_by("-pk")
    rows = rows.filter(line_id=line_id) if line_id is not None else rows
    return rows.filter(state=state) if state else rows


def months_with_books() -> list[date]:
    """First days of the months in which something was booked, newest first; they say nothing about anybody."""
    return list(Transfer.objects.dates("on", "month", order="DESC"))


def transfers_of_line(line_id: int, actor: Actor) -> QuerySet[Transfer]:
    """Where the money of a payment went, oldest first: all of it for whoever may see the payment, also in a town, although
    accounts belong to districts. Raises Forbidden."""
    own = lines(actor).filter(pk=line_id).order_by().values("pk")
    return Transfer.objects.filter(line_id__in=own).select_related("debit", "credit").order_by("pk")


def files(batch_id: int, actor: Actor) -> QuerySet[ChannelFile]:
    """The files that went out for a batch. Raises Forbidden."""
    batch(batch_id, actor)
    return ChannelFile.objects.filter(batch_id=batch_id).order_by("pk")


def return_files(batch_id: int, actor: Actor) -> QuerySet[ReturnFile]:
    """The files that came back for a batch. Raises Forbidden."""
    batch(batch_id, actor)
    return ReturnFile.objects.filter(file__batch_id=batch_id).select_related("file").order_by("pk")


def trial_balance(actor: Actor, on: date) -> TrialBalance:
    """All accounts of the jurisdiction at the end of a day. Every transfer stays inside one district, so each part of the
    books balances for itself. Raises Forbidden."""
    actor.require("benefits.view")
    standing = balances(on)
    rows = []
    for account in scoped(Account.objects.all(), actor).order_by("code"):
        if fen := standing.get(account.pk, 0):
            rows.append(BalanceRow(account, max(fen, 0), max(-fen, 0)))
    return TrialBalance(on, tuple(rows))


def statement(month: date, actor: Actor, *, provisional: bool = False) -> Statement:
    """The statement of a month (its first day), of the jurisdiction's districts.

    Raises Forbidden, LedgerError for a day that begins no month, and MonthNotClosed unless a provisional one is asked for.
    """
    actor.require("benefits.view")
    if month.day != 1:
        raise LedgerError(f"月份应写成当月第一天，收到的是 {month}")
    closed = MonthClose.objects.filter(month=month).first()
    if closed is None and not provisional:
        raise MonthNotClosed(f"{month:%Y 年 %m 月}还没有结账，数字还会变：请先结账，或查看试算的月结表")
    found = stored_statement(closed) if closed else made_statement(month)
    return found.within(actor.covers)


def closed_months() -> QuerySet[MonthClose]:
    """Months that are closed, newest first; figures of the whole city without personal data."""
    return MonthClose.objects.defer("statement").order_by("-month")


def mask_account(account: str) -> str:
    """622848**********1234: the first six show the bank, the last four tell accounts apart."""
    if len(account) <= 10:
        return "*" * max(len(account) - 4, 0) + account[-4:] if len(account) > 4 else "*" * len(account)
    return f"{account[:6]}{'*' * (len(account) - 10)}{account[-4:]}"


def _totals(actor: Actor, batch_id: int | None, month: date | None, by: str, found: dict[str, Total]) -> dict[str, Total]:
    rows = lines(actor, batch_id=batch_id).order_by()
    if month is not None:
        rows = rows.filter(Q(month=month))
    for value, count, amount in rows.values_list(by).annotate(n=Count("pk"), s=Sum("amount_fen")):
        found[value] = Total(count, int(amount))
    return found


def _shown(row: PaymentLine) -> LineRow:
    plain = {name: getattr(row, name) for name in LineRow.__dataclass_fields__ if name not in ("name", "account")}
    return LineRow(**plain, name=mask_name(row.payee_name), account=mask_account(row.account))
