"""What the plan promises of 社会救助 (items 4–7), measured from the rows of alerts, cases, entitlements and payments."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from minzheng.domains.assistance.pack import SCENARIOS
from minzheng.kernel.benefits.models import Award, Entitlement
from minzheng.kernel.casework.models import Case, CaseAction
from minzheng.kernel.indicators.declarations import Column, Indicator, Reading, Rows, Span
from minzheng.kernel.indicators.own import (
    ALERT_COLUMNS,
    CASE_COLUMNS,
    HELPED,
    alerts_in_time,
    due_alerts,
    subject_of_alert,
    subject_of_case,
)
from minzheng.kernel.ledger.models import PaymentLine
from minzheng.kernel.monitoring.catalogue import title_of
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.monitoring.queries import seen_by
from minzheng.kernel.registry.models import Fact, Household, Membership

PLAN = "2024年全市民政工作要点"
FILE_ITEM, FILE_FACT = "nonlocal_household", "nonlocal_household_file"
GIFT = "electricity_gift"


def nonlocal_households(alerts: Q, span: Span) -> Rows:
    """Households without a local hukou that somebody identified: by an alert of the year about one who lives there, or by a case for a file."""
    living = Membership.objects.filter(valid_from__lte=span.until).filter(Q(valid_to=None) | Q(valid_to__gt=span.first))
    found = Alert.objects.filter(alerts, raised_on__gte=span.first, raised_on__lte=span.until)
    affected = living.filter(person__in=found.values("person")).values("household")
    cases = Case.objects.filter(item=FILE_ITEM, submitted_on__lte=span.until).exclude(state__in=["withdrawn", "lapsed", "declined"])
    refused = cases.filter(decision="refuse").values("household")
    rows = Household.objects.filter(hukou_local=False).filter(Q(pk__in=affected) | Q(pk__in=cases.values("household")))
    return Rows(rows.exclude(pk__in=refused.filter(household__isnull=False)))


def with_file_and_plan(rows: Rows, span: Span) -> Rows:
    """Those with a file that stands on the day, and a plan of help in it."""
    planned = CaseAction.objects.filter(case=OuterRef("pk"), verb="plan", on__lte=span.as_of)
    standing = Fact.objects.filter(kind=FILE_FACT, person=OuterRef("applicant"), valid_from__lte=span.until)
    standing = standing.filter(Q(valid_to=None) | Q(valid_to__gt=span.until))
    files = Case.objects.filter(Exists(planned), Exists(standing), item=FILE_ITEM, decision="record", decided_on__lte=span.as_of)
    return Rows(rows.query.filter(pk__in=files.filter(household__isnull=False).values("household")))


def _in_need(span: Span) -> Rows:
    return nonlocal_households(Q(outcome__in=HELPED, closed_on__lte=span.as_of), span)


def _alerted(span: Span) -> Rows:
    return nonlocal_households(Q(), span)


def in_force(programme: str, span: Span) -> QuerySet[Entitlement]:
    """Entitlements that stand on the last day of a span."""
    rows = Entitlement.objects.filter(programme=programme, valid_from__lte=span.until)
    return rows.filter(Q(valid_to=None) | Q(valid_to__gt=span.until))


def awarded_people(span: Span) -> Rows:
    """People of families that are found to be in 低保 on the day."""
    rows = Award.objects.filter(programme="minimum_living", since__lte=span.until)
    return Rows(rows.filter(Q(until=None) | Q(until__gt=span.until)), counts="person_key")


def paid_households(span: Span) -> Rows:
    """Households with 低保 in force on the day."""
    return Rows(in_force("minimum_living", span), counts="household_key")


def granted(item: str, span: Span) -> QuerySet[Case]:
    """Cases of an item that were granted in a span."""
    return Case.objects.filter(item=item, decision="grant", decided_on__gte=span.first, decided_on__lte=span.until)


def temporary_aid(span: Span) -> Rows:
    """Temporary assistance granted in the year."""
    return Rows(granted("temporary_assistance", span))


def temporary_aid_with_charity(span: Span) -> Rows:
    """Of these, whose applicant, or somebody of the household, was granted help by charity in the same year as well."""
    charity = granted("medical_charity", span)
    same = Q(applicant=OuterRef("applicant")) | Q(household=OuterRef("household"))
    return Rows(granted("temporary_assistance", span).filter(Exists(charity.filter(same))))


def gifts(span: Span) -> Rows:
    """Electricity given in the span: payments that arrived, once a person."""
    return Rows(_gift_lines(span), counts="person_key")


def gift_money(span: Span) -> Rows:
    """What these come to, in 分."""
    return Rows(_gift_lines(span), sums="amount_fen")


def _gift_lines(span: Span) -> QuerySet[PaymentLine]:
    return PaymentLine.objects.filter(programme=GIFT, state=PaymentLine.State.PAID, changed_on__gte=span.first, changed_on__lte=span.until)


HOUSEHOLD_COLUMNS = (Column("家庭", lambda row: f"家庭 {row.pk}"), Column("住址", "address", "L3", "address"), Column("资料截至", "updated_as_of"))
ENTITLEMENT_COLUMNS = (
    Column("领款人", "person_key", "L3", "person"), Column("自", "valid_from"), Column("至（不含）", "valid_to"), Column("每月金额", "amount_fen", shows="fen"),
)  # fmt: skip
LINE_COLUMNS = (Column("收款人", "person_key", "L3", "person"), Column("金额", "amount_fen", shows="fen"), Column("到账日期", "changed_on"), Column("所属月份", "month"))


def of_scenario(name: str) -> Indicator:
    """How one of the plan's seven scenarios is handled in time."""
    return Indicator(
        f"alerts_in_time_{name}", f"按期办结：{title_of(name)}", "alerts", f"{PLAN} 第5条（预警场景）",
        (
            Reading("closed", "办结且从未逾期升级", lambda span: alerts_in_time(span, name), lambda span: due_alerts(span, name),
                    "分母是已办结的，和虽未办结但已逾期升级的预警"),
        ),
        ALERT_COLUMNS, "alerts.view", visible=seen_by, subject=subject_of_alert, group="七个预警场景",
    )  # fmt: skip


INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        "nonlocal_household_files", "非本地户籍遇困家庭“一户一档一策”", "households", f"{PLAN} 第6条",
        (
            Reading("in_need", "核实遇困的都要建档", lambda span: with_file_and_plan(_in_need(span), span), _in_need,
                    "本年度预警经上门查实需要帮扶的，或已提出建档的非本地户籍家庭；不予建档的不计"),
            Reading("alerted", "有预警的都要建档", lambda span: with_file_and_plan(_alerted(span), span), _alerted,
                    "本年度有过预警的，或已提出建档的非本地户籍家庭，不论是否已查实"),
        ),
        HOUSEHOLD_COLUMNS, "households.view", subject=lambda row: f"household:{row.pk}", group="非本地户籍家庭",
    ),
    *(of_scenario(name) for name in SCENARIOS),
    Indicator(
        "minimum_living_persons", "低保人数", "persons", f"{PLAN} 第4条（扩围增效）",
        (Reading("awarded", "当日在册的低保对象", awarded_people),),
        (Column("人员", "person_key", "L3", "person"), Column("自", "since"), Column("来源", "source")), "benefits.view", group="社会救助",
    ),
    Indicator(
        "minimum_living_households", "低保户数", "households", f"{PLAN} 第4条（扩围增效）",
        (Reading("entitled", "当日在享的低保家庭", paid_households),), ENTITLEMENT_COLUMNS, "benefits.view", group="社会救助",
    ),
    Indicator(
        "temporary_and_charity", "“临时救助+慈善”联动", "cases", f"{PLAN} 第6条（临时救助+慈善）",
        (Reading("same_year", "同一年度既给予临时救助、又给予慈善助医的临时救助办件", temporary_aid_with_charity, temporary_aid,
                 "同一申请人或同一家庭即算联动"),),
        CASE_COLUMNS, "cases.view", subject=subject_of_case, group="慈善衔接",
    ),
    Indicator(
        "electricity_gifts", "“冬暖夏凉”赠电人数", "persons", f"{PLAN} 第6条（冬暖夏凉）",
        (Reading("arrived", "赠电款已到账的人", gifts, note="按到账计，退回、暂缓的不计；同一人计一次"),), LINE_COLUMNS, "benefits.view", group="慈善衔接",
    ),
    Indicator(
        "electricity_gift_money", "“冬暖夏凉”赠电金额", "fen", f"{PLAN} 第6条（冬暖夏凉）",
        (Reading("arrived", "已到账的赠电款", gift_money),), LINE_COLUMNS, "benefits.view", group="慈善衔接",
    ),
)  # fmt: skip
