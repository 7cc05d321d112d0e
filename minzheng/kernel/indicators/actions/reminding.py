"""The night's reminders: whoever owns what is late, or due within a fortnight, hears of it once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.models import User
from minzheng.kernel.foundation.notifications.actions import Notice, notify
from minzheng.kernel.indicators.models import (
    Milestone,
    MilestoneRecord,
    OfficeMember,
    Plan,
    PlanItem,
    Reminder,
    SubTask,
)

AHEAD = timedelta(days=14)
SHOWN = 4  # of an item's things in one notice


@dataclass(frozen=True)
class _Thing:
    """Something with a date, and whose it is."""

    subject: str
    item: PlanItem
    title: str
    due_on: date
    office: int
    owner: int | None = None


def remind(*, as_of: date, by: Actor) -> tuple[int, int]:
    """Tell owners; returns how many things are late or due soon, and how many reminders are new. A repeated night tells nobody twice.

    An office's things go to its members; of an office without members to those who manage the plan.
    """
    plan = Plan.objects.filter(first__lte=as_of, last__gte=as_of).first()
    if plan is None:
        return 0, 0
    members: dict[int, list[int]] = defaultdict(list)
    for office, user in OfficeMember.objects.filter(user__is_active=True).values_list("office_id", "user_id"):
        members[office].append(user)
    managing = [name for name, role in roles().items() if "plan.manage" in role.capabilities]
    managers = list(User.objects.filter(is_active=True, role__in=managing).values_list("pk", flat=True))
    things = list(_things(plan, as_of))
    wanted = {}
    for thing in things:
        kind = Reminder.Kind.LATE if thing.due_on < as_of else Reminder.Kind.SOON
        for user in [thing.owner] if thing.owner else members.get(thing.office, managers):
            wanted[user, thing.subject, str(kind), thing.due_on] = Reminder(
                user_id=user, item=thing.item, subject=thing.subject, title=thing.title[:128], kind=kind, due_on=thing.due_on, told_on=as_of
            )
    with transaction.atomic():
        known = Reminder.objects.filter(item__plan=plan).values_list("user_id", "subject", "kind", "due_on")
        for told in known:
            wanted.pop(told, None)
        Reminder.objects.bulk_create(wanted.values(), batch_size=500)
        notify(notices=_notices(list(wanted.values())), on=as_of)
        if wanted:
            audit.record(by, "plan.remind", f"plan:{plan.year}", reminders=len(wanted))
    return len(things), len(wanted)


def _things(plan: Plan, as_of: date) -> Iterator[_Thing]:
    held = MilestoneRecord.objects.exclude(state=MilestoneRecord.State.RETURNED).values("milestone")
    open_ = Milestone.objects.filter(item__plan=plan, withdrawn_on=None, item__withdrawn_on=None, due__lte=as_of + AHEAD).exclude(pk__in=held)
    for each in open_.select_related("item").order_by("pk"):
        yield _Thing(f"milestone:{each.pk}", each.item, each.title, each.due, each.item.office_id)
    tasks = SubTask.objects.filter(item__plan=plan, item__withdrawn_on=None, done_on=None, due_on__lte=as_of + AHEAD)
    for task in tasks.filter(Q(owner=None) | Q(owner__is_active=True)).select_related("item").order_by("pk"):
        yield _Thing(f"task:{task.pk}", task.item, task.title, task.due_on, task.office_id or task.item.office_id, task.owner_id)


def _notices(rows: list[Reminder]) -> Iterator[Notice]:
    """One notice for each user, item and kind."""
    groups: dict[tuple[int, int, str], list[Reminder]] = defaultdict(list)
    for row in rows:
        groups[row.user_id, row.item.number, row.kind].append(row)
    for (user, number, kind), found in groups.items():
        titles = "、".join(row.title for row in found[:SHOWN]) + (f" 等 {len(found)} 项" if len(found) > SHOWN else "")
        said = "已逾期" if kind == Reminder.Kind.LATE else "两周内到期"
        yield Notice(user, f"plan_{kind}", f"要点第 {number} 项有 {len(found)} 项{said}", titles, f"plan_item:{number}")
