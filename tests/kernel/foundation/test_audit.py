"""The audit chain: append-only in the database, and tampering behind the database's back is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import AuditEntry

ACTOR = Actor.system("测试")
triggers = import_module("minzheng.kernel.foundation.migrations.0002_audit_append_only")


@pytest.fixture
def chain(db: None) -> list[AuditEntry]:
    audit.record(ACTOR, "alert.visit", "alert:1", "按期走访", met=True)
    audit.record_many(ACTOR, "identity.reveal", [audit.Entry(f"person:{n}", "核实预警", {"n": n}) for n in range(5)])
    audit.record(ACTOR, "alert.close", "alert:1")
    return list(AuditEntry.objects.order_by("id"))


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def behind_the_back(statement: str, *values: object) -> None:
    """What somebody with the schema's password can do."""
    for each in triggers.down(connection.vendor):
        sql(each)
    sql(statement, *values)
    for each in triggers.up(connection.vendor):
        sql(each)


def test_entries_are_chained(chain: list[AuditEntry]) -> None:
    assert chain[0].previous_hash == audit.GENESIS
    assert [entry.previous_hash for entry in chain[1:]] == [entry.hash for entry in chain[:-1]]
    assert chain[0].business_date == date(2024, 6, 3)
    assert audit.verify() is None


@pytest.mark.parametrize(
    "change",
    [
        lambda: sql("UPDATE foundation_auditentry SET reason = ''"),
        lambda: sql("DELETE FROM foundation_auditentry"),
        lambda: AuditEntry.objects.all().delete(),
        lambda: AuditEntry.objects.update(actor="别人"),
        lambda: AuditEntry.objects.first().save(),  # type: ignore[union-attr]
        lambda: AuditEntry.objects.bulk_create(
            [AuditEntry.objects.first()], update_conflicts=True, unique_fields=["id"], update_fields=["reason"]  # type: ignore[list-item]
        ),
    ],
    ids=["UPDATE", "DELETE", "delete()", "update()", "save()", "upsert"],
)  # fmt: skip
def test_the_database_refuses_changes(chain: list[AuditEntry], change: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError, match="审计记录不可"), transaction.atomic():
        change()
    assert list(AuditEntry.objects.order_by("id").values()) == [
        {field.attname: getattr(entry, field.attname) for field in AuditEntry._meta.fields} for entry in chain
    ]


def test_the_database_refuses_wholesale_replacement(chain: list[AuditEntry]) -> None:
    columns = "id, at, business_date, actor, verb, subject, reason, details, previous_hash, hash"
    forged = columns.replace("reason", "'伪造'")
    statement = {
        "sqlite": f"REPLACE INTO foundation_auditentry ({columns}) SELECT {forged} FROM foundation_auditentry",
        "postgresql": "TRUNCATE foundation_auditentry",
    }[connection.vendor]
    with pytest.raises(DatabaseError, match="审计记录不可"), transaction.atomic():
        sql(statement)
    assert audit.verify() is None


@pytest.mark.parametrize("column", ["actor", "verb", "subject", "reason", "previous_hash", "hash"])
def test_a_changed_text_is_found(chain: list[AuditEntry], column: str) -> None:
    behind_the_back(f"UPDATE foundation_auditentry SET {column} = 'x' WHERE id = %s", chain[3].pk)
    assert audit.verify() == chain[3].pk


@pytest.mark.parametrize(
    ("column", "value"), [("business_date", "2024-06-02"), ("at", "2024-06-03 00:00:00+00:00"), ("details", '{"n": 8}')]
)
def test_a_changed_value_is_found(chain: list[AuditEntry], column: str, value: str) -> None:
    cast = {"business_date": "date", "at": "timestamptz", "details": "jsonb"}[column]
    target = f"CAST(%s AS {cast})" if connection.vendor == "postgresql" else "%s"
    stored = value.replace("+00:00", "") if connection.vendor == "sqlite" else value
    behind_the_back(f"UPDATE foundation_auditentry SET {column} = {target} WHERE id = %s", stored, chain[3].pk)
    assert audit.verify() == chain[3].pk


def test_a_deleted_entry_is_found_at_its_successor(chain: list[AuditEntry]) -> None:
    behind_the_back("DELETE FROM foundation_auditentry WHERE id = %s", chain[2].pk)
    assert audit.verify() == chain[3].pk


def test_an_entry_moved_to_the_end_is_found(chain: list[AuditEntry]) -> None:
    behind_the_back(
        "UPDATE foundation_auditentry SET id = CASE id WHEN %s THEN 1000000 ELSE id END", chain[1].pk
    )
    assert audit.verify() == chain[2].pk


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab一", max_size=3), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example({"a": 1e23, "b": -0.0, "c": 5e-324, "d": 2**80, "e": 1e22, "f": 1.5e-7})
@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), json_values, max_size=4))
def test_whatever_the_details_the_chain_holds_after_the_database(details: dict[str, object]) -> None:
    with transaction.atomic():
        audit.record_many(ACTOR, "verb", [audit.Entry("thing:1", "", details)])
        assert audit.verify() is None
        transaction.set_rollback(True)  # each example stands for itself


@pytest.mark.django_db
def test_details_beyond_plain_json() -> None:
    audit.record(ACTOR, "verb", "thing:1", day=date(2024, 5, 1), amount=Decimal("1.50"), codes=(1, 2), by_year={2024: 1, 997: 2})
    entry = AuditEntry.objects.get()
    assert entry.details == {"day": "2024-05-01", "amount": "1.50", "codes": [1, 2], "by_year": {"2024": 1, "997": 2}}
    assert audit.verify() is None
    with pytest.raises(TypeError), transaction.atomic():
        audit.record(ACTOR, "verb", "thing:2", what=object())
    with pytest.raises(ValueError, match="JSON compliant"), transaction.atomic():
        audit.record(ACTOR, "verb", "thing:2", what=float("nan"))


@pytest.mark.django_db
def test_an_entry_shares_the_fate_of_its_transaction() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        audit.record(ACTOR, "verb", "thing:1")
        raise RuntimeError
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_suite_can_empty_its_database_and_the_triggers_stand_again() -> None:
    audit.record(ACTOR, "verb", "thing:1")
    call_command("flush", verbosity=0, interactive=False)
    assert not AuditEntry.objects.exists()
    audit.record(ACTOR, "verb", "thing:2")
    with pytest.raises(DatabaseError, match="审计记录不可"):
        AuditEntry.objects.all().delete()
