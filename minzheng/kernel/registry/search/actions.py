"""Keeping the index in step: whoever writes people or households calls these in the same transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef

from minzheng.kernel.divisions import queries as divisions
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.rounds import Counts, Progress
from minzheng.kernel.registry.models import Household, Person
from minzheng.kernel.registry.search.addresses import road_of
from minzheng.kernel.registry.search.blind import TAIL, beginnings, long_tail
from minzheng.kernel.registry.search.readings import readings
from minzheng.kernel.registry.search.spelling import deletions, marks
from minzheng.kernel.registry.search.tables import HouseholdRoad, NameReading, Pinyin, PinyinDeletion

CHUNK = 500  # rows a statement: below SQLite's limit of variables
BATCH = 2000  # people a transaction of a rebuild


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
    places = divisions.names({row.division_code for row in households}, clock.business_date())
    rows = [
        HouseholdRoad(household=row, road=road, **_place(row.division_code))
        for row in households if (road := road_of(row.address, places[row.division_code]))
    ]  # fmt: skip
    with transaction.atomic():
        for start in range(0, len(households), CHUNK):
            HouseholdRoad.objects.filter(household_id__in=[row.pk for row in households[start : start + CHUNK]]).delete()
        HouseholdRoad.objects.bulk_create(rows, batch_size=CHUNK)


def rows_of(person: Person) -> list[NameReading]:
    """The rows by which a person is found: one for each reading of the name; somebody without a name has one without."""
    number = person.id_number.lower()
    shared = {
        "name_index": beginnings(person.name), "tail": number[-TAIL:], "long_tail_index": long_tail(number),
        "birth_year": person.birth_date.year if person.birth_date else None, **_place(person.division_code),
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


def rebuild(*, by: Actor, progress: Progress = lambda _done, _total: None) -> int:
    """Index everybody again, some thousands at a time, each committed with a note of how far it is; search goes on
    meanwhile. A call after a kill goes on from there. Returns how many rows this call indexed. Raises Forbidden."""
    by.require("users.manage")
    mark = _mark()
    reached = _reached(mark)
    total, done = Person.objects.count() + Household.objects.count(), 0
    before = sum(table.objects.filter(pk__lte=reached.get(name, 0)).count() for name, (table, _write) in _TABLES.items())
    for name, (table, write) in _TABLES.items():
        while chunk := _index_next(table, write, reached.get(name, 0)):
            reached[name], done = chunk[-1].pk, done + len(chunk)
            draft = mark.with_suffix(".new")
            draft.write_text(json.dumps(reached), encoding="utf-8")
            draft.replace(mark)
            progress(before + done, total)
    audit.record(by, "search.rebuild", "registry:search", rows=done, before=before)
    mark.unlink(missing_ok=True)
    return done


def heal(as_of: date, progress: Progress) -> Counts:
    """A step of the night: index people who are not in the index or stand there under another place. Usually nobody:
    whoever writes people writes the index; after an update of the platform it is everybody."""
    absent = Person.objects.filter(~Exists(NameReading.objects.filter(person=OuterRef("pk")))).values_list("pk", flat=True)
    astray = NameReading.objects.exclude(division_code=F("person__division_code")).values_list("person_id", flat=True)
    wanted = sorted({*absent, *astray})
    for start in range(0, len(wanted), BATCH):
        with transaction.atomic():
            index_people(list(Person.objects.select_for_update().filter(pk__in=wanted[start : start + BATCH])))
        progress(min(start + BATCH, len(wanted)), len(wanted))
    return Counts(Person.objects.count(), len(wanted))


def _index_next(table: Any, write: Any, after: int) -> list[Any]:
    """Index the next rows in one transaction; they are locked, so that a change made meanwhile is not undone."""
    with transaction.atomic():
        chunk = list(table.objects.select_for_update().filter(pk__gt=after).order_by("pk")[:BATCH])
        if chunk:
            write(chunk)
    return chunk


_TABLES: dict[str, tuple[Any, Any]] = {"people": (Person, index_people), "households": (Household, index_households)}


def _mark() -> Path:
    """Where a rebuild notes how far it is."""
    return Path(settings.HOME.work) / "search-rebuild.json"


def _reached(mark: Path) -> dict[str, int]:
    return {str(name): int(pk) for name, pk in json.loads(mark.read_text(encoding="utf-8")).items()} if mark.exists() else {}


def _place(division_code: str) -> dict[str, str]:
    return {"division_code": division_code, "county": division_code[:6], "town": division_code[:9]}
