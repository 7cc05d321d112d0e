"""The demo's yearly plan: loaded before the nights, so that each of them measures it; then some of its work is on record, some waits."""

from __future__ import annotations

import base64
from datetime import date, timedelta

import typer

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.queries import user_named
from minzheng.kernel.indicators import actions, queries
from minzheng.kernel.indicators.models import Target
from minzheng.kernel.indicators.reports.actions import make_report
from minzheng.kernel.indicators.reports.queries import reports
from minzheng.kernel.indicators.statistics import actions as counting
from minzheng.kernel.indicators.statistics import queries as statistics
from minzheng.portals.cli.output import operator

PLAN = "changzhou-2024"
OFFICIAL, LEADER, SUPERVISOR = "shiju", "lingdao", "duban"
USERS = [(LEADER, "局长 秦岳", "bureau_leader"), (SUPERVISOR, "督办 许宁", "plan_supervisor")]
OFFICES = ("assistance", "eldercare", "children", "affairs", "safety")  # the official works for these
# Milestones that are due by the day are done and confirmed, but these: late, or waiting for the second person.
LATE = {(6, "linked_aid"), (7, "defer_items"), (10, "adaption_rules"), (12, "discovery"), (14, "model_area"), (26, "divorce"), (33, "training")}
WAITING = {(6, "medical_charity"): date(2024, 8, 30), (30, "security"): date(2024, 9, 2)}
# (target, day, number, denominator, confirmed, where it is from)
FIGURES = (
    ("T09d", date(2024, 5, 31), 24, None, True, "助餐点开业登记表"), ("T09d", date(2024, 6, 30), 37, None, True, "助餐点开业登记表"),
    ("T09d", date(2024, 7, 31), 46, None, True, "助餐点开业登记表"), ("T09d", date(2024, 8, 31), 55, None, True, "助餐点开业登记表"),
    ("T10d", date(2024, 8, 31), 7, 7, True, "各板块保单"), ("T26", date(2024, 8, 31), 11_820, None, True, "“幸福+课堂”签到表"),
    ("T10a", date(2024, 8, 31), 5_900, None, False, "适老化改造验收汇总"),
)  # fmt: skip
TASKS = ((6, "三城区名单请市慈善总会复核", date(2024, 9, 20)), (9, "核对助餐点停业情况，区分新增和净增", date(2024, 9, 13)))
REMARK = (6, "非本地户籍家庭的档案由居住地镇街建立，请各板块先核对本地预警名单。")
PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")


def begin_plan(day: date) -> None:
    """Load the plan and say who works for which office. Repeating it does nothing."""
    with clock.use(day):
        loaded = actions.load_shipped(name=PLAN, by=operator())
        page = queries.item_page(1, operator(), day)
        official, offices = user_named(OFFICIAL), {item.office.code: item.office for item in page.plan.items.select_related("office")}
        for code in OFFICES:
            if official:
                actions.add_member(office=offices[code], user=official, by=operator())
    if not loaded.already:
        typer.echo(f"  {loaded.plan.title}：{len(offices)} 个处室，{loaded.counts['new']} 项内容")


def work_on_plan(day: date) -> None:
    """What people recorded of it up to a day. Repeating it does nothing."""
    official, leader = _actor(OFFICIAL), _actor(LEADER)
    with clock.use(day):
        for card in queries.overview(official, day).cards:
            for view in queries.item_page(card.number, official, day).milestones:
                key = (card.number, view.milestone.name)
                done = WAITING.get(key, view.milestone.due)
                if view.record or key in LATE or (key not in WAITING and view.milestone.due >= day):
                    continue
                record = actions.record_milestone(milestone=view.milestone, done_on=done, note=f"（演示）{view.milestone.title}", by=official)
                actions.add_evidence(to=record, kind="file", title=f"（演示）{view.milestone.evidence}", content=PICTURE, by=official)
                if key not in WAITING:
                    actions.confirm_milestone(record=record, by=leader)
        for code, as_of, number, denominator, confirmed, note in FIGURES:
            _report(code, as_of, number, denominator, confirmed, note, day)
        for number, title, due in TASKS:
            page = queries.item_page(number, official, day)
            if not page.tasks:
                actions.add_task(item=page.card.item, title=title, due_on=due, by=official, owner=user_named("wujin"))
        page = queries.item_page(REMARK[0], official, day)
        if not page.remarks:
            actions.add_remark(item=page.card.item, text=REMARK[1], by=leader)
        actions.remind(as_of=day, by=Actor.system("夜间批处理"))
        counts = queries.overview(leader, day).target_counts
    typer.echo("  要点督办：量化目标 " + "、".join(f"{queries.STATES[state]} {count}" for state, count in counts.items() if count))


def close_month(day: date) -> None:
    """The monthly tables up to a day: an earlier month is locked by two people, the last one waits for the second; and its report.
    Repeating it does nothing."""
    official, leader = _actor(OFFICIAL), _actor(LEADER)
    last = (day.replace(day=1) - timedelta(days=1)).replace(day=1)
    before = (last - timedelta(days=1)).replace(day=1)
    with clock.use(day):
        locked = {line.month for line in statistics.months(official) if line.holds.is_locked}
        if before not in locked:
            table = counting.prepare_month(month=before, by=official)
            counting.confirm_month(table=table, by=leader, note="（演示）已与业务处室核对")
            counting.prepare_month(month=last, by=official)
        if not reports(official):
            make_report(kind="monthly", month=last, by=official)
    typer.echo(f"  统计月报：{before:%Y 年 %m 月}已锁定，{last:%Y 年 %m 月}等待第二人确认；进展报告 1 份")


def _report(code: str, as_of: date, number: int, denominator: int | None, confirmed: bool, note: str, day: date) -> None:
    official, leader = _actor(OFFICIAL), _actor(LEADER)
    city = queries.places_on(day).city
    for card in queries.overview(official, day).cards:
        target: Target | None = next((each.target for each in card.targets if each.target.code == code), None)
        if target is None:
            continue
        known = queries.item_page(card.number, official, day).reported
        if not any(row.target_id == target.pk and row.as_of == as_of for row in known):
            figure = actions.report_figure(
                target=target, as_of=as_of, place=city, numerator=number, denominator=denominator, note=f"（演示）{note}", by=official
            )
            if confirmed:
                actions.confirm_figure(figure=figure, by=leader)


def _actor(name: str) -> Actor:
    user = user_named(name)
    assert user is not None
    return Actor.of(user)
