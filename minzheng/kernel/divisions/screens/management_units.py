"""管理板块台账: the boards through which the bureau manages, as far as they lie in the reader's jurisdiction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from minzheng.kernel.divisions.codes import Range
from minzheng.kernel.divisions.models import Division, ManagementUnit, ManagementUnitRange
from minzheng.kernel.divisions.queries import towns
from minzheng.kernel.divisions.screens.divisions import PARTS
from minzheng.kernel.foundation.access import Actor, in_ranges, scope_filter
from minzheng.kernel.foundation.registers import Column, Fields, Register, Related


def _rows(actor: Actor, _on: date) -> QuerySet[ManagementUnit]:
    touched = Q(pk__in=[])
    for low, high in actor.ranges:
        touched |= Q(low__lt=high, high__gt=low)
    own = ManagementUnitRange.objects.filter(touched).values("unit_id")
    return ManagementUnit.objects.filter(pk__in=own).prefetch_related("ranges")


def _ranges(unit: ManagementUnit) -> list[Range]:
    return [(row.low, row.high) for row in unit.ranges.all()]


def _towns_of(unit: ManagementUnit, actor: Actor, on: date) -> QuerySet[Division]:
    return towns(on).filter(in_ranges(_ranges(unit), "code"), scope_filter(actor, "code")).order_by("code")


def _enrich(rows: Sequence[Any], actor: Actor, on: date) -> None:
    codes = list(towns(on).filter(scope_filter(actor, "code")).values_list("code", flat=True))
    for row in rows:
        ranges = _ranges(row)
        row.town_count = sum(any(low <= code < high for low, high in ranges) for code in codes)


def _towns(unit: ManagementUnit, actor: Actor, on: date) -> list[Division]:
    return list(_towns_of(unit, actor, on))


REGISTER = Register(
    slug="management-units", title="管理板块", note="民政管理口径的七个板块；常州经开区在统计区划里属武进区",
    model=ManagementUnit, record="unit_id", icon="flag", rank=70, order="slug", rows=_rows, enrich=_enrich,
    columns=(
        Column("name", "名称"),
        Column("slug", "标识", order=("slug",)),
        Column("authority", "主管部门"),
        Column("towns", "镇街数", lambda row: row.town_count, "number", data_class="L1"),
        Column("since", "启用日期", "valid_from", "date"),
        Column("until", "停用日期", "valid_to", "date", shown=False),
        Column("source", "来源", shown=False),
    ),
    panels=(
        Fields("基本情况", ("name", "slug", "authority", "towns", "since", "until", "source")),
        Related(
            "所辖镇街", _towns, PARTS,
            lambda row: f"division:{row.pk}", "您的辖区内没有它的镇街",
        ),
    ),
)  # fmt: skip
