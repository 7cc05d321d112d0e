"""What the plan promises of 儿童福利 (items 12–14), as far as benefits know it. The register of children is class L4 and stays in the
lake; a record of their monitoring does not exist yet, so T12 has no source, and an allowance is not taken for one."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from minzheng.domains.children.pack import HERE, PROGRAMMES
from minzheng.kernel.benefits.models import Entitlement
from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.indicators.declarations import Column, Indicator, Reading, Rows, Span

PLAN = "2024年全市民政工作要点"
ORPHANS = ("orphan_living", "unsupported_child_living")
STANDARDS = ("institution_standard", "scattered_standard")


def supported(span: Span, programmes: tuple[str, ...] = PROGRAMMES) -> QuerySet[Entitlement]:
    """Allowances of children in force on the day."""
    rows = Entitlement.objects.filter(programme__in=programmes, valid_from__lte=span.until)
    return rows.filter(Q(valid_to=None) | Q(valid_to__gt=span.until))


def at_the_standard(span: Span) -> Rows:
    """Orphans and unsupported children whose monthly amount is one of the city's two standards of that day, wherever they live."""
    values = Parameters(HERE / "benefits" / "shared.yaml").at(span.until)
    amounts = [values[name].dated.value for name in STANDARDS]
    return Rows(supported(span, ORPHANS).filter(amount_fen__in=amounts), counts="person_key")


COLUMNS = (
    Column("人员", "person_key", "L4", "person"), Column("自", "valid_from"), Column("每月金额", "amount_fen", shows="fen"),
)  # fmt: skip

INDICATORS = (
    Indicator(
        "one_standard_for_children", "孤儿、事实无人抚养儿童同城同标", "persons", f"{PLAN} 第12条（同城同标）",
        (Reading("at_standard", "按全市统一标准发放的，占在享的", at_the_standard, lambda span: Rows(supported(span, ORPHANS), counts="person_key"),
                 "统一标准取当日的机构、散居两档；标准数值待市民政局核定"),),
        COLUMNS, "benefits.view", sensitive=True, group="儿童福利",
    ),
    Indicator(
        "children_supported", "领取生活费的儿童", "persons", f"{PLAN} 第12条（基本保障）",
        (Reading("in_force", "当日在享的儿童", lambda span: Rows(supported(span), counts="person_key")),),
        COLUMNS, "benefits.view", sensitive=True, group="儿童福利",
    ),
)  # fmt: skip
