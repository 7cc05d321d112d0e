"""A person's word above the reckoning: pause a benefit, fix its amount, lift either. It outlives every run until lifted."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Entitlement, Override
from minzheng.kernel.benefits.standing import locked_months
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, scoped


def pause_entitlement(*, entitlement: Entitlement, reason: str, by: Actor, valid_from: date | None = None, valid_to: date | None = None) -> Override:
    """Pay nothing from a month on (its first day; the next month to be reckoned if not said) until lifted or `valid_to`; the
    entitlement stays. Raises Forbidden, BenefitsError."""
    return _lay(entitlement, Override.Kind.PAUSE, None, reason, by, valid_from, valid_to)


def fix_amount(
    *, entitlement: Entitlement, amount_fen: int, reason: str, by: Actor, valid_from: date | None = None, valid_to: date | None = None
) -> Override:
    """Pay this amount whatever the reckoning says, until lifted or `valid_to`; only a death stands above it.
    Raises Forbidden, BenefitsError."""
    if type(amount_fen) is not int:
        raise BenefitsError(f"金额应为整数分，不能有小数：{amount_fen!r}")
    if amount_fen < 0:
        raise BenefitsError(f"金额不能为负：{amount_fen} 分")
    return _lay(entitlement, Override.Kind.FIX, amount_fen, reason, by, valid_from, valid_to)


@transaction.atomic
def lift_override(*, override: Override, because: str, by: Actor, from_month: date | None = None) -> Override:
    """End a pause or a fixed amount with a month (its first day; the next month to be reckoned if not said). An earlier
    month is allowed: a correction of the months since then pays what was held back. Raises Forbidden, BenefitsError."""
    by.require("benefits.review")
    row = scoped(Override.objects.select_for_update(), by).filter(pk=override.pk).first()
    if row is None:
        raise BenefitsError("没有这项人工处置，或它不在您的辖区内")
    if row.lifted_on is not None:
        return row
    if len(because.strip()) < 2:
        raise BenefitsError("解除须写明理由")
    end = max(_month(from_month or next_month()), row.valid_from)  # lifted before it began: it never holds
    row.valid_to = end if row.valid_to is None else min(end, row.valid_to)
    row.lifted_on, row.lifted_by, row.lifted_because = clock.business_date(), by.name, because.strip()[:256]
    row.save()
    audit.record(by, "benefits.lift", f"override:{row.pk}", because.strip(), programme=row.programme, valid_to=row.valid_to)
    return row


def lift_pause(*, override: Override, because: str, by: Actor, from_month: date | None = None) -> Override:
    """As `lift_override`, for a pause."""
    if override.kind != Override.Kind.PAUSE:
        raise BenefitsError("这项处置不是暂停")
    return lift_override(override=override, because=because, by=by, from_month=from_month)


def next_month() -> date:
    """The first day of the next month that no run was approved for: the month after the last approved one, else this one."""
    months = locked_months()
    return months[-1].after.first if months else clock.business_date().replace(day=1)


def lay(*, by: Actor, **fields: Any) -> Override:
    """Store an override and its audit entry, in the caller's transaction; one that stands already is lifted first."""
    standing = Override.objects.filter(programme=fields["programme"], unit_key=fields["unit_key"], lifted_on__isnull=True)
    standing.update(lifted_on=clock.business_date(), lifted_by=by.name, lifted_because="由新的处置取代")
    row = Override.objects.create(by=by.name, on=clock.business_date(), **fields)
    audit.record(by, f"benefits.{row.kind}", f"override:{row.pk}", row.reason, programme=row.programme, amount_fen=row.amount_fen)
    return row


@transaction.atomic
def _lay(
    entitlement: Entitlement, kind: str, amount_fen: int | None, reason: str, by: Actor, valid_from: date | None, valid_to: date | None
) -> Override:
    by.require("benefits.review")
    row = scoped(Entitlement.objects.select_for_update(), by).filter(pk=entitlement.pk).first()
    if row is None:
        raise BenefitsError("没有这项待遇，或它不在您的辖区内")
    if row.valid_to is not None:
        raise BenefitsError(f"这项待遇已在 {row.valid_to} 终止")
    if len(reason.strip()) < 2:
        raise BenefitsError("请写明理由")
    start = _month(valid_from or next_month())
    if start < next_month():
        raise BenefitsError(f"{start:%Y-%m} 已经审批发放，人工处置最早从 {next_month():%Y-%m} 起")
    if valid_to is not None and _month(valid_to) <= start:
        raise BenefitsError(f"终止月份 {valid_to:%Y-%m} 应晚于开始月份 {start:%Y-%m}")
    standing = Override.objects.filter(programme=row.programme, unit_key=row.unit_key, lifted_on__isnull=True)
    if any(each.valid_to is None or each.valid_to > start for each in standing):
        raise BenefitsError("这项待遇已有人工处置，请先解除原来的")
    return lay(
        by=by, kind=kind, programme=row.programme, unit_key=row.unit_key, person_key=row.person_key, household_key=row.household_key,
        division_code=row.division_code, amount_fen=amount_fen, valid_from=start, valid_to=_month(valid_to) if valid_to else None,
        reason=reason.strip(),
    )  # fmt: skip


def _month(day: date) -> date:
    return day.replace(day=1)

