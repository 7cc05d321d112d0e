"""Typing a figure for a target that nothing measures. It says everywhere that it was typed, by whom, and who confirmed it."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.indicators.actions.second import SHORTEST, confirm, give_back
from minzheng.kernel.indicators.errors import PlanError, StalePlan
from minzheng.kernel.indicators.models import ReportedFigure, Target
from minzheng.kernel.indicators.places import Places
from minzheng.kernel.indicators.queries.jurisdiction import may_see
from minzheng.kernel.indicators.rights import may_work_on


def report_figure(
    *, target: Target, as_of: date, place: str, numerator: int, by: Actor, denominator: int | None = None, note: str = ""
) -> ReportedFigure:
    """Type a figure of a place (the city, a board, a county, a town) for a day.

    A city's figure is the office's; a part's is that of whoever works there. Raises Forbidden, LookupError (no such place), PlanError for a
    target that is measured, an event, a withdrawn one, a day outside the plan or to come, a share without or above its denominator;
    StalePlan when there is one of that place and day.
    """
    by.require("plan.work")
    places = Places.on(as_of)
    if not may_see(by, place, places):
        raise Forbidden(f"{places.titles[place]}不在您的辖区内，不能填报它的数字")
    with transaction.atomic():
        row = Target.objects.select_for_update(of=("self",)).select_related("item__plan", "item__office").get(pk=target.pk)
        if place == places.city and not may_work_on(by, row.item):
            raise Forbidden(f"全市的数字由{row.item.office}填报")
        _check(row, as_of, numerator, denominator, note)
        standing = row.reported.filter(place=place, as_of=as_of).exclude(state=ReportedFigure.State.RETURNED).first()
        if standing:
            raise StalePlan(f"{places.titles[place]} {as_of} 的数字已由 {standing.by} 填报（{standing.get_state_display()}），请刷新后再看")
        made = ReportedFigure.objects.create(
            target=row, as_of=as_of, place=place, numerator=numerator, denominator=denominator, note=note.strip()[:512], by=by.name,
            recorded_on=clock.business_date(),
        )  # fmt: skip
        audit.record(
            by, "figure.report", f"figure:{made.pk}", note.strip()[:128], target=row.code, as_of=as_of, place=place, numerator=numerator,
            denominator=denominator,
        )  # fmt: skip
    return made


def confirm_figure(*, figure: ReportedFigure, by: Actor, expected_version: int | None = None) -> ReportedFigure:
    """The second person's yes. Raises Forbidden (who typed it, without `plan.confirm`, place outside), StalePlan, PlanError."""
    with transaction.atomic():
        return confirm(_locked(figure, by), f"figure:{figure.pk}", by, expected_version)


def return_figure(*, figure: ReportedFigure, by: Actor, because: str, expected_version: int | None = None) -> ReportedFigure:
    """The second person's no, with a reason; it can be typed again. Raises as `confirm_figure`."""
    with transaction.atomic():
        return give_back(_locked(figure, by), f"figure:{figure.pk}", by, because, expected_version)


def _check(target: Target, as_of: date, numerator: int, denominator: int | None, note: str) -> None:
    """Raise PlanError for a figure that cannot be."""
    plan = target.item.plan
    if target.withdrawn_on or target.item.withdrawn_on:
        raise PlanError("这个目标已随要点修订撤下，不能再填报")
    if target.indicator:
        raise PlanError("这个目标由系统计算，不能人工填报")
    if target.period == "event":
        raise PlanError("这个目标以节点登记为准，请登记节点")
    if not plan.first <= as_of <= plan.last:
        raise PlanError(f"截至日期 {as_of} 不在要点期间（{plan.first} 至 {plan.last}）")
    if as_of > clock.business_date():
        raise PlanError(f"截至日期 {as_of} 还没有到")
    if numerator < 0:
        raise PlanError("数字不能是负数")
    if target.per == "percent":
        if not denominator or denominator < 0:
            raise PlanError("比例目标要同时填分子和分母，分母应大于 0")
        if numerator > denominator:
            raise PlanError(f"分子 {numerator:,} 大于分母 {denominator:,}，请核对")
    elif denominator is not None:
        raise PlanError("这个目标不是比例，只填一个数")
    if len(note.strip()) < SHORTEST:
        raise PlanError("请写明数字来源")


def _locked(figure: ReportedFigure, by: Actor) -> ReportedFigure:
    row = ReportedFigure.objects.select_for_update(of=("self",)).select_related("target__item").get(pk=figure.pk)
    if not may_see(by, row.place, Places.on(row.as_of)):
        raise Forbidden("这个数字不在您的辖区内")
    return row
