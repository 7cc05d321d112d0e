"""What was done to a case stays: the database refuses to change, replace, delete or empty actions and checks.

SQLite: REPLACE deletes without firing a delete trigger, so an insert that meets a row is refused as well.
tests/conftest.py takes the triggers down with `down` while the suite empties its databases, and puts them `up` again.
"""

from django.db import migrations

TABLES = {"casework_caseaction": "(case_id = NEW.case_id AND seq = NEW.seq)", "casework_check": None}
FUNCTION = """CREATE FUNCTION casework_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '办件经过不可修改或删除'; END $$"""


def up(vendor):
    """The statements that put the triggers on."""
    statements = []
    for table, unique in TABLES.items():
        if vendor == "postgresql":
            for name, event, each in (("no_change", "UPDATE OR DELETE", "ROW"), ("no_truncate", "TRUNCATE", "STATEMENT")):
                statements.append(
                    f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION casework_append_only()"
                )
            continue
        for event in ("UPDATE", "DELETE"):
            statements.append(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
                " BEGIN SELECT RAISE(ABORT, '办件经过不可修改或删除'); END"
            )
        same = f"id = NEW.id OR {unique}" if unique else "id = NEW.id"
        statements.append(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"
            " BEGIN SELECT RAISE(ABORT, '办件经过不可覆盖'); END"
        )
    return statements


def down(vendor):
    """The statements that take the triggers off."""
    names = ("no_change", "no_truncate") if vendor == "postgresql" else ("no_update", "no_delete", "no_replace")
    return [f"DROP TRIGGER {table}_{name}" + (f" ON {table}" if vendor == "postgresql" else "") for table in TABLES for name in names]


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in [*([FUNCTION] if vendor == "postgresql" else ()), *up(vendor)]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in [*down(vendor), *(["DROP FUNCTION casework_append_only()"] if vendor == "postgresql" else ())]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
