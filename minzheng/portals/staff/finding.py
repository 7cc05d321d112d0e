"""What a search shows: people with what is known of them at a glance, households by road, places."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.identifiers import check_id, normalise_id
from minzheng.kernel.monitoring import queries as monitoring
from minzheng.kernel.registry import actions, queries
from minzheng.kernel.registry.models import Person
from minzheng.kernel.registry.search import queries as registry_search
from minzheng.kernel.registry.search.words import WHOLE_ID
from minzheng.portals.staff import places
from minzheng.portals.staff.facts import fact_line, is_hidden
from minzheng.portals.staff.people import PersonLine, person_line

HOW = {"exact": "", "prefix": "", "typo": "拼音相近", "digits": "证件尾号", "number": "证件号码"}
TAGGED = frozenset({"assistance", "disability"})  # facts that tell people of one name apart at a glance


@dataclass(frozen=True)
class PersonResult:
    """One person found."""

    person: PersonLine
    url: str
    place: str
    birth_year: int | None
    tail: str
    how: str
    tags: list[str] = field(default_factory=list)
    open_alerts: int = 0


@dataclass(frozen=True)
class Results:
    """What the page and the list under the box show. `whole_id`: a whole number was typed, which only Enter looks up."""

    text: str
    people: list[PersonResult]
    households: list[tuple[str, str, str]]
    places: list[tuple[str, str]]
    namesakes: int = 0
    whole_id: bool = False
    invalid: str = ""

    @property
    def nothing(self) -> bool:
        return not (self.people or self.households or self.places or self.whole_id or self.invalid)


def find(text: str, actor: Actor, on: date, submitted: bool) -> Results:
    """Results for what was typed. A whole ID number is looked up only when `submitted`, and that is recorded."""
    typed = text.strip()
    number = normalise_id(typed)
    if WHOLE_ID.fullmatch(number.lower()):
        return _by_number(typed, number, actor, on, submitted)
    found = registry_search.search(typed, actor, on)
    return Results(
        typed,
        _people([(hit.person, hit.how) for hit in found.people], actor, on),
        [
            (reverse("staff:household", args=[household.pk]), road, name)
            for (household, road), name in zip(found.households, _names([h.division_code for h, _r in found.households], actor), strict=True)
        ],
        [(f"{reverse('staff:alerts')}?division={place.code}", name)
         for place, name in zip(found.places, _names([p.code for p in found.places], actor), strict=True)]
        if actor.may("alerts.view") else [],
        found.namesakes,
    )  # fmt: skip


def _by_number(typed: str, number: str, actor: Actor, on: date, submitted: bool) -> Results:
    checked = check_id(number)
    if checked.problem or not checked.id_number:
        return Results("", [], [], [], invalid="证件号码不对：请逐位核对（18 位，末位可为 X）")
    if not submitted:
        return Results("", [], [], [], whole_id=True)
    person = actions.find_by_id_number(id_number=checked.id_number, by=actor, why="全局搜索")
    return Results("", _people([(person, "number")] if person else [], actor, on), [], [])


def _people(found: list[tuple[Person, str]], actor: Actor, on: date) -> list[PersonResult]:
    people = [person for person, _how in found]
    ids = [person.pk for person in people]
    tags: dict[int, list[str]] = {}
    for fact in queries.facts_of(ids, actor, on):
        if fact.kind in TAGGED and not is_hidden(fact.kind):
            tags.setdefault(fact.person_id, []).append(fact_line(fact).text)
    waiting = monitoring.open_counts(ids, actor) if actor.may("alerts.view") else {}
    names = _names([person.division_code for person in people], actor)
    results = [
        PersonResult(
            person_line(person), reverse("staff:household_of", args=[person.pk]), name,
            person.birth_date.year if person.birth_date else None, person.id_number[-4:], HOW[how],
            tags.get(person.pk, []), waiting.get(person.pk, 0),
        )
        for (person, how), name in zip(found, names, strict=True)
    ]  # fmt: skip
    order = list(HOW)
    ranks = {person.pk: order.index(how) for person, how in found}
    return sorted(results, key=lambda r: (ranks[r.person.person_id], not r.open_alerts))


def _names(codes: list[str], actor: Actor) -> list[str]:
    named = places.relative_names(set(codes), actor) if codes else {}
    return [named[code] for code in codes]
