"""What waits for a reader of the plan."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.indicators.models import MilestoneRecord, Plan, Reminder, ReportedFigure, SubTask
from minzheng.kernel.indicators.places import Places
from minzheng.kernel.indicators.queries.jurisdiction import may_see
from minzheng.kernel.indicators.queries.shapes import Waiting


def waiting_for_me(actor: Actor, on: date) -> Waiting:
    """What another recorded and the reader may confirm; own sub-tasks that are open; reminders of what is still open. Raises Forbidden."""
    actor.require("plan.view")
    plan = Plan.objects.filter(first__lte=on, last__gte=on).first()
    if plan is None:
        return Waiting((), (), (), ())
    milestones: tuple[MilestoneRecord, ...] = ()
    figures: tuple[ReportedFigure, ...] = ()
    if actor.may("plan.confirm"):
        recorded = MilestoneRecord.objects.filter(state=MilestoneRecord.State.RECORDED, milestone__item__plan=plan, recorded_on__lte=on)
        milestones = tuple(recorded.exclude(by=actor.name).select_related("milestone__item").order_by("recorded_on", "pk"))
        places = Places.on(on)
        typed = ReportedFigure.objects.filter(state=ReportedFigure.State.RECORDED, target__item__plan=plan, recorded_on__lte=on)
        typed = typed.exclude(by=actor.name).select_related("target__item").order_by("recorded_on", "pk")
        figures = tuple(row for row in typed if may_see(actor, row.place, places))
    if actor.user is None:
        return Waiting(milestones, figures, (), ())
    mine = Q(owner=actor.user) | Q(owner=None, office__members__user=actor.user)
    tasks = SubTask.objects.filter(mine, item__plan=plan, done_on=None, created_on__lte=on).select_related("item").distinct()
    told = Reminder.objects.filter(user=actor.user, item__plan=plan, told_on__lte=on).select_related("item").order_by("due_on", "pk")
    return Waiting(milestones, figures, tuple(tasks.order_by("due_on", "pk")), tuple(_still_open(list(told))))


def _still_open(told: list[Reminder]) -> list[Reminder]:
    """Reminders of what was not done since; of one thing the last that was said."""
    milestones = {row.subject for row in told if row.subject.startswith("milestone:")}
    tasks = {row.subject for row in told if row.subject.startswith("task:")}
    done = MilestoneRecord.objects.filter(milestone__in=[int(each.split(":")[1]) for each in milestones])
    closed = {f"milestone:{pk}" for pk in done.exclude(state=MilestoneRecord.State.RETURNED).values_list("milestone_id", flat=True)}
    finished = SubTask.objects.filter(pk__in=[int(each.split(":")[1]) for each in tasks], done_on__isnull=False)
    closed |= {f"task:{pk}" for pk in finished.values_list("pk", flat=True)}
    newest = {row.subject: row for row in told if row.subject not in closed}
    return list(newest.values())
