"""Changing parameters: one person proposes with a source, another confirms. A confirmed change is never edited."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import ParameterChange
from minzheng.kernel.benefits.parameters import checked, parameter, plain, readers, value_at, values_at
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.rules.evaluation import RuleError, plan
from minzheng.kernel.rules.language import Month


@transaction.atomic
def propose_parameter(
    *, name: str, value: Any, valid_from: date, source: str, by: Actor, valid_to: date | None = None, note: str = ""
) -> ParameterChange:
    """Propose a value for 'programme.parameter' from the first day of a month on. The value that stands, with a source, is how
    an unverified one is confirmed. Raises Forbidden, BenefitsError (in Chinese, with what is wrong)."""
    by.require("parameters.propose")
    wanted = parameter(name)
    if len(source.strip()) < 4:
        raise BenefitsError("请写明依据的文件（文号和条款）")
    for day, what in ((valid_from, "开始"), (valid_to, "终止")):
        if day is not None and day.day != 1:
            raise BenefitsError(f"{what}日期应为月份的第一天，收到的是 {day}")
    if valid_to is not None and valid_to <= valid_from:
        raise BenefitsError(f"有效期是空的：{valid_from} 至 {valid_to}")
    before = value_at(wanted, valid_from)
    given = checked(value, before)
    _try_out(wanted, given, valid_from)
    open_ = ParameterChange.objects.filter(scope=wanted.scope, name=wanted.name, state=ParameterChange.State.PROPOSED)
    for row in open_:
        if (row.valid_to is None or row.valid_to > valid_from) and (valid_to is None or row.valid_from < valid_to):
            raise BenefitsError(f"“{before.title}”已有 {row.proposed_by} 提出的变更（{row.valid_from} 起）等待确认，时间重叠")
    row = ParameterChange.objects.create(
        scope=wanted.scope, name=wanted.name, value=given, before=plain(before.dated.value), valid_from=valid_from, valid_to=valid_to,
        source=source.strip()[:256], proposed_by=by.name, proposed_on=clock.business_date(), note=note.strip()[:256],
    )  # fmt: skip
    audit.record(by, "parameter.propose", f"parameter:{row.pk}", row.source, name=str(wanted), value=given, before=row.before,
                 valid_from=valid_from)  # fmt: skip
    return row


def confirm_parameter(*, change: ParameterChange, by: Actor, note: str = "") -> ParameterChange:
    """Let a proposed value count. Raises Forbidden, BenefitsError (the same person, decided already)."""
    return _decide(change, by, ParameterChange.State.CONFIRMED, note)


def reject_parameter(*, change: ParameterChange, by: Actor, note: str) -> ParameterChange:
    """Turn a proposed value down, with the reason. Raises Forbidden, BenefitsError."""
    if len(note.strip()) < 2:
        raise BenefitsError("不予通过须写明理由")
    return _decide(change, by, ParameterChange.State.REJECTED, note)


@transaction.atomic
def _decide(change: ParameterChange, by: Actor, state: str, note: str) -> ParameterChange:
    by.require("parameters.confirm")
    row = ParameterChange.objects.select_for_update().get(pk=change.pk)
    if row.state == state and row.decided_by == by.name:
        return row
    if row.state != ParameterChange.State.PROPOSED:
        raise BenefitsError(f"这项变更已由 {row.decided_by} 处理：{row.get_state_display()}")
    if row.proposed_by == by.name:
        raise BenefitsError("提出和确认须由不同的人办理")
    row.state, row.decided_by, row.decided_on = state, by.name, clock.business_date()
    row.note = note.strip()[:256] or row.note
    row.save()
    audit.record(by, f"parameter.{state}", f"parameter:{row.pk}", note.strip(), name=f"{row.scope}.{row.name}", value=row.value)
    return row


def _try_out(wanted: Any, value: Any, day: date) -> None:
    """Every rule that reads the parameter must still hold together with the new value."""
    month = Month(day)
    for programme in readers(wanted):
        values = values_at(day, {programme.name: programme}, {wanted: value})[programme.name]
        try:
            plan(programme.rule, month, values)
            if programme.rule.pays:
                programme.split(values)
        except (RuleError, ValueError, KeyError) as error:
            raise BenefitsError(f"按这个值，“{programme.title}”算不下去：{error}") from error
