"""Puts exports behind the walls."""

from django.db import migrations

from coding_ops.tenancy.operations import SecureTenantTables


class Migration(migrations.Migration):
    dependencies = [("exports", "0001_initial"), ("tenancy", "0003_provider_permission")]
    operations = [
        SecureTenantTables(names=["ExportFile"], append_only=[], history=[]),
        # Sealed bytes do not compress: trying to was the largest cost of an insert.
        migrations.RunSQL(
            "ALTER TABLE exports_exportfile ALTER COLUMN content SET STORAGE EXTERNAL",
            "ALTER TABLE exports_exportfile ALTER COLUMN content SET STORAGE EXTENDED",
        ),
    ]
