"""Puts CDI queries behind the walls; steps, answers and template versions are only ever added."""

from django.db import migrations

from coding_ops.tenancy.operations import SecureTenantTables


class Migration(migrations.Migration):
    dependencies = [
        ("cdi_queries", "0001_initial"),
        ("encounters", "0015_query_holds"),
        ("tenancy", "0003_provider_permission"),
    ]
    operations = [
        SecureTenantTables(
            names=[
                "CdiQuery", "QueryStep", "QueryAnswer", "ProviderContact", "QueryLink", "QueryPolicy",
                "QueryTemplate", "TemplateVersion",
            ],
            append_only=["QueryStep", "QueryAnswer", "TemplateVersion"],
            history=["CdiQueryEvent", "ProviderContactEvent", "QueryPolicyEvent"],
        ),
    ]
