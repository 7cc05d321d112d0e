"""Handing over many alerts: counts that add up, nothing from elsewhere, two officials at once, one attempt a day."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.monitoring import actions, queries
from minzheng.kernel.monitoring.actions.handover import CLOSED, NOBODY, NOT_COVERED, SAME
from minzheng.kernel.monitoring.models import Alert, AlertStep
from tests.beginnings import begun
from tests.portals.staff.world import TODAY, World, build


@pytest.fixture
def world(db: None, home: Home) -> World:
    """Twelve families with an alert each, and one elsewhere."""
    return begun(twelve, home)


def twelve() -> World:
    return build(families=12)


def ids(world: World) -> list[int]:
    assert world.outside_alert
    return [alert.pk for alert in world.alerts] + [world.outside_alert.pk]


def test_to_the_grid_workers_of_the_villages(world: World) -> None:
    by = Actor.of(world.users["town_official"])
    Alert.objects.update(status="new", assigned_to=None)
    Alert.objects.filter(pk=world.alerts[0].pk).update(status="closed")
    plan = actions.plan_handover(alert_ids=ids(world), to=None, by=by)
    assert (plan.asked, plan.handed, plan.left) == (12, 11, {CLOSED: 1}), "the alert elsewhere is not asked for"
    assert Alert.objects.filter(status="new").count() == 12, "a plan changes nothing"
    done = actions.assign_many(alert_ids=ids(world), to=None, by=by, note="请本周走访")
    assert done.given == plan.given
    assert Alert.objects.filter(assigned_to=world.users["grid_worker"], status="assigned").count() == 11
    steps = AlertStep.objects.filter(verb="assigned", note="请本周走访")
    assert steps.count() == 11 and all(step.details["to"] == "grid_worker" for step in steps)
    again = actions.assign_many(alert_ids=ids(world), to=None, by=by)
    assert (again.handed, again.left) == (0, {CLOSED: 1, SAME: 11})


def test_to_somebody_who_does_not_cover_the_place_goes_nothing(world: World) -> None:
    by = Actor.of(world.users["city_official"])
    plan = actions.assign_many(alert_ids=ids(world), to=world.users["outside_worker"], by=by)
    assert plan.left == {NOT_COVERED: 12, SAME: 1} and plan.handed == 0
    steward = actions.plan_handover(alert_ids=ids(world), to=world.users["data_steward"], by=by)
    assert steward.handed == 0


def test_where_there_is_no_worker_it_stays(world: World) -> None:
    world.users["grid_worker"].jurisdictions.all().delete()
    plan = actions.plan_handover(alert_ids=ids(world), to=None, by=Actor.of(world.users["town_official"]))
    assert plan.left == {NOBODY: 12}


def test_who_may_not_assign_does_not(world: World) -> None:
    with pytest.raises(Forbidden):
        actions.assign_many(alert_ids=ids(world), to=None, by=Actor.of(world.users["grid_worker"]))


def test_many_cost_a_few_statements(world: World) -> None:
    Alert.objects.update(status="new", assigned_to=None)
    with CaptureQueriesContext(connection) as seen:
        actions.assign_many(alert_ids=ids(world), to=None, by=Actor.of(world.users["town_official"]))
    assert len(seen) < 30


def test_an_attempt_is_noted_once_a_day_and_the_clock_runs_on(world: World) -> None:
    by, alert = Actor.of(world.users["grid_worker"]), world.alerts[0]
    for _ in range(2):
        row = actions.record_attempt(alert=alert, by=by)
    assert row.status == "assigned" and row.due_on == alert.due_on
    assert AlertStep.objects.filter(alert=alert, verb="attempted").count() == 1


def test_changes_and_boards_equal_plain_counts(world: World) -> None:
    by = Actor.of(world.users["town_official"])
    steps = AlertStep.objects.filter(alert__division_code=world.village.code)
    expected = {verb: steps.filter(verb=verb).values("alert").distinct().count() for verb in {s.verb for s in steps}}
    assert queries.changes(by, TODAY.replace(month=1), TODAY) == expected
    actions.close_alert(alert=world.alerts[0], by=by, outcome="low_income", note="电话核实")
    place = queries.by_village(by, TODAY)[world.village.code]
    here = Alert.objects.filter(division_code=world.village.code)
    open_ = here.filter(status__in=queries.OPEN)
    assert (place.open, place.overdue, place.today) == (open_.count(), open_.filter(due_on__lt=TODAY).count(), open_.filter(due_on=TODAY).count())
    assert (place.new, place.closed, place.helped) == (here.filter(status="new").count(), 1, 1)
    assert set(queries.by_village(by, TODAY)) == {world.village.code}


def test_a_list_shows_exactly_what_happened(world: World) -> None:
    by = Actor.of(world.users["town_official"])
    happened = queries.Happened("assigned", TODAY.replace(month=1), TODAY)
    found = set(queries.alerts(by, happened=happened).values_list("pk", flat=True))
    steps = AlertStep.objects.filter(verb="assigned", on__gte=happened.first, alert__division_code=world.village.code)
    assert found == set(steps.values_list("alert_id", flat=True)) != set()
