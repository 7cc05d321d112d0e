"""A page of alerts: the same rows in the same order whichever way leads to it, and evidence is read for the page alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.monitoring import queries
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.registry.models import Person

DAY = date(2024, 6, 1)
HERE, ELSEWHERE = "320412100002", "320402001001"
CITY = Actor("shi", "city_official", roles()["city_official"].capabilities, (("320400000000", "320500000000"),))
TOWN = Actor("zhen", "town_official", roles()["town_official"].capabilities, (("320412100000", "320412101000"),))


@pytest.fixture
def _alerts(db: None) -> None:
    for number in range(40):
        person = Person.objects.create(
            person_key=number, name="甲", sex="1", division_code=HERE if number % 2 else ELSEWHERE, known_since=DAY,
            known_because="测试", updated_as_of=DAY,
        )  # fmt: skip
        closed = number % 5 == 0
        Alert.objects.create(
            scenario="unemployment", person=person, division_code=person.division_code, severity="high", severity_rank=number % 3 + 1,
            status="closed" if closed else "new", raised_on=DAY, event_date=DAY, due_on=DAY + timedelta(days=number % 4),
            summary="摘要", closed_on=DAY + timedelta(days=number % 3) if closed else None,
        )  # fmt: skip


@pytest.mark.usefixtures("_alerts")
@pytest.mark.parametrize("total", [40, queries.BOUND + 1])
@pytest.mark.parametrize("actor", [CITY, TOWN])
def test_both_ways_lead_to_the_same_page(actor: Actor, total: int) -> None:
    for rows in (
        queries.alerts(actor), queries.alerts(actor, status="open"), queries.alerts(actor, division=HERE[:6]),
        queries.alerts(actor, status="closed").order_by("-closed_on", "-id"),
    ):  # fmt: skip
        plain = [one.pk for one in rows]
        assert plain
        assert [one.pk for one in queries.page(rows, actor, 0, 5, total)] == plain[:5]
        assert [one.pk for one in queries.page(rows, actor, 5, 50, total)] == plain[5:]


@pytest.mark.usefixtures("_alerts")
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL chooses by its statistics, and a small table is read through")
@pytest.mark.parametrize("total", [40, queries.BOUND + 1])
def test_what_lies_before_a_page_is_passed_over_in_an_index(total: int) -> None:
    for rows in (queries.alerts(TOWN, status="open", severity="high", scenario="unemployment"), queries.alerts(CITY)):
        with CaptureQueriesContext(connection) as seen:
            queries.page(rows, TOWN, 2, 4, total)
        keys, page = [query["sql"] for query in seen.captured_queries]
        assert "evidence" not in keys
        assert "evidence" in page
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {keys}")
            assert "COVERING INDEX" in str(cursor.fetchall())
