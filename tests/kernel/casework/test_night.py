"""The night's steps look at what is due, by index, not at all that is open; a year without a calendar stops no other case."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from minzheng.kernel.casework import actions, room
from minzheng.kernel.casework.actions import night
from minzheng.kernel.casework.models import Case, CaseAction
from minzheng.kernel.foundation import calendar, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import AuditEntry, CalendarDay, Notification
from tests.kernel.casework.conftest import OTHER, TODAY, VILLAGE, Town, submitted

NIGHT = Actor.system("夜间批处理")
LATER = TODAY + timedelta(days=20)


def crowd(town: Town, count: int, **columns: Any) -> None:
    """Many cases as lists see them; what was done to them nobody asks as long as nothing is due."""
    Case.objects.bulk_create(
        Case(number=secrets.token_hex(10), item="minimum_living", item_version="2021-07-01", applicant=town.stranger, applied_by="self",
             channel="citizen", division_code=VILLAGE, opened_on=TODAY, form_token=secrets.token_hex(16), version=1, **columns)
        for _ in range(count)
    )  # fmt: skip


def plan_of(rows: Any) -> str:
    """How the database would read them. PostgreSQL prefers to read a small table whole: it is told not to."""
    sql, parameters = rows.values_list("pk", flat=True).query.sql_with_params()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}", parameters)
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def test_every_step_reads_by_an_index_of_its_day(town: Town) -> None:
    crowd(town, 300, state="under_way", waiting_for="authority", due_on=LATER + timedelta(days=30), rung=4)
    asked = {
        "returned": (night.lapsing(LATER)[0], "due_on"), "papers": (night.lapsing(LATER)[1], "papers_due_on"),
        "late": (night.late(LATER), "due_on"), "remind": (night.to_remind(LATER), "remind_on"),
    }  # fmt: skip
    for name, (rows, column) in asked.items():
        plan = plan_of(rows)
        assert f"{column}<" in plan.replace(" ", "").replace('"', "") and "SCAN casework_case" not in plan and "Seq Scan" not in plan, f"{name}: {plan}"


def test_what_is_open_and_not_due_is_not_looked_at(town: Town) -> None:
    submitted(town)
    figures = []
    for more in (0, 150):
        crowd(town, more, state="under_way", waiting_for="authority", due_on=LATER + timedelta(days=30), rung=4)
        crowd(town, more, state="decided", remind_on=LATER + timedelta(days=30), recheck_on=LATER + timedelta(days=60))
        with clock.use(TODAY), CaptureQueriesContext(connection) as asked:
            for step in (room.lapse, room.take_down, room.climb, room.remind):
                assert step(TODAY, lambda _done, _total: None).rows_in == 0
        figures.append(len(asked))
    assert figures[0] == figures[1], "as many questions whether 1 or 301 are open"


def test_a_stale_column_is_put_right_once(town: Town) -> None:
    case = submitted(town)
    Case.objects.filter(pk=case.pk).update(papers_due_on=TODAY, remind_on=TODAY)
    with clock.use(LATER):
        assert actions.lapse_overdue(as_of=LATER, by=NIGHT) == 0 and actions.remind_rechecks(as_of=LATER, by=NIGHT) == 0
    case.refresh_from_db()
    assert (case.state, case.papers_due_on, case.remind_on) == ("submitted", None, None)


def test_a_year_without_a_calendar_stops_no_other_case(town: Town) -> None:
    late = submitted(town)
    due = late.due_on
    assert due == date(2024, 6, 6)
    CalendarDay.objects.filter(day__gt=date(2024, 6, 7)).delete()
    calendar.forget()
    with clock.use(date(2024, 6, 7)):
        assert actions.climb_overdue(as_of=date(2024, 6, 7), by=NIGHT) == 0
        assert actions.climb_overdue(as_of=date(2024, 6, 7), by=NIGHT) == 0
    late.refresh_from_db()
    assert late.state == "submitted" and not CaseAction.objects.filter(verb="climb").exists()
    assert "2024" in AuditEntry.objects.filter(verb="case.refused.climb").latest("pk").reason
    assert Notification.objects.filter(kind="calendar_missing", user=town.city).count() == 1
    calendar.forget()


@pytest.mark.parametrize("again", [False, True])
def test_a_transfer_gives_the_new_place_its_own_time(town: Town, again: bool) -> None:
    case = submitted(town)
    with clock.use(date(2024, 6, 6)):
        actions.transfer_case(case=case, by=town.by("town"), to_division=OTHER, because="已搬到那里居住")
        case.refresh_from_db()
        assert case.due_on == date(2024, 6, 12), "three working days from the transfer, 端午 does not count"
        if again:
            actions.accept_case(case=case, by=town.by("outside"))


def test_cases_of_before_get_their_dates(town: Town) -> None:
    """The migration marks what may wait for a paper, and the night puts down the true day."""
    case = submitted(town, serious_illness=True, care_costs_fen=50000)
    actions.defer_material(case=case, by=town.by("town"), material="illness")
    Case.objects.update(papers_due_on=None, remind_on=None)
    crowd(town, 1, state="closed", recheck_on=date(2024, 9, 1))
    import_module("minzheng.kernel.casework.migrations.0004_fill_columns").fill(apps, None)
    case.refresh_from_db()
    assert case.papers_due_on == TODAY and Case.objects.get(state="closed").remind_on == date(2024, 8, 2)
    with clock.use(TODAY + timedelta(days=1)):
        actions.lapse_overdue(as_of=TODAY + timedelta(days=1), by=NIGHT)
    case.refresh_from_db()
    assert (case.state, case.papers_due_on) == ("submitted", date(2024, 6, 18))
