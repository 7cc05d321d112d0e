"""Keeping the index in step: whoever writes people or households calls these in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from django.db import transaction

from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.encryption import blind_index
from minzheng.kernel.registry.models import Household, Person
from minzheng.kernel.registry.search.addresses import road_of
from minzheng.kernel.registry.search.readings import readings
from minzheng.kernel.registry.search.spelling import deletions, marks
from minzheng.kernel.registry.search.tables import HouseholdRoad, NameReading, Pinyin, PinyinDeletion

CHUNK = 500  # rows a statement: below SQLite's limit of variables
TAIL, LONG_TAIL = 4, 6


def index_people(people: Sequence[Person]) -> None:
    """Write the readings of these people anew; no audit entry: it follows from the change that was recorded."""
    rows = [reading for person in people for reading in rows_of(person)]
    with transaction.atomic():
        for start in range(0, len(people), CHUNK):
            NameReading.objects.filter(person_id__in=[person.pk for person in people[start : start + CHUNK]]).delete()
        NameReading.objects.bulk_create(rows, batch_size=CHUNK)
        remember_pinyin({row.pinyin for row in rows})


def index_households(households: Sequence[Household]) -> None:
    """Write the roads of these households anew."""
    rows = [
        HouseholdRoad(household=row, road=road, **_place(row.division_code))
        for row in households if (road := road_of(row.address))
    ]  # fmt: skip
    with transaction.atomic():
        for start in range(0, len(households), CHUNK):
            HouseholdRoad.objects.filter(household_id__in=[row.pk for row in households[start : start + CHUNK]]).delete()
        HouseholdRoad.objects.bulk_create(rows, batch_size=CHUNK)


def rows_of(person: Person) -> list[NameReading]:
    """The rows by which a person is found: one for each reading of the name; somebody without a name has one without."""
    number = person.id_number
    shared = {
        "name_index": blind_index(person.name), "tail": number[-TAIL:].lower(), "birth_year": person.birth_date.year if person.birth_date else None,
        "long_tail_index": blind_index(number[-LONG_TAIL:].lower()) if len(number) > LONG_TAIL else "", **_place(person.division_code),
    }  # fmt: skip
    return [
        NameReading(person=person, pinyin=pinyin, initials=initials, **shared)
        for pinyin, initials in readings(person.name) or (("", ""),)
    ]


def remember_pinyin(texts: Iterable[str]) -> None:
    """Make pinyins findable with one wrong letter; those known already cost one look."""
    wanted = sorted(text for text in set(texts) if text)
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        known = set(Pinyin.objects.filter(text__in=chunk).values_list("text", flat=True))
        Pinyin.objects.bulk_create([Pinyin(text=text) for text in chunk if text not in known], ignore_conflicts=True)
        new = Pinyin.objects.filter(text__in=[text for text in chunk if text not in known])
        links = [PinyinDeletion(mark=mark, pinyin=row) for row in new for mark in marks(deletions(row.text)).values()]
        PinyinDeletion.objects.bulk_create(links, batch_size=CHUNK)


def rebuild(*, by: Actor, progress: Callable[[int, int], None] = lambda _d, _t: None) -> int:
    """Index everybody again, a few thousand at a time, each committed: a kill leaves the old index for the rest, and
    the next call begins anew. Returns how many people were indexed. Raises Forbidden."""
    by.require("users.manage")
    total, done = Person.objects.count() + Household.objects.count(), 0
    for table, write in ((Person, index_people), (Household, index_households)):
        last = 0
        while chunk := list(table.objects.filter(pk__gt=last).order_by("pk")[:4000]):  # type: ignore[attr-defined]
            write(chunk)  # type: ignore[operator]
            last, done = chunk[-1].pk, done + len(chunk)
            progress(done, total)
    audit.record(by, "search.rebuild", "registry:search", rows=done)
    return done


def _place(division_code: str) -> dict[str, str]:
    return {"division_code": division_code, "county": division_code[:6], "town": division_code[:9]}
