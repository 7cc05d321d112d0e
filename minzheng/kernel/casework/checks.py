"""What a 核对 reads: the contributions of the snapshot, over the lake, for the few people of one case. Nothing else is looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.db.models import Q

from minzheng.kernel.benefits.snapshot.catalogue import contributions
from minzheng.kernel.casework.items import Service
from minzheng.kernel.casework.models import Authorisation, Case
from minzheng.kernel.feeds import lake
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.models import Person
from minzheng.kernel.rules.language import Month

ADULT_YEARS = 18
MACHINE = Actor.system("信息核对")
ALWAYS = ("population", "households")  # who they are: the register that made them known


@dataclass(frozen=True)
class Found:
    """people: id of the registry → input of rules → value; as_of: feed → [batch, date] of the newest delivery read ('' none)."""

    people: dict[str, dict[str, int]]
    as_of: dict[str, list[str]]


def people_of(case: Case, service: Service, on: date, adults_only: bool = True) -> list[Person]:
    """Those whom the check of a case concerns: the adults of the household (all members if asked), or the applicant alone."""
    rule = service.version.authorisation
    if rule is None or rule.per == "applicant" or case.household is None:
        return [case.applicant]
    members = registry.members(case.household, MACHINE, on)
    alive = [each for each in members if each.person.death_date is None]
    chosen = [each.person for each in alive if not adults_only or each.age is None or each.age >= ADULT_YEARS]
    return chosen if any(person.pk == case.applicant_id for person in chosen) else [case.applicant, *chosen]


def live_authorisation(case: Case, person: Person, feeds: Collection[str], on: date) -> Authorisation | None:
    """The authorisation that a person gave for this case, or for its bundle, and that covers all feeds on a day; None without one. What
    was signed for another matter is not used: the paper says that it is for this one only."""
    here = Q(case=case) | (Q(case__bundle=case.bundle_id) if case.bundle_id else Q(pk__in=[]))
    rows = Authorisation.objects.filter(here, person=person, revoked_on=None, signed_on__lte=on, valid_until__gte=on).order_by("-valid_until")
    return next((row for row in rows if set(feeds) <= set(row.feeds)), None)


def run(people: Iterable[Person], feeds: Collection[str], on: date) -> Found:
    """The inputs that these feeds tell of these people, as of a day. Feeds beyond the authorised ones are not read."""
    month = Month(on.replace(day=1))
    by_key = {person.person_key: str(person.pk) for person in people}
    found: dict[str, dict[str, int]] = {pk: {} for pk in by_key.values()}
    allowed = {*feeds, *ALWAYS}
    for contribution in contributions():
        if not set(contribution.contracts) <= allowed:
            continue
        if all(lake.batches(name, on) for name in contribution.contracts):  # delivered, and nothing about them: nothing there
            for known in found.values():
                known.update({each.name: each.absent for each in contribution.inputs if each.name not in known})
        frames = {name: _rows(name, columns, by_key, on) for name, columns in contribution.contracts.items()}
        for row in contribution.build(frames, month).collect().iter_rows(named=True):
            if row["person_key"] in by_key:
                found[by_key[row["person_key"]]] |= {
                    each.name: int(row[each.name] if row[each.name] is not None else each.absent) for each in contribution.inputs
                }
    return Found(found, {name: _newest(name, on) for name in sorted(feeds)})


def _rows(name: str, columns: tuple[str, ...], keys: Iterable[int], on: date) -> pl.LazyFrame:
    wanted = pl.LazyFrame({"person_key": pl.Series(sorted(keys), dtype=pl.Int64)})
    return lake.scan(name, on).select(columns).join(wanted, on="person_key", how="semi")


def _newest(name: str, on: date) -> list[str]:
    batches = lake.batches(name, on)
    return [batches[-1].batch_id, batches[-1].as_of.isoformat()] if batches else []


def differences(declared: dict[str, Any], told: dict[str, int]) -> list[tuple[str, int, int]]:
    """(input, what the applicant says, what the data say) where both speak and differ."""
    return [
        (name, int(value), told[name]) for name, value in sorted(declared.items()) if name in told and int(value) != told[name]
    ]
