"""What the plan promises of 养老服务 (items 8–11), as far as benefits know it; visits, meals and homes have no rows yet."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from minzheng.kernel.benefits.models import Entitlement
from minzheng.kernel.casework.models import Case
from minzheng.kernel.indicators.declarations import Column, Indicator, Reading, Rows, Span

PLAN = "2024年全市民政工作要点"
ALLOWANCE = "longevity_allowance"


def begun(span: Span) -> QuerySet[Entitlement]:
    """尊老金 that began in the span, for people who had none the day before; what was taken over from a roster did not begin here."""
    rows = Entitlement.objects.filter(programme=ALLOWANCE, opening=None, valid_from__gte=span.first, valid_from__lte=span.until)
    before = Entitlement.objects.filter(programme=ALLOWANCE, person_key=OuterRef("person_key"), valid_to=OuterRef("valid_from"))
    return rows.filter(~Exists(before))


def without_application(span: Span) -> Rows:
    """Of these, begun by a run of its own accord: nobody had handed in an application for it."""
    applied = Case.objects.filter(item=ALLOWANCE, applicant__person_key=OuterRef("person_key"), submitted_on__lte=OuterRef("valid_from"))
    return Rows(begun(span).filter(~Exists(applied), run__isnull=False), counts="person_key")


def receiving(span: Span) -> Rows:
    """People with 尊老金 in force on the day."""
    rows = Entitlement.objects.filter(programme=ALLOWANCE, valid_from__lte=span.until)
    return Rows(rows.filter(Q(valid_to=None) | Q(valid_to__gt=span.until)), counts="person_key")


COLUMNS = (
    Column("人员", "person_key", "L3", "person"), Column("自", "valid_from"), Column("至（不含）", "valid_to"), Column("每月金额", "amount_fen", shows="fen"),
)  # fmt: skip

INDICATORS = (
    Indicator(
        "longevity_without_application", "尊老金“免申即享”", "persons", f"{PLAN} 第10条（免申即享）",
        (Reading("begun", "本年度新增、未提交申请即发放的，占本年度新增", without_application,
                 lambda span: Rows(begun(span), counts="person_key"), "期初接收的存量不算新增；金额随年龄档变化不算新增"),),
        COLUMNS, "benefits.view", group="尊老金",
    ),
    Indicator(
        "longevity_persons", "尊老金享受人数", "persons", f"{PLAN} 第10条",
        (Reading("in_force", "当日在享的人", receiving),), COLUMNS, "benefits.view", group="尊老金",
    ),
)  # fmt: skip
