"""The blind index of a name holds its beginnings; texts of the search compare by their bytes."""

from django.db import migrations, models

TEXTS = {"registry_namereading": ("pinyin", "initials", "name_index", "tail"), "registry_householdroad": ("road",), "registry_pinyin": ("text",)}
LENGTHS = {"pinyin": 48, "initials": 16, "name_index": 32, "tail": 4, "road": 32, "text": 48}


def by_bytes(apps, editor):
    """PostgreSQL orders by the database's language otherwise; SQLite compares bytes anyway."""
    if editor.connection.vendor == "postgresql":
        for table, columns in TEXTS.items():
            for column in columns:
                editor.execute(f'ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar({LENGTHS[column]}) COLLATE "C"')


def empty(apps, editor):
    """Rows of the old kind find nobody by name any more; `minzheng search rebuild` or the next night writes them anew."""
    apps.get_model("registry", "NameReading").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0006_search'),
    ]

    operations = [
        migrations.RunPython(empty, migrations.RunPython.noop),
        migrations.RemoveIndex(
            model_name='namereading',
            name='registry_na_name_in_e150c9_idx',
        ),
        migrations.RunPython(by_bytes, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='namereading',
            index=models.Index(fields=['county', 'name_index'], name='registry_na_county_c916b8_idx'),
        ),
        migrations.AddIndex(
            model_name='namereading',
            index=models.Index(fields=['town', 'name_index'], name='registry_na_town_217d3b_idx'),
        ),
    ]
