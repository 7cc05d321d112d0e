"""What the supervisor settles: which reading of a target holds, who works for which office."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import User
from minzheng.kernel.indicators.errors import PlanError
from minzheng.kernel.indicators.models import Office, OfficeMember, PlanChange, Target, TargetSetting


def choose_reading(*, target: Target, reading: str, valid_from: date, reason: str, by: Actor) -> TargetSetting:
    """From a day on a target is read so; days before keep what was said of them. Stands in the change log with the reason.

    Raises Forbidden, PlanError (no such reading, no reason, a day outside the plan).
    """
    by.require("plan.manage")
    titles = {str(each["name"]): str(each["title"]) for each in target.definitions}
    if reading not in titles:
        raise PlanError(f"目标 {target.code} 没有这种口径，可选：{'、'.join(titles.values())}")
    if len(reason.strip()) < 2:
        raise PlanError("请写明为什么这样理解")
    plan = target.item.plan
    if not plan.first <= valid_from <= plan.last:
        raise PlanError(f"生效日期 {valid_from} 不在要点期间（{plan.first} 至 {plan.last}）")
    with transaction.atomic():
        before = target.settings.filter(valid_from__lte=valid_from).order_by("-valid_from", "-pk").first()
        was = before.reading if before else target.reading or str(target.definitions[0]["name"])
        made = TargetSetting.objects.create(
            target=target, reading=reading, valid_from=valid_from, reason=reason.strip()[:256], by=by.name, on=clock.business_date()
        )
        PlanChange.objects.create(
            plan=plan, item=target.item, version=plan.version, subject=f"target:{target.code}", what=f"口径（{valid_from} 起）",
            was=titles.get(was, was), now=titles[reading], reason=reason.strip()[:256], on=clock.business_date(), by=by.name,
        )  # fmt: skip
        audit.record(by, "target.reading", f"target:{target.pk}", reason.strip()[:128], reading=reading, was=was, valid_from=valid_from)
    return made


def add_member(*, office: Office, user: User, by: Actor) -> OfficeMember:
    """Somebody works for an office from now on. Once is enough. Raises Forbidden, PlanError for an account that is closed."""
    by.require("plan.manage")
    if not user.is_active:
        raise PlanError(f"{user.full_name}的账号已停用")
    with transaction.atomic():
        made, new = OfficeMember.objects.get_or_create(office=office, user=user)
        if new:
            audit.record(by, "office.member", f"office:{office.code}", "add", user=user.username)
    return made


def remove_member(*, office: Office, user: User, by: Actor) -> None:
    """Somebody works there no more. Raises Forbidden."""
    by.require("plan.manage")
    with transaction.atomic():
        gone, _each = OfficeMember.objects.filter(office=office, user=user).delete()
        if gone:
            audit.record(by, "office.member", f"office:{office.code}", "remove", user=user.username)
