"""What a decision does: through the other rooms' own actions, once for every case number, in the transaction of the decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from minzheng.kernel.benefits.actions import end_award, grant_award, make_up, revise_terms
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
from minzheng.kernel.casework.reading import answers_of, latest
from minzheng.kernel.casework.weighing import Weighed, inputs_by_name, month_of, whole
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.ledger.actions import create_batch
from minzheng.kernel.ledger.actions.batches import LineData
from minzheng.kernel.ledger.errors import LedgerError
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.actions import FactData, upsert_facts
from minzheng.kernel.rules.language import Month

MACHINE = Actor.system("办件决定")


def carry_out(
    case: Case, service: Service, kind: str, amount_fen: int | None, by: Actor, on: date, weighed: Weighed | None = None
) -> dict[str, Any]:
    """Hand a decision on (`weighed`: what the rule said of it); returns what came of it (ids), empty where nothing follows. A repetition finds what is there.

    Raises CaseError when the other room refuses, with its words."""
    outcome = service.version.outcome.get(kind)
    if outcome is None:
        return {}
    try:
        if outcome.award:
            return _award(case, service, outcome, on)
        if outcome.revise:
            return revised(case, service, outcome, kind, weighed, on)
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
            since=row.until or on, source=_source(case), by=MACHINE, terms={name: value for name, value in row.terms.items() if type(value) is int},
        )
    ]  # fmt: skip
    return {"restored": found}


def take_back(case: Case, service: Service, revised_: Iterable[int]) -> None:
    """What an earlier decision of this case wrote down with awards for the runs to come, and a later one does not, goes again."""
    use = service.version.rule
    names = {"agreed_fen", "agreed_from", "agreed_by", "figures_on", *(use.declared if use else ())}
    for award in Award.objects.filter(pk__in=list(revised_), until=None):
        if award.terms.get("agreed_by") == _source(case)[:64]:
            revise_terms(award=award, terms={}, source=_source(case), by=MACHINE, drop=names)


def since_of(outcome: Outcome, on: date) -> date:
    """From which day an outcome holds."""
    return on if outcome.since == "decision" else add_months(on.replace(day=1), 1)


def _award(case: Case, service: Service, outcome: Outcome, on: date) -> dict[str, Any]:
    people = _keys(case, on) if outcome.mode == "household" else [case.applicant.person_key]
    home = case.household.household_key if case.household else -1 - case.applicant.person_key
    since = since_of(outcome, on)
    awards = grant_award(
        programme=outcome.award, people=people, household_key=home, division_code=case.division_code, mode=outcome.mode, since=since,
        source=_source(case), by=MACHINE,
    )  # fmt: skip
    _with_figures(case, service, awards, on)
    if outcome.months:
        until = add_months(since, outcome.months)
        for award in awards:
            if award.until is None:
                end_award(award=award, until=until, because=f"认定有效期 {outcome.months} 个月", by=MACHINE)
    return {"awards": [award.pk for award in awards], "programme": outcome.award, "since": since.isoformat()}


def _with_figures(case: Case, service: Service, awards: Iterable[Award], on: date) -> int:
    """What the case established of the household's figures stands with the awards, so that the month's run reckons with what was weighed
    at the counter. Returns how many awards were written."""
    written = 0
    for award in awards:
        told = figures(case, service).get(award.person_key)
        if told and award.until is None:
            revise_terms(award=award, terms={**told, "figures_on": int(f"{on:%Y%m%d}")}, source=_source(case), by=MACHINE)
            written += 1
    return written


def revised(case: Case, service: Service, outcome: Outcome, kind: str, weighed: Weighed | None, on: date) -> dict[str, Any]:
    """The awards with which the next month reckons: an increase takes in who joined the household, a reduction (after the hearing) lets
    go who left and says how low the amount may go without another hearing; the figures of the case go with both."""
    since, present = since_of(outcome, on), set(_keys(case, on))
    home = case.household.household_key if case.household else -1 - case.applicant.person_key
    found: dict[str, Any] = {"since": since.isoformat(), "revised": [], "joined": 0, "left": 0, "ended": []}
    for programme_name in outcome.revise:
        held = list(Award.objects.filter(programme=programme_name, household_key=home, until=None).order_by("pk"))
        if kind == "reduce":
            for award in held:
                if award.person_key not in present:
                    found["ended"].append(end_award(award=award, until=max(since, award.since), because=_source(case), by=MACHINE).pk)
                    found["left"] += 1
            held = [award for award in held if award.person_key in present]
            if weighed is not None and weighed.why.programme.name == programme_name:
                agreed = {"agreed_fen": weighed.amount_fen, "agreed_from": int(f"{since:%Y%m%d}")}
                held = [revise_terms(award=award, terms=agreed, source=_source(case), by=MACHINE) for award in held]
        elif held and held[0].mode == Award.Mode.HOUSEHOLD and (joined := sorted(present - {award.person_key for award in held})):
            held += grant_award(programme=programme_name, people=joined, household_key=home, division_code=case.division_code,
                                mode=Award.Mode.HOUSEHOLD, since=since, source=_source(case), by=MACHINE)  # fmt: skip
            found["joined"] += len(joined)
        _with_figures(case, service, held, on)
        found["revised"] += [award.pk for award in held]
    return found


def figures(case: Case, service: Service) -> dict[int, dict[str, int]]:
    """Person → inputs of the rule that no register knows, as the case established them: what a visit saw goes above what was said."""
    use = service.version.rule
    if use is None:
        return {}
    said = {**answers_of(case), **(latest(case, "confirmed") or {})}
    known = inputs_by_name()
    declared = {name: field for name, field in use.declared.items() if known[name].source == "declared" and said.get(field) not in (None, "")}
    return {case.applicant.person_key: {name: whole(said[field]) for name, field in declared.items()}} if declared else {}


def in_words(told: Mapping[str, Any]) -> str:
    """What came of a decision, for the citizen: from when, and how the amount comes about."""
    since = f"{told['since'][:4]} 年 {int(told['since'][5:7])} 月" if "since" in told else ""
    if "revised" in told:
        moved = "；".join([f"增加 {told['joined']} 人" if told["joined"] else "", f"减少 {told['left']} 人" if told["left"] else ""]).strip("；")
        return f"自 {since}起，每月金额按变化后的人口和收入由当月核算得出{f'（{moved}）' if moved else ''}，不用另外申请"
    if "awards" in told:
        return f"自 {since}起认定（{len(told['awards'])} 人），有待遇的按月核算发放"
    if told.get("ended"):
        return f"自 {told['until'][:4]} 年 {int(told['until'][5:7])} 月起终止"
    if "batch" in told:
        return f"{yuan(told['amount_fen'])} 已交付发放，经复核后转入您的账户"
    return ""


def _end(case: Case, outcome: Outcome, on: date) -> dict[str, Any]:
    until = since_of(outcome, on)
    rows = Award.objects.filter(programme__in=outcome.end, person_key__in=_keys(case, on), until=None)
    ended = [end_award(award=row, until=max(until, row.since), because=_source(case), by=MACHINE).pk for row in rows]
    return {"ended": ended, "until": until.isoformat()}


def _payment(case: Case, service: Service, outcome: Outcome, amount_fen: int, by: Actor, on: date) -> dict[str, Any]:
    """One payment as a batch of its own, to be approved by somebody who may release money, the same day if it is urgent."""
    paid, use = programme(outcome.payment), service.version.rule
    month, purpose = Month(on.replace(day=1)), f"case:{case.number}"
    if use is not None and use.season:  # what the month's run left out: the ledger refuses a second payment of it by itself
        month, purpose = month_of(use, on), "regular"
        home = case.household.household_key if case.household else -1 - case.applicant.person_key
        make_up(name=paid.name, month=month, person_key=case.applicant.person_key, household_key=home, division_code=case.division_code,
                amount_fen=amount_fen, source=_source(case), by=MACHINE)  # fmt: skip
    line = LineData(case.applicant.person_key, case.division_code, amount_fen, purpose=purpose)
    batch = create_batch(
        key=f"case:{case.number}", programme=paid.name, purse=paid.purse, month=month.first, lines=[line],
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
