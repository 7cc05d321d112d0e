"""Writing what is known of people: bulk upserts with history, people without an ID number, recorded readings.

History is dated: a changed membership closes the old one and opens a new one, a fact that its source no longer holds
gets an end. Nothing is overwritten that was once true.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import F, QuerySet

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.foundation.encryption import blind_index
from minzheng.kernel.registry.marks import mark_of, marked
from minzheng.kernel.registry.models import Fact, Household, LifeEvent, Membership, Person
from minzheng.kernel.registry.search.actions import index_households, index_people

CHUNK = 500  # rows a statement: below SQLite's limit of variables for every table here


@dataclass(frozen=True)
class PersonData:
    """What a register says of a person. Identity (name, ID number, phone) is None when it was not opened again:
    then what is known stays."""

    person_key: int
    name: str | None
    id_number: str | None
    phone: str | None
    sex: str
    birth_date: date | None
    division_code: str
    residence_type: str
    synthetic: bool
    death_date: date | None = None


@dataclass(frozen=True)
class HouseholdData:
    """What a register says of a household; address None = not opened again."""

    household_key: int
    division_code: str
    address: str | None
    hukou_local: bool
    synthetic: bool


@dataclass(frozen=True)
class MembershipData:
    """Who belongs to which household, in which relation to its head."""

    person_key: int
    household_key: int
    relation: str


@dataclass(frozen=True)
class FactData:
    """One dated fact about a person, from one batch of one feed."""

    person_key: int
    kind: str
    value: str
    amount_fen: int | None
    valid_from: date
    valid_to: date | None
    source: str
    source_batch: str


def upsert_people(*, people: Sequence[PersonData], as_of: date, because: str, by: Actor) -> dict[int, int]:
    """Make people known, or bring what is known of them up to date; returns person_key → primary key.

    Only rows that changed are written (the encrypted columns are dear). An older delivery never overwrites newer.
    """
    existing = {p.person_key: p for p in _in_chunks(Person.objects.all(), "person_key", [d.person_key for d in people])}
    new, changed = [], []
    for data in people:
        row = existing.get(data.person_key)
        if row is None:
            row = Person(person_key=data.person_key, known_since=as_of, known_because=because[:128])
            new.append(row)
        elif row.updated_as_of > as_of or not _differs(row, data):
            continue
        else:
            changed.append(row)
        _fill_person(row, data, as_of)
    with transaction.atomic():
        Person.objects.bulk_create(new, batch_size=CHUNK)
        Person.objects.bulk_update(changed, _PERSON_FIELDS, batch_size=100)
        index_people([*new, *changed])
        audit.record_many(by, "person.known", [audit.Entry(f"person:{row.pk}", because) for row in new])
        if changed:
            audit.record(by, "person.update", f"people:{len(changed)}", because, ids=[row.pk for row in changed][:1000])
    return {row.person_key: row.pk for row in [*existing.values(), *new]}


_PERSON_FIELDS = ["name", "id_number", "id_number_index", "phone", "sex", "birth_date", "death_date", "division_code",
                  "residence_type", "synthetic", "updated_as_of"]  # fmt: skip


def upsert_households(*, households: Sequence[HouseholdData], as_of: date, by: Actor) -> dict[int, int]:
    """Make households known or bring them up to date; returns household_key → primary key."""
    keys = [data.household_key for data in households]
    existing = {h.household_key: h for h in _in_chunks(Household.objects.all(), "household_key", keys)}
    new, changed = [], []
    for data in households:
        row = existing.get(data.household_key)
        address = data.address if data.address is not None else (row.address if row else "")
        values = (data.division_code, address, data.hukou_local, data.synthetic)
        if row is None:
            row = Household(household_key=data.household_key)
            new.append(row)
        elif row.updated_as_of > as_of or (row.division_code, row.address, row.hukou_local, row.synthetic) == values:
            continue
        else:
            changed.append(row)
        row.division_code, row.address, row.hukou_local, row.synthetic = values
        row.updated_as_of = as_of
    fields = ["division_code", "address", "hukou_local", "synthetic", "updated_as_of"]
    with transaction.atomic():
        Household.objects.bulk_create(new, batch_size=CHUNK)
        Household.objects.bulk_update(changed, fields, batch_size=100)
        index_households([*new, *changed])
        if new or changed:
            audit.record(by, "household.upsert", f"households:{len(new) + len(changed)}", new=len(new), changed=len(changed))
    return {row.household_key: row.pk for row in [*existing.values(), *new]}


def upsert_memberships(
    *, memberships: Sequence[MembershipData], people: dict[int, int], households: dict[int, int], as_of: date, by: Actor
) -> int:
    """Bring people's places in households up to date as of a date; returns how many changed.

    A person moves: the old membership ends on `as_of`, the new one begins. A date before the current membership's
    beginning changes nothing (an older delivery that arrives late).
    """
    wanted = {people[m.person_key]: (households[m.household_key], m.relation) for m in memberships}
    current = {m.person_id: m for m in _in_chunks(Membership.objects.filter(valid_to=None), "person_id", list(wanted))}
    ended, begun, corrected = [], [], []
    for person_id, (household_id, relation) in wanted.items():
        row = current.get(person_id)
        if row and (row.household_id, row.relation) == (household_id, relation):
            continue
        if row and row.valid_from > as_of:
            continue
        if row and row.valid_from == as_of:  # two deliveries of one day: the later one corrects, no empty interval
            row.household_id, row.relation = household_id, relation
            corrected.append(row)
            continue
        if row:
            row.valid_to = as_of
            ended.append(row)
        begun.append(Membership(person_id=person_id, household_id=household_id, relation=relation, valid_from=as_of))
    with transaction.atomic():
        Membership.objects.bulk_update(ended, ["valid_to"], batch_size=CHUNK)
        Membership.objects.bulk_update(corrected, ["household_id", "relation"], batch_size=CHUNK)
        Membership.objects.bulk_create(begun, batch_size=CHUNK)
        _carry_marks_home((row.person_id, row.household_id) for row in [*begun, *corrected])
        if begun or corrected:
            audit.record(by, "membership.upsert", f"memberships:{len(begun) + len(corrected)}", ended=len(ended))
    return len(begun) + len(corrected)


def upsert_facts(
    *, facts: Sequence[FactData], about: dict[int, int], kinds: Iterable[str], as_of: date, by: Actor
) -> int:
    """Store the facts that hold as of a date for the people in `about` (person_key → primary key).

    A fact of one of `kinds` that is open in the registry and no longer among `facts` ends on `as_of`. Returns how many
    rows were written.
    """
    standing = _in_chunks(Fact.objects.filter(kind__in=list(kinds)), "person_id", sorted(about.values()))
    existing = {(f.person_id, f.kind, f.value, f.valid_from): f for f in standing}
    seen, new, changed = set(), [], []
    for data in facts:
        key = (about[data.person_key], data.kind, data.value[:64], data.valid_from)
        if key in seen:
            continue
        seen.add(key)
        row = existing.get(key)
        if row is None:
            new.append(_new_fact(key, data, as_of))
        elif (row.valid_to, row.amount_fen) != (data.valid_to, data.amount_fen) and row.recorded_as_of <= as_of:
            row.valid_to, row.amount_fen, row.recorded_as_of = data.valid_to, data.amount_fen, as_of
            row.source_batch = data.source_batch
            changed.append(row)
    for key, row in existing.items():
        if key not in seen and row.valid_to is None and row.valid_from < as_of and row.recorded_as_of <= as_of:
            row.valid_to, row.recorded_as_of = as_of, as_of
            changed.append(row)
    with transaction.atomic():
        Fact.objects.bulk_create(new, batch_size=CHUNK)
        mark((row.person_id, row.kind) for row in new)
        Fact.objects.bulk_update(changed, ["valid_to", "amount_fen", "recorded_as_of", "source_batch"], batch_size=CHUNK)
        if new or changed:
            audit.record(by, "fact.upsert", f"facts:{len(new) + len(changed)}", new=len(new), changed=len(changed))
    return len(new) + len(changed)


def mark(held: Iterable[tuple[int, str]]) -> None:
    """Add the marks of facts (marks.py), given as (person's primary key, kind), to the people and to the households where they live."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for person_id, kind in held:
        wanted[kind].add(person_id)
    for kind, person_ids in wanted.items():
        with_mark = {"fact_marks": F("fact_marks").bitor(mark_of(kind))}
        for part in _parts(person_ids):
            Person.objects.filter(pk__in=part).exclude(marked(kind)).update(**with_mark)
            homes = Membership.objects.filter(person__in=part, valid_to=None).values("household_id")
            Household.objects.filter(pk__in=homes).exclude(marked(kind)).update(**with_mark)


def _carry_marks_home(places: Iterable[tuple[int, int]]) -> None:
    """Add the marks of people who enter a household, as (person's, household's primary key), to the household's."""
    homes: dict[int, int] = dict(places)
    wanted: dict[int, set[int]] = defaultdict(set)
    for part in _parts(homes):
        for person_id, marks in Person.objects.filter(pk__in=part).exclude(fact_marks=0).values_list("pk", "fact_marks"):
            wanted[marks].add(homes[person_id])
    for marks, household_ids in wanted.items():
        for part in _parts(household_ids):
            Household.objects.filter(pk__in=part).update(fact_marks=F("fact_marks").bitor(marks))


def record_life_events(*, events: Sequence[LifeEvent], by: Actor) -> list[LifeEvent]:
    """Store life events that are not known yet (same person, kind and day = the same event); returns the new ones."""
    rows = _in_chunks(LifeEvent.objects.all(), "person_id", sorted({e.person_id for e in events}))
    known = {(e.person_id, e.kind, e.occurred_on) for e in rows}
    by_key = {(e.person_id, e.kind, e.occurred_on): e for e in events}
    fresh = [event for key, event in by_key.items() if key not in known]
    with transaction.atomic():
        LifeEvent.objects.bulk_create(fresh, batch_size=CHUNK)
        if fresh:
            audit.record(by, "life_event.record", f"life_events:{len(fresh)}", of=len(events))
    return fresh


@transaction.atomic
def register_without_id(
    *, name: str, sex: str, division_code: str, because: str, by: Actor, birth_date: date | None = None
) -> Person:
    """Somebody without an ID number (an abandoned baby, an unidentified adult): known under a random surrogate.

    The surrogate is a 64-bit number like a pseudonym and is drawn until nobody in the registry has it.
    """
    by.require("households.view")
    while True:
        key = secrets.randbits(64) - (1 << 63)
        if not Person.objects.filter(person_key=key).exists():
            break
    today = clock.business_date()
    person = Person.objects.create(
        person_key=key, name=name, sex=sex, birth_date=birth_date, division_code=division_code, known_since=today,
        known_because=because[:128], updated_as_of=today, residence_type="without_id",
    )
    index_people([person])
    audit.record(by, "person.register_without_id", f"person:{person.pk}", because)
    return person


def reveal_identity(*, person_id: int, by: Actor, why: str) -> dict[str, str]:
    """Name, ID number, phone and address in full, for one person, with a reason that goes on record.

    Raises Forbidden without the capability, Person.DoesNotExist outside the jurisdiction, ValueError without a reason.
    """
    by.require("identity.reveal")
    if len(why.strip()) < 2:
        raise ValueError("请写明查看理由")
    person = scoped(Person.objects.all(), by).get(pk=person_id)
    membership = person.memberships.filter(valid_to=None).select_related("household").first()
    audit.record(by, "identity.reveal", f"person:{person.pk}", why.strip()[:256])
    return {
        "name": person.name, "id_number": person.id_number, "phone": person.phone,
        "address": membership.household.address if membership else "",
    }  # fmt: skip


def record_household_opened(*, household: Household, by: Actor) -> None:
    """Note that somebody opened a household's file."""
    by.require("households.view")
    audit.record(by, "household.open", f"household:{household.pk}")


def find_by_id_number(*, id_number: str, by: Actor, why: str) -> Person | None:
    """The known person with that ID number inside the actor's jurisdiction; the search itself is audited."""
    by.require("households.view")
    index = blind_index(id_number)
    found = scoped(Person.objects.filter(id_number_index=index), by).first() if index else None
    audit.record(by, "person.search_id", f"person:{found.pk}" if found else "person:none", why)
    return found


def _differs(row: Person, data: PersonData) -> bool:
    return (
        row.name, row.id_number, row.phone, row.sex, row.birth_date, row.division_code, row.residence_type, row.synthetic,
        row.death_date,
    ) != (
        _or(data.name, row.name), _or(data.id_number, row.id_number), _or(data.phone, row.phone), data.sex,
        data.birth_date, data.division_code, data.residence_type, data.synthetic, data.death_date or row.death_date,
    )  # fmt: skip


def _or(said: str | None, known: str) -> str:
    return known if said is None else said


def _fill_person(row: Person, data: PersonData, as_of: date) -> None:
    row.name, row.phone = _or(data.name, row.name), _or(data.phone, row.phone)
    row.id_number = _or(data.id_number, row.id_number)
    row.id_number_index = blind_index(row.id_number)
    row.sex, row.birth_date = data.sex, data.birth_date
    row.division_code, row.residence_type = data.division_code, data.residence_type
    row.synthetic, row.updated_as_of = data.synthetic, as_of
    row.death_date = data.death_date or row.death_date


def _new_fact(key: tuple[int, str, str, date], data: FactData, as_of: date) -> Fact:
    person_id, kind, value, valid_from = key
    return Fact(
        person_id=person_id, kind=kind, value=value, amount_fen=data.amount_fen, valid_from=valid_from,
        valid_to=data.valid_to, source=data.source, source_batch=data.source_batch, recorded_as_of=as_of,
    )


def _in_chunks(rows: QuerySet, field: str, values: Iterable[int]) -> list:  # type: ignore[type-arg]
    """The rows whose `field` is among many values, in statements that every database takes."""
    found: list = []  # type: ignore[type-arg]
    for part in _parts(set(values)):
        found += rows.filter(**{f"{field}__in": part})
    return found


def _parts(keys: Iterable[int]) -> Iterable[list[int]]:
    ordered = sorted(keys)
    return (ordered[start : start + 5000] for start in range(0, len(ordered), 5000))
