"""What officials do to an alert: rights, jurisdiction, versions, repeated forms, precision."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db.models import QuerySet

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Forbidden
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.monitoring import actions, queries
from minzheng.kernel.monitoring.errors import AlertError, StaleAlert
from minzheng.kernel.monitoring.models import Alert, AlertStep, Visit
from minzheng.kernel.registry.models import LifeEvent, Person
from tests.domains.assistance.scenarios.casefile import VILLAGE
from tests.kernel.monitoring.conftest import Town

TODAY = date(2024, 6, 3)


def make(number: int, scenario: str = "unemployment", village: int = VILLAGE, **more: Any) -> Alert:
    person = Person.objects.create(
        person_key=number, name="张三", sex="1", division_code=str(village), known_since=TODAY, known_because="预警",
        updated_as_of=TODAY,
    )  # fmt: skip
    return Alert.objects.create(
        scenario=scenario, person=person, division_code=str(village), severity="high", severity_rank=1,
        raised_on=date(2024, 5, 30), event_date=date(2024, 5, 20), summary="失业登记",
        **{"due_on": date(2024, 6, 6), **more},
    )  # fmt: skip


def visit(alert: Alert, town: Town, **more: Any) -> Visit:
    given: dict[str, Any] = {
        "visited_on": TODAY, "met": "self", "situation": ["income_lost"], "needs": ["living"], "outcome": "temporary_aid",
        "form_token": f"token-{alert.pk}", "by": town.actor("worker"), **more,
    }  # fmt: skip
    return actions.record_visit(alert=alert, **given)


def test_from_hand_over_to_visit(town: Town) -> None:
    alert = make(1)
    actions.assign_alert(alert=alert, to=town.worker, by=town.actor("town"), note="请上门", expected_version=1)
    visit(alert, town, expected_version=2)
    alert.refresh_from_db()
    assert (alert.status, alert.outcome, alert.closed_on, alert.version) == ("closed", "temporary_aid", TODAY, 3)
    assert [step.verb for step in queries.steps(alert, town.actor("town"))] == ["assigned", "visited", "closed"]
    assert audit.verify() is None
    assert set(AuditEntry.objects.filter(subject=f"alert:{alert.pk}").values_list("verb", flat=True)) == {
        "alert.assigned", "alert.closed",
    }  # fmt: skip


def test_the_same_form_twice_is_one_visit(town: Town) -> None:
    alert = make(1)
    first = visit(alert, town)
    assert visit(alert, town, expected_version=1) == first
    assert Visit.objects.count() == 1
    with pytest.raises(AlertError, match="另一次入户"):
        visit(make(2), town, form_token=first.form_token)


def test_a_stale_page_is_told_what_changed(town: Town) -> None:
    alert = make(1)
    actions.assign_alert(alert=alert, to=town.worker, by=town.actor("town"), note="急")
    with pytest.raises(StaleAlert, match=r"2024-06-03 town 派单\(急\).*待入户"):
        actions.close_alert(alert=alert, by=town.actor("town"), outcome="no_need", note="电话核实", expected_version=1)
    with pytest.raises(StaleAlert):
        visit(alert, town, expected_version=1)
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"outcome": "elsewhere"}, "入户结果"),
        ({"met": "dog"}, "见到了谁"),
        ({"situation": ["rich"]}, "不认识的选项"),
        ({"met": "nobody"}, "未见到人时不能得出"),
        ({"visited_on": date(2024, 6, 4)}, "晚于今天"),
        ({"visited_on": date(2024, 5, 29)}, "早于预警发现日期"),
        ({"form_token": ""}, "表单令牌"),
    ],
)
def test_visits_that_cannot_be(town: Town, wrong: dict[str, Any], says: str) -> None:
    alert = make(1)
    with pytest.raises(AlertError, match=says):
        visit(alert, town, **wrong)
    alert.refresh_from_db()
    assert (alert.status, alert.version) == ("new", 1)
    assert not AlertStep.objects.exists()


def test_nobody_met_and_not_found(town: Town) -> None:
    alert = make(1)
    visit(alert, town, met="nobody", outcome="not_found", situation=[], needs=[])
    alert.refresh_from_db()
    assert alert.outcome == "not_found"


def attempt(alert: Alert, town: Town, who: str = "worker", on: date | None = None) -> list[tuple[date, str, str]]:
    """Note that nobody was at home; all attempts of the alert: recorded on, for, in words."""
    actions.record_attempt(alert=alert, by=town.actor(who), attempted_on=on)
    steps = AlertStep.objects.filter(alert=alert, verb="attempted")
    return [(step.on, step.details["attempted_on"], step.note) for step in steps]


def test_an_attempt_is_of_the_day_on_which_somebody_was_at_the_door(town: Town) -> None:
    alert, earlier = make(1), date(2024, 6, 1)
    today = (TODAY, "2024-06-03", "上门没有遇到人，改日再去")
    before = (TODAY, "2024-06-01", "2024-06-01 上门没有遇到人，改日再去（事后补记）")
    assert attempt(alert, town) == [today]
    assert attempt(alert, town, on=TODAY) == [today], "today is today, said or not"
    assert attempt(alert, town, on=earlier) == [today, before]
    with clock.use(date(2024, 6, 4)):
        assert attempt(alert, town, on=earlier) == attempt(alert, town, on=TODAY) == [today, before], "sent twice it is one attempt"
        assert len(attempt(alert, town)) == 3, "another day is another attempt"
    assert len(attempt(alert, town, "town", earlier)) == 4, "and so is that of somebody else"
    alert.refresh_from_db()
    assert (alert.status, alert.version, alert.due_on) == ("new", 5, date(2024, 6, 6)), "the clock runs on"
    assert audit.verify() is None and before[2] in AuditEntry.objects.filter(verb="alert.attempted").values_list("reason", flat=True)


def test_attempts_noted_before_days_were_kept_are_of_the_day_of_recording(town: Town) -> None:
    alert = make(1)
    attempt(alert, town)
    AlertStep.objects.filter(alert=alert).update(details={"version": 2})
    actions.record_attempt(alert=alert, by=town.actor("worker"), attempted_on=TODAY)
    assert AlertStep.objects.filter(alert=alert).count() == 1


@pytest.mark.parametrize(
    ("raised_on", "day", "says"),
    [(date(2024, 5, 30), date(2024, 6, 4), "晚于今天"), (date(2024, 5, 30), date(2024, 5, 29), "早于预警发现日期"), (date(2024, 4, 1), date(2024, 5, 3), "30 天以上")],
)
def test_days_on_which_no_attempt_can_have_been(town: Town, raised_on: date, day: date, says: str) -> None:
    alert = make(1)
    Alert.objects.filter(pk=alert.pk).update(raised_on=raised_on)
    with pytest.raises(AlertError, match=says):
        attempt(alert, town, on=day)
    assert not AlertStep.objects.exists()
    nearest = {"晚于今天": TODAY, "早于预警发现日期": raised_on, "30 天以上": date(2024, 5, 4)}[says]
    assert len(attempt(alert, town, on=nearest)) == 1


def test_an_attempt_that_comes_after_the_closing(town: Town) -> None:
    alert = make(1)
    kept = attempt(alert, town, on=date(2024, 6, 1))
    actions.close_alert(alert=alert, by=town.actor("town"), outcome="no_need", note="电话核实")
    assert attempt(alert, town, on=date(2024, 6, 1)) == kept, "what was received before is told as received"
    with pytest.raises(AlertError, match="已办结"):
        attempt(alert, town, on=date(2024, 6, 2))


def test_only_one_s_own_attempts_leave_the_page_of_a_visit_fresh(town: Town) -> None:
    mine, theirs, mixed = make(1), make(2), make(3)
    attempt(mine, town, on=date(2024, 6, 2))
    attempt(mine, town)
    assert visit(mine, town, expected_version=1).outcome == "temporary_aid"
    attempt(theirs, town, "town")
    with pytest.raises(StaleAlert, match="上门未遇"):
        visit(theirs, town, expected_version=1)
    attempt(mixed, town)
    actions.assign_alert(alert=mixed, to=town.worker, by=town.actor("town"))
    with pytest.raises(StaleAlert, match="派单"):
        visit(mixed, town, expected_version=1)


def test_jurisdiction_and_rights(town: Town) -> None:
    alert = make(1)
    with pytest.raises(AlertError, match="辖区"):
        visit(alert, town, by=town.actor("outside_worker"))
    with pytest.raises(Forbidden):
        actions.assign_alert(alert=alert, to=town.worker, by=town.actor("worker"))
    with pytest.raises(Forbidden):
        actions.reopen_alert(alert=alert, by=town.actor("town"), note="再看")
    with pytest.raises(AlertError, match="不能承接"):
        actions.assign_alert(alert=alert, to=town.outside_worker, by=town.actor("town"))
    with pytest.raises(Alert.DoesNotExist):
        queries.alert(alert.pk, town.actor("outside_worker"))
    readings: list[QuerySet[Any]] = [
        queries.alerts(town.actor("outside_worker")), queries.todo(town.actor("outside_worker"), TODAY),
        queries.steps(alert, town.actor("outside_worker")), queries.visits(alert, town.actor("outside_worker")),
        queries.alerts_of_people([alert.person_id], town.actor("outside_worker")),
    ]  # fmt: skip
    assert [rows.count() for rows in readings] == [0] * 5
    assert queries.assignees(alert, town.actor("outside_worker")) == []
    assert queries.counts(town.actor("outside_worker"), TODAY)["total"] == 0


def test_an_inactive_worker_gets_nothing(town: Town) -> None:
    alert = make(1)
    town.worker.is_active = False
    town.worker.save()
    assert [user.username for user in queries.assignees(alert, town.actor("town"))] == ["second_worker", "town"]
    with pytest.raises(AlertError):
        actions.assign_alert(alert=alert, to=town.worker, by=town.actor("town"))
    assert actions.assign_new(as_of=TODAY, by=town.actor("city")) == 1
    alert.refresh_from_db()
    assert alert.assigned_to == town.second_worker


def test_close_and_reopen(town: Town) -> None:
    alert = make(1)
    for outcome, note in (("", "理由"), ("no_need", " ")):
        with pytest.raises(AlertError):
            actions.close_alert(alert=alert, by=town.actor("town"), outcome=outcome, note=note)
    with pytest.raises(AlertError, match="已办结的预警才能重开"):
        actions.reopen_alert(alert=alert, by=town.actor("county"), note="再看")
    actions.assign_alert(alert=alert, to=town.worker, by=town.actor("town"))
    visit(alert, town)
    with pytest.raises(AlertError, match="已办结"):
        visit(alert, town, form_token="again")
    actions.reopen_alert(alert=alert, by=town.actor("county"), note="群众反映仍有困难")
    alert.refresh_from_db()
    assert (alert.status, alert.outcome, alert.closed_on, alert.reopened) == ("assigned", "", None, 1)
    assert alert.assigned_to == town.worker
    assert alert.due_on == date(2024, 6, 11), "five working days, without the holiday of 10 June"
    visit(alert, town, form_token="again", outcome="no_need")
    assert queries.visits(alert, town.actor("town")).count() == 2


def test_a_death_heard_of_is_an_event_not_a_date(town: Town) -> None:
    alert = make(1)
    visit(alert, town, outcome="deceased", met="neighbour")
    person = Person.objects.get(pk=alert.person_id)
    assert person.death_date is None
    event = LifeEvent.objects.get(person=person)
    assert (event.kind, event.source, event.occurred_on) == ("death_reported", "入户", TODAY)


def test_precision_counts_last_findings_up_to_the_date(town: Town) -> None:
    outcomes = ["low_income", "charity", "no_need", "not_found", "moved", "deceased"]
    for number, outcome in enumerate(outcomes, start=1):
        visit(make(number), town, outcome=outcome)
    make(7)
    again = Alert.objects.get(person__person_key=3)
    actions.reopen_alert(alert=again, by=town.actor("county"), note="复核")
    visit(again, town, outcome="temporary_aid", form_token="second")
    found = {row.scenario: row for row in queries.precision(TODAY)}
    row = found["unemployment"]
    assert (row.raised, row.unvisited, row.helped, row.not_needed, row.not_counted) == (7, 1, 3, 0, 3)
    assert row.value == 1.0
    assert found["legal_aid"].value is None
    earlier = {row.scenario: row for row in queries.precision(date(2024, 6, 2))}["unemployment"]
    assert (earlier.raised, earlier.unvisited, earlier.value) == (7, 7, None)


def test_readings_filter_and_order(town: Town) -> None:
    make(1, due_on=date(2024, 6, 10))
    make(2, scenario="legal_aid", due_on=date(2024, 5, 31))
    make(3, village=320412100201, due_on=date(2024, 6, 1))
    city = town.actor("city")

    def keys(**filters: Any) -> list[int]:
        return list(queries.alerts(city, **filters).values_list("person__person_key", flat=True))

    assert keys() == [2, 3, 1]
    assert keys(division="320402") == [2, 1]
    assert keys(division="wujin") == [3]
    assert keys(scenario="legal_aid") == [2]
    assert keys(overdue_on=TODAY) == [2, 3]
    assert keys(status="closed") == []
    assert keys(severity="low") == []
    with pytest.raises(LookupError):
        keys(division="nowhere")
    with pytest.raises(ValueError, match="区划代码"):
        keys(division="12345")
    assert queries.counts(city, TODAY) == {
        "total": 3, "new": 3, "assigned": 0, "closed": 0, "overdue": 2, "today": 0, "high": 3, "escalated": 0,
    }  # fmt: skip


def test_reading_an_alert_is_audited(town: Town) -> None:
    alert = make(1)
    actions.open_alert(alert_id=alert.pk, by=town.actor("worker"))
    entry = AuditEntry.objects.get(verb="alert.read")
    assert (entry.actor, entry.subject) == ("worker", f"alert:{alert.pk}")
    with pytest.raises(Alert.DoesNotExist):
        actions.open_alert(alert_id=alert.pk, by=town.actor("outside_worker"))
