"""The database itself refuses to change, replace, delete or empty audit entries. There is no way round it.

SQLite: REPLACE deletes without firing a delete trigger, so an insert that meets an entry is refused as well.
PostgreSQL: a statement trigger guards against TRUNCATE, which row triggers do not see.
The test-suite empties its databases between tests; tests/conftest.py takes the triggers down for that moment
with `down` and `up`, as the owner of the schema. The application has no such statement.
"""

from django.db import migrations

SQLITE = {
    "audit_no_update": """BEFORE UPDATE ON foundation_auditentry
        BEGIN SELECT RAISE(ABORT, '审计记录不可修改'); END""",
    "audit_no_delete": """BEFORE DELETE ON foundation_auditentry
        BEGIN SELECT RAISE(ABORT, '审计记录不可删除'); END""",
    "audit_no_replace": """BEFORE INSERT ON foundation_auditentry
        WHEN EXISTS (SELECT 1 FROM foundation_auditentry WHERE id = NEW.id OR hash = NEW.hash)
        BEGIN SELECT RAISE(ABORT, '审计记录不可覆盖'); END""",
}
POSTGRES = {
    "audit_no_change": """BEFORE UPDATE OR DELETE ON foundation_auditentry
        FOR EACH ROW EXECUTE FUNCTION audit_append_only()""",
    "audit_no_truncate": """BEFORE TRUNCATE ON foundation_auditentry
        FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()""",
}
FUNCTION = """CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '审计记录不可修改或删除'; END $$"""


def up(vendor):
    """The statements that put the triggers on."""
    triggers = POSTGRES if vendor == "postgresql" else SQLITE
    return [f"CREATE TRIGGER {name} {body}" for name, body in triggers.items()]


def down(vendor):
    """The statements that take the triggers off."""
    if vendor == "postgresql":
        return [f"DROP TRIGGER {name} ON foundation_auditentry" for name in POSTGRES]
    return [f"DROP TRIGGER {name}" for name in SQLITE]


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in [FUNCTION] * (vendor == "postgresql") + up(vendor):
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in down(vendor) + ["DROP FUNCTION audit_append_only()"] * (vendor == "postgresql"):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
