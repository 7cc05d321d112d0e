"""Recording that a milestone was reached; a second person confirms or returns it."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.indicators.actions.second import SHORTEST, check_version, confirm, give_back
from minzheng.kernel.indicators.errors import PlanError, StalePlan
from minzheng.kernel.indicators.models import Milestone, MilestoneRecord
from minzheng.kernel.indicators.rights import may_work_on, require_second


def record_milestone(*, milestone: Milestone, done_on: date, note: str, by: Actor) -> MilestoneRecord:
    """Say that a milestone was reached. It counts once another person has confirmed it.

    Raises Forbidden (no `plan.work`, or another office's), PlanError (withdrawn, a day to come, no words), StalePlan when somebody recorded
    it meanwhile.
    """
    by.require("plan.work")
    with transaction.atomic():
        row = Milestone.objects.select_for_update(of=("self",)).select_related("item__plan", "item__office").get(pk=milestone.pk)
        if not may_work_on(by, row.item):
            raise Forbidden(f"这是{row.item.office}的工作，请由该处室的人登记")
        if row.withdrawn_on or row.item.withdrawn_on:
            raise PlanError("这个节点已随要点修订撤下，不能再登记")
        if done_on > clock.business_date():
            raise PlanError(f"完成日期 {done_on} 还没有到")
        if done_on < row.item.plan.first:
            raise PlanError(f"完成日期 {done_on} 早于要点期间（{row.item.plan.first} 起）")
        if len(note.strip()) < SHORTEST:
            raise PlanError("请写明完成情况")
        standing = row.records.exclude(state=MilestoneRecord.State.RETURNED).first()
        if standing:
            raise StalePlan(f"这个节点已由 {standing.by} 登记（{standing.get_state_display()}），请刷新后再看")
        made = MilestoneRecord.objects.create(milestone=row, done_on=done_on, note=note.strip()[:512], by=by.name, recorded_on=clock.business_date())
        audit.record(by, "milestone.record", f"milestone:{made.pk}", note.strip()[:128], item=row.item.number, name=row.name, done_on=done_on)
    return made


def confirm_milestone(*, record: MilestoneRecord, by: Actor, expected_version: int | None = None) -> MilestoneRecord:
    """The second person's yes. A milestone is confirmed on its evidence: there must be some.

    Raises Forbidden (who recorded it, or without `plan.confirm`), StalePlan, PlanError.
    """
    with transaction.atomic():
        row = _locked(record)
        require_second(by, row.by)
        check_version(row, expected_version)
        if row.state == MilestoneRecord.State.RECORDED and not row.evidence.exists():
            raise PlanError(f"还没有佐证：请先请登记人补上（{row.milestone.evidence}），或退回")
        return confirm(row, f"milestone:{row.pk}", by, expected_version)


def return_milestone(*, record: MilestoneRecord, by: Actor, because: str, expected_version: int | None = None) -> MilestoneRecord:
    """The second person's no, with a reason; it can be recorded again. Raises as `confirm_milestone`."""
    with transaction.atomic():
        return give_back(_locked(record), f"milestone:{record.pk}", by, because, expected_version)


def _locked(record: MilestoneRecord) -> MilestoneRecord:
    return MilestoneRecord.objects.select_for_update(of=("self",)).select_related("milestone__item").get(pk=record.pk)
