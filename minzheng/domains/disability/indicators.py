"""What the plan promises of 残疾人福利 (item 27), as far as benefits know it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from minzheng.domains.disability.pack import PROGRAMMES
from minzheng.kernel.benefits.models import Entitlement
from minzheng.kernel.benefits.programmes import programme
from minzheng.kernel.indicators.declarations import Column, Indicator, Reading, Rows, Span

PLAN = "2024年全市民政工作要点"
LIVING = ("living_subsidy",)


def in_force(span: Span, programmes: tuple[str, ...] = PROGRAMMES) -> QuerySet[Entitlement]:
    """Subsidies in force on the day."""
    rows = Entitlement.objects.filter(programme__in=programmes, valid_from__lte=span.until)
    return rows.filter(Q(valid_to=None) | Q(valid_to__gt=span.until))


def raised(span: Span) -> Rows:
    """Living subsidies whose amount is higher than what the same person had when the year began, or when it began in the year."""
    earlier = Entitlement.objects.filter(
        programme__in=LIVING, person_key=OuterRef("person_key"), valid_to__gt=span.first, valid_to__lte=OuterRef("valid_from"),
        amount_fen__lt=OuterRef("amount_fen"),
    )  # fmt: skip
    return Rows(in_force(span, LIVING).filter(Exists(earlier)), counts="person_key")


COLUMNS = (
    Column("人员", "person_key", "L3", "person"), Column("项目", lambda row: programme(row.programme).title), Column("自", "valid_from"), Column("每月金额", "amount_fen", shows="fen"),
)  # fmt: skip

INDICATORS = (
    Indicator(
        "subsidies_raised", "困难残疾人生活补贴自然增长", "persons", f"{PLAN} 第27条（自然增长机制）",
        (Reading("raised", "本年度金额提高过的，占在享的", raised, lambda span: Rows(in_force(span, LIVING), counts="person_key"),
                 "补贴按低保标准的比例核定，低保标准提高后随之提高；护理补贴是定额，不在其内"),),
        COLUMNS, "benefits.view", group="残疾人两项补贴",
    ),
    Indicator(
        "disability_subsidy_persons", "残疾人两项补贴享受人数", "persons", f"{PLAN} 第27条",
        (Reading("in_force", "当日在享的人（两项都领的计一次）", lambda span: Rows(in_force(span), counts="person_key")),),
        COLUMNS, "benefits.view", group="残疾人两项补贴",
    ),
)  # fmt: skip
