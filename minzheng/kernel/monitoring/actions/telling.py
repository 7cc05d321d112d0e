"""Who hears of what happens to alerts: handed over, climbed, re-opened."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from datetime import date

from minzheng.kernel.foundation.access import roles
from minzheng.kernel.foundation.models import Jurisdiction, User
from minzheng.kernel.foundation.notifications.actions import Notice, notify
from minzheng.kernel.monitoring.catalogue import title_of
from minzheng.kernel.monitoring.models import Alert

LEVELS = {Alert.Rung.TOWN: "town", Alert.Rung.COUNTY: "county", Alert.Rung.CITY: "city"}


def tell_handed_over(counts: Mapping[int, int], on: date) -> None:
    """The night gave each of these users so many alerts: one notice each."""
    notify(
        notices=[Notice(user, "handed_over", f"新派给您 {count} 件预警", "请在期限内入户核实", "alerts:mine") for user, count in counts.items()],
        on=on,
    )


def tell_assigned(alert: Alert, to: User, by_name: str, on: date) -> None:
    """Somebody handed over one alert."""
    notify(notices=[Notice(to.pk, "assigned", f"{by_name}派给您一件预警：{title_of(alert.scenario)}", f"期限 {alert.due_on}", f"alert:{alert.pk}")], on=on)


def tell_reopened(alert: Alert, on: date) -> None:
    """A closed alert was opened again: its handler hears of it."""
    if alert.assigned_to_id:
        notify(notices=[Notice(alert.assigned_to_id, "reopened", f"预警重开：{title_of(alert.scenario)}", f"期限 {alert.due_on}", f"alert:{alert.pk}")], on=on)


def tell_climbed(codes_by_rung: Mapping[int, list[str]], on: date) -> None:
    """Overdue alerts climbed to a level: its officials hear how many lie in their area."""
    notices = []
    for rung, codes in codes_by_rung.items():
        level = LEVELS[Alert.Rung(rung)]
        names = [name for name, role in roles().items() if role.level == level and "alerts.assign" in role.capabilities]
        areas = Jurisdiction.objects.filter(user__is_active=True, user__role__in=names).values_list("user_id", "low", "high")
        ordered, counted = sorted(codes), Counter[int]()
        for user, low, high in areas:
            counted[user] += bisect_left(ordered, high) - bisect_left(ordered, low)
        notices += [
            Notice(user, "climbed", f"{count} 件逾期预警升级到{Alert.Rung(rung).label}督办", "请督促办理", "alerts:overdue")
            for user, count in counted.items() if count
        ]  # fmt: skip
    notify(notices=notices, on=on)
