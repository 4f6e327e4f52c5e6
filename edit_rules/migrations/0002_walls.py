"""Puts a client's rules behind the walls; versions and outcomes are only ever added."""

from django.db import migrations

from coding_ops.tenancy.operations import SecureTenantTables


class Migration(migrations.Migration):
    dependencies = [
        ("edit_rules", "0001_initial"),
        ("encounters", "0007_deleted_encounters"),
        ("tenancy", "0003_provider_permission"),
    ]
    operations = [
        SecureTenantTables(
            names=["EditRule", "EditRuleVersion", "EditOutcome"],
            append_only=["EditRuleVersion", "EditOutcome"],
            history=["EditRuleEvent"],
        ),
    ]
