"""What a search shows: people with what is known of them at a glance, households by road, places; the matched part marked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.identifiers import check_id, normalise_id
from minzheng.kernel.monitoring import queries as monitoring
from minzheng.kernel.registry import actions, queries
from minzheng.kernel.registry.masking import mask_name
from minzheng.kernel.registry.models import Person
from minzheng.kernel.registry.search import queries as registry_search
from minzheng.kernel.registry.search.readings import readings
from minzheng.kernel.registry.search.words import WHOLE_ID, Query, parse
from minzheng.portals.staff import places
from minzheng.portals.staff.facts import fact_line, is_hidden
from minzheng.portals.staff.people import PersonLine, person_line

HOW = {"exact": "", "prefix": "", "typo": "拼音相近", "digits": ""}
TAGGED = frozenset({"assistance", "disability"})  # facts that tell people of one name apart at a glance
Marked = list[tuple[str, bool]]  # pieces of a text, and whether each is what was typed


@dataclass(frozen=True)
class PersonResult:
    """One person found."""

    person: PersonLine
    url: str
    name: Marked
    place: Marked
    birth_year: Marked
    tail: Marked
    how: str
    tags: list[str] = field(default_factory=list)
    open_alerts: int = 0


@dataclass(frozen=True)
class Results:
    """What the page and the list under the box show. `parts`: (place, how many namesakes, what to search for then);
    `whole_id`: a whole number was typed, which only Enter looks up."""

    text: str = ""
    people: list[PersonResult] = field(default_factory=list)
    households: list[tuple[str, Marked, str]] = field(default_factory=list)
    places: list[tuple[str, Marked]] = field(default_factory=list)
    namesakes: int = 0
    parts: list[tuple[str, int, str]] = field(default_factory=list)
    more: bool = False
    whole_id: bool = False
    invalid: str = ""

    @property
    def nothing(self) -> bool:
        return not (self.people or self.households or self.places or self.whole_id or self.invalid)

    @property
    def count(self) -> int:
        """How many lines are shown."""
        return len(self.people) + len(self.households) + len(self.places)


def find(text: str, actor: Actor, on: date, limit: int) -> Results:
    """Results for what was typed. A whole ID number is not looked up here: `by_number` does, on record."""
    typed = " ".join(text.split())
    if number := whole_number(typed):
        return Results(whole_id=True) if check_id(number).id_number else Results(invalid=WRONG_NUMBER)

    def urgent(ids: Collection[int]) -> Collection[int]:
        return monitoring.open_counts(list(ids), actor) if actor.may("alerts.view") else ()

    found = registry_search.search(typed, actor, on, limit, urgent)
    query = parse(typed)
    roads = places.relative_names({home.division_code for home, _road in found.households}, actor) if found.households else {}
    return Results(
        text=typed,
        people=_people(found.people, query, actor, on),
        households=[
            (reverse("staff:household", args=[home.pk]), marked(road, query.characters), roads[home.division_code])
            for home, road in found.households[:limit]
        ],
        places=_places(found, query, actor),
        namesakes=found.namesakes,
        parts=_parts(found, typed, actor),
        more=found.more and not found.namesakes,
    )  # fmt: skip


WRONG_NUMBER = "证件号码不对：请逐位核对（18 位，末位可为 X）"


def whole_number(text: str) -> str:
    """The ID number, when the text is a whole one and nothing else; '' otherwise."""
    number = normalise_id(text)
    return number if WHOLE_ID.fullmatch(number.lower()) else ""


def by_number(number: str, actor: Actor) -> Person | None:
    """The person with that whole number, looked up on record; None outside the jurisdiction or for a wrong number."""
    checked = check_id(number)
    return actions.find_by_id_number(id_number=checked.id_number, by=actor, why="全局搜索") if checked.id_number else None


def marked(text: str, words: Iterable[str]) -> Marked:
    """The text in pieces, the first place where one of the words stands (or the text ends one) marked."""
    for word in words:
        at = text.find(word)
        if word and at >= 0:
            return [(text[:at], False), (word, True), (text[at + len(word) :], False)]
    return [(text, False)]


def _people(hits: list[registry_search.Hit], query: Query, actor: Actor, on: date) -> list[PersonResult]:
    people = [hit.person for hit in hits]
    ids = [person.pk for person in people]
    tags: dict[int, list[str]] = {}
    for fact in queries.facts_of(ids, actor, on):
        if fact.kind in TAGGED and not is_hidden(fact.kind):
            tags.setdefault(fact.person_id, []).append(fact_line(fact).text)
    waiting = monitoring.open_counts(ids, actor) if actor.may("alerts.view") else {}
    names = places.relative_names({person.division_code for person in people}, actor) if people else {}
    return [_person(hit, query, names[hit.person.division_code], tags, waiting) for hit in hits]


def _person(
    hit: registry_search.Hit, query: Query, place: str, tags: dict[int, list[str]], waiting: dict[int, int]
) -> PersonResult:
    person, tail = hit.person, hit.person.id_number[-4:]
    shown, known = mask_name(person.name), _typed_of(person.name, query)
    named = [word for word in query.characters if len(word) > 1]
    by_tail = any(word[-4:].upper() == tail.upper() for word in query.digits)
    year = str(person.birth_date.year) if person.birth_date else ""
    return PersonResult(
        person_line(person), reverse("staff:household_of", args=[person.pk]),
        [(shown[:known], True), (shown[known:], False)], marked(place, named), marked(year, query.digits) if year else [],
        [(tail, by_tail)] if tail else [], HOW[hit.how], tags.get(person.pk, [])[:2], waiting.get(person.pk, 0),
    )  # fmt: skip


def _typed_of(name: str, query: Query) -> int:
    """How many characters of a name were typed, as characters, in full pinyin or as initials."""
    sizes = [len(word) for word in (query.name, *query.characters) if word and name.startswith(word)]
    for size in range(len(name), 0, -1):
        said = {text for reading in readings(name[:size]) for text in reading}
        if any(one.startswith(text) for one in query.letters for text in said):
            sizes.append(size)
            break
    return max(sizes, default=0)


def _places(found: registry_search.Found, query: Query, actor: Actor) -> list[tuple[str, Marked]]:
    if not found.places or not actor.may("alerts.view"):
        return []
    names = places.relative_names({place.code for place in found.places}, actor)
    listed = reverse("staff:alerts")
    return [
        (f"{listed}?division={place.code}", marked(names[place.code] or place.name, query.characters)) for place in found.places
    ]


def _parts(found: registry_search.Found, typed: str, actor: Actor) -> list[tuple[str, int, str]]:
    """Where namesakes live, each with the search that leaves only those; a place whose name is not its own is left out."""
    if len(found.parts) < 2:
        return []
    names = places.relative_names({code for code, _count in found.parts}, actor)
    return [(names[code], count, f"{typed} {names[code]}") for code, count in found.parts if names[code]]
