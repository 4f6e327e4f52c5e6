"""A loaded release is history: the application adds and reads it. Only the period it answers for may move."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from coding_ops.tenancy.roles import app_role_name

TABLES = ("code_sets_codesetrelease", "code_sets_code")


def take_away(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = schema_editor.quote_name(app_role_name())
    for table in TABLES:
        schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}")
    schema_editor.execute(f"GRANT UPDATE (effective_from, effective_to) ON {TABLES[0]} TO {role}")


def give_back(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = schema_editor.quote_name(app_role_name())
    for table in TABLES:
        schema_editor.execute(f"GRANT UPDATE, DELETE ON {table} TO {role}")


class Migration(migrations.Migration):
    dependencies = [("code_sets", "0001_initial"), ("tenancy", "0001_initial")]
    operations = [migrations.RunPython(take_away, give_back)]
