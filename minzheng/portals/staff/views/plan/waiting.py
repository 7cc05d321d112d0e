"""What waits for a reader of the plan, as lines of the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.indicators import queries
from minzheng.kernel.indicators.models import PlanItem

MOST = 8


@dataclass(frozen=True)
class Line:
    """One thing that waits: what is to be done, of which item, by when, and where."""

    todo: str
    what: str
    item: PlanItem
    due: date | None
    url: str


def lines(actor: Actor, on: date) -> dict[str, Any]:
    """What the desk shows of the plan; empty for roles that only read it."""
    if not actor.may("plan.view") or not (actor.may("plan.work") or actor.may("plan.confirm")):
        return {}
    found = queries.waiting_for_me(actor, on)
    every = [
        *(Line("确认节点", each.milestone.title, each.milestone.item, None, f"#milestone-{each.milestone_id}") for each in found.milestones),
        *(Line("确认填报数", f"{each.target.code} {each.target.verbatim}", each.target.item, None, f"#figure-{each.pk}") for each in found.figures),
        *(Line("子任务", each.title, each.item, each.due_on, "#t-tasks") for each in found.tasks),
        *(Line("到期提醒", each.title, each.item, each.due_on, "#t-milestones") for each in found.reminders),
    ]  # fmt: skip
    shown = [Line(each.todo, each.what, each.item, each.due, reverse("staff:plan_item", args=[each.item.number]) + each.url) for each in every[:MOST]]
    return {"plan_lines": shown, "plan_total": len(every)}
