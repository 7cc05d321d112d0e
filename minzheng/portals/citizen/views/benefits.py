"""My benefits and why; payments received."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.http import HttpResponseBase

from minzheng.kernel.benefits import queries as benefits
from minzheng.kernel.benefits.models import Run
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.benefits.snapshot.errors import SnapshotError
from minzheng.kernel.benefits.why import Why, why_in_run
from minzheng.kernel.foundation import clock
from minzheng.kernel.ledger import queries as ledger
from minzheng.kernel.registry.models import Household
from minzheng.portals.citizen import identity
from minzheng.portals.citizen.middleware import CitizenRequest
from minzheng.portals.citizen.page import READER, me, page, render
from minzheng.portals.citizen.views.apply import people_of
from minzheng.portals.citizen.views.session import person_of

QUIET = ("flag", "day", "code")  # figures that are no part of a sum
LOST = "这个月的计算底稿暂时看不到，金额以实际发放为准；需要说明请联系镇街"


@dataclass(frozen=True)
class Reason:
    """A step in words, with the law behind it."""

    text: str
    law: str


@dataclass(frozen=True)
class Card:
    """One benefit: how much, for whom, and why. state: paid, status, held (stopped for now), cut (another benefit stands in its place)."""

    title: str
    who: str
    amount_fen: int
    once: bool
    state: str
    sums: list[Reason]
    conditions: list[str]
    others: list[str]
    change: str
    unverified: bool


@page()
def mine(request: CitizenRequest) -> HttpResponseBase:
    """What the household gets and why, by the last month that was approved."""
    person = person_of(request)
    household = identity.home(person)
    run = benefits.runs(READER).filter(state=Run.State.APPROVED).first()
    problem, found = "", []
    if run is not None and household is not None:
        try:
            found = why_in_run(run, household.household_key, READER)
        except SnapshotError:
            problem = LOST
    names = {each.person_key: each.name for each in people_of(request)}
    visible = [each for each in found if each.programme.rule.entity == "household" or each.result.person_key in names]
    cards = [_card(each, names) for each in visible if each.result.eligible]
    refused = [
        (each.programme.title, [line.label for line in each.result.failed][:3]) for each in visible
        if not each.result.eligible and each.programme.rule.entity == "household"
    ]  # fmt: skip
    context = {
        "cards": cards, "refused": refused, "month": run.month if run else "", "problem": problem, "household": household,
        "standing": _entitlements(request, household), "sum_fen": sum(card.amount_fen for card in cards if not card.once),
    }  # fmt: skip
    return render(request, "benefits.html", context)


def _entitlements(request: CitizenRequest, household: Household | None) -> list[tuple[str, int, object]]:
    """What holds today on paper, also where the month's sheet cannot be read: title, amount, since when."""
    keys, homes = me(request).people, [household.household_key] if household else []
    known = programmes()
    rows = benefits.entitlements(READER, keys, homes, on=clock.business_date())
    return [
        (known[row.programme].title, row.amount_fen, row.valid_from) for row in rows
        if row.programme in known and (row.person_key in keys or known[row.programme].rule.entity == "household")
    ]  # fmt: skip


def _card(why: Why, names: dict[int, str]) -> Card:
    lines = [line for line in why.result.lines if line.step.kind != "condition" and line.step.measure not in QUIET and line.value]
    conditions = [line.label for line in why.result.lines if line.step.kind == "condition" and line.holds and line.step.required]
    state = "held" if why.suspended else "cut" if why.exclusion else "paid" if why.programme.rule.pays else "status"
    return Card(
        why.programme.title, "全家" if why.programme.rule.entity == "household" else names.get(why.result.person_key, ""), why.amount_fen,
        why.programme.pays == "once", state,
        [Reason(f"{line.label}：{line.text}", " ".join(filter(None, (line.clause.document, line.clause.article)))) for line in lines], conditions,
        [line.text for line in why.lines if line.touched], why.difference.text if why.difference else "", bool(why.result.unverified),
    )  # fmt: skip


@page()
def payments(request: CitizenRequest) -> HttpResponseBase:
    """Money that went out to me and to those for whom I act, by month."""
    names = {each.person_key: each.name for each in people_of(request)}
    known = programmes()
    rows = [
        (line, known[line.programme].title if line.programme in known else line.purpose, names[key])
        for key in names for line in ledger.lines_of_person(key, READER)
    ]  # fmt: skip
    rows.sort(key=lambda each: (each[0].month, each[0].pk), reverse=True)
    months = [(month, list(group)) for month, group in groupby(rows[:120], key=lambda each: each[0].month)]
    year = clock.business_date().year
    paid = sum(line.amount_fen for line, _title, _who in rows if line.state == "paid" and line.month.year == year)
    return render(request, "payments.html", {"months": months, "paid_fen": paid, "year": year, "several": len(names) > 1})
