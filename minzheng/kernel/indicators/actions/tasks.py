"""An item's sub-tasks and its discussion."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.foundation.models import User
from minzheng.kernel.foundation.notifications.actions import Notice, notify
from minzheng.kernel.indicators.errors import PlanError, StalePlan
from minzheng.kernel.indicators.models import Office, OfficeMember, PlanItem, Remark, SubTask
from minzheng.kernel.indicators.rights import may_work_on

LONGEST_REMARK = 2000


def add_task(*, item: PlanItem, title: str, due_on: date, by: Actor, office: Office | None = None, owner: User | None = None) -> SubTask:
    """Give a piece of an item's work to an office or a person, who is told. Raises Forbidden, PlanError."""
    by.require("plan.work")
    if not may_work_on(by, item):
        raise Forbidden(f"这是{item.office}的工作，请由该处室布置")
    if not title.strip():
        raise PlanError("请写明任务")
    if item.withdrawn_on:
        raise PlanError("本项已随要点修订撤下，不能再布置任务")
    if due_on < clock.business_date():
        raise PlanError(f"期限 {due_on} 已经过了")
    if owner is not None and not owner.is_active:
        raise PlanError(f"{owner.full_name}的账号已停用，请换一位责任人")
    with transaction.atomic():
        made = SubTask.objects.create(
            item=item, title=title.strip()[:128], office=office or (None if owner else item.office), owner=owner, due_on=due_on,
            created_on=clock.business_date(), created_by=by.name,
        )  # fmt: skip
        audit.record(by, "task.add", f"task:{made.pk}", made.title, item=item.number, due_on=due_on, owner=owner.username if owner else "")
        if owner:
            notice = Notice(owner.pk, "plan_task", f"要点第 {item.number} 项任务：{made.title}", f"期限 {due_on}", f"plan_item:{item.number}")
            notify(notices=[notice], on=clock.business_date())
    return made


def finish_task(*, task: SubTask, by: Actor, expected_version: int | None = None) -> SubTask:
    """Done: by its owner, its office, or who works on the item. What is done stays so. Raises Forbidden, StalePlan."""
    with transaction.atomic():
        row = _locked(task, by, expected_version)
        if row.done_on is None:
            row.done_on = clock.business_date()
            row.version += 1
            row.save(update_fields=["done_on", "version"])
            audit.record(by, "task.finish", f"task:{row.pk}")
    return row


def reopen_task(*, task: SubTask, by: Actor, reason: str, expected_version: int | None = None) -> SubTask:
    """Not done after all. Raises Forbidden, StalePlan, PlanError without a reason."""
    if len(reason.strip()) < 2:
        raise PlanError("请写明重新打开的原因")
    with transaction.atomic():
        row = _locked(task, by, expected_version)
        if row.done_on is not None:
            row.done_on = None
            row.version += 1
            row.save(update_fields=["done_on", "version"])
            audit.record(by, "task.reopen", f"task:{row.pk}", reason.strip()[:128])
    return row


def add_remark(*, item: PlanItem, text: str, by: Actor) -> Remark:
    """A word in an item's discussion, from anybody who works on the plan or leads it. Raises Forbidden, PlanError."""
    if not by.may("plan.confirm"):
        by.require("plan.work")
    if not text.strip() or len(text.strip()) > LONGEST_REMARK:
        raise PlanError(f"请写 1 至 {LONGEST_REMARK} 个字")
    with transaction.atomic():
        made = Remark.objects.create(item=item, text=text.strip(), by=by.name, on=clock.business_date(), at=timezone.now())
        audit.record(by, "remark.add", f"remark:{made.pk}", item=item.number)
    return made


def _locked(task: SubTask, by: Actor, expected: int | None) -> SubTask:
    by.require("plan.view")
    row = SubTask.objects.select_for_update(of=("self",)).select_related("item__office", "office").get(pk=task.pk)
    own = by.user is not None and (
        row.owner_id == by.user.pk or OfficeMember.objects.filter(office=row.office, user=by.user).exists()
    )
    if not own and not may_work_on(by, row.item):
        raise Forbidden("这项任务不归您，请由责任人处理")
    if expected is not None and row.version != expected:
        raise StalePlan("这项任务已被他人改动，请刷新后再看")
    return row
