"""Late deliveries: the stewards hear of each once, and again each week that it stays away.

In the world of these tests deaths were delivered as of the end of May."""

from __future__ import annotations

from datetime import date, timedelta

from minzheng.kernel.feeds import lateness
from minzheng.kernel.feeds.queries import catalogue
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import Notification
from minzheng.kernel.foundation.notifications.queries import mine
from tests.portals.staff.world import World


def first_late_day() -> date:
    day = date(2024, 6, 1)
    while not any(entry.days_late for entry in catalogue(lateness.NIGHT, day)):
        day += timedelta(days=1)
    return day


def told(world: World) -> list[str]:
    return [note.title for note in mine(Actor.of(world.users["data_steward"])) if note.kind == "late_delivery"]


def test_nobody_is_told_before_a_delivery_is_late(world: World) -> None:
    assert lateness.tell_late(first_late_day() - timedelta(days=1), None).rows_out == 0  # type: ignore[arg-type]
    assert told(world) == []


def test_a_late_delivery_is_told_once_a_week_whichever_nights_ran(world: World) -> None:
    first = first_late_day()
    for days, notices in ((2, 1), (2, 1), (3, 1), (6, 1), (9, 2), (9, 2)):  # the first two nights did not run
        lateness.tell_late(first + timedelta(days=days), None)  # type: ignore[arg-type]
        assert len(told(world)) == notices, days
    assert set(told(world)) == {"数据逾期未到：死亡信息"}
    assert not Notification.objects.filter(user=world.users["town_official"]).exists()
