"""A locked month and a report that was made stay as they are: the database refuses to change, replace, delete or empty them, and to
add anything to a locked table.

SQLite: REPLACE deletes without firing a delete trigger, so an insert that meets a row is refused as well.
tests/conftest.py takes the triggers down with `down` while the suite empties its databases, and puts them `up` again.
"""

from django.db import migrations

TABLE, REPORT = "indicators_statistictable", "indicators_report"
PARTS = ("indicators_statisticrow", "indicators_statisticchange")
LOCKED = "月报已经锁定，不可修改；要改请提出更正"
MADE = "报告已经生成，不可修改"
FUNCTIONS = (
    f"""CREATE FUNCTION indicators_table_locked() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF OLD.state = 'locked' THEN RAISE EXCEPTION '{LOCKED}'; END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END $$""",
    f"""CREATE FUNCTION indicators_part_locked() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF TG_OP <> 'INSERT' AND EXISTS (SELECT 1 FROM {TABLE} WHERE id = OLD.table_id AND state = 'locked') THEN RAISE EXCEPTION '{LOCKED}'; END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        IF EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.table_id AND state = 'locked') THEN RAISE EXCEPTION '{LOCKED}'; END IF;
        RETURN NEW;
    END $$""",
    f"""CREATE FUNCTION indicators_frozen() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{MADE}'; END $$""",
)


def up(vendor):
    """The statements that put the triggers on."""
    if vendor == "postgresql":
        each = [
            (TABLE, "locked", "BEFORE UPDATE OR DELETE", "ROW", "indicators_table_locked"),
            *((part, "locked", "BEFORE INSERT OR UPDATE OR DELETE", "ROW", "indicators_part_locked") for part in PARTS),
            (REPORT, "no_change", "BEFORE UPDATE OR DELETE", "ROW", "indicators_frozen"),
            *((table, "no_truncate", "BEFORE TRUNCATE", "STATEMENT", "indicators_frozen") for table in (TABLE, *PARTS, REPORT)),
        ]
        return [f"CREATE TRIGGER {table}_{name} {when} ON {table} FOR EACH {by} EXECUTE FUNCTION {what}()" for table, name, when, by, what in each]
    statements = []
    for event in ("UPDATE", "DELETE"):
        statements.append(
            f"CREATE TRIGGER {TABLE}_no_{event.lower()} BEFORE {event} ON {TABLE} WHEN OLD.state = 'locked'"
            f" BEGIN SELECT RAISE(ABORT, '{LOCKED}'); END"
        )
        statements.append(f"CREATE TRIGGER {REPORT}_no_{event.lower()} BEFORE {event} ON {REPORT} BEGIN SELECT RAISE(ABORT, '{MADE}'); END")
    statements.append(
        f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE}"
        f" WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE state = 'locked' AND (id = NEW.id OR (month = NEW.month AND revision = NEW.revision)))"
        f" BEGIN SELECT RAISE(ABORT, '{LOCKED}'); END"
    )
    statements.append(
        f"CREATE TRIGGER {REPORT}_no_replace BEFORE INSERT ON {REPORT} WHEN EXISTS (SELECT 1 FROM {REPORT} WHERE id = NEW.id)"
        f" BEGIN SELECT RAISE(ABORT, '{MADE}'); END"
    )
    for part in PARTS:
        for event, side in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
            either = f"{side}.table_id" if event != "UPDATE" else "OLD.table_id, NEW.table_id"
            statements.append(
                f"CREATE TRIGGER {part}_no_{event.lower()} BEFORE {event} ON {part}"
                f" WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id IN ({either}) AND state = 'locked') BEGIN SELECT RAISE(ABORT, '{LOCKED}'); END"
            )
    return statements


def down(vendor):
    """The statements that take the triggers off."""
    if vendor == "postgresql":
        names = [(table, "no_truncate") for table in (TABLE, *PARTS, REPORT)] + [(table, "locked") for table in (TABLE, *PARTS)] + [(REPORT, "no_change")]
        return [f"DROP TRIGGER {table}_{name} ON {table}" for table, name in names]
    names = [(table, f"no_{event}") for table in (TABLE, REPORT) for event in ("update", "delete", "replace")]
    names += [(part, f"no_{event}") for part in PARTS for event in ("insert", "update", "delete")]
    return [f"DROP TRIGGER {table}_{name}" for table, name in names]


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in [*(FUNCTIONS if vendor == "postgresql" else ()), *up(vendor)]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    functions = ("indicators_table_locked", "indicators_part_locked", "indicators_frozen") if vendor == "postgresql" else ()
    for statement in [*down(vendor), *(f"DROP FUNCTION {name}()" for name in functions)]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("indicators", "0002_statistics_and_reports")]
    operations = [migrations.RunPython(create, drop)]
