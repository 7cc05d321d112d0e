"""All verbs of the room: what officials do to an alert, and what the night's round does to all of them."""

from minzheng.kernel.monitoring.actions.handling import (
    assign_alert,
    close_alert,
    open_alert,
    record_visit,
    reopen_alert,
)

__all__ = ["assign_alert", "close_alert", "open_alert", "record_visit", "reopen_alert"]
