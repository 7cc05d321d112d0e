"""Marks: whoever holds a fact, and the household where they live, is never passed over, whatever happened in whichever order."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.kernel.registry.actions import FactData, mark, upsert_facts
from minzheng.kernel.registry.marks import marked
from minzheng.kernel.registry.models import Fact, Household, Membership, Person
from tests.kernel.registry.test_registry import DAY, ME, settle

pytestmark = pytest.mark.django_db
KINDS = ("pension", "disability", "assistance", "vehicle")
HAPPENED = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(1, 4), st.integers(10, 12)),
        st.tuples(st.just("fact"), st.integers(1, 4), st.sampled_from(KINDS)),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HAPPENED)
def test_nobody_who_holds_a_fact_is_passed_over(happened: list[tuple[str, int, int | str]]) -> None:
    for rows in (Fact, Membership, Person, Household):
        rows.objects.all().delete()  # type: ignore[attr-defined]
    settle([1, 2, 3, 4], 10)
    known = dict(Person.objects.values_list("person_key", "pk"))
    for day, (what, person, which) in enumerate(happened):
        on = DAY + timedelta(days=day)
        if what == "move":
            settle([person], int(which), on)
        else:
            fact = FactData(person, str(which), "是", None, on, None, "数据", "b1")
            upsert_facts(facts=[fact], about={person: known[person]}, kinds=[str(which)], as_of=on, by=ME)
    for kind in KINDS:
        holders = set(Fact.objects.filter(kind=kind).values_list("person_id", flat=True))
        homes = set(Membership.objects.filter(valid_to=None, person__in=holders).values_list("household_id", flat=True))
        assert holders <= set(Person.objects.filter(marked(kind)).values_list("pk", flat=True))
        assert homes <= set(Household.objects.filter(marked(kind)).values_list("pk", flat=True))


def test_somebody_without_facts_is_passed_over() -> None:
    settle([1, 2], 10)
    first = Person.objects.get(person_key=1)
    fact = FactData(1, "pension", "resident", 36_000, date(2010, 4, 1), None, "养老", "b1")
    upsert_facts(facts=[fact], about={1: first.pk}, kinds=["pension"], as_of=DAY, by=ME)
    assert list(Person.objects.filter(marked("pension"))) == [first]
    assert not Person.objects.filter(marked("disability")).exists() and not Household.objects.filter(marked("disability")).exists()


def test_marking_thousands_costs_a_few_statements() -> None:
    Person.objects.bulk_create(
        Person(person_key=key, sex="1", division_code="320412100002", known_since=DAY, known_because="测试", updated_as_of=DAY) for key in range(6_000)
    )
    everybody = list(Person.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as asked:
        mark((pk, "pension") for pk in everybody)
    assert len(asked) == 4 and Person.objects.filter(marked("pension")).count() == 6_000, "two statements for each five thousand"
