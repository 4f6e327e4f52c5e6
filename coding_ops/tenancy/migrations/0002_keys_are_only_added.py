"""Data keys are added, never changed or deleted, by the application: a lost key is lost patient data."""

from django.db import migrations

from coding_ops.tenancy.operations import append_only_sql


def take_rights_away(apps, schema_editor):
    from coding_ops.tenancy.roles import app_role_name

    for statement in append_only_sql("tenancy_clientkey", schema_editor.quote_name(app_role_name())):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0001_initial")]
    operations = [migrations.RunPython(take_rights_away, migrations.RunPython.noop)]
