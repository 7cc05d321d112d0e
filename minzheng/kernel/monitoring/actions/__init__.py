"""All verbs of the room: what officials do to an alert, and what the night's round does to all of them."""

from minzheng.kernel.monitoring.actions.handling import (
    assign_alert,
    close_alert,
    list_alerts,
    open_alert,
    record_visit,
    reopen_alert,
)
from minzheng.kernel.monitoring.actions.handover import assign_new, escalate_overdue
from minzheng.kernel.monitoring.actions.raising import raise_alerts

__all__ = [
    "assign_alert",
    "assign_new",
    "close_alert",
    "escalate_overdue",
    "list_alerts",
    "open_alert",
    "raise_alerts",
    "record_visit",
    "reopen_alert",
]
