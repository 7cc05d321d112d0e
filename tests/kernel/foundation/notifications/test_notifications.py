"""Notifications: told once, read by the owner alone, and emitted where something happens."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import Notification, RoundRun
from minzheng.kernel.foundation.notifications.actions import Notice, mark_read, notify
from minzheng.kernel.foundation.notifications.queries import mine, one, unread_count
from minzheng.kernel.foundation.rounds import Counts, Step, run_round
from minzheng.kernel.monitoring import actions
from minzheng.kernel.monitoring.models import Alert
from tests.portals.staff.world import TODAY, World

NIGHT = Actor.system("夜间批处理")


@pytest.fixture
def world(world: World) -> World:
    """The portal's test world, with nobody told of anything yet."""
    Notification.objects.all().delete()
    return world


def titles(world: World, name: str) -> list[str]:
    return [note.title for note in mine(Actor.of(world.users[name]))]


def test_told_once_a_day_and_again_the_next(world: World) -> None:
    notice = Notice(world.users["grid_worker"].pk, "kind", "标题", "", "alert:1")
    assert notify(notices=[notice, notice], on=TODAY) == 1
    assert notify(notices=[notice], on=TODAY) == 0
    assert notify(notices=[notice], on=TODAY + timedelta(days=1)) == 1


def test_only_the_owner_reads_and_marks(world: World) -> None:
    owner, other = Actor.of(world.users["grid_worker"]), Actor.of(world.users["city_official"])
    notify(notices=[Notice(owner.user.pk, "kind", "标题")], on=TODAY)  # type: ignore[union-attr]
    note = mine(owner).get()
    with pytest.raises(Notification.DoesNotExist):
        one(note.pk, other)
    assert mark_read(by=other, notification_id=note.pk) == 0 and mark_read(by=other) == 0
    assert unread_count(owner) == 1
    assert mark_read(by=owner) == 1 and unread_count(owner) == 0


def test_a_handed_over_alert_tells_its_handler_without_a_name(world: World) -> None:
    alert = world.alerts[1]
    by = Actor.of(world.users["town_official"])
    actions.assign_alert(alert=alert, to=world.users["grid_worker"], by=by)
    assert len(titles(world, "grid_worker")) == 1
    assert alert.person.name not in "".join(titles(world, "grid_worker"))
    assert titles(world, "outside_worker") == []


def test_the_night_tells_each_worker_once_however_many(world: World) -> None:
    Alert.objects.filter(division_code=world.village.code).update(status="new", assigned_to=None)
    actions.assign_new(as_of=TODAY, by=NIGHT)
    actions.assign_new(as_of=TODAY, by=NIGHT)
    assert titles(world, "grid_worker") == [f"新派给您 {len(world.alerts)} 件预警"]


def test_what_climbed_is_told_to_the_level_and_place_alone(world: World) -> None:
    Alert.objects.update(due_on=date(2024, 5, 1))
    actions.escalate_overdue(as_of=TODAY, by=NIGHT)
    assert titles(world, "town_official") == [f"{len(world.alerts)} 件逾期预警升级到镇街督办"]
    assert titles(world, "district_official") == [] == titles(world, "grid_worker")


def test_a_re_opened_alert_tells_its_handler(world: World) -> None:
    alert, by = world.alerts[0], Actor.of(world.users["city_official"])
    actions.close_alert(alert=alert, by=by, outcome="no_need", note="电话核实")
    alert.refresh_from_db()
    actions.reopen_alert(alert=alert, by=by, note="复核")
    assert [title.split("：")[0] for title in titles(world, "grid_worker")] == ["预警重开"]


def test_a_failed_round_tells_those_who_look_after_it(world: World) -> None:
    def broken(as_of: date, progress: object) -> Counts:
        raise RuntimeError("坏了")

    with pytest.raises(RuntimeError):
        run_round("night", date(2024, 6, 4), (Step("broken", "坏的一步", broken),))
    assert titles(world, "administrator") == ["夜间批处理 2024-06-04 没有跑完"] == titles(world, "data_steward")
    assert RoundRun.objects.get(as_of=date(2024, 6, 4)).error == "坏的一步：程序错误 RuntimeError，详情见服务器日志", "a library's words may hold values"
    assert titles(world, "town_official") == []
