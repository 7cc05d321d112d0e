"""Reading what is known of people and households, always inside the reader's jurisdiction and as of a date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet

from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.registry.models import Fact, Household, LifeEvent, Membership, Person

RELATIONS = {
    "head": "户主", "spouse": "配偶", "child": "子女", "parent": "父母", "grandchild": "孙子女",
    "grandparent": "祖父母", "sibling": "兄弟姐妹", "other": "其他", "single": "单人户",
}  # fmt: skip
LIFE_EVENTS = {"death": "去世", "death_reported": "入户获知去世"}


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened, whatever room it comes from; `subject` ('alert:12') lets a portal link to it. What a
    delivery tells of names its batch, and the day as of which it was recorded."""

    on: date
    kind: str
    title: str
    text: str = ""
    who: str = ""
    subject: str = ""
    batch: str = ""
    as_of: date | None = None


@dataclass(frozen=True)
class Member:
    """A member of a household with age and facts as of a date."""

    person: Person
    relation: str
    age: int | None
    facts: list[Fact] = field(default_factory=list)

    @property
    def relation_title(self) -> str:
        return RELATIONS.get(self.relation, self.relation)


def age_on(birth: date | None, day: date) -> int | None:
    """Completed years; one born on 29 February turns on 1 March of other years (民法典 time limits by the day)."""
    if birth is None:
        return None
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def in_force(rows: QuerySet, on: date) -> QuerySet:  # type: ignore[type-arg]
    """Dated rows that hold on a day."""
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), valid_from__lte=on)


def person(person_id: int, actor: Actor) -> Person:
    """One person; raises Person.DoesNotExist outside the jurisdiction."""
    actor.require("households.view")
    return scoped(Person.objects.all(), actor).get(pk=person_id)


def household(household_id: int, actor: Actor) -> Household:
    """One household; raises Household.DoesNotExist outside the jurisdiction."""
    actor.require("households.view")
    return scoped(Household.objects.all(), actor).get(pk=household_id)


def people_by_key(keys: Iterable[int], actor: Actor) -> dict[int, Person]:
    """Those of the people with these keys who are known and live in the jurisdiction."""
    actor.require("households.view")
    return {person.person_key: person for person in scoped(Person.objects.filter(person_key__in=set(keys)), actor)}


def households_by_key(keys: Iterable[int], actor: Actor) -> dict[int, int]:
    """Key → id of those of the households with these keys that have a file in the jurisdiction."""
    actor.require("households.view")
    rows = scoped(Household.objects.filter(household_key__in=set(keys)), actor)
    return dict(rows.values_list("household_key", "pk"))


def household_of(person_id: int, actor: Actor, on: date) -> Household | None:
    """The household to which a person belongs on a day; the present one when the day lies before all records."""
    actor.require("households.view")
    rows = scoped(Membership.objects.filter(person_id=person_id), actor).select_related("household")
    found = in_force(rows, on).order_by("-valid_from").first() or rows.filter(valid_to=None).first()
    return found.household if found else None


def members(of: Household, actor: Actor, on: date) -> list[Member]:
    """Members of a household on a day, head first, with the facts that hold on that day. Three queries."""
    actor.require("households.view")
    rows = in_force(scoped(Membership.objects.filter(household=of), actor), on).select_related("person")
    order = list(RELATIONS)
    chosen = sorted(rows, key=lambda m: (order.index(m.relation) if m.relation in order else 99, m.person.birth_date or on))
    facts: dict[int, list[Fact]] = {}
    for fact in facts_of([m.person_id for m in chosen], actor, on):
        facts.setdefault(fact.person_id, []).append(fact)
    return [Member(m.person, m.relation, age_on(m.person.birth_date, on), facts.get(m.person_id, [])) for m in chosen]


def addresses_of(person_ids: list[int], actor: Actor, on: date) -> dict[int, str]:
    """Full addresses of some people on a day, for putting them in order; whoever shows one masks it. One query."""
    actor.require("households.view")
    rows = in_force(scoped(Membership.objects.filter(person_id__in=person_ids), actor), on).select_related("household")
    return {row.person_id: row.household.address for row in rows}


def facts_of(person_ids: list[int], actor: Actor, on: date) -> QuerySet[Fact]:
    """Facts about some people that hold on a day."""
    return in_force(scoped(Fact.objects.filter(person_id__in=person_ids), actor), on).order_by("kind", "valid_from")


def facts_until(person_ids: list[int], actor: Actor, on: date) -> QuerySet[Fact]:
    """All facts about some people that began by a day, ended ones too, newest first."""
    return scoped(Fact.objects.filter(person_id__in=person_ids, valid_from__lte=on), actor).order_by("person_id", "kind", "-valid_from")


def timeline(of: Household, actor: Actor, on: date) -> list[TimelineEntry]:
    """What the registry knows of a household up to a day, newest first: moves, facts, life events.

    Higher rooms add their own entries (alerts, visits) to it.
    """
    actor.require("households.view")
    places = list(scoped(Membership.objects.filter(household=of), actor).select_related("person"))
    people = [place.person_id for place in places]
    entries = [
        TimelineEntry(place.valid_from, "membership", "入户档", RELATIONS.get(place.relation, place.relation),
                      subject=f"person:{place.person_id}")
        for place in places
    ]  # fmt: skip
    for fact in scoped(Fact.objects.filter(person_id__in=people), actor):
        entries.append(_told(fact.valid_from, "fact", fact.kind, fact.value, fact))
    for event in scoped(LifeEvent.objects.filter(person_id__in=people), actor):
        title = LIFE_EVENTS.get(event.kind, event.kind)
        entries.append(_told(event.occurred_on, "life_event", title, "", event))
    return sorted((entry for entry in entries if entry.on <= on), key=lambda entry: entry.on, reverse=True)


def _told(on: date, kind: str, title: str, text: str, by: Fact | LifeEvent) -> TimelineEntry:
    """An entry that a delivery tells of, with the delivery."""
    return TimelineEntry(on, kind, title, text, by.source, f"person:{by.person_id}", by.source_batch, by.recorded_as_of)
