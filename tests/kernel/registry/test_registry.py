"""History that is dated, bulk that is idempotent, readings that are scoped and masked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.kernel.foundation.access import Actor, Forbidden, roles
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.registry import queries
from minzheng.kernel.registry.actions import (
    FactData,
    HouseholdData,
    MembershipData,
    PersonData,
    find_by_id_number,
    register_without_id,
    reveal_identity,
    upsert_facts,
    upsert_households,
    upsert_memberships,
    upsert_people,
)
from minzheng.kernel.registry.masking import mask_address, mask_id, mask_name, mask_phone
from minzheng.kernel.registry.models import Fact, Membership, Person

ME = Actor.system("test")
DAY = date(2024, 6, 3)
HERE = Actor("g", "grid_worker", roles()["grid_worker"].capabilities, (("320412100201", "320412100202"),))
ELSEWHERE = Actor("h", "grid_worker", roles()["grid_worker"].capabilities, (("320402001001", "320402001002"),))
pytestmark = pytest.mark.django_db


def person(key: int, name: str = "王小兰", **other: object) -> PersonData:
    values = {
        "person_key": key, "name": name, "id_number": f"32040219600101{key:04d}", "phone": "13900000464", "sex": "2",
        "birth_date": date(1960, 1, 1), "division_code": "320412100201", "residence_type": "hukou", "synthetic": True,
    }  # fmt: skip
    return PersonData(**{**values, **other})  # type: ignore[arg-type]


def settle(people: list[int], household: int, as_of: date = DAY) -> None:
    ids = upsert_people(people=[person(key) for key in people], as_of=as_of, because="预警", by=ME)
    homes = upsert_households(
        households=[HouseholdData(household, "320412100201", "湖塘镇人民路12号", True, True)], as_of=as_of, by=ME
    )
    upsert_memberships(
        memberships=[MembershipData(key, household, "head" if key == people[0] else "child") for key in people],
        people=ids, households=homes, as_of=as_of, by=ME,
    )  # fmt: skip


def test_upsert_twice_is_once() -> None:
    settle([1, 2], 10)
    before = AuditEntry.objects.count()
    settle([1, 2], 10)
    assert (Person.objects.count(), Membership.objects.count()) == (2, 2)
    assert AuditEntry.objects.count() == before, "nothing changed, nothing to note"


def test_thousands_cost_a_few_statements() -> None:
    with CaptureQueriesContext(connection) as seen:
        upsert_people(people=[person(key) for key in range(2000)], as_of=DAY, because="预警", by=ME)
    assert len(seen) < 120  # SQLite takes some sixty rows a statement; the search index is written with them


def test_identity_that_was_not_opened_again_stays() -> None:
    settle([1], 10)
    upsert_people(
        people=[person(1, name=None, id_number=None, phone=None, death_date=date(2024, 6, 1))],  # type: ignore[arg-type]
        as_of=DAY + timedelta(days=1), because="x", by=ME,
    )  # fmt: skip
    row = Person.objects.get()
    assert (row.name, row.death_date) == ("王小兰", date(2024, 6, 1))


def test_an_older_delivery_does_not_overwrite() -> None:
    settle([1], 10)
    upsert_people(people=[person(1, name="旧名")], as_of=DAY - timedelta(days=9), because="x", by=ME)
    assert Person.objects.get().name == "王小兰"


def test_a_move_closes_one_membership_and_opens_another() -> None:
    settle([1, 2], 10)
    later = DAY + timedelta(days=30)
    settle([2], 11, later)
    rows = list(Membership.objects.filter(person__person_key=2).order_by("valid_from").values_list("valid_from", "valid_to"))
    assert rows == [(DAY, later), (later, None)]
    home = queries.household_of(Person.objects.get(person_key=2).pk, ME, DAY)
    assert home is not None and home.household_key == 10
    assert [m.person.person_key for m in queries.members(home, ME, DAY)] == [1, 2]
    assert [m.person.person_key for m in queries.members(home, ME, later)] == [1]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 3)), min_size=1, max_size=8))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_memberships_never_overlap(moves: list[tuple[int, int]]) -> None:
    Membership.objects.all().delete()
    for offset, household in moves:
        settle([7], household, DAY + timedelta(days=offset))
    rows = sorted(Membership.objects.filter(person__person_key=7).values_list("valid_from", "valid_to"))
    assert sum(end is None for _, end in rows) == 1
    for (_, end), (start, _) in zip(rows, rows[1:], strict=False):
        assert end is not None and end <= start


def test_a_fact_that_its_source_drops_ends() -> None:
    settle([1], 10)
    about = {1: Person.objects.get().pk}
    fact = FactData(1, "assistance", "low_income", 186_000, date(2023, 1, 1), None, "存量救助对象", "b1")
    upsert_facts(facts=[fact], about=about, kinds=["assistance"], as_of=DAY, by=ME)
    assert upsert_facts(facts=[fact], about=about, kinds=["assistance"], as_of=DAY, by=ME) == 0
    later = DAY + timedelta(days=30)
    upsert_facts(facts=[], about=about, kinds=["assistance"], as_of=later, by=ME)
    assert Fact.objects.get().valid_to == later
    assert queries.facts_of([about[1]], ME, DAY).count() == 1
    assert queries.facts_of([about[1]], ME, later).count() == 0


def test_reading_stays_in_the_jurisdiction() -> None:
    settle([1], 10)
    row = Person.objects.get()
    assert queries.person(row.pk, HERE) == row
    with pytest.raises(Person.DoesNotExist):
        queries.person(row.pk, ELSEWHERE)
    with pytest.raises(Person.DoesNotExist):
        reveal_identity(person_id=row.pk, by=ELSEWHERE, why="入户核实")
    assert find_by_id_number(id_number=row.id_number, by=ELSEWHERE, why="核实") is None
    assert find_by_id_number(id_number=row.id_number, by=HERE, why="核实") == row


def test_revealing_needs_right_and_reason_and_is_recorded() -> None:
    settle([1], 10)
    row = Person.objects.get()
    with pytest.raises(ValueError, match="理由"):
        reveal_identity(person_id=row.pk, by=HERE, why=" ")
    with pytest.raises(Forbidden):
        reveal_identity(person_id=row.pk, by=Actor("a", "auditor", roles()["auditor"].capabilities, HERE.ranges), why="看看")
    shown = reveal_identity(person_id=row.pk, by=HERE, why="入户核实身份")
    assert shown["id_number"] == row.id_number and shown["address"] == "湖塘镇人民路12号"
    entry = AuditEntry.objects.get(verb="identity.reveal")
    assert (entry.actor, entry.reason) == ("g", "入户核实身份")
    assert row.id_number not in str(entry.details)


def test_identity_is_encrypted_in_the_database() -> None:
    settle([1], 10)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, id_number, phone FROM registry_person")
        stored = "".join(cursor.fetchone())
    assert "王小兰" not in stored and "3204021960" not in stored and "13900000464" not in stored
    with pytest.raises(TypeError, match="blind index"):
        Person.objects.filter(name="王小兰").exists()


def test_people_without_an_id_number() -> None:
    baby = register_without_id(name="", sex="9", division_code="320412100201", because="弃婴", by=HERE)
    assert baby.id_number == "" and find_by_id_number(id_number="", by=HERE, why="x") is None


def test_ages_at_the_boundary() -> None:
    assert queries.age_on(date(1944, 6, 3), DAY) == 80
    assert queries.age_on(date(1944, 6, 4), DAY) == 79
    assert queries.age_on(date(2004, 2, 29), date(2022, 2, 28)) == 17
    assert queries.age_on(date(2004, 2, 29), date(2022, 3, 1)) == 18
    assert queries.age_on(None, DAY) is None


def test_masks() -> None:
    assert [mask_name(n) for n in ("", "王", "张三", "王小兰", "欧阳娜娜")] == ["", "*", "张*", "王*兰", "欧**娜"]
    assert mask_id("32040219600101123X") == "3204**********123X"
    assert mask_phone("13900000464") == "139****0464"
    assert mask_address("武进区湖塘镇人民路12号3幢402室") == "武进区湖塘镇人民路*号*幢*室"
