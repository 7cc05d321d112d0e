"""设施台账: places where services are given, with their position on the map."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from minzheng.kernel.divisions.screens.parts import place_filter
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.foundation.registers import (
    Change,
    Column,
    Edit,
    EditField,
    Fields,
    Filter,
    MapPoint,
    Register,
)
from minzheng.kernel.registry.kinds import FACILITIES
from minzheng.kernel.registry.models import Facility
from minzheng.kernel.registry.places.actions import save_facility
from minzheng.kernel.registry.screens.history import changes
from minzheng.kernel.registry.screens.organisations import in_state

STATES = {"live": "在用", "ended": "已停用"}
LOCATED = {"yes": "已标注", "no": "未标注"}


def _rows(actor: Actor, _on: date) -> QuerySet[Facility]:
    return scoped(Facility.objects.select_related("organisation"), actor)


def _named(text: str, _actor: Actor, _on: date) -> Q:
    return Q(name__icontains=text) | Q(address__icontains=text) | Q(organisation__name__icontains=text)


def _located(value: str, _actor: Actor, _on: date) -> Q:
    return Q(longitude__isnull=value == "no")


def _history(facility: Facility, _actor: Actor, _on: date) -> list[Change]:
    return changes(facility, FIELDS)


def _opens(facility: Facility, actor: Actor, _on: date) -> list[tuple[str, str]]:
    return [("主办机构", f"organisation:{facility.organisation_id}")] if actor.covers(facility.organisation.division_code) else []


FIELDS = (
    EditField("name", "名称", required=True), EditField("kind", "类别", "choice", True, FACILITIES),
    EditField("division_code", "所在地", "place", True), EditField("address", "地址"),
    EditField("capacity", "床位或席位", "number"),
    EditField("longitude", "经度", "degrees", help="国家 2000 坐标系，如 119.946"),
    EditField("latitude", "纬度", "degrees", help="如 31.772"),
    EditField("valid_from", "启用日期", "date", True), EditField("valid_to", "停用日期", "date", help="停用当天；在用的不填"),
)  # fmt: skip
REGISTER = Register(
    slug="facilities", title="设施", note="养老、儿童、救助、殡葬、婚姻等服务场所", model=Facility, record="facility_id",
    icon="building-community", rank=40, order="place", rows=_rows, search=_named, search_hint="名称、地址或主办机构",
    history=_history, opens=_opens, contract="facilities", edit=Edit(FIELDS, save_facility),
    columns=(
        Column("name", "名称", order=("name",)),
        Column("kind", "类别", kind="choice", choices=FACILITIES, order=("kind",)),
        Column("place", "所在地", "division_code", "place", order=("division_code",)),
        Column("address", "地址", data_class="L2"),
        Column("capacity", "床位或席位", kind="number", order=("capacity",)),
        Column("organisation", "主办机构", "organisation.name"),
        Column("organisation_uscc", "主办机构统一社会信用代码", "organisation.uscc", shown=False),
        Column("longitude", "经度", shown=False),
        Column("latitude", "纬度", shown=False),
        Column("since", "启用日期", "valid_from", "date", shown=False),
        Column("until", "停用日期", "valid_to", "date", shown=False),
        Column("updated", "资料截至", "updated_as_of", "date", shown=False),
        Column("batch", "来源批次", "source_batch", shown=False),
    ),
    filters=(
        place_filter(),
        Filter("kind", "类别", "choice", "kind", FACILITIES),
        Filter("state", "状态", "choice", choices=STATES, condition=in_state),
        Filter("capacity", "床位或席位", "numbers", "capacity"),
        Filter("located", "地图位置", "choice", choices=LOCATED, condition=_located),
        Filter("batch", "来源批次", "text", "source_batch"),
    ),
    panels=(
        Fields("基本情况", ("name", "kind", "organisation", "place", "address", "capacity", "since", "until")),
        MapPoint(),
        Fields("资料来源", ("updated", "batch")),
    ),
)  # fmt: skip
