"""Confirming rows of the exclusion matrix, as parameters are: one person names the document, another agrees."""

from __future__ import annotations

from django.db import transaction

from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.exclusions_now import content_of, matrix_now
from minzheng.kernel.benefits.models import ExclusionChange
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor

State = ExclusionChange.State


@transaction.atomic
def propose_exclusion(*, row: str, source: str, by: Actor, note: str = "") -> ExclusionChange:
    """Propose that a row ('a/b') stands as it is in a document. Raises Forbidden, BenefitsError."""
    by.require("parameters.propose")
    found = matrix_now().named(row)
    if found is None:
        raise BenefitsError(f"没有叠加规则“{row}”")
    if len(source.strip()) < 4:
        raise BenefitsError("请写明依据的文件（文号和条款）")
    if waiting := ExclusionChange.objects.filter(row=row, state=State.PROPOSED).first():
        raise BenefitsError(f"这条规则已有 {waiting.proposed_by} 提出的核实等待确认")
    change = ExclusionChange.objects.create(
        row=row, content=content_of(found), source=source.strip()[:256], before=found.source, proposed_by=by.name,
        proposed_on=clock.business_date(), note=note.strip()[:256],
    )  # fmt: skip
    audit.record(by, "exclusion.propose", f"exclusion:{change.pk}", change.source, row=row, before=change.before)
    return change


def confirm_exclusion(*, change: ExclusionChange, by: Actor, note: str = "") -> ExclusionChange:
    """Let the row count as confirmed. Raises Forbidden, BenefitsError (the same person, decided already, another row by now)."""
    return _decide(change, by, State.CONFIRMED, note)


def reject_exclusion(*, change: ExclusionChange, by: Actor, note: str) -> ExclusionChange:
    """Turn the proposal down, with the reason. Raises Forbidden, BenefitsError."""
    if len(note.strip()) < 2:
        raise BenefitsError("不予通过须写明理由")
    return _decide(change, by, State.REJECTED, note)


@transaction.atomic
def _decide(change: ExclusionChange, by: Actor, state: str, note: str) -> ExclusionChange:
    by.require("parameters.confirm")
    row = ExclusionChange.objects.select_for_update().get(pk=change.pk)
    if row.state == state and row.decided_by == by.name:
        return row
    if row.state != State.PROPOSED:
        raise BenefitsError(f"这项核实已由 {row.decided_by} 处理：{row.get_state_display()}")
    if row.proposed_by == by.name:
        raise BenefitsError("提出和确认须由不同的人办理")
    found = matrix_now().named(row.row)
    if state == State.CONFIRMED and (found is None or content_of(found) != row.content):
        raise BenefitsError("提出以后这条规则有变化：请退回，按现在的规则重新提出")
    row.state, row.decided_by, row.decided_on = state, by.name, clock.business_date()
    row.note = note.strip()[:256] or row.note
    row.save()
    audit.record(by, f"exclusion.{state}", f"exclusion:{row.pk}", note.strip(), row=row.row, source=row.source)
    return row
