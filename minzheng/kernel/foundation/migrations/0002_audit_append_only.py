"""The database itself refuses to change or delete audit entries.

A test database is emptied by TRUNCATE on PostgreSQL (row triggers do not fire) and by DELETE on SQLite, where
Django's flush is the only thing that deletes *all* rows: the trigger therefore lets a DELETE pass only for tables
of a database whose name marks it as a test database ("file:memorydb…" or in memory has no path).
"""

from django.db import migrations

SQLITE = [
    """CREATE TRIGGER audit_no_update BEFORE UPDATE ON foundation_auditentry
       BEGIN SELECT RAISE(ABORT, '审计记录不可修改'); END""",
    """CREATE TRIGGER audit_no_delete BEFORE DELETE ON foundation_auditentry
       WHEN (SELECT file FROM pragma_database_list WHERE name = 'main') NOT IN ('')
       BEGIN SELECT RAISE(ABORT, '审计记录不可删除'); END""",
]
POSTGRES = [
    """CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION '审计记录不可修改或删除'; END $$""",
    """CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON foundation_auditentry
       FOR EACH ROW EXECUTE FUNCTION audit_append_only()""",
]


def create(apps, schema_editor):
    for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER audit_append_only ON foundation_auditentry")
        schema_editor.execute("DROP FUNCTION audit_append_only()")
    else:
        schema_editor.execute("DROP TRIGGER audit_no_update")
        schema_editor.execute("DROP TRIGGER audit_no_delete")


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
