"""What comes into a household as departments report it: by member and kind, a month and since New Year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.registry.models import Fact
from minzheng.portals.staff.facts import source_title, words

PAID = ("assistance", "pension", "unemployed")  # kinds of facts whose amount is paid to the person each month


@dataclass(frozen=True)
class Receipt:
    """One kind of money that a member gets."""

    who: str
    what: str
    monthly_fen: int
    since: date
    until: date | None
    year_fen: int
    source: str
    as_of: date | None
    batch: str

    @property
    def monthly(self) -> str:
        return yuan(self.monthly_fen)

    @property
    def year(self) -> str:
        return yuan(self.year_fen)


@dataclass(frozen=True)
class Receipts:
    """All of it, with the sums of what runs on the day and of the year so far."""

    rows: list[Receipt]
    monthly: str
    year: str


def receipts(facts: Iterable[Fact], names: dict[int, str], on: date) -> Receipts:
    """Money of the members as of a day: what ran at any time since New Year."""
    rows = []
    for fact in facts:
        if fact.kind not in PAID or not fact.amount_fen or fact.valid_from > on:  # registered without pay is not received
            continue
        months = _months(fact.valid_from, fact.valid_to, on)
        if months:
            rows.append(
                Receipt(names.get(fact.person_id, ""), words(fact.kind, fact.value), fact.amount_fen, fact.valid_from, fact.valid_to,
                        months * fact.amount_fen, source_title(fact.source), fact.recorded_as_of, fact.source_batch)
            )  # fmt: skip
    running = sum(row.monthly_fen for row in rows if row.until is None or row.until > on)
    return Receipts(rows, yuan(running), yuan(sum(row.year_fen for row in rows)))


def _months(first: date, until: date | None, on: date) -> int:
    """Months of this year up to the day's month in which it was paid; the month of the end is not."""
    begin = max(first, date(on.year, 1, 1))
    last = on if until is None or until > on else until
    months = (last.year - begin.year) * 12 + last.month - begin.month
    return max(0, months + (1 if until is None or until > on else 0))
