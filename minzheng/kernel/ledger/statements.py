"""Balances as of a day, and the statement of a month by fund, programme and district.

Accounts hold no balance. It is reckoned from the last closed month on: one grouped pass over the transfers since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any

from django.db.models import Sum

from minzheng.kernel.ledger.models import Account, ClosingBalance, MonthClose, Transfer

Kind, Of = Transfer.Kind, Account.Kind
Flow = tuple[str, int, int, int]  # kind, debit, credit, 分


@dataclass(frozen=True)
class FundRow:
    """A fund in a month, in 分: closing = opening + received − reserved + repaid."""

    level: str
    purse: str
    district: str
    division_code: str
    opening: int = 0
    received: int = 0
    reserved: int = 0
    repaid: int = 0
    closing: int = 0


@dataclass(frozen=True)
class ProgrammeRow:
    """A programme in a district in a month, in 分. `owed`: approved and with us; `in_transit`: with a channel; `returned`:
    refused by it; `sent_back`: arrived and came back; `claimed`: to be given back (less what was dropped); `written_off`: given up."""

    programme: str
    district: str
    division_code: str
    opening_owed: int = 0
    opening_in_transit: int = 0
    accrued: int = 0
    sent: int = 0
    paid: int = 0
    returned: int = 0
    sent_back: int = 0
    claimed: int = 0
    repaid: int = 0
    written_off: int = 0
    closing_owed: int = 0
    closing_in_transit: int = 0
    closing_claims: int = 0


@dataclass(frozen=True)
class Statement:
    """A month's statement; `closed` says whether it can still change."""

    month: date
    closed: bool
    funds: tuple[FundRow, ...]
    programmes: tuple[ProgrammeRow, ...]

    def by_programme(self) -> dict[str, dict[str, int]]:
        """Sums of the programme rows by programme."""
        return _summed(self.programmes, lambda row: row.programme)

    def by_district(self) -> dict[str, dict[str, int]]:
        """Sums of the programme rows by district."""
        return _summed(self.programmes, lambda row: row.district)

    def by_level(self) -> dict[str, dict[str, int]]:
        """Sums of the fund rows by level of government."""
        return _summed(self.funds, lambda row: row.level)

    def within(self, covers: Callable[[str], bool]) -> Statement:
        """The part of some districts, by the code that stands for each."""
        return Statement(
            self.month, self.closed, tuple(row for row in self.funds if covers(row.division_code)),
            tuple(row for row in self.programmes if covers(row.division_code)),
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """What is stored when the month is closed."""
        return {"funds": [asdict(row) for row in self.funds], "programmes": [asdict(row) for row in self.programmes]}


def stored_statement(row: MonthClose) -> Statement:
    """The statement as it was when the month was closed."""
    return Statement(
        row.month, True, tuple(FundRow(**one) for one in row.statement["funds"]),
        tuple(ProgrammeRow(**one) for one in row.statement["programmes"]),
    )  # fmt: skip


def last_day(month: date) -> date:
    """The last day of the month that begins on `month`."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def balances(on: date) -> dict[int, int]:
    """account → what stands there at the end of a day, in 分; accounts at zero that never moved are left out."""
    closed = MonthClose.objects.filter(month__lte=on.replace(day=1)).order_by("-month")
    base = next((row for row in closed if last_day(row.month) <= on), None)
    found: defaultdict[int, int] = defaultdict(int)
    rows = Transfer.objects.filter(on__lte=on)
    if base is not None:
        found.update(ClosingBalance.objects.filter(month=base).values_list("account_id", "balance_fen"))
        rows = rows.filter(on__gt=last_day(base.month))
    for debit, credit, total in rows.order_by().values_list("debit_id", "credit_id").annotate(s=Sum("amount_fen")):
        found[debit] += int(total)
        found[credit] -= int(total)
    return dict(found)


def made_statement(month: date) -> Statement:
    """The statement of a month (its first day) from its transfers, as they stand now."""
    opening, end = balances(month - timedelta(days=1)), last_day(month)
    rows = Transfer.objects.filter(on__gte=month, on__lte=end).order_by().values_list("kind", "debit_id", "credit_id")
    flows: list[Flow] = [(kind, debit, credit, int(s)) for kind, debit, credit, s in rows.annotate(s=Sum("amount_fen"))]
    accounts = {account.pk: account for account in Account.objects.all()}
    touched = {number for _kind, debit, credit, _s in flows for number in (debit, credit)} | set(opening)
    funds: defaultdict[tuple[Any, ...], dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    programmes: defaultdict[tuple[Any, ...], dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    for number in touched:
        _carry(accounts[number], opening.get(number, 0), flows, funds, programmes)
    return Statement(
        month, False, tuple(FundRow(*key, **sums) for key, sums in sorted(funds.items())),
        tuple(ProgrammeRow(*key, **sums) for key, sums in sorted(programmes.items())),
    )  # fmt: skip


def _carry(account: Account, before: int, flows: list[Flow], funds: Any, programmes: Any) -> None:
    """Add what one account says to the rows of its fund, or of its programme."""
    into: defaultdict[str, int] = defaultdict(int)
    out: defaultdict[str, int] = defaultdict(int)
    for kind, debit, credit, total in flows:
        if debit == account.pk:
            into[kind] += total
        elif credit == account.pk:
            out[kind] += total
    after = before + sum(into.values()) - sum(out.values())
    place = (account.district, account.division_code)
    if account.kind == Of.FUND:
        row = funds[account.level, account.purse, *place]
        row["opening"], row["closing"] = before, after
        row["received"], row["repaid"] = into[Kind.FUNDING], into[Kind.REPAYMENT]
        row["reserved"] = out[Kind.ACCRUAL] - into[Kind.RELEASE]
        return
    if account.kind == Of.APPROPRIATION:
        return
    row = programmes[account.programme, *place]
    if account.kind == Of.PAYABLE:
        row["opening_owed"], row["closing_owed"] = before, after
        row["accrued"], row["sent"] = into[Kind.ACCRUAL] - out[Kind.RELEASE], out[Kind.SENDING]
    elif account.kind == Of.CLEARING:
        row["opening_in_transit"] += before
        row["closing_in_transit"] += after
        row["returned"] += out[Kind.RETURN]
    elif account.kind == Of.PAID:
        row["paid"], row["sent_back"] = into[Kind.PAYMENT], out[Kind.RETURN]
    elif account.kind == Of.RECEIVABLE:
        row["claimed"], row["repaid"] = into[Kind.RECOVERY] - out[Kind.RECOVERY], out[Kind.REPAYMENT]
        row["written_off"], row["closing_claims"] = out[Kind.WRITE_OFF], after


def _summed(rows: Iterable[Any], by: Callable[[Any], str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        sums = found.setdefault(by(row), {})
        for field in fields(row):
            if isinstance(value := getattr(row, field.name), int):
                sums[field.name] = sums.get(field.name, 0) + value
    return found
