"""区划台账: the statistical tree of divisions within the reader's jurisdiction."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from minzheng.kernel.divisions.models import Division
from minzheng.kernel.divisions.queries import children
from minzheng.kernel.divisions.screens.parts import place_filter
from minzheng.kernel.foundation.access import Actor, scope_filter
from minzheng.kernel.foundation.registers import Column, Fields, Filter, Register, Related

LEVELS = {str(value): title for value, title in Division.Level.choices}
STATES = {"live": "在用", "ended": "已停用"}


def _rows(actor: Actor, _on: date) -> QuerySet[Division]:
    return Division.objects.filter(scope_filter(actor, "code"))


def _state(value: str, _actor: Actor, on: date) -> Q:
    ended = Q(valid_to__isnull=False, valid_to__lte=on)
    return ~ended if value == "live" else ended


def _named(text: str, _actor: Actor, _on: date) -> Q:
    return Q(name__contains=text) | Q(code__startswith=text)


def _below(division: Division, actor: Actor, on: date) -> list[Division]:
    return list(children(division.code, on).filter(scope_filter(actor, "code")).order_by("code"))


PARTS = (
    Column("name", "名称"), Column("code", "代码"),
    Column("kind", "类别", kind="choice", choices=dict(Division.Kind.choices)),
)  # fmt: skip
REGISTER = Register(
    slug="divisions", title="行政区划", note="统计用区划代码：市、区县、镇街、村社区", model=Division, record="division_id",
    icon="sitemap", rank=60, order="code", rows=_rows, search=_named, search_hint="名称或代码开头",
    columns=(
        Column("name", "名称"),
        Column("code", "代码", order=("code",)),
        Column("level", "层级", lambda row: str(row.level), "choice", order=("level",), choices=LEVELS),
        Column("kind", "类别", kind="choice", choices=dict(Division.Kind.choices)),
        Column("parent", "上级", "parent_code", "place", order=("parent_code",)),
        Column("since", "启用日期", "valid_from", "date"),
        Column("until", "停用日期", "valid_to", "date"),
        Column("source", "来源", shown=False),
    ),
    filters=(
        place_filter("code", "上级"),
        Filter("level", "层级", "choice", "level", LEVELS),
        Filter("kind", "类别", "choice", "kind", dict(Division.Kind.choices)),
        Filter("state", "状态", "choice", choices=STATES, condition=_state),
    ),
    panels=(
        Fields("基本情况", ("name", "code", "level", "kind", "parent", "since", "until", "source")),
        Related(
            "下级区划", _below, PARTS,
            lambda row: f"division:{row.pk}", "没有下级",
        ),
    ),
)  # fmt: skip
