"""Who may work on an item, and whose word counts as a second one."""

from __future__ import annotations

from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.indicators.models import OfficeMember, PlanItem


def may_work_on(actor: Actor, item: PlanItem) -> bool:
    """Whether somebody may record work of an item: with `plan.work`, and either of its office or for the whole city (an office without
    members is open to all who work on the plan)."""
    if not actor.may("plan.work"):
        return False
    if actor.user is None or actor.may("plan.manage") or any(low[4:] == "00000000" for low, _high in actor.ranges):
        return True
    return OfficeMember.objects.filter(office=item.office, user=actor.user).exists()


def may_open_evidence(actor: Actor, item: PlanItem) -> bool:
    """Whether somebody may open an item's evidence: photographs may show people, so it is for who works on it, confirms or supervises."""
    return may_work_on(actor, item) or actor.may("plan.confirm") or actor.may("plan.manage")


def may_confirm(actor: Actor, by: str) -> bool:
    """Whether somebody may confirm what another recorded."""
    return actor.may("plan.confirm") and actor.name != by


def require_second(actor: Actor, by: str) -> None:
    """Raise Forbidden unless the actor may confirm, and is not who recorded it."""
    actor.require("plan.confirm")
    if actor.name == by:
        raise Forbidden("登记人不能确认自己登记的内容，请由另一人确认")
