"""Puts the QA programme behind the walls; plans' versions, draws, answers and scores are only ever added."""

from django.db import migrations

from coding_ops.tenancy.operations import SecureTenantTables


class Migration(migrations.Migration):
    dependencies = [
        ("qa_audit", "0001_initial"),
        ("encounters", "0011_revision_key"),
        ("tenancy", "0003_provider_permission"),
    ]
    operations = [
        SecureTenantTables(
            names=[
                "SamplingPlan", "PlanVersion", "Draw", "Review", "ReviewCode", "ReviewEvidence", "AuditLine",
                "LineStep", "ReviewScore",
            ],
            append_only=["PlanVersion", "Draw", "LineStep", "ReviewScore"],
            history=["ReviewEvent", "ReviewCodeEvent", "AuditLineEvent"],
        ),
    ]
