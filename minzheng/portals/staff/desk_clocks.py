"""The clocks of to-do lists: overdue, today, this week, later."""

from __future__ import annotations

from datetime import date, timedelta

FAR = date(9999, 12, 31)


def spans(today: date) -> dict[str, tuple[date, date]]:
    """First and last due date of each clock, both included; the week ends on Sunday."""
    sunday = today + timedelta(days=6 - today.weekday())
    return {
        "overdue": (date.min, today - timedelta(days=1)), "today": (today, today),
        "week": (today + timedelta(days=1), sunday), "later": (max(sunday, today) + timedelta(days=1), FAR),
    }  # fmt: skip
