"""Finding people and households, always inside the reader's jurisdiction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from itertools import groupby, islice
from operator import or_

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from minzheng.kernel.divisions.models import Division
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.registry.models import Household, Membership, Person
from minzheng.kernel.registry.search.blind import name_only
from minzheng.kernel.registry.search.meanings import Meaning, Reading
from minzheng.kernel.registry.search.rows import (
    around,
    endings,
    is_year,
    misspelt,
    named,
    similar,
    stages,
    starting,
)
from minzheng.kernel.registry.search.tables import HouseholdRoad, NameReading
from minzheng.kernel.registry.search.words import Query, parse

__all__ = ["Found", "Hit", "condition", "missing", "search", "similar"]

LIMIT = 20
MOST, MOST_BEGINNING = 600, 200  # candidates weighed: who bears a whole name (in a city of millions fewer do), who its beginning
PLACES = 5
PARTS = 8  # places among which namesakes are counted
RANKS = ("exact", "prefix", "typo", "digits")
First = Callable[[Collection[int]], Collection[int]]


@dataclass(frozen=True)
class Hit:
    """A person found, and how: exact, prefix, typo, digits."""

    person: Person
    how: str


@dataclass(frozen=True)
class Found:
    """What a search gives. `namesakes`: how many answer to the whole name, when that is more than are shown, and `parts`
    of the jurisdiction (division code, how many) in which they live, most first. `more`: others answer to what was typed so far."""

    people: list[Hit] = field(default_factory=list)
    households: list[tuple[Household, str]] = field(default_factory=list)
    places: list[Division] = field(default_factory=list)
    namesakes: int = 0
    parts: list[tuple[str, int]] = field(default_factory=list)
    more: bool = False

    @property
    def nothing(self) -> bool:
        return not (self.people or self.households or self.places)


def search(text: str, actor: Actor, on: date, limit: int = LIMIT, first: First = lambda _ids: ()) -> Found:
    """People, households and places for what was typed; words narrow each other. Raises Forbidden.

    Ranked: the whole name before its beginning before one wrong letter; among equals those whom `first` picks (a higher
    room knows whose alert is open). Whole ID numbers are not for this search: `actions.find_by_id_number` records who asked.
    """
    actor.require("households.view")
    query = parse(text)
    if query.empty:
        return Found()
    people: list[Hit] = []
    more = False
    namesakes: list[tuple[str, int]] = []
    reading = Reading(query, actor, on)
    for meaning in reading.people() or [Meaning()]:
        ways = _rows(query, meaning, actor)
        ranked = _ranked(ways, query, meaning, limit)
        opened = list(islice(_opened(ranked, query, meaning, actor, limit, first), limit + 1))
        people, more = opened[:limit], len(opened) > limit
        if people:
            exact = sum(rank == 0 for rank, _pinyin in ranked.values())
            namesakes = _parts(ways[-1], query, meaning) if exact > limit else []
            break
    only_places = not (query.letters or query.digits or query.name or query.house)
    return Found(
        people=people,
        households=_households(query, reading.households(), actor) if query.characters and not query.letters else [],
        places=reading.places(PLACES) if only_places else [],
        namesakes=sum(count for _code, count in namesakes), parts=namesakes[:PARTS], more=more,
    )  # fmt: skip


def condition(text: str, actor: Actor, few: int) -> Q:
    """The same search as a condition on people, for registers: whole or beginning of a name, digits, one typo. Up to `few` people
    are named by their keys: both databases plan better for some hundred keys than for a condition of unknown size."""
    met = _answering(text, actor)
    keys: set[int] = set()
    for rows in met:  # each in a statement of its own: of several with OR between them the whole index would be read
        keys.update(rows.values_list("person_id", flat=True).distinct()[: few + 1])
        if len(keys) > few:
            return reduce(or_, (Q(pk__in=rows.values("person_id")) for rows in met))
    return Q(pk__in=keys)


def _answering(text: str, actor: Actor) -> list[QuerySet[NameReading]]:
    """Rows of the index that answer: of the likeliest meaning that anybody answers to, whole names and beginnings before typos."""
    query = parse(text)
    if query.empty:
        return []
    for meaning in Reading(query, actor, clock.business_date()).people() or [Meaning()]:
        ways = _rows(query, meaning, actor)
        for wanted in _conditions(query, meaning):
            if met := [rows.filter(one) for rows in ways for one in wanted if rows.filter(one).exists()]:
                return met
    return []


def _conditions(query: Query, meaning: Meaning) -> Iterator[list[Q]]:
    """Whole names and their beginnings, and only if nobody answers to that, one wrong letter."""
    if not query.letters:
        yield [Q()]
        return
    yield [wanted for _how, wanted in stages(query.letters, meaning.names)]
    if near := misspelt(query.letters):
        yield [near]


def missing() -> int:
    """How many known people are not in the index: after an update of the platform until the index is rebuilt."""
    return Person.objects.filter(~Exists(NameReading.objects.filter(person=OuterRef("pk")))).count()


def _rows(query: Query, meaning: Meaning, actor: Actor) -> list[QuerySet[NameReading]]:
    """The reader's rows that the digits, the beginnings of a name and the places leave; more than one set where digits can
    be read in two ways."""
    alone = not query.letters and not meaning.names and meaning.inside is None and not meaning.roads
    wanted = named(meaning.names)
    if meaning.roads:
        wanted &= Q(person__in=_living_at(meaning, actor).values("person_id"))
    return [
        around(NameReading.objects.all(), actor, meaning.inside, by_place=not few).filter(wanted, ending)
        for ending, few in endings(query.digits, alone)
    ]


def _ranked(ways: list[QuerySet[NameReading]], query: Query, meaning: Meaning, limit: int) -> dict[int, tuple[int, str]]:
    """person → (rank, pinyin) for as many stages as it takes to fill the list."""
    found: dict[int, tuple[int, str]] = {}

    def take(how: str, wanted: Q) -> None:
        most = MOST_BEGINNING if how in ("prefix", "typo") else MOST
        for rows in ways:
            for person, pinyin in rows.filter(wanted).values_list("person_id", "pinyin")[:most]:
                found.setdefault(person, (RANKS.index(how), pinyin))

    for how, alike in groupby(stages(query.letters, meaning.names), key=lambda stage: stage[0]):
        if len(found) < limit:
            for _how, wanted in alike:
                take(how, wanted)
    if len(found) < limit and (near := misspelt(query.letters)):
        take("typo", near)
    return found


def _opened(
    ranked: dict[int, tuple[int, str]], query: Query, meaning: Meaning, actor: Actor, limit: int, first: First
) -> Iterator[Hit]:
    """People in order, opened a list at a time; who only shares a hash is left out."""
    urgent = set(first(list(ranked))) if ranked else set()
    order = sorted(ranked, key=lambda pk: (ranked[pk][0], pk not in urgent, ranked[pk][1], pk))
    for start in range(0, len(order), limit + 1):
        part = order[start : start + limit + 1]
        people = scoped(Person.objects.filter(pk__in=part).defer("phone"), actor).in_bulk()
        for pk in part:
            person = people.get(pk)
            if person and _is_meant(person, query, meaning):
                yield Hit(person, RANKS[ranked[pk][0]])


def _is_meant(person: Person, query: Query, meaning: Meaning) -> bool:
    name, number = name_only(person.name), person.id_number.lower()
    year = str(person.birth_date.year) if person.birth_date else ""
    return all(name.startswith(start) for start in meaning.names) and all(
        number.endswith(word) or (is_year(word) and word == year) for word in query.digits
    )


def _parts(rows: QuerySet[NameReading], query: Query, meaning: Meaning) -> list[tuple[str, int]]:
    """How many bear the whole name in each part of the jurisdiction: counties, in a county towns, in a town villages."""
    how, wanted = next(stages(query.letters, meaning.names))
    if how != "exact":
        return []
    bearers = rows.filter(wanted)
    for field_name, digits in (("county", 6), ("town", 9), ("division_code", 12)):
        counted = bearers.values_list(field_name).annotate(people=Count("person", distinct=True)).order_by("-people", field_name)
        found = [(str(code)[:digits].ljust(12, "0"), int(people)) for code, people in counted]
        if len(found) > 1:
            break
    return found


def _households(query: Query, meaning: Meaning, actor: Actor) -> list[tuple[Household, str]]:
    """Households by place and road, those first whose house number was typed as well."""
    if len(meaning.roads) != 1 or meaning.names:
        return []
    rows = around(HouseholdRoad.objects.select_related("household"), actor, meaning.inside)
    rows = rows.filter(starting("road", meaning.roads[0]))
    if not query.house:
        return [(row.household, row.road) for row in rows[:10]]
    met = [(row.household, row.road) for row in rows[:MOST]]
    return sorted(met, key=lambda pair: query.house not in name_only(pair[0].address))[:10]


def _living_at(meaning: Meaning, actor: Actor) -> QuerySet[Membership]:
    """Who lives today in households on all of these roads."""
    living = scoped(Membership.objects.filter(valid_to__isnull=True), actor)
    for road in meaning.roads:
        there = around(HouseholdRoad.objects.filter(starting("road", road)), actor, meaning.inside)
        living = living.filter(household__in=there.values("household_id"))
    return living
