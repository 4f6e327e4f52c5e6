"""Puts CDI queries behind the walls; steps, answers, drawn samples, letters and versions are only ever added."""

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
                "QueryTemplate", "TemplateVersion", "ChartReview", "QueryAudit", "AuditedQuery", "AuditAnswer",
                "DeliveryRoute", "OutboundMessage", "DocumentedChart", "EducationLetter", "LetterPaper",
                "LetterStep", "TriggerSwitch", "TriggerHit", "TriggerCursor",
            ],
            append_only=[
                "QueryStep", "QueryAnswer", "TemplateVersion", "QueryAudit", "EducationLetter", "LetterPaper",
                "LetterStep",
            ],
            history=[
                "CdiQueryEvent", "ProviderContactEvent", "QueryPolicyEvent", "ChartReviewEvent",
                "AuditedQueryEvent", "AuditAnswerEvent", "DeliveryRouteEvent", "TriggerSwitchEvent",
                "TriggerHitEvent",
            ],
        ),
    ]
