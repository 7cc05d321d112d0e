"""The plan of the portal's test world: the shipped one, measured once, with something recorded, typed, given and said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import User
from minzheng.kernel.indicators import actions
from minzheng.kernel.indicators.models import (
    Evidence,
    MilestoneRecord,
    Plan,
    PlanItem,
    ReportedFigure,
    SubTask,
    Target,
)
from minzheng.kernel.indicators.reports.actions import make_report
from minzheng.kernel.indicators.reports.models import Report
from minzheng.kernel.indicators.statistics import actions as statistics

CITY = "320400000000"
PDF = b"%PDF-1.4\n%%EOF\n"


@dataclass
class Planned:
    """What tests ask for by name."""

    plan: Plan
    item: PlanItem  # 第 9 项, with a typed figure
    record: MilestoneRecord  # waits for the second person
    evidence: Evidence
    figure: ReportedFigure
    task: SubTask
    reports: list[Report]  # of the village's town, and of another


def planned(users: dict[str, User], on: date, towns: tuple[str, str]) -> Planned:
    """Load and measure the plan; the city's official records, types, gives and says."""
    system, official = Actor.system("测试"), Actor.of(users["city_official"])
    plan = actions.load_shipped(name="changzhou-2024", by=system).plan
    actions.measure_indicators(as_of=on, by=system)
    item = plan.items.get(number=9)
    for name in ("city_official", "district_official"):
        actions.add_member(office=item.office, user=users[name], by=system)
    record = actions.record_milestone(
        milestone=item.milestones.all()[0], done_on=on, note="方案已印发", by=official
    )
    evidence = actions.add_evidence(to=record, kind="file", title="印发的方案", content=PDF, by=official)
    target = Target.objects.filter(item=item, indicator="", per="count").exclude(period="event")[0]
    figure = actions.report_figure(
        target=target, as_of=on, place=CITY, numerator=12, note="处室台账", by=official
    )
    task = actions.add_task(
        item=item, title="核对各区台账", due_on=on, owner=users["plan_supervisor"], by=official
    )
    actions.add_remark(item=item, text="请各区月底前报数", by=official)
    statistics.prepare_month(month=date(2024, 5, 1), by=official)
    made = [make_report(kind="district", month=date(2024, 5, 1), by=official, place=town, proof=False) for town in towns]
    return Planned(plan, item, record, evidence, figure, task, made)
