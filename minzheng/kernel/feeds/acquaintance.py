"""Making people known to the bureau: from pseudonyms in the lake to people and households in the registry.

Whoever an alert or a benefit is about becomes known together with the household. Identities are opened only for
people who were not known before; what the feeds say of known people is brought up to date every night.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

import polars as pl

from minzheng.kernel.feeds import lake
from minzheng.kernel.feeds.contracts import Contract, FactRule, contracts
from minzheng.kernel.feeds.identities import Identity, open_identities
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.packs import manifests
from minzheng.kernel.foundation.rounds import Counts, Progress
from minzheng.kernel.registry.actions import (
    FactData,
    HouseholdData,
    MembershipData,
    PersonData,
    record_life_events,
    upsert_facts,
    upsert_households,
    upsert_memberships,
    upsert_people,
)
from minzheng.kernel.registry.models import LifeEvent, Person

DATE_UNKNOWN = date(1900, 1, 1)  # the beginning of a fact whose register gives none
_PEOPLE = ("person_key", "sex", "birth_date", "residence_type", "village_code", "status", "synthetic")
_HOMES = ("person_key", "household_key", "relation", "village_code")


def make_known(person_keys: Collection[int], actor: Actor, why: str, as_of: date) -> dict[int, int]:
    """Make residents and their households known; returns person_key → primary key of all of them.

    Idempotent and in bulk. Keys that the population register does not know are left out. Identities of people new
    to the bureau are opened with `why` on record; deaths that the feeds report are recorded and handed to the packs.
    """
    if not person_keys:
        return {}
    homes = _homes(person_keys, as_of)
    wanted = set(person_keys) | set(homes["person_key"].to_list())
    people = _population(wanted, as_of)
    present = set(people["person_key"].to_list())
    known = _known(present)
    identities = open_identities(present - known, actor, why)
    deaths = _deaths(present, as_of)
    ids = upsert_people(
        people=[_person(row, identities, deaths) for row in people.iter_rows(named=True)],
        as_of=as_of, because=why, by=actor,
    )  # fmt: skip
    _store_homes(homes, people, identities, ids, as_of, actor)
    _store_facts(ids, as_of, actor)
    _store_deaths(deaths, ids, as_of, actor)
    return ids


def refresh_known(as_of: date, progress: Progress) -> Counts:
    """A step of the night: bring everybody known, and their households, up to date with the feeds."""
    actor = Actor.system("夜间批处理")
    keys = list(Person.objects.exclude(id_number_index="").order_by("person_key").values_list("person_key", flat=True))
    size = 20_000
    touched = 0
    for start in range(0, len(keys), size):
        touched += len(make_known(keys[start : start + size], actor, "在册家庭成员变动", as_of))
        progress(min(start + size, len(keys)), len(keys))
    return Counts(len(keys), touched)


def _semi(name: str, keys: Collection[int], as_of: date, key: str = "person_key", *, with_batch: bool = False) -> pl.LazyFrame:
    wanted = pl.LazyFrame({key: pl.Series(sorted(keys), dtype=pl.Int64)})
    return lake.scan(name, as_of, with_batch=with_batch).join(wanted, on=key, how="semi")


def _population(keys: Collection[int], as_of: date) -> pl.DataFrame:
    return _semi("population", keys, as_of).select(_PEOPLE).collect().sort("person_key")


def _homes(keys: Collection[int], as_of: date) -> pl.DataFrame:
    """All members of the households in which somebody of `keys` lives."""
    own = _semi("households", keys, as_of).select("household_key").collect()["household_key"].unique()
    return _semi("households", own.to_list(), as_of, "household_key").select(_HOMES).collect().sort("person_key")


def _known(keys: set[int]) -> set[int]:
    found: set[int] = set()
    ordered = sorted(keys)
    for start in range(0, len(ordered), 5000):
        rows = Person.objects.filter(person_key__in=ordered[start : start + 5000])
        found.update(rows.values_list("person_key", flat=True))
    return found


def _deaths(keys: Collection[int], as_of: date) -> dict[int, tuple[date, str]]:
    """person_key → (earliest reported date of death, batch); reports of several sources may differ by days."""
    rows = _semi("deaths", keys, as_of, with_batch=True).filter(pl.col("death_date") <= as_of)
    first = rows.sort("death_date", "batch").group_by("person_key", maintain_order=True).first()
    return {row["person_key"]: (row["death_date"], row["batch"]) for row in first.collect().iter_rows(named=True)}


def _person(row: dict[str, Any], identities: dict[int, Identity], deaths: dict[int, tuple[date, str]]) -> PersonData:
    key = row["person_key"]
    identity = identities.get(key)
    return PersonData(
        person_key=key, name=identity.name if identity else None, id_number=identity.id_number if identity else None,
        phone=identity.phone if identity else None, sex=row["sex"] or Person.Sex.UNKNOWN, birth_date=row["birth_date"],
        division_code=str(row["village_code"]), residence_type=row["residence_type"],
        synthetic=bool(row["synthetic"]), death_date=deaths[key][0] if key in deaths else None,
    )


def _store_homes(
    homes: pl.DataFrame, people: pl.DataFrame, identities: dict[int, Identity], ids: dict[int, int], as_of: date, actor: Actor
) -> None:
    by_key = {row["person_key"]: row for row in people.iter_rows(named=True)}
    rows = [row for row in homes.iter_rows(named=True) if row["person_key"] in by_key]
    housed = {row["person_key"] for row in rows}
    for key in sorted(set(by_key) - housed):
        # In no household of the register: a household of one, under a key that no register number can have made.
        rows.append({"person_key": key, "household_key": ~key, "relation": "single", "village_code": by_key[key]["village_code"]})
    heads: dict[int, dict[str, Any]] = {}
    for row in rows:
        if row["household_key"] not in heads or row["relation"] in ("head", "single"):
            heads[row["household_key"]] = row
    households = [
        HouseholdData(
            household_key=key, division_code=str(head["village_code"]),
            address=identities[head["person_key"]].address if head["person_key"] in identities else None,
            hukou_local=by_key[head["person_key"]]["residence_type"] == "hukou",
            synthetic=bool(by_key[head["person_key"]]["synthetic"]),
        )
        for key, head in sorted(heads.items())
    ]  # fmt: skip
    household_ids = upsert_households(households=households, as_of=as_of, by=actor)
    upsert_memberships(
        memberships=[MembershipData(r["person_key"], r["household_key"], r["relation"]) for r in rows],
        people=ids, households=household_ids, as_of=as_of, by=actor,
    )  # fmt: skip


def _store_facts(ids: dict[int, int], as_of: date, actor: Actor) -> None:
    facts: list[FactData] = []
    kinds: set[str] = set()
    for contract in contracts().values():
        if not contract.facts:
            continue
        rows = _semi(contract.name, ids, as_of, with_batch=True).collect()
        for rule in contract.facts:
            kinds.add(rule.kind)
            facts += facts_from(rows, rule, contract, as_of)
    upsert_facts(facts=facts, about=ids, kinds=kinds, as_of=as_of, by=actor)


def facts_from(rows: pl.DataFrame, rule: FactRule, contract: Contract, as_of: date) -> list[FactData]:
    """The facts that rows of a feed yield by one rule of its contract. An end date in a register is the last day
    (or month) on which it holds; a fact's end is the first on which it does not."""
    for column, values in rule.when.items():
        rows = rows.filter(pl.col(column).is_in(list(values)))
    found = []
    for row in rows.sort("person_key").iter_rows(named=True):
        start, end = row[rule.valid_from] or DATE_UNKNOWN, row[rule.valid_to] if rule.valid_to else None
        if end is not None and rule.valid_to is not None:
            end = _day_after(end, contract.columns[rule.valid_to].type == "month")
        if start > as_of or (end is not None and end <= start):
            continue
        filled = {key: value if value is not None else "" for key, value in row.items()}
        found.append(
            FactData(row["person_key"], rule.kind, rule.value.format(**filled)[:64],
                     row[rule.amount] if rule.amount else None, start, end, contract.title, row["batch"])
        )  # fmt: skip
    return found


def _day_after(end: date, whole_month: bool) -> date:
    if whole_month:
        return (end.replace(day=28) + timedelta(days=4)).replace(day=1)
    return end + timedelta(days=1)


def _store_deaths(deaths: dict[int, tuple[date, str]], ids: dict[int, int], as_of: date, actor: Actor) -> None:
    events = [
        LifeEvent(person_id=ids[key], kind="death", occurred_on=day, source="死亡信息", source_batch=batch, recorded_as_of=as_of)
        for key, (day, batch) in sorted(deaths.items())
        if key in ids
    ]  # fmt: skip
    fresh = record_life_events(events=events, by=actor)
    for manifest in manifests():
        if manifest.on_death and fresh:
            manifest.on_death([event.person_id for event in fresh], as_of)
