"""The plan for a reader on a day: all of it at a glance, an item's page, places side by side, what may be published."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Literal

from django.db.models import Prefetch, QuerySet

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.indicators.catalogue import indicator as indicator_named
from minzheng.kernel.indicators.declarations import Indicator
from minzheng.kernel.indicators.errors import PlanError
from minzheng.kernel.indicators.models import (
    IndicatorValue,
    Measurement,
    Milestone,
    MilestoneRecord,
    OfficeMember,
    Plan,
    PlanChange,
    PlanItem,
    ReportedFigure,
    SubTask,
    Target,
)
from minzheng.kernel.indicators.places import Places
from minzheng.kernel.indicators.queries.figures import Figures, goal_of
from minzheng.kernel.indicators.queries.jurisdiction import Area, area_of, may_see
from minzheng.kernel.indicators.queries.shapes import (
    ChapterView,
    ItemCard,
    ItemPage,
    Late,
    MilestoneView,
    PlaceFigure,
    PlanView,
    PublicFigure,
)
from minzheng.kernel.indicators.rights import may_confirm, may_work_on
from minzheng.kernel.indicators.states import Goal, judge, judge_item, reached, value_of

Cut = Literal["division", "unit", "town"]
CUTS: dict[Cut, str] = {"division": "按行政区划", "unit": "按管理口径", "town": "按镇（街道）"}


def plans(actor: Actor) -> QuerySet[Plan]:
    """All plans, the newest first. Raises Forbidden."""
    actor.require("plan.view")
    return Plan.objects.all()


def plan_at(actor: Actor, on: date) -> Plan | None:
    """The plan of a day's year. Raises Forbidden."""
    actor.require("plan.view")
    return Plan.objects.filter(first__lte=on, last__gte=on).first()


def places_on(on: date) -> Places:
    """The places that figures are kept for: city, counties, boards, towns, with names."""
    return Places.on(on)


def overview(actor: Actor, on: date, cut: Cut = "division", place: str = "", plan: Plan | None = None) -> PlanView:
    """The whole plan for a place (the reader's own, unless one is named), as known on a day. `cut` is kept for pages that show places
    side by side. Raises Forbidden, LookupError (unknown place), PlanError when there is no plan of that day."""
    plan = plan or plan_at(actor, on)
    actor.require("plan.view")
    if plan is None:
        raise PlanError(f"{on.year} 年还没有工作要点：请用 minzheng plan load 导入，或在“要点督办”中导入")
    places = Places.on(on)
    area = area_of(actor, places, place)
    figures = Figures(plan, area, places, on)
    cards: dict[tuple[int, str], list[ItemCard]] = defaultdict(list)
    for item in _items(plan):
        cards[item.chapter, item.chapter_title].append(_card(item, figures, on))
    chapters = tuple(ChapterView(number, title, tuple(found)) for (number, title), found in cards.items())
    newest = figures.measured_on[-1] if figures.measured_on else None
    measured = Measurement.objects.filter(as_of=newest).first() if newest else None
    return PlanView(plan, on, area.place, area.title, area.whole_city, measured, _year(plan).elapsed(on), chapters)


def item_page(number: int, actor: Actor, on: date, place: str = "", plan: Plan | None = None) -> ItemPage:
    """One item with all that belongs to it. Raises Forbidden, LookupError (no such item or place), PlanError without a plan."""
    actor.require("plan.view")
    plan = plan or plan_at(actor, on)
    if plan is None:
        raise PlanError(f"{on.year} 年还没有工作要点")
    item = next(iter(_items(plan, number)), None)
    if item is None:
        raise LookupError(f"{plan.title}没有第 {number} 项")
    places = Places.on(on)
    area = area_of(actor, places, place)
    works = may_work_on(actor, item)
    keys = [*area.keys, *(places.boards if area.whole_city else ())]
    reported = ReportedFigure.objects.filter(target__item=item, place__in=keys, recorded_on__lte=on).select_related("target").prefetch_related("evidence")
    return ItemPage(
        plan, _card(item, Figures(plan, area, places, on), on), area.place, area.title,
        tuple(_milestone(each, actor, on, works) for each in item.milestones.all() if each.withdrawn_on is None),
        tuple(reported.order_by("-as_of", "-pk")),
        tuple(item.tasks.filter(created_on__lte=on).select_related("owner", "office")),
        tuple(item.remarks.filter(on__lte=on)),
        tuple(OfficeMember.objects.filter(office=item.office).select_related("user")),
        tuple(change_log(item, actor)[:50]), works, actor.may("plan.confirm"), actor.may("plan.manage"),
    )  # fmt: skip


def change_log(item: PlanItem, actor: Actor) -> QuerySet[PlanChange]:
    """What was changed of an item, newest first: by a later file, or by a setting. Raises Forbidden."""
    actor.require("plan.view")
    return PlanChange.objects.filter(item=item)


def by_place(figure: Target | str, actor: Actor, on: date, cut: Cut = "division", reading: str = "", below: str = "") -> list[PlaceFigure]:
    """A target, or an indicator by name, for places side by side: those inside the jurisdiction. `below`: for towns, of which place.

    Raises Forbidden, LookupError.
    """
    actor.require("plan.view")
    places = Places.on(on)
    shown = [place for place in places.of_cut(cut, below) if may_see(actor, place, places)]
    if isinstance(figure, Target) and not figure.indicator:
        return _typed_by_place(figure, shown, places, on)
    found = indicator_named(figure.indicator if isinstance(figure, Target) else figure)
    name = reading or (chosen_reading(figure, on) if isinstance(figure, Target) else found.readings[0].name)
    newest = measured_by(figure, on)
    if newest is None:
        return [PlaceFigure(place, places.titles[place], None, None, None, None, "no_source") for place in shown]
    rows = IndicatorValue.objects.filter(as_of=newest, indicator=found.name, reading=found.reading(name).name, place__in=shown)
    known = {place: (numerator, denominator) for place, numerator, denominator in rows.values_list("place", "numerator", "denominator")}
    nothing = (0, 0 if found.is_share else None)
    goal = goal_of(figure, figure.item.plan) if isinstance(figure, Target) and found.is_share else None
    return [_place(place, places, known.get(place, nothing), newest, found, goal, on) for place in shown]


def measured_by(figure: Target | str, on: date) -> date | None:
    """The night whose figures stand on a day; a target's are those of its plan's time."""
    until = min(on, figure.item.plan.last) if isinstance(figure, Target) else on
    return Measurement.objects.filter(as_of__lte=until).order_by("-as_of").values_list("as_of", flat=True).first()


def chosen_reading(target: Target, on: date) -> str:
    """The reading of a target that holds on a day: set, or the file's, or the first."""
    setting = target.settings.filter(valid_from__lte=on).order_by("-valid_from", "-pk").first()
    return setting.reading if setting else target.reading or str(target.definitions[0]["name"])


def public_figures(on: date) -> list[PublicFigure]:
    """What may be published of the day's plan: targets that say so, for the whole city, counts and shares only."""
    plan = Plan.objects.filter(first__lte=on, last__gte=on).first()
    if plan is None:
        return []
    places = Places.on(on)
    figures = Figures(plan, Area(places.city, places.titles.get(places.city, ""), (places.city,), whole_city=True), places, on)
    found = []
    for item in _items(plan):
        for target in item.targets.all():
            if target.publish and target.withdrawn_on is None:
                one = figures.state_of(target)
                found.append(PublicFigure(
                    item.number, item.title, item.chapter, item.chapter_title, target.code, target.verbatim, one.shown, one.goal_shown,
                    one.share_of_goal, one.state, one.source, one.as_of,
                ))  # fmt: skip
    return found


def _items(plan: Plan, number: int | None = None) -> list[PlanItem]:
    """All items that stand, or one of them, standing or not, with all that belongs to it."""
    rows = PlanItem.objects.filter(plan=plan).select_related("office", "plan")
    rows = rows.filter(withdrawn_on=None) if number is None else rows.filter(number=number)
    known = MilestoneRecord.objects.order_by("pk")
    records = Prefetch("records", known if number is None else known.prefetch_related("evidence"))
    milestones = Prefetch("milestones", Milestone.objects.prefetch_related(records) if number is not None else Milestone.objects.all())
    targets = Prefetch("targets", Target.objects.select_related("item"))
    tasks = Prefetch("tasks", SubTask.objects.select_related("owner", "office"))
    found = list(rows.prefetch_related(milestones, targets, tasks).order_by("number"))
    for item in found:
        for target in item.targets.all():
            target.item = item  # with its milestones, which an event asks for
    return found


def _card(item: PlanItem, figures: Figures, on: date) -> ItemCard:
    targets = tuple(figures.state_of(each) for each in item.targets.all() if each.withdrawn_on is None)
    stations = [each for each in item.milestones.all() if each.withdrawn_on is None]
    done = [each for each in stations if (item.pk, each.name) in figures.held]
    still = sorted((each for each in stations if each not in done), key=lambda each: each.due)
    late = [
        Late("milestone", each.title, each.due, (on - each.due).days, item.office.title, each.due_status == "confirmed") for each in still
        if each.due < on
    ]  # fmt: skip
    state = judge_item([each.state for each in targets], len(late), len(still), len(done))
    late += [
        Late("task", each.title, each.due_on, (on - each.due_on).days, _owner(each, item)) for each in item.tasks.all()
        if each.due_on < on and each.created_on <= on and (each.done_on is None or each.done_on > on)
    ]  # fmt: skip
    own = tuple(found for name in item.figures if (found := figures.own(name)))
    return ItemCard(item, state, targets, own, len(done), len(stations), tuple(late), next((each for each in still if each.due >= on), None))


def _owner(task: SubTask, item: PlanItem) -> str:
    return task.owner.full_name if task.owner else (task.office or item.office).title


def _milestone(milestone: Milestone, actor: Actor, on: date, works: bool) -> MilestoneView:
    history = [each for each in milestone.records.all() if each.recorded_on <= on]
    record = next((each for each in reversed(history) if each.state != MilestoneRecord.State.RETURNED), history[-1] if history else None)
    standing = record is not None and record.state != MilestoneRecord.State.RETURNED
    confirmed = record is not None and record.state == MilestoneRecord.State.CONFIRMED
    return MilestoneView(
        milestone, record, tuple(history), tuple(record.evidence.all()) if record else (), 0 if confirmed else max((on - milestone.due).days, 0),
        works and not standing, record is not None and record.state == MilestoneRecord.State.RECORDED and may_confirm(actor, record.by),
    )  # fmt: skip


def _place(
    place: str, places: Places, amounts: tuple[int, int | None], as_of: date, found: Indicator, goal: Goal | None, on: date
) -> PlaceFigure:
    numerator, denominator = amounts
    value = value_of(numerator, denominator, found.is_share)
    state = judge(value, goal, on, reached(numerator, denominator, goal) if denominator else None) if goal else "part"
    return PlaceFigure(place, places.titles[place], numerator, denominator, value, as_of, state)


def _typed_by_place(target: Target, shown: list[str], places: Places, on: date) -> list[PlaceFigure]:
    rows = ReportedFigure.objects.filter(target=target, place__in=shown, as_of__lte=on, state=ReportedFigure.State.CONFIRMED)
    newest = {row.place: row for row in rows.order_by("as_of", "pk")}
    found = []
    for place in shown:
        row, title = newest.get(place), places.titles[place]
        if row is None:
            found.append(PlaceFigure(place, title, None, None, None, None, "no_source"))
            continue
        value = value_of(row.numerator, row.denominator, target.per == "percent")
        found.append(PlaceFigure(place, title, row.numerator, row.denominator, value, row.as_of, "part"))
    return found


def _year(plan: Plan) -> Goal:
    return Goal(Decimal(1), "at_least", plan.first, plan.last)


__all__ = ["CUTS", "Cut", "by_place", "change_log", "chosen_reading", "item_page", "overview", "places_on", "plan_at", "plans", "public_figures"]
