"""A client's own query templates, in versions that never change.

The built-in library is data (`cdi_queries/data/templates/`); a client's template of the same key stands in
its place.
"""

from __future__ import annotations

from django.db import models

from coding_ops.tenancy.models import TenantForeignKey, TenantModel


class QueryTemplate(TenantModel):
    """Grain: one key of the client's."""

    key = models.SlugField(max_length=60)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="query_template_key_with_client"),
            models.UniqueConstraint(fields=["client", "key"], name="one_query_template_per_key"),
        ]


class TemplateVersion(TenantModel):
    """``content`` is the JSON of ``cdi_queries.rules.template.Template``; it holds no patient data."""

    template = TenantForeignKey(QueryTemplate, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    content = models.JSONField()
    lint = models.JSONField(default=list, help_text="Findings of the template's own lint when it was saved.")
    reason = models.CharField(max_length=300, blank=True)
    saved_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "template", "number"], name="one_version_of_a_number_per_query_template"
            )
        ]
