"""What is booked stays: the database refuses to change, replace, delete or empty transfers, accounts and closed months,
and to book anything in a closed month. There is no way round it.

SQLite: REPLACE deletes without firing a delete trigger, so an insert that meets a row is refused as well.
PostgreSQL: a statement trigger guards against TRUNCATE; that no row lies in a closed month is checked once a statement,
over all rows that it brought, because a check by row would cost a large posting its speed.
tests/conftest.py takes the triggers down with `down` while the suite empties its databases, and puts them `up` again.
"""

from django.db import migrations

TABLES = {"ledger_transfer": "key", "ledger_account": "code", "ledger_monthclose": "month", "ledger_closingbalance": None}
SQLITE_MONTH = """CREATE TRIGGER ledger_month_closed BEFORE INSERT ON ledger_transfer
    WHEN EXISTS (SELECT 1 FROM ledger_monthclose WHERE month >= date(NEW."on", 'start of month'))
    BEGIN SELECT RAISE(ABORT, '这个月已经结账，不能再记账'); END"""
POSTGRES_MONTH = """CREATE TRIGGER ledger_month_closed AFTER INSERT ON ledger_transfer
    REFERENCING NEW TABLE AS booked FOR EACH STATEMENT EXECUTE FUNCTION ledger_month_closed()"""
FUNCTIONS = (
    """CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '账已记下，不可修改或删除'; END $$""",
    """CREATE FUNCTION ledger_month_closed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF (SELECT min("on") FROM booked) < (SELECT max(month) + interval '1 month' FROM ledger_monthclose) THEN
            RAISE EXCEPTION '这个月已经结账，不能再记账';
        END IF;
        RETURN NULL;
    END $$""",
)


def up(vendor):
    """The statements that put the triggers on."""
    statements = [POSTGRES_MONTH if vendor == "postgresql" else SQLITE_MONTH]
    for table, unique in TABLES.items():
        if vendor == "postgresql":
            for name, event, each in (("no_change", "UPDATE OR DELETE", "ROW"), ("no_truncate", "TRUNCATE", "STATEMENT")):
                statements.append(
                    f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION ledger_append_only()"
                )
            continue
        for event in ("UPDATE", "DELETE"):
            statements.append(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
                " BEGIN SELECT RAISE(ABORT, '账已记下，不可修改或删除'); END"
            )
        same = f"id = NEW.id OR {unique} = NEW.{unique}" if unique else "id = NEW.id"
        statements.append(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"
            " BEGIN SELECT RAISE(ABORT, '账已记下，不可覆盖'); END"
        )
    return statements


def down(vendor):
    """The statements that take the triggers off."""
    names = {"ledger_month_closed": "ledger_transfer"}
    for table in TABLES:
        for name in ("no_change", "no_truncate") if vendor == "postgresql" else ("no_update", "no_delete", "no_replace"):
            names[f"{table}_{name}"] = table
    return [f"DROP TRIGGER {name}" + (f" ON {table}" if vendor == "postgresql" else "") for name, table in names.items()]


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in [*(FUNCTIONS if vendor == "postgresql" else ()), *up(vendor)]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    functions = ("ledger_append_only", "ledger_month_closed") if vendor == "postgresql" else ()
    for statement in [*down(vendor), *(f"DROP FUNCTION {name}()" for name in functions)]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
