"""Figures of the kernel's own rooms: alerts, cases, deliveries. What packs know stands in their `indicators.py`."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from minzheng.kernel.casework.models import Case, CaseAction
from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.indicators.declarations import Column, Indicator, Reading, Rows, Span
from minzheng.kernel.monitoring.catalogue import title_of
from minzheng.kernel.monitoring.models import Alert, AlertStep, Visit
from minzheng.kernel.monitoring.outcomes import OUTCOMES
from minzheng.kernel.monitoring.queries import seen_by

HELPED = [name for name, outcome in OUTCOMES.items() if outcome.counting == "helped"]
JUDGED = [name for name, outcome in OUTCOMES.items() if outcome.counting in ("helped", "not_needed")]

ALERT_COLUMNS = (
    Column("场景", lambda row: title_of(row.scenario)), Column("人员", "person.name", "L3", "name"), Column("发现日期", "raised_on"),
    Column("期限", "due_on"), Column("办结日期", "closed_on"), Column("状态", lambda row: row.get_status_display()),
    Column("结果", lambda row: OUTCOMES[row.outcome].title if row.outcome in OUTCOMES else ""),
)  # fmt: skip
CASE_COLUMNS = (
    Column("办件编号", "number"), Column("申请人", "applicant.name", "L3", "name"), Column("提交日期", "submitted_on"),
    Column("状态", lambda row: row.get_state_display()), Column("决定日期", "decided_on"), Column("期限", "due_on"),
)  # fmt: skip


def subject_of_alert(row: Alert) -> str:
    """How portals find it."""
    return f"alert:{row.pk}"


def subject_of_case(row: Case) -> str:
    """How portals find it."""
    return f"case:{row.pk}"


def raised(span: Span, *scenarios: str) -> QuerySet[Alert]:
    """Alerts raised in a span, of all scenarios or of some."""
    rows = Alert.objects.filter(raised_on__gte=span.first, raised_on__lte=span.until)
    return rows.filter(scenario__in=scenarios) if scenarios else rows


def due_alerts(span: Span, *scenarios: str) -> Rows:
    """Alerts of a span whose clock has spoken: closed, or escalated because nobody came."""
    escalated = Exists(AlertStep.objects.filter(alert=OuterRef("pk"), verb=AlertStep.Verb.ESCALATED, on__lte=span.as_of))
    return Rows(raised(span, *scenarios).filter(Q(closed_on__lte=span.as_of) | escalated))


def alerts_in_time(span: Span, *scenarios: str) -> Rows:
    """Those that were closed without ever having been escalated."""
    escalated = Exists(AlertStep.objects.filter(alert=OuterRef("pk"), verb=AlertStep.Verb.ESCALATED, on__lte=span.as_of))
    return Rows(raised(span, *scenarios).filter(Q(closed_on__lte=span.as_of) & ~escalated))


def visited_alerts(span: Span) -> Rows:
    """Those to which somebody went."""
    return Rows(raised(span).filter(Exists(Visit.objects.filter(alert=OuterRef("pk"), visited_on__lte=span.as_of))))


def judged_alerts(span: Span) -> Rows:
    """Alerts closed in a span of which somebody could tell whether they were right."""
    return Rows(Alert.objects.filter(closed_on__gte=span.first, closed_on__lte=span.until, outcome__in=JUDGED))


def right_alerts(span: Span) -> Rows:
    """Those that led to help, or to a benefit put right."""
    return Rows(Alert.objects.filter(closed_on__gte=span.first, closed_on__lte=span.until, outcome__in=HELPED))


def decided_cases(span: Span) -> QuerySet[Case]:
    """Cases decided in a span."""
    return Case.objects.filter(decided_on__gte=span.first, decided_on__lte=span.until)


def cases_with(rows: QuerySet[Case], verb: str, span: Span) -> QuerySet[Case]:
    """Those in which something was done by the day."""
    return rows.filter(Exists(CaseAction.objects.filter(case=OuterRef("pk"), verb=verb, on__lte=span.as_of)))


def cases_in_time(span: Span) -> Rows:
    """Decided without ever having climbed for being late."""
    climbed = CaseAction.objects.filter(case=OuterRef("pk"), verb="climb", on__lte=OuterRef("decided_on"))
    return Rows(decided_cases(span).filter(~Exists(climbed)))


def submitted_cases(span: Span) -> QuerySet[Case]:
    """Cases handed in during a span."""
    return Case.objects.filter(submitted_on__gte=span.first, submitted_on__lte=span.until)


def accepted_cases(span: Span) -> QuerySet[Case]:
    """Of those handed in, the ones that were accepted."""
    return cases_with(submitted_cases(span), "accept", span)


def deliveries(span: Span) -> Rows:
    """Deliveries of all feeds that tell of days in a span."""
    return Rows(Batch.objects.filter(as_of__gte=span.first, as_of__lte=span.until, corrects=None), place="")


def deliveries_in_time(span: Span) -> Rows:
    """Those that tell of a day no later after the day before than the contract allows; a feed's first is in time."""
    allowed = {name: timedelta(days=contract.freshness_days) for name, contract in contracts().items()}
    known = Batch.objects.filter(as_of__lte=span.until, corrects=None).order_by("contract", "as_of").values_list("pk", "contract", "as_of")
    before: dict[str, tuple[date, bool]] = {}
    in_time = []
    for key, contract, day in known:  # a subtraction of days in a subquery is no date on SQLite; deliveries are few
        earlier, good = before.get(contract, (day, contract in allowed))
        if day != earlier:
            good = contract in allowed and day - earlier <= allowed[contract]
        before[contract] = (day, good)
        if good:
            in_time.append(key)
    return Rows(deliveries(span).query.filter(pk__in=in_time), place="")


INDICATORS = (
    Indicator(
        "alerts_in_time", "预警按期办结", "alerts", "2024年全市民政工作要点 第5条；预警办理期限见 escalation.yaml",
        (
            Reading("closed", "办结且从未逾期升级", alerts_in_time, due_alerts,
                    "分母是已办结的，和虽未办结但已逾期升级的预警；重开过的预警按最后一次办结计"),
        ),
        ALERT_COLUMNS, "alerts.view", visible=seen_by, subject=subject_of_alert, group="动态监测",
    ),
    Indicator(
        "alerts_visited", "预警上门核实", "alerts", "2024年全市民政工作要点 第5条（线上+线下联动）",
        (Reading("visited", "本年度发现的预警中已有人上门的", visited_alerts, lambda span: Rows(raised(span))),),
        ALERT_COLUMNS, "alerts.view", visible=seen_by, subject=subject_of_alert, group="动态监测",
    ),
    Indicator(
        "alert_precision", "预警精准度", "alerts", "minzheng/kernel/monitoring/outcomes.py（帮扶与无需救助之比）",
        (Reading("judged", "查实需要帮扶的，占能够判断的", right_alerts, judged_alerts),),
        ALERT_COLUMNS, "alerts.view", visible=seen_by, subject=subject_of_alert, group="动态监测",
    ),
    Indicator(
        "cases_in_time", "办件按期决定", "cases", "2024年全市民政工作要点 第7条（提高时效性）；期限见各办理事项",
        (Reading("never_climbed", "作出决定前从未逾期升级", cases_in_time, lambda span: Rows(decided_cases(span))),),
        CASE_COLUMNS, "cases.view", subject=subject_of_case, group="救助办理",
    ),
    Indicator(
        "promises_used", "告知承诺办理", "cases", "2024年全市民政工作要点 第7条（告知承诺）",
        (Reading("submitted", "用了告知承诺的，占提交的办件", lambda span: Rows(cases_with(submitted_cases(span), "promise", span)),
                 lambda span: Rows(submitted_cases(span))),),
        CASE_COLUMNS, "cases.view", subject=subject_of_case, group="救助办理",
    ),
    Indicator(
        "deferred_used", "容缺受理", "cases", "2024年全市民政工作要点 第7条（容缺受理）",
        (Reading("accepted", "容缺受理的，占已受理的办件", lambda span: Rows(cases_with(accepted_cases(span), "defer", span)),
                 lambda span: Rows(accepted_cases(span))),),
        CASE_COLUMNS, "cases.view", subject=subject_of_case, group="救助办理",
    ),
    Indicator(
        "deliveries_in_time", "数据按期更新", "deliveries", "2024年全市民政工作要点 第30条（数据共享交换）；期限见各数据目录",
        (Reading("interval", "与上一次交付的间隔不超过目录约定天数", deliveries_in_time, deliveries,
                 "按数据所属日期算间隔，不按导入系统的时刻；更正批次不计"),),
        (Column("批次", "batch_id"), Column("数据目录", "contract"), Column("数据截至", "as_of"), Column("采纳", "accepted")),
        "feeds.view", placeless=True, subject=lambda row: f"batch:{row.batch_id}", group="数据共享",
    ),
)  # fmt: skip
