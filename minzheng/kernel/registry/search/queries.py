"""Finding people and households, always inside the reader's jurisdiction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from django.db.models import Q, QuerySet

from minzheng.kernel.divisions import queries as divisions
from minzheng.kernel.divisions.codes import code_range
from minzheng.kernel.divisions.models import Division
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.foundation.encryption import blind_index
from minzheng.kernel.registry.models import Household, Person
from minzheng.kernel.registry.search.actions import LONG_TAIL, TAIL
from minzheng.kernel.registry.search.readings import readings
from minzheng.kernel.registry.search.spelling import SHORTEST, deletions, marks, one_edit_apart
from minzheng.kernel.registry.search.tables import HouseholdRoad, NameReading, Pinyin
from minzheng.kernel.registry.search.words import Query, parse

LIMIT = 20
NAMESAKES = 200  # counted so far; beyond that '200 多人'
DECRYPTED = 400  # names opened at most to tell characters of one sound apart


@dataclass(frozen=True)
class Hit:
    """A person found, and how: exact, prefix, typo, digits."""

    person: Person
    how: str


@dataclass(frozen=True)
class Found:
    """What a search gives. `namesakes`: how many answer to the whole name, when that is more than are shown."""

    people: list[Hit] = field(default_factory=list)
    households: list[tuple[Household, str]] = field(default_factory=list)
    places: list[Division] = field(default_factory=list)
    namesakes: int = 0

    @property
    def nothing(self) -> bool:
        return not (self.people or self.households or self.places)


def search(text: str, actor: Actor, on: date, limit: int = LIMIT) -> Found:
    """People, households and places for what was typed; words narrow each other. Raises Forbidden.

    Ranked: the whole name before its beginning before one wrong letter. Whole ID numbers are not for this search:
    `actions.find_by_id_number` records who asked.
    """
    actor.require("households.view")
    query = parse(text)
    if query.empty:
        return Found()
    places = [place for word in query.characters for place in divisions.search(word, actor, on, limit=LIMIT)]
    named = {word for word in query.characters if any(word in place.name for place in places)}
    only_place = not query.letters and not query.digits and set(query.characters) <= named
    hits = list(islice(_people(query, named, places, actor), limit))
    if not hits and named:  # a name that is also part of a place's name
        hits = list(islice(_people(query, set(), [], actor), limit))
    return Found(
        people=hits,
        households=_households(query, named, places, actor) if query.characters and not query.letters else [],
        places=places[:5] if only_place else [],
        namesakes=_namesakes(query, actor) if len(hits) == limit else 0,
    )


def condition(text: str, actor: Actor) -> Q:
    """The same search as a condition on people, for registers: whole or beginning of a name, digits, one typo."""
    query = parse(text)
    if query.empty:
        return Q(pk__in=[])
    rows = _scope(NameReading.objects.all(), actor).filter(_narrowing(query, []))
    if query.letters:
        letters = _letters(query.letters)
        if len(query.letters) >= SHORTEST and not rows.filter(letters).exists():
            letters = Q(pinyin__in=similar(query.letters))
        rows = rows.filter(letters)
    for word in query.characters:
        rows = rows.filter(Q(person_id__in=[hit.person.pk for hit in islice(_by_characters(rows, word), DECRYPTED)]))
    return Q(pk__in=rows.values("person_id"))


def missing() -> int:
    """How many known people are not in the index: after an update of the platform until the index is rebuilt."""
    return Person.objects.filter(readings=None).count()


def similar(pinyin: str) -> list[str]:
    """Known pinyins that differ from this one by one edit, itself not among them."""
    near = Pinyin.objects.filter(deletions__mark__in=list(marks(deletions(pinyin)).values())).values_list("text", flat=True)
    return sorted({text for text in near if text != pinyin and one_edit_apart(pinyin, text)})


def _people(query: Query, named: set[str], places: list[Division], actor: Actor) -> Iterator[Hit]:
    """Hits in order of rank, each person once."""
    seen: set[int] = set()
    for hit in _ranked(query, [word for word in query.characters if word not in named], places if named else [], actor):
        if hit.person.pk not in seen:
            seen.add(hit.person.pk)
            yield hit


def _ranked(query: Query, names: list[str], places: list[Division], actor: Actor) -> Iterator[Hit]:
    rows = _scope(NameReading.objects.all(), actor).filter(_narrowing(query, places)).select_related("person")
    if query.letters:
        yield from _by_letters(rows, query.letters)
    elif names:
        yield from _by_characters(rows, names[0])
    elif query.digits:
        yield from (Hit(row.person, "digits") for row in _checked(rows[:LIMIT * 5], query.digits))


def _by_letters(rows: QuerySet[NameReading], letters: str) -> Iterator[Hit]:
    yield from (Hit(row.person, "exact") for row in rows.filter(pinyin=letters)[:LIMIT])
    yield from (Hit(row.person, "exact") for row in rows.filter(initials=letters)[:LIMIT])
    found = False
    for row in rows.filter(_starts("pinyin", letters)).order_by("pinyin")[: LIMIT * 2]:
        found = True
        yield Hit(row.person, "prefix")
    for row in rows.filter(_starts("initials", letters)).order_by("initials")[: LIMIT * 2]:
        found = True
        yield Hit(row.person, "prefix")
    if not found and len(letters) >= SHORTEST:
        near = similar(letters)
        if near:
            yield from (Hit(row.person, "typo") for row in rows.filter(pinyin__in=near)[:LIMIT])


def _by_characters(rows: QuerySet[NameReading], name: str) -> Iterator[Hit]:
    """The whole name through its blind index; a beginning through its sound, then told apart by opening the names."""
    yield from (Hit(row.person, "exact") for row in rows.filter(name_index=blind_index(name))[:LIMIT])
    sounds = Q(pk__in=[])
    for pinyin, _initials in readings(name):
        sounds |= _starts("pinyin", pinyin)
    for row in rows.filter(sounds).order_by("pinyin")[:DECRYPTED]:
        if row.person.name.startswith(name):
            yield Hit(row.person, "prefix")


def _narrowing(query: Query, places: list[Division]) -> Q:
    """What digits and places demand of a row."""
    needed = Q()
    for word in query.digits:
        if len(word) == TAIL:
            needed &= Q(tail=word) | (Q(birth_year=int(word)) if word.isdigit() and 1900 <= int(word) <= 2100 else Q())
        elif len(word) >= LONG_TAIL:
            needed &= Q(long_tail_index=blind_index(word[-LONG_TAIL:]))
        else:
            needed &= Q(tail=word[-TAIL:])
    inside = Q()
    for place in places:
        low, high = code_range(place.code)
        inside |= Q(division_code__gte=low, division_code__lt=high)
    return needed & inside


def _checked(rows: Iterable[NameReading], digits: tuple[str, ...]) -> Iterator[NameReading]:
    """Rows whose number really ends in the digits, where the index knows only its last four or six."""
    for row in rows:
        number = row.person.id_number.lower()
        if all(number.endswith(word) or (len(word) == TAIL and word == str(row.birth_year)) for word in digits):
            yield row


def _households(query: Query, named: set[str], places: list[Division], actor: Actor) -> list[tuple[Household, str]]:
    rows = _scope(HouseholdRoad.objects.select_related("household"), actor).filter(_narrowing(Query(), places if named else []))
    roads = [word for word in query.characters if word not in named]
    if not roads:
        return []
    for word in roads:
        rows = rows.filter(_starts("road", word))
    return [(row.household, row.road) for row in rows.order_by("road")[:10]]


def _namesakes(query: Query, actor: Actor) -> int:
    rows = _scope(NameReading.objects.all(), actor).filter(_narrowing(query, []))
    if len(query.characters) == 1 and not query.letters:
        rows = rows.filter(name_index=blind_index(query.characters[0]))
    elif query.letters and not query.characters:
        rows = rows.filter(pinyin=query.letters)
    else:
        return 0
    count = len(rows.values_list("pk")[: NAMESAKES + 1])
    return count if count > LIMIT else 0


def _letters(letters: str) -> Q:
    return _starts("pinyin", letters) | _starts("initials", letters)


def _starts(field_name: str, text: str) -> Q:
    """A beginning as a range, which every database reads from an ordinary index."""
    return Q(**{f"{field_name}__gte": text, f"{field_name}__lt": text[:-1] + chr(ord(text[-1]) + 1)})


def _scope(rows: QuerySet, actor: Actor) -> QuerySet:  # type: ignore[type-arg]
    """The reader's rows, and the same once more by towns or counties, so that one index serves place and name."""
    inside = scoped(rows, actor)
    if actor.ranges and all(high <= f"{int(low[:9]) + 1:09d}000" for low, high in actor.ranges):
        return inside.filter(town__in=sorted({low[:9] for low, _high in actor.ranges}))
    touched = [
        county for county in divisions.county_codes()
        if any(low < f"{int(county) + 1:06d}" and high > county for low, high in actor.ranges)
    ]  # fmt: skip
    return inside.filter(county__in=touched)
