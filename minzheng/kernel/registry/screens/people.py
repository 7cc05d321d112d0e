"""人员台账: everybody known to the bureau."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q

from minzheng.kernel.divisions.screens.parts import place_filter
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.foundation.registers import Change, Column, Fields, Filter, Register, Related
from minzheng.kernel.registry import queries
from minzheng.kernel.registry.marks import marked
from minzheng.kernel.registry.models import Fact, Membership, Person
from minzheng.kernel.registry.screens.facts import fact_titles, happened, holds, is_rare, titles_of
from minzheng.kernel.registry.search.queries import condition
from minzheng.kernel.registry.search.words import WHOLE_ID

RESIDENCE = {"hukou": "户籍", "non_hukou": "流动", "without_id": "无证件"}
NAMED = 2_000  # people who answer to a search, beyond which they are not counted out
STATES = {"alive": "在世", "dead": "已去世"}


def age(person: Person) -> int | None:
    """Age at the business date, or at death."""
    return queries.age_on(person.birth_date, person.death_date or clock.business_date())


def _of_age(value: tuple[int | None, int | None], _actor: Actor, on: date) -> Q:
    """Born so that the age lies between the two, both included."""
    low, high = value
    condition = Q()
    if low is not None:
        condition &= Q(birth_date__lte=_years_before(on, low))
    if high is not None:
        condition &= Q(birth_date__gt=_years_before(on, high + 1))
    return condition


def _years_before(day: date, years: int) -> date:
    if years >= day.year:
        raise ValueError(f"{years} 岁不是合理的年龄")
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February: the last who are that old were born on the 28th
        return day.replace(year=day.year - years, day=28)


def _alive(value: str, _actor: Actor, _on: date) -> Q:
    return Q(death_date__isnull=value == "alive")


def _has_fact(value: str, _actor: Actor, on: date) -> Q:
    condition = holds("pk", value, on)
    return condition if is_rare(value) else marked(value) & condition


def found(text: str, actor: Actor, _on: date) -> Q:
    """People by name, pinyin, initials or the last digits of the ID number. Raises ValueError for a whole number: looking
    one up goes on record with a reason, and addresses of pages are logged."""
    if WHOLE_ID.search(text.lower()):
        raise ValueError("完整的证件号码请到“家庭档案”里查找，查找会留审计记录；这里只用后 4 位")
    return condition(text, actor, NAMED)


def _enrich(rows: Sequence[Any], actor: Actor, on: date) -> None:
    found = titles_of([row.pk for row in rows], actor, on)
    for row in rows:
        row.fact_titles = found.get(row.pk, [])


def _households(person: Person, actor: Actor, _on: date) -> list[Membership]:
    rows = scoped(Membership.objects.filter(person=person), actor).select_related("household")
    return list(rows.order_by("-valid_from"))


def _facts(person: Person, actor: Actor, _on: date) -> list[Fact]:
    rows = scoped(Fact.objects.filter(person=person, kind__in=list(fact_titles())), actor)
    return list(rows.order_by("-valid_from"))


def _history(person: Person, actor: Actor, on: date) -> list[Change]:
    return happened([person.pk], actor, on)


def _opens(person: Person, actor: Actor, on: date) -> list[tuple[str, str]]:
    found = queries.household_of(person.pk, actor, on)
    return [("家庭档案", f"household:{found.pk}")] if found else []


FACT = (
    Column("kind", "事实", lambda row: fact_titles().get(row.kind, row.kind)), Column("amount", "金额", "amount_fen", "money"),
    Column("valid_from", "自", kind="date"), Column("valid_to", "至（不含）", kind="date"), Column("source_batch", "来源批次"),
)  # fmt: skip
MEMBERSHIP = (
    Column("place", "村社区", "household.division_code", "place"), Column("address", "住址", "household.address", "address"),
    Column("relation", "与户主关系", "relation", "choice", choices=queries.RELATIONS),
    Column("valid_from", "自", kind="date"), Column("valid_to", "至（不含）", kind="date"),
)  # fmt: skip

REGISTER = Register(
    slug="people", title="人员", note="因预警、待遇或申请为民政所知的人；全市人口不在其中", model=Person, record="person_id",
    icon="user", rank=10, order="place", search=found, search_hint="姓名、拼音或证件号码后 4 位", enrich=_enrich, history=_history, opens=_opens,
    columns=(
        Column("name", "姓名", kind="name"),
        Column("sex", "性别", kind="choice", choices=dict(Person.Sex.choices)),
        Column("age", "年龄", age, "age", order=("birth_date",)),
        Column("place", "村社区", "division_code", "place", order=("division_code",)),
        Column("facts", "事实", lambda row: row.fact_titles, "chip", data_class="L2"),
        Column("residence", "人口类型", "residence_type", "choice", choices=RESIDENCE),
        Column("known_since", "知悉日期", kind="date", order=("known_since",)),
        Column("known_because", "知悉缘由"),
        Column("id_number", "证件号码", kind="id_number", shown=False),
        Column("phone", "联系电话", kind="phone", shown=False),
        Column("death_date", "死亡日期", kind="date", shown=False),
        Column("updated", "资料截至", "updated_as_of", "date", order=("updated_as_of",), shown=False),
    ),
    filters=(
        place_filter(),
        Filter("fact", "事实", "choice", choices=fact_titles, condition=_has_fact),
        Filter("age", "年龄", "numbers", condition=_of_age),
        Filter("sex", "性别", "choice", "sex", dict(Person.Sex.choices)),
        Filter("residence", "人口类型", "choice", "residence_type", RESIDENCE),
        Filter("state", "状况", "choice", choices=STATES, condition=_alive),
        Filter("known", "知悉日期", "dates", "known_since"),
    ),
    panels=(
        Fields("基本情况", ("name", "sex", "age", "id_number", "phone", "place", "residence", "death_date")),
        Fields("知悉", ("known_since", "known_because", "updated")),
        Related("现有和曾有的事实", _facts, FACT, empty="没有事实：各部门数据里没有这个人的相关记录"),
        Related("所在家庭", _households, MEMBERSHIP, lambda row: f"household:{row.household_id}", "不在任何一户中"),
    ),
)  # fmt: skip

