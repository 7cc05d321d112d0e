"""Alerts about the roster itself: officials look into them, and nobody in the village hears of a neighbour in doubt."""

from __future__ import annotations

from datetime import date

import pytest

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.packs import round_steps
from minzheng.kernel.foundation.rounds import run_round
from minzheng.kernel.monitoring import actions, queries, statistics
from minzheng.kernel.monitoring.actions.handover import OFFICIALS
from minzheng.kernel.monitoring.errors import AlertError
from minzheng.kernel.monitoring.models import Alert
from tests.domains.assistance.scenarios.casefile import rows_of
from tests.kernel.monitoring.conftest import Town
from tests.kernel.monitoring.small_lake import put_all

NIGHT = date(2024, 6, 3)


@pytest.fixture
def in_doubt(town: Town, home: Home) -> Alert:
    """Somebody in prison who stands on the roster."""
    rows = rows_of(
        [{"id": 11, "home": 901, "programme": "low_income"}],
        {"custody": [{"person_key": 11, "kind": "imprisonment", "started_on": date(2024, 1, 5)}]},
    )
    put_all(rows)
    run_round("night", NIGHT, round_steps())
    return Alert.objects.get()


def test_it_waits_for_the_county_and_goes_to_no_door(town: Town, in_doubt: Alert) -> None:
    assert (in_doubt.scenario, in_doubt.status, in_doubt.assigned_to) == ("paid_in_custody", Alert.Status.NEW, None)
    assert in_doubt.rung == Alert.Rung.COUNTY
    with clock.use(NIGHT):
        assert list(queries.todo(town.actor("county"), NIGHT)) == [in_doubt]
        assert list(queries.alerts(town.actor("town"))) == [in_doubt]


def test_grid_workers_do_not_see_it_until_it_is_handed_to_them(town: Town, in_doubt: Alert) -> None:
    worker = town.actor("worker")
    assert not queries.alerts(worker) and not queries.alerts_of_people([in_doubt.person_id], worker)
    assert queries.counts(worker, NIGHT)["total"] == 0 and not queries.open_counts([in_doubt.person_id], worker)
    with pytest.raises(Alert.DoesNotExist):
        actions.open_alert(alert_id=in_doubt.pk, by=worker)
    with clock.use(NIGHT):
        actions.assign_alert(alert=in_doubt, to=town.worker, by=town.actor("town"))
    assert list(queries.alerts(worker)) == [in_doubt]
    assert not queries.alerts(town.actor("second_worker"))


def test_neither_its_steps_nor_counts_of_them_reach_the_village(town: Town, in_doubt: Alert) -> None:
    worker, official = town.actor("worker"), town.actor("town")
    for reader, seen in ((official, 1), (worker, 0)):
        assert queries.steps(in_doubt, reader).count() == seen
        assert queries.changes(reader, NIGHT, NIGHT).get("raised", 0) == seen
        assert sum(week.raised for week in statistics.workload_by_week(reader, NIGHT)) == seen
    with clock.use(NIGHT):
        actions.close_alert(alert=in_doubt, by=town.actor("county"), outcome="in_order", note="刑期前已停发")
    assert [row.scenario for row in statistics.precision_by_month(official, NIGHT)] == ["paid_in_custody"]
    assert not statistics.precision_by_month(worker, NIGHT)


def test_many_at_once_are_never_handed_to_the_village(town: Town, in_doubt: Alert) -> None:
    official = town.actor("town")
    with clock.use(NIGHT):
        for to in (None, town.worker):
            plan = actions.assign_many(alert_ids=[in_doubt.pk], to=to, by=official)
            assert (plan.given, plan.left) == ({}, {OFFICIALS: 1})
        assert list(actions.assign_many(alert_ids=[in_doubt.pk], to=town.town, by=official).given) == [town.town]


def test_it_has_climbed_only_when_it_stands_above_its_desk(town: Town, in_doubt: Alert) -> None:
    official = town.actor("county")
    assert not queries.climbed(in_doubt) and queries.counts(official, NIGHT)["escalated"] == 0
    with clock.use(NIGHT):
        assert not queries.todo(town.actor("town"), NIGHT)
        assert not queries.todo(town.actor("city"), NIGHT)
    late = date(2024, 7, 15)
    with clock.use(late):
        actions.escalate_overdue(as_of=late, by=Actor.system("测试"))
        risen = Alert.objects.get()
        assert queries.climbed(risen) and queries.counts(official, late)["escalated"] == 1
        assert list(queries.todo(town.actor("city"), late)) == [risen]


def test_a_result_of_files_and_one_of_a_visit_are_told_apart(town: Town, in_doubt: Alert) -> None:
    with clock.use(NIGHT):
        with pytest.raises(AlertError, match="纳入低保”不适用于这类预警"):
            actions.close_alert(alert=in_doubt, by=town.actor("county"), outcome="low_income", note="查档")
        with pytest.raises(AlertError, match="请选择入户结果"):
            actions.record_visit(
                alert=in_doubt, by=town.actor("town"), visited_on=NIGHT, met="family", situation=[], needs=[],
                outcome="in_order", form_token="t1",
            )  # fmt: skip
    assert Alert.objects.get().status == Alert.Status.NEW


def test_what_the_files_showed_counts_for_its_precision(town: Town, in_doubt: Alert) -> None:
    with clock.use(NIGHT):
        actions.close_alert(alert=in_doubt, by=town.actor("county"), outcome="benefit_ended", note="已核查，4 月起停发")
    found = {row.scenario: row for row in queries.precision(NIGHT)}["paid_in_custody"]
    assert (found.raised, found.helped, found.value) == (1, 1, 1.0)
    with clock.use(NIGHT):
        actions.reopen_alert(alert=in_doubt, by=town.actor("county"), note="家属有异议")
    assert Alert.objects.get().rung == Alert.Rung.COUNTY


def test_a_sum_names_every_feed_that_it_is_added_up_from(town: Town, home: Home) -> None:
    put_all(rows_of(
        [{"id": 11, "home": 901, "pension": 20_000}],
        {"traffic_accidents": [{"person_key": 11, "occurred_on": date(2024, 5, 20), "injury": "serious", "liability": "none"}]},
    ))  # fmt: skip
    run_round("night", NIGHT, round_steps())
    (piece,) = (each for each in Alert.objects.get(scenario="traffic_accident").evidence if each["label"] == "家庭近 12 个月已知收入")
    assert "社会保险" in piece["source"] and any("养老" in words for words in piece["also"]) and any("失业" in words for words in piece["also"])
