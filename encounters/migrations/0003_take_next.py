"""Installs the function that hands out the next chart."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "take_next.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("encounters", "0002_walls"),
        ("audit", "0003_walls_and_chain"),
        ("accounts", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(SQL.read_text(encoding="utf-8"), "DROP FUNCTION worklist_take_next"),
    ]
