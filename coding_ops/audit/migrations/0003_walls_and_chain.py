"""Puts the ledger behind the walls, links its rows, and leaves the application no right but to add."""

from pathlib import Path

from django.db import migrations

from coding_ops.tenancy.operations import SecureTenantTables

SQL = Path(__file__).resolve().parent.parent / "sql" / "event_link.sql"
CALLERS_COLUMNS = (
    "id, client_id, verb, actor_id, actor_name, role, credential, subject_type, subject_id, reason, facts, request_id"
)


def narrow_the_insert_right(apps, schema_editor):
    """The caller may not name number, time or hash: a right on the other columns only."""
    from coding_ops.tenancy.roles import app_role_name

    role = schema_editor.quote_name(app_role_name())
    schema_editor.execute(f"REVOKE INSERT ON audit_auditevent FROM {role}")
    schema_editor.execute(f"GRANT INSERT ({CALLERS_COLUMNS}) ON audit_auditevent TO {role}")


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_initial")]
    operations = [
        SecureTenantTables(names=["AuditEvent"], append_only=["AuditEvent"]),
        migrations.RunSQL(
            SQL.read_text(encoding="utf-8"),
            "DROP TRIGGER audit_event_link ON audit_auditevent; DROP FUNCTION audit_event_link()",
        ),
        migrations.RunPython(narrow_the_insert_right, migrations.RunPython.noop),
    ]
