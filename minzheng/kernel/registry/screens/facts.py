"""What registers of people and households share: facts in force, searching, what happened to a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Q, QuerySet

from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.foundation.packs import manifests
from minzheng.kernel.foundation.registers import Change
from minzheng.kernel.registry.masking import HIDDEN_FACTS
from minzheng.kernel.registry.models import Fact, LifeEvent, Membership
from minzheng.kernel.registry.queries import LIFE_EVENTS, RELATIONS, in_force


def fact_titles() -> dict[str, str]:
    """Kinds of facts that may be shown and asked for, with their titles, from all manifests."""
    found: dict[str, str] = {}
    for manifest in manifests():
        found |= manifest.fact_kinds() if manifest.fact_kinds else {}
    return {kind: title for kind, title in found.items() if kind not in HIDDEN_FACTS}


def holders(kind: str, on: date) -> QuerySet[Fact]:
    """The facts of a kind that hold on a day. Raises LookupError for a kind that nobody may ask for."""
    if kind not in fact_titles():
        raise LookupError(f"没有“{kind}”这一种事实")
    return in_force(Fact.objects.filter(kind=kind), on)


def titles_of(person_ids: Iterable[int], actor: Actor, on: date) -> Mapping[int, list[str]]:
    """Titles of the facts that hold on a day, by person; one query."""
    titles = fact_titles()
    rows = in_force(scoped(Fact.objects.filter(person_id__in=list(person_ids)), actor), on)
    found: dict[int, list[str]] = {}
    for person_id, kind in rows.values_list("person_id", "kind").distinct().order_by("kind"):
        if kind in titles:
            found.setdefault(person_id, []).append(titles[kind])
    return found


def happened(person_ids: list[int], actor: Actor, on: date) -> list[Change]:
    """The dated rows about people as changes, newest first: households entered and left, facts begun and ended."""
    titles, changes = fact_titles(), []
    for place in scoped(Membership.objects.filter(person_id__in=person_ids), actor):
        words = RELATIONS.get(place.relation, place.relation)
        changes.append(Change(place.valid_from, "公安", "入户", (("与户主关系", "", words),)))
        if place.valid_to:
            changes.append(Change(place.valid_to, "公安", "离户", (("与户主关系", words, ""),)))
    for fact in scoped(Fact.objects.filter(person_id__in=person_ids, kind__in=list(titles)), actor):
        changes.append(Change(fact.valid_from, fact.source, "开始", ((titles[fact.kind], "无", "有"),)))
        if fact.valid_to:
            changes.append(Change(fact.valid_to, fact.source, "结束", ((titles[fact.kind], "有", "无"),)))
    for event in scoped(LifeEvent.objects.filter(person_id__in=person_ids), actor):
        changes.append(Change(event.occurred_on, event.source, LIFE_EVENTS.get(event.kind, event.kind)))
    return sorted((change for change in changes if change.on <= on), key=lambda change: change.on, reverse=True)


def holds(field: str, kind: str, on: date) -> Q:
    """The condition that the person under `field` ('pk', 'memberships__person') holds a fact of that kind."""
    return Q(**{f"{field}__in": holders(kind, on).values("person_id")})
