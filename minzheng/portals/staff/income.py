"""What comes into a household: as departments report it, by member and kind, a month and since New Year; and what this
platform itself has paid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.ledger import queries as ledger
from minzheng.kernel.registry.models import Fact
from minzheng.kernel.registry.queries import Member
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


@dataclass(frozen=True)
class Payment:
    """One payment of this platform to a member."""

    pk: int
    who: str
    what: str
    month: date
    amount: str
    state: str
    state_title: str
    on: date


def payments(members: Iterable[Member], names: dict[int, str], actor: Actor, on: date) -> list[Payment]:
    """What this platform paid to the members up to a day, newest first; nothing for whoever may not see benefits."""
    if not actor.may("benefits.view"):
        return []
    found = [
        Payment(line.pk, names.get(member.person.pk, ""), programmes()[line.programme].title if line.programme in programmes() else line.programme,
                line.month, yuan(line.amount_fen), line.state, line.state_title, line.changed_on)
        for member in members for line in ledger.lines_of_person(member.person.person_key, actor) if line.changed_on <= on
    ]  # fmt: skip
    return sorted(found, key=lambda row: (row.month, row.on, row.pk), reverse=True)


def _months(first: date, until: date | None, on: date) -> int:
    """Months of this year up to the day's month in which it was paid; the month of the end is not."""
    begin = max(first, date(on.year, 1, 1))
    last = on if until is None or until > on else until
    months = (last.year - begin.year) * 12 + last.month - begin.month
    return max(0, months + (1 if until is None or until > on else 0))
