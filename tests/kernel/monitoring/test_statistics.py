"""Figures of the charts against plain counts over the same rows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.monitoring import actions, statistics
from minzheng.kernel.monitoring.models import AlertStep
from tests.beginnings import begun
from tests.portals.staff.world import TODAY, World, build


@pytest.fixture
def world(db: None, home: Home) -> World:
    return begun(visited, home)


def visited() -> World:
    """Six families with an alert each; three were visited today with different findings, one elsewhere as well."""
    made = build(families=6)
    worker = Actor.of(made.users["grid_worker"])
    for number, outcome in ((0, "temporary_aid"), (2, "no_need"), (5, "low_income")):
        actions.record_visit(
            alert=made.alerts[number], by=worker, visited_on=TODAY, met="self", situation=[], needs=[], outcome=outcome, form_token=f"t{number}"
        )
    assert made.outside_alert
    outside = Actor.of(made.users["outside_worker"])
    actions.record_visit(
        alert=made.outside_alert, by=outside, visited_on=TODAY, met="self", situation=[], needs=[], outcome="no_need", form_token="out"
    )
    return made


def test_precision_by_month(world: World) -> None:
    found = statistics.precision_by_month(Actor.of(world.users["town_official"]), TODAY)
    closed = [alert for alert in world.alerts if alert.pk in {world.alerts[n].pk for n in (0, 2, 5)}]
    assert {one.scenario for one in found} == {alert.scenario for alert in closed}
    helped = sum(h for one in found for h, _n in one.months.values())
    assert (helped, sum(n for one in found for _h, n in one.months.values())) == (2, 3)


def test_workload_by_week(world: World) -> None:
    by = Actor.of(world.users["town_official"])
    weeks = statistics.workload_by_week(by, TODAY)
    assert len(weeks) == statistics.WEEKS and weeks[-1].monday <= TODAY
    steps = AlertStep.objects.filter(alert__division_code=world.village.code)
    for verb in ("raised", "visited", "closed"):
        assert sum(getattr(week, verb) for week in weeks) == steps.filter(verb=verb).count()
    one = statistics.workload_by_week(by, TODAY, world.alerts[0].scenario)
    assert sum(week.visited for week in one) == steps.filter(verb="visited", alert__scenario=world.alerts[0].scenario).count()


def test_days_until_visit(world: World) -> None:
    found = statistics.days_until_visit(Actor.of(world.users["town_official"]), TODAY)
    assert sum(one.visits for one in found) == 3
    assert all(one.median_days == 4 for one in found), "raised four days before"
    assert statistics.days_until_visit(Actor.of(world.users["town_official"]), TODAY - timedelta(days=1)) == []
