"""What a decision does: through the other rooms' own actions, once for every case number, in the transaction of the decision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from minzheng.kernel.benefits.actions import end_award, grant_award
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Award
from minzheng.kernel.benefits.parameters import values_at
from minzheng.kernel.benefits.programmes import programme
from minzheng.kernel.casework.catalogue import items
from minzheng.kernel.casework.clocks import add_months
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.items import Service
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.parts import Outcome
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.ledger.actions import create_batch
from minzheng.kernel.ledger.actions.batches import LineData
from minzheng.kernel.ledger.errors import LedgerError
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.actions import FactData, upsert_facts

MACHINE = Actor.system("办件决定")


def carry_out(case: Case, service: Service, kind: str, amount_fen: int | None, by: Actor, on: date) -> dict[str, Any]:
    """Hand a decision on; returns what came of it (ids), empty where nothing follows. A repetition finds what is there.

    Raises CaseError when the other room refuses, with its words."""
    outcome = service.version.outcome.get(kind)
    if outcome is None:
        return {}
    try:
        if outcome.award:
            return _award(case, outcome, on)
        if outcome.end:
            return _end(case, outcome, on)
        if outcome.payment:
            return _payment(case, service, outcome, amount_fen or 0, by, on)
        return _fact(case, outcome, on)
    except (BenefitsError, LedgerError, LookupError, ValueError) as error:
        raise CaseError(f"决定不能落地：{error}") from error


def restore(case: Case, ended: Iterable[int], on: date) -> dict[str, Any]:
    """What an earlier decision of this case ended, and a later one does not, goes on from where it ended; nothing is lost between."""
    rows = Award.objects.filter(pk__in=list(ended), until__isnull=False, ended_because=_source(case))
    found = [
        award.pk for row in rows
        for award in grant_award(
            programme=row.programme, people=[row.person_key], household_key=row.household_key, division_code=row.division_code, mode=row.mode,
            since=row.until or on, source=_source(case), by=MACHINE, terms=row.terms,
        )
    ]  # fmt: skip
    return {"restored": found}


def since_of(outcome: Outcome, on: date) -> date:
    """From which day an outcome holds."""
    return on if outcome.since == "decision" else add_months(on.replace(day=1), 1)


def _award(case: Case, outcome: Outcome, on: date) -> dict[str, Any]:
    people = _keys(case, on) if outcome.mode == "household" else [case.applicant.person_key]
    home = case.household.household_key if case.household else -1 - case.applicant.person_key
    since = since_of(outcome, on)
    awards = grant_award(
        programme=outcome.award, people=people, household_key=home, division_code=case.division_code, mode=outcome.mode, since=since,
        source=_source(case), by=MACHINE,
    )  # fmt: skip
    if outcome.months:
        until = add_months(since, outcome.months)
        for award in awards:
            if award.until is None:
                end_award(award=award, until=until, because=f"认定有效期 {outcome.months} 个月", by=MACHINE)
    return {"awards": [award.pk for award in awards], "programme": outcome.award, "since": since.isoformat()}


def _end(case: Case, outcome: Outcome, on: date) -> dict[str, Any]:
    until = since_of(outcome, on)
    rows = Award.objects.filter(programme__in=outcome.end, person_key__in=_keys(case, on), until=None)
    ended = [end_award(award=row, until=max(until, row.since), because=_source(case), by=MACHINE).pk for row in rows]
    return {"ended": ended, "until": until.isoformat()}


def _payment(case: Case, service: Service, outcome: Outcome, amount_fen: int, by: Actor, on: date) -> dict[str, Any]:
    """One payment as a batch of its own, to be approved by somebody who may release money, the same day if it is urgent."""
    paid = programme(outcome.payment)
    line = LineData(case.applicant.person_key, case.division_code, amount_fen, purpose=f"case:{case.number}")
    batch = create_batch(
        key=f"case:{case.number}", programme=paid.name, purse=paid.purse, month=on.replace(day=1), lines=[line],
        shares=paid.split(values_at(on)[paid.name]), by=MACHINE, prepared_by=by.name, title=f"{service.title} {case.number}",
    )  # fmt: skip
    return {"batch": batch.pk, "amount_fen": amount_fen}


def _fact(case: Case, outcome: Outcome, on: date) -> dict[str, Any]:
    since = since_of(outcome, on)
    fact = FactData(
        case.applicant.person_key, outcome.fact, "是", None, since, add_months(since, outcome.months) if outcome.months else None,
        f"办件 {case.number}", "",
    )  # fmt: skip
    upsert_facts(facts=[fact], about={case.applicant.person_key: case.applicant_id}, kinds=[outcome.fact], as_of=on, by=MACHINE)
    return {"fact": outcome.fact, "since": since.isoformat()}


def _keys(case: Case, on: date) -> list[int]:
    if case.household is None:
        return [case.applicant.person_key]
    members = registry.members(case.household, MACHINE, on)
    return sorted({case.applicant.person_key, *(each.person.person_key for each in members if each.person.death_date is None)})


def _source(case: Case) -> str:
    return f"办件 {case.number}"


def fact_kinds() -> dict[str, str]:
    """Titles of the kinds of facts that decisions write."""
    return {"promise_broken": "承诺失实"} | {
        outcome.fact: outcome.title or item.title
        for item in items().values() for version in item.versions for outcome in version.outcome.values() if outcome.fact
    }  # fmt: skip
