"""What the rules of benefits say of a case: the household as the registry, the check and the answers know it, through the rule.

The rule decides; a human may deviate, with a reason. Nothing of a weighing is kept unless somebody proposes or decides on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl
from django.db.models import Q, Sum

from minzheng.kernel.benefits.awards import AWARD_INPUTS
from minzheng.kernel.benefits.models import Award
from minzheng.kernel.benefits.months import terms_of
from minzheng.kernel.benefits.parameters import values_at
from minzheng.kernel.benefits.programmes import inputs, programmes
from minzheng.kernel.benefits.reckoning import Terms
from minzheng.kernel.benefits.standing import SINCE
from minzheng.kernel.benefits.why import Why, explain_people
from minzheng.kernel.casework.clocks import add_months
from minzheng.kernel.casework.items import GIVING, Service
from minzheng.kernel.casework.models import Case, Check
from minzheng.kernel.casework.parts import RuleUse
from minzheng.kernel.casework.reading import unsealed
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.identifiers import check_id
from minzheng.kernel.ledger.models import PaymentLine
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.models import Person
from minzheng.kernel.rules.inputs import BASE, KEYS
from minzheng.kernel.rules.language import Input, Month

MACHINE = Actor.system("规则测算")
RANKS = {"head": 0, "single": 0, "spouse": 1}
KEEPING = frozenset({*GIVING, "keep", "reduce"})


@dataclass(frozen=True)
class Weighed:
    """What the rule says: `why` explains it step by step; `summary` is what is kept with a proposal (no personal data)."""

    why: Why
    month: Month
    checked: bool

    @property
    def eligible(self) -> bool:
        return self.why.result.eligible

    @property
    def amount_fen(self) -> int:
        return self.why.result.amount_fen if self.eligible else 0

    @property
    def summary(self) -> dict[str, Any]:
        return {
            "programme": self.why.programme.name, "month": str(self.month), "eligible": self.eligible, "amount_fen": self.amount_fen,
            "failed": [line.label for line in self.why.result.failed], "unverified": len(self.why.result.unverified),
            "checked": self.checked,
        }  # fmt: skip


def weigh(case: Case, service: Service, answers: Mapping[str, Any], on: date) -> Weighed | None:
    """The rule of the item over the household of a case, on a day; None for an item without a rule. Feeds that nobody has checked
    count as not known. Raises LookupError (in Chinese) when a parameter has no value on that day."""
    use = service.version.rule
    if use is None or use.programme not in programmes():
        return None
    told = last_check(case)
    people = household_frame(case, use, answers, told, min(on, month_of(use, on).last))
    return weigh_people(people, use, on, checked=bool(told), unit=case.applicant.person_key)


def weigh_people(people: pl.DataFrame, use: RuleUse, on: date, checked: bool, unit: int = 0) -> Weighed:
    """The rule over a frame of one household's people; also for the pre-check of citizens, which keeps nothing."""
    month = month_of(use, on)
    terms = _terms(month, use.programme)
    found = explain_people(people, terms)
    mine = next((each for each in found if each.programme.rule.entity == "household" or each.result.person_key == unit), found[0])
    return Weighed(mine, month, checked)


def month_of(use: RuleUse, on: date) -> Month:
    """The month that is reckoned: the present one, or of what is paid in seasons the last in which it was paid, within a year."""
    month = Month(on.replace(day=1))
    if not use.season:
        return month
    months = values_at(on)[use.programme][use.season].dated.value
    back = (Month(add_months(month.first, -count)) for count in range(12))
    return next((each for each in back if months.get(str(each.first.month)) == 1), month)


def deviates(weighed: Weighed | None, kind: str, amount_fen: int | None) -> bool:
    """Whether a decision is another than what the rule says. 'record' is no decision about need."""
    if weighed is None or kind == "record":
        return False
    if (kind in KEEPING) != weighed.eligible:
        return True
    return kind in GIVING and amount_fen is not None and amount_fen != weighed.amount_fen


def last_check(case: Case) -> dict[str, dict[str, int]]:
    """What the last check that ran found: id of the registry → input → value; empty without one."""
    row = Check.objects.filter(case=case, refused_because="").order_by("-pk").first()
    found: dict[str, dict[str, int]] = unsealed(row.result)["people"] if row else {}
    return found


def household_frame(case: Case, use: RuleUse, answers: Mapping[str, Any], told: Mapping[str, Mapping[str, int]], on: date) -> pl.DataFrame:
    """One row a member with every input: absent, then the registry, then the check, then what is declared and assumed."""
    known = inputs_by_name()
    members = registry.members(case.household, MACHINE, on) if case.household else []
    people = [(each.person, each.relation) for each in members if each.person.death_date is None]
    if all(person.pk != case.applicant_id for person, _relation in people):
        people.append((case.applicant, "head" if not people else "other"))
    home = case.household.household_key if case.household else -1 - case.applicant.person_key
    declared = {str(each.get("id_number", "")).upper(): each for each in answers.get("members", ()) if isinstance(each, Mapping)}
    held = _awards([person.person_key for person, _relation in people], on)
    rows = []
    for person, relation in people:
        row = _row(known, person, relation, home) | dict(told.get(str(person.pk), {})) | held.get(person.person_key, {})
        mine = declared.pop(person.id_number.upper(), {}) if person.id_number else {}
        evidence = {name: row[name] for name in use.checked} if told else {}
        rows.append(_laid(row, use, answers, mine, person.pk == case.applicant_id, on) | evidence)
    for number, extra in enumerate(declared.values(), 1):  # who lives there without being known to the bureau
        checked = check_id(str(extra.get("id_number", "")))
        row = {name: each.absent for name, each in known.items()} | {
            "person_key": -number, "household_key": home, "village": int(case.division_code), "present": 1, "hukou": 1, "rank": 2,
        }  # fmt: skip
        if checked.birth_date:
            row |= {"birth": _number(checked.birth_date), "sex": int(checked.sex or 0)}
        rows.append(_laid(row, use, answers, extra, False, on))
    if not any(row["rank"] == 0 for row in rows):
        rows[0]["rank"] = 0
    if use.paid_before:
        mine_ = next(row for row in rows if row["person_key"] == case.applicant.person_key)
        mine_[use.paid_before] = _paid(use.programme, [mine_] if use.only_applicant else rows, on)
    return pl.DataFrame(rows, schema={name: pl.Int64() for name in (*KEYS, *known)}).sort("rank", "person_key")


def _row(known: Mapping[str, Input], person: Person, relation: str, home: int) -> dict[str, int]:
    row = {name: each.absent for name, each in known.items()}
    return row | {
        "person_key": person.person_key, "household_key": home, "village": int(person.division_code or 0), "present": 1,
        "rank": RANKS.get(relation, 2), "hukou": int(person.residence_type == "hukou"),
        "sex": int(person.sex) if person.sex in ("1", "2") else 0,
        "birth": _number(person.birth_date) if person.birth_date else known["birth"].absent,
    }  # fmt: skip


def _laid(row: dict[str, int], use: RuleUse, answers: Mapping[str, Any], mine: Mapping[str, Any], applicant: bool, on: date) -> dict[str, int]:
    for name, field in use.of_members.items():
        if isinstance(mine.get(field), int | str):
            row[name] = whole(mine[field])
    if applicant:
        row |= {name: whole(answers[field]) for name, field in use.declared.items() if answers.get(field) not in (None, "")}
    if applicant or not use.only_applicant:
        row |= use.assumed
        if (since := SINCE.get(use.programme, "")) in row and not row[since]:  # what is about to be awarded begins now
            row[since] = _number(on)
    return row


def inputs_by_name() -> dict[str, Input]:
    """Everything that rules ask of a person."""
    return {**{each.name: each for each in BASE}, **inputs()}


def whole(value: Any) -> int:
    """An answer as rules take it: amounts and counts as they are, yes as 1, dates as 20240229, codes as their number."""
    if isinstance(value, str) and len(value) == 10 and value[4] == "-":
        return _number(date.fromisoformat(value))
    return int(value) if not isinstance(value, str) or value.isdecimal() else 0


def _awards(keys: list[int], on: date) -> dict[int, dict[str, int]]:
    """What these people have been awarded, as inputs of rules."""
    found: dict[int, dict[str, int]] = {}
    held = Award.objects.filter(Q(until=None) | Q(until__gt=on), person_key__in=keys, programme__in=list(AWARD_INPUTS), since__lte=on)
    for award in held.order_by("since"):
        mine = found.setdefault(award.person_key, {})
        mine[AWARD_INPUTS[award.programme]] = 1 if award.mode == Award.Mode.HOUSEHOLD else 2
        if since := SINCE.get(award.programme):
            mine[since] = _number(award.since)
    return found


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def _paid(programme: str, rows: list[dict[str, int]], on: date) -> int:
    """What went out to these people within 12 months, or is on its way."""
    lines = PaymentLine.objects.filter(
        programme=programme, person_key__in=[row["person_key"] for row in rows], month__gt=add_months(on.replace(day=1), -12)
    ).exclude(state=PaymentLine.State.CANCELLED)
    return int(lines.aggregate(total=Sum("amount_fen"))["total"] or 0)


def _terms(month: Month, programme: str) -> Terms:
    """The month's terms of one programme: others do not matter to what its rule says."""
    terms = terms_of(month)
    return replace(terms, programmes={programme: terms.programmes[programme]}, values={programme: terms.values[programme]}, rows=())
