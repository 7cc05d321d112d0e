"""家庭台账: the households known to the bureau; each row leads on to 一户一档."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import OuterRef, Q

from minzheng.kernel.divisions.screens.parts import place_filter
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.foundation.registers import Change, Column, Fields, Filter, Register, Related
from minzheng.kernel.registry.marks import marked
from minzheng.kernel.registry.models import Household, Membership, Person
from minzheng.kernel.registry.queries import RELATIONS, in_force
from minzheng.kernel.registry.screens.facts import (
    asked_of_each,
    fact_titles,
    happened,
    holds,
    is_rare,
    titles_of,
)
from minzheng.kernel.registry.screens.people import NAMED, age, found

HUKOU = {"local": "本地", "elsewhere": "外地"}


def _enrich(rows: Sequence[Any], actor: Actor, on: date) -> None:
    """Head, size and facts of the members, for the rows of one page: two queries."""
    members: dict[int, list[Membership]] = {}
    places = in_force(scoped(Membership.objects.filter(household__in=[row.pk for row in rows]), actor), on)
    for place in places.select_related("person"):
        members.setdefault(place.household_id, []).append(place)
    titles = titles_of([place.person_id for listed in members.values() for place in listed], actor, on)
    for row in rows:
        own = sorted(members.get(row.pk, []), key=lambda place: (place.relation not in ("head", "single"), place.pk))
        row.head_name = own[0].person.name if own else ""
        row.size = len(own)
        row.fact_titles = sorted({title for place in own for title in titles.get(place.person_id, [])})


def _of_member(text: str, actor: Actor, on: date) -> Q:
    """Households in which somebody who answers to the text lives."""
    living = Membership.objects.filter(valid_to__isnull=True, person__in=Person.objects.filter(found(text, actor, on)))
    few = list(living.values_list("household_id", flat=True)[: NAMED + 1])
    return Q(pk__in=few if len(few) <= NAMED else living.values("household_id"))


def _hukou(value: str, _actor: Actor, _on: date) -> Q:
    return Q(hukou_local=value == "local")


def _has_fact(value: str, actor: Actor, on: date) -> Q:
    living = Membership.objects.filter(holds("person", value, on), valid_to__isnull=True)
    if is_rare(value):
        return Q(pk__in=living.values("household_id"))
    return marked(value) & asked_of_each(living.filter(household=OuterRef("pk")))


def _members(household: Household, actor: Actor, on: date) -> list[Membership]:
    rows = in_force(scoped(Membership.objects.filter(household=household), actor), on).select_related("person")
    order = list(RELATIONS)
    return sorted(rows, key=lambda place: (order.index(place.relation) if place.relation in order else len(order), place.pk))


def _history(household: Household, actor: Actor, on: date) -> list[Change]:
    places = scoped(Membership.objects.filter(household=household), actor).values_list("person_id", "relation")
    whose = {person_id: RELATIONS.get(relation, relation) for person_id, relation in places}
    return happened(list(whose), actor, on, whose)


def _opens(household: Household, _actor: Actor, _on: date) -> list[tuple[str, str]]:
    return [("家庭档案", f"household:{household.pk}")]


MEMBERS = (
    Column("name", "姓名", "person.name", "name"),
    Column("relation", "与户主关系", "relation", "choice", choices=RELATIONS),
    Column("sex", "性别", lambda place: place.person.get_sex_display()),
    Column("age", "年龄", lambda place: age(place.person), "age"),
    Column("since", "入户", "valid_from", "date"),
)
REGISTER = Register(
    slug="households", title="家庭", note="为民政所知的家庭；一户一档从这里或从预警进入", model=Household, record="household_id",
    icon="home-heart", rank=20, order="place", search=_of_member, search_hint="成员姓名、拼音或证件后 4 位", enrich=_enrich, history=_history, opens=_opens,
    columns=(
        Column("head", "户主", lambda row: row.head_name, "name"),
        Column("size", "人口", lambda row: row.size, "number", data_class="L2"),
        Column("place", "村社区", "division_code", "place", order=("division_code",)),
        Column("address", "住址", kind="address"),
        Column("facts", "成员的事实", lambda row: row.fact_titles, "chip", data_class="L2"),
        Column("hukou", "户籍", lambda row: "local" if row.hukou_local else "elsewhere", "choice", choices=HUKOU),
        Column("updated", "资料截至", "updated_as_of", "date", order=("updated_as_of",)),
    ),
    filters=(
        place_filter(),
        Filter("fact", "成员的事实", "choice", choices=fact_titles, condition=_has_fact),
        Filter("hukou", "户籍", "choice", choices=HUKOU, condition=_hukou),
        Filter("updated", "资料截至", "dates", "updated_as_of"),
    ),
    panels=(
        Fields("基本情况", ("head", "size", "place", "address", "hukou", "updated")),
        Related("现在的成员", _members, MEMBERS, lambda place: f"person:{place.person_id}", "现在没有成员"),
    ),
)  # fmt: skip
