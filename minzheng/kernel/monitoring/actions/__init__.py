"""All verbs of the room: what officials do to an alert, and what the night's round does to all of them."""

from minzheng.kernel.monitoring.actions.handling import (
    assign_alert,
    close_alert,
    list_alerts,
    open_alert,
    record_attempt,
    record_visit,
    reopen_alert,
)
from minzheng.kernel.monitoring.actions.handover import (
    assign_many,
    assign_new,
    escalate_overdue,
    plan_handover,
)
from minzheng.kernel.monitoring.actions.raising import raise_alerts

__all__ = [
    "assign_alert",
    "assign_many",
    "assign_new",
    "close_alert",
    "escalate_overdue",
    "list_alerts",
    "open_alert",
    "plan_handover",
    "raise_alerts",
    "record_attempt",
    "record_visit",
    "reopen_alert",
]
