"""The night's round over a small lake: what is raised, to whom it goes, what a second night changes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.models import AuditEntry, RoundRun
from minzheng.kernel.foundation.packs import round_steps
from minzheng.kernel.foundation.rounds import run_round
from minzheng.kernel.monitoring import actions, queries
from minzheng.kernel.monitoring.models import Alert, AlertStep
from tests.kernel.monitoring.conftest import Town
from tests.kernel.monitoring.small_lake import put

NIGHT = date(2024, 6, 3)


def run(day: date = NIGHT) -> RoundRun:
    return run_round("night", day, round_steps())


def table() -> list[tuple[Any, ...]]:
    fields = ("id", "scenario", "person__person_key", "division_code", "severity", "status", "raised_on", "event_date",
              "due_on", "rung", "assigned_to__username", "summary", "version")  # fmt: skip
    return list(Alert.objects.order_by("id").values_list(*fields))


def steps() -> list[tuple[Any, ...]]:
    return list(AlertStep.objects.order_by("id").values_list("alert_id", "verb", "on", "by", "note"))


def test_a_night_raises_assigns_and_says_why(town: Town, lake: Home) -> None:
    record = run()
    found = {alert.scenario: alert for alert in Alert.objects.select_related("person")}
    assert {name: alert.person.person_key for name, alert in found.items()} == {
        "unemployment": 11, "traffic_accident": 21, "severe_disability": 31, "legal_aid": 41,
    }  # fmt: skip
    accident = found["traffic_accident"]
    assert accident.due_on == date(2024, 6, 6)
    assert accident.status == Alert.Status.ASSIGNED
    assert {"label": "责任认定", "value": "无责任", "source": "交警《交通事故》", "as_of": "2024-05-31",
            "batch": "traffic_accidents-20240531-0001"} in accident.evidence  # fmt: skip
    assert any(item.get("unverified") for item in accident.evidence)
    assert {step.name: (step.rows_in, step.rows_out) for step in record.steps.all()}["raise_alerts"] == (4, 4)
    assert AuditEntry.objects.filter(verb="alert.raise").count() == 4
    assert audit.verify() is None


def test_the_dragon_boat_holiday_moves_the_date(town: Town, lake: Home) -> None:
    run(date(2024, 6, 7))
    accident = Alert.objects.get(scenario="traffic_accident")
    assert accident.due_on == date(2024, 6, 13), "8–10 June 2024 were holidays"


def test_workers_share_the_load_and_the_rest_stays_with_the_town(town: Town, lake: Home) -> None:
    run()
    given = list(Alert.objects.exclude(assigned_to=None).order_by("id").values_list("assigned_to__username", flat=True))
    assert given == ["worker", "second_worker", "worker"]
    left = Alert.objects.get(assigned_to=None)
    assert (left.scenario, left.status) == ("legal_aid", Alert.Status.NEW)
    assert left.steps.filter(verb=AlertStep.Verb.POOLED).count() == 1
    with clock.use(NIGHT):
        assert left in queries.todo(town.actor("town"), NIGHT)
        assert queries.todo(town.actor("worker"), NIGHT).count() == 2
        assert queries.todo(town.actor("outside_worker"), NIGHT).count() == 0


def test_running_a_finished_night_again_changes_nothing(town: Town, lake: Home) -> None:
    run()
    before, happened = table(), steps()
    again = run()
    assert (table(), steps()) == (before, happened)
    assert again.steps.get(name="raise_alerts").rows_out == 4


def test_the_next_night_raises_only_news(town: Town, lake: Home) -> None:
    run()
    put("traffic_accidents", [{"person_key": 51, "occurred_on": date(2024, 6, 1), "injury": "serious",
                               "responsibility": "minor", "accident_no": "A2"}], date(2024, 6, 4))  # fmt: skip
    record = run(date(2024, 6, 4))
    assert record.steps.get(name="raise_alerts").rows_out == 1
    assert Alert.objects.get(raised_on=date(2024, 6, 4)).person.person_key == 51


def test_deduplication_window_and_the_same_event(town: Town, lake: Home) -> None:
    run()
    accident = Alert.objects.get(scenario="traffic_accident")
    with clock.use(NIGHT):
        actions.close_alert(alert=accident, by=town.actor("town"), outcome="no_need", note="家中无困难")
    second = {"person_key": 21, "injury": "serious", "responsibility": "none"}
    put("traffic_accidents", [{**second, "occurred_on": date(2024, 6, 20), "accident_no": "A3"}], date(2024, 6, 21))
    run(date(2024, 7, 3))
    assert Alert.objects.filter(scenario="traffic_accident").count() == 1, "30 days after the first"
    run(date(2024, 7, 4))
    assert Alert.objects.filter(scenario="traffic_accident").count() == 2, "31 days after the first"


def test_an_event_is_told_once_however_long_ago(town: Town, lake: Home) -> None:
    run()
    accident = Alert.objects.get(scenario="traffic_accident")
    with clock.use(NIGHT):
        actions.close_alert(alert=accident, by=town.actor("town"), outcome="no_need", note="家中无困难")
    run(date(2024, 7, 15))
    assert Alert.objects.filter(scenario="traffic_accident").count() == 1, "still in the window of events"


def test_overdue_alerts_climb_a_rung_a_time_with_new_dates(town: Town, lake: Home) -> None:
    run()
    accident = Alert.objects.get(scenario="traffic_accident")  # due on 6 June
    run(date(2024, 6, 6))
    accident.refresh_from_db()
    assert accident.rung == Alert.Rung.VILLAGE, "the date itself is still in time"
    run(date(2024, 6, 7))
    run(date(2024, 6, 7))
    accident.refresh_from_db()
    assert (accident.rung, accident.due_on) == (Alert.Rung.TOWN, date(2024, 6, 13))
    assert accident in queries.todo(town.actor("town"), date(2024, 6, 7))
    assert accident not in queries.todo(town.actor("county"), date(2024, 6, 7))
    for day in (date(2024, 6, 14), date(2024, 6, 20), date(2024, 7, 1), date(2024, 7, 20)):
        run(day)
    accident.refresh_from_db()
    assert accident.rung == Alert.Rung.CITY
    assert accident.steps.filter(verb=AlertStep.Verb.ESCALATED).count() == 3
    assert accident in queries.todo(town.actor("city"), date(2024, 7, 20))


def test_who_is_not_registered_is_counted(town: Town, lake: Home) -> None:
    put("legal_aid", [{"person_key": 999, "accepted_on": date(2024, 5, 20), "matter": "labour", "case_no": "B2",
                       "income_checked": "hardship"}])  # fmt: skip
    record = run()
    assert record.steps.get(name="compare").details["legal_aid"] == {"candidates": 2, "findings": 1, "unknown_person": 1}


def test_an_empty_lake_gives_an_empty_night(town: Town, home: Home) -> None:
    record = run()
    assert record.status == RoundRun.Status.DONE
    assert not Alert.objects.exists()


@pytest.mark.parametrize("engine", ["duckdb"])
def test_the_engine_is_a_setting(town: Town, lake: Home, settings: Any, engine: str) -> None:
    run()
    expected = [row[1:] for row in table()]
    AlertStep.objects.all().delete()
    Alert.objects.all().delete()
    settings.MONITORING_ENGINE = engine
    run()
    assert [row[1:] for row in table()] == expected
