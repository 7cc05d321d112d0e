"""What one records and another confirms or returns: the same for milestones and typed figures."""

from __future__ import annotations

from typing import TypeVar

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.indicators.errors import PlanError, StalePlan
from minzheng.kernel.indicators.models import MilestoneRecord, Recorded, ReportedFigure
from minzheng.kernel.indicators.rights import require_second

R = TypeVar("R", MilestoneRecord, ReportedFigure)
SHORTEST = 2  # characters of a reason


def check_version(row: Recorded, expected: int | None) -> None:
    """Raise StalePlan when somebody was quicker."""
    if expected is not None and row.version != expected:
        raise StalePlan(f"这条登记已被他人处理，现为“{row.get_state_display()}”：请刷新后再看")


def confirm(row: R, subject: str, by: Actor, expected: int | None) -> R:
    """A second person's yes, on a locked row inside a transaction. What is confirmed already stays as it is."""
    require_second(by, row.by)
    check_version(row, expected)
    if row.state == Recorded.State.CONFIRMED:
        return row
    if row.state != Recorded.State.RECORDED:
        raise PlanError("这条登记已经退回，请等登记人重新登记")
    row.state, row.confirmed_by, row.confirmed_on = Recorded.State.CONFIRMED, by.name, clock.business_date()
    row.version += 1
    row.save(update_fields=["state", "confirmed_by", "confirmed_on", "version"])
    audit.record(by, f"{subject.split(':')[0]}.confirm", subject)
    return row


def give_back(row: R, subject: str, by: Actor, because: str, expected: int | None) -> R:
    """A second person's no, with the reason; the row stays as history."""
    require_second(by, row.by)
    check_version(row, expected)
    if len(because.strip()) < SHORTEST:
        raise PlanError("请写明退回原因")
    if row.state != Recorded.State.RECORDED:
        raise PlanError(f"只有待确认的登记才能退回，这条{row.get_state_display()}")
    row.state, row.returned_because, row.confirmed_by = Recorded.State.RETURNED, because.strip()[:256], by.name
    row.version += 1
    row.save(update_fields=["state", "returned_because", "confirmed_by", "version"])
    audit.record(by, f"{subject.split(':')[0]}.return", subject, because.strip()[:256])
    return row
