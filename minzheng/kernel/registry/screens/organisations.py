"""机构台账: social organisations and other bodies that the bureau deals with."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from minzheng.kernel.divisions.screens.parts import place_filter
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.foundation.registers import (
    Change,
    Column,
    Edit,
    EditField,
    Fields,
    Filter,
    Register,
    Related,
)
from minzheng.kernel.registry.kinds import FACILITIES, ORGANISATIONS
from minzheng.kernel.registry.models import Facility, Organisation
from minzheng.kernel.registry.places.actions import save_organisation
from minzheng.kernel.registry.screens.history import changes

STATES = {"live": "存续", "ended": "已注销"}


def in_state(value: str, _actor: Actor, on: date) -> Q:
    """Whether a dated record holds today."""
    ended = Q(valid_to__isnull=False, valid_to__lte=on)
    return ~ended if value == "live" else ended


def _named(text: str, _actor: Actor, _on: date) -> Q:
    return Q(name__icontains=text) | Q(uscc=text.upper())


def _facilities(organisation: Organisation, actor: Actor, _on: date) -> list[Facility]:
    return list(scoped(Facility.objects.filter(organisation=organisation), actor).order_by("valid_to", "name"))


def _history(organisation: Organisation, _actor: Actor, _on: date) -> list[Change]:
    return changes(organisation, FIELDS)


FIELDS = (
    EditField("name", "名称", required=True), EditField("uscc", "统一社会信用代码", "uscc", help="没有代码的可以不填"),
    EditField("kind", "类别", "choice", True, ORGANISATIONS), EditField("division_code", "所在地", "place", True),
    EditField("contact_phone", "联系电话", "phone"), EditField("valid_from", "成立日期", "date", True),
    EditField("valid_to", "注销日期", "date", help="注销当天；存续的不填"),
)  # fmt: skip
REGISTER = Register(
    slug="organisations", title="机构", note="社会组织、服务机构及其他与民政业务有关的单位", model=Organisation,
    record="organisation_id", icon="building", rank=30, order="place", search=_named, search_hint="名称或统一社会信用代码",
    history=_history, contract="organisations", edit=Edit(FIELDS, save_organisation),
    columns=(
        Column("name", "名称", order=("name",)),
        Column("kind", "类别", kind="choice", choices=ORGANISATIONS, order=("kind",)),
        Column("uscc", "统一社会信用代码", order=("uscc",)),
        Column("place", "所在地", "division_code", "place", order=("division_code",)),
        Column("contact_phone", "联系电话", data_class="L2"),
        Column("since", "成立日期", "valid_from", "date", order=("valid_from",)),
        Column("until", "注销日期", "valid_to", "date", shown=False),
        Column("updated", "资料截至", "updated_as_of", "date", shown=False),
        Column("batch", "来源批次", "source_batch", shown=False),
    ),
    filters=(
        place_filter(),
        Filter("kind", "类别", "choice", "kind", ORGANISATIONS),
        Filter("state", "状态", "choice", choices=STATES, condition=in_state),
        Filter("since", "成立日期", "dates", "valid_from"),
        Filter("batch", "来源批次", "text", "source_batch"),
    ),
    panels=(
        Fields("基本情况", ("name", "kind", "uscc", "place", "contact_phone", "since", "until")),
        Fields("资料来源", ("updated", "batch")),
        Related(
            "所办设施", _facilities,
            (Column("name", "名称"), Column("kind", "类别", kind="choice", choices=FACILITIES),
             Column("place", "所在地", "division_code", "place"), Column("capacity", "床位或席位", kind="number")),
            lambda row: f"facility:{row.pk}", "没有登记所办的设施",
        ),
    ),
)  # fmt: skip
