"""What registers of people and households share: facts in force, searching, what happened to a person."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.lookups import IsNull

from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.foundation.packs import manifests
from minzheng.kernel.foundation.registers import Change
from minzheng.kernel.registry.masking import HIDDEN_FACTS
from minzheng.kernel.registry.models import Fact, LifeEvent, Membership
from minzheng.kernel.registry.queries import LIFE_EVENTS, RELATIONS, in_force

REMEMBERED_SECONDS = 300
FEW = 20_000  # facts of one kind that are gone through sooner than a million rows are asked


def fact_titles() -> dict[str, str]:
    """Kinds of facts that may be shown and asked for, with their titles, from all manifests."""
    found: dict[str, str] = {}
    for manifest in manifests():
        found |= manifest.fact_kinds() if manifest.fact_kinds else {}
    return {kind: title for kind, title in found.items() if kind not in HIDDEN_FACTS}


def holds(people: str, kind: str, on: date) -> Q:
    """The condition that the person at `people` ('pk' of a person) holds a fact of that kind on a day.

    A rare fact is looked up once and its few holders are gone through; of a frequent one each row with its mark is asked (the caller adds
    `marked`), since rows that fit come soon. Raises LookupError for a kind that nobody may ask for.
    """
    if kind not in fact_titles():
        raise LookupError(f"没有“{kind}”这一种事实")
    facts = in_force(Fact.objects.filter(kind=kind), on)
    if is_rare(kind):
        return Q(**{f"{people}__in": facts.values("person_id")})
    return asked_of_each(facts.filter(person_id=OuterRef(people)))


def asked_of_each(rows: QuerySet[Any]) -> Q:
    """The condition that there is such a row, asked of one outer row after the other: PostgreSQL would turn an EXISTS into a
    join with all holders, before it knows that a page needs fifty. A constant is asked for, so that the index answers alone."""
    return Q(IsNull(Subquery(rows.annotate(one=Value(1)).values("one")[:1]), False))


def is_rare(kind: str) -> bool:
    """Whether few facts are of that kind; reads one index, and of that never more than it takes to know. Asked once in
    some minutes: what it decides is the way to the rows, never which they are."""
    return _is_rare(kind, FEW, int(time.monotonic() // REMEMBERED_SECONDS))


@lru_cache(maxsize=256)
def _is_rare(kind: str, few: int, _while: int) -> bool:
    return Fact.objects.filter(kind=kind).values("pk")[: few + 1].count() <= few


def titles_of(person_ids: Iterable[int], actor: Actor, on: date) -> Mapping[int, list[str]]:
    """Titles of the facts that hold on a day, by person; one query."""
    titles = fact_titles()
    rows = in_force(scoped(Fact.objects.filter(person_id__in=list(person_ids)), actor), on)
    found: dict[int, list[str]] = {}
    for person_id, kind in rows.values_list("person_id", "kind").distinct().order_by("kind"):
        if kind in titles:
            found.setdefault(person_id, []).append(titles[kind])
    return found


def happened(person_ids: list[int], actor: Actor, on: date, whose: Mapping[int, str] | None = None) -> list[Change]:
    """The dated rows about people as changes, newest first: households entered and left, facts begun and ended.

    `whose`: what each of several people is called ('配偶'), so that a fact is told with its holder.
    """
    titles, changes = fact_titles(), []
    for place in scoped(Membership.objects.filter(person_id__in=person_ids), actor):
        words = RELATIONS.get(place.relation, place.relation)
        changes.append(Change(place.valid_from, "公安", "入户", (("与户主关系", "", words),)))
        if place.valid_to:
            changes.append(Change(place.valid_to, "公安", "离户", (("与户主关系", words, ""),)))
    facts = list(scoped(Fact.objects.filter(person_id__in=person_ids, kind__in=list(titles)), actor))

    def told(fact: Fact) -> str:
        holder = (whose or {}).get(fact.person_id, "")
        return f"{holder} {titles[fact.kind]}".strip()

    begun = {(fact.person_id, fact.kind, fact.valid_from): fact.value for fact in facts}
    ended = {(fact.person_id, fact.kind, fact.valid_to): fact.value for fact in facts}
    for fact in facts:  # what ends on the day on which it begins anew (insured month by month) goes on
        before = ended.get((fact.person_id, fact.kind, fact.valid_from))
        if before is None:
            changes.append(Change(fact.valid_from, fact.source, "开始", ((told(fact), "无", "有"),)))
        elif before != fact.value:
            changes.append(Change(fact.valid_from, fact.source, "变化", ((told(fact), "有", "有，类别或等级不同"),)))
        if fact.valid_to and (fact.person_id, fact.kind, fact.valid_to) not in begun:
            changes.append(Change(fact.valid_to, fact.source, "结束", ((told(fact), "有", "无"),)))
    for event in scoped(LifeEvent.objects.filter(person_id__in=person_ids), actor):
        what = f"{(whose or {}).get(event.person_id, '')} {LIFE_EVENTS.get(event.kind, event.kind)}".strip()
        changes.append(Change(event.occurred_on, event.source, what))
    return sorted((change for change in changes if change.on <= on), key=lambda change: change.on, reverse=True)
