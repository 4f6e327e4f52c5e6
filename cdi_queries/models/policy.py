"""What a client has agreed on about queries."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from coding_ops.tenancy.models import TenantModel, keep_history


@keep_history()
class QueryPolicy(TenantModel):
    """Grain: one row a client; without one the defaults below hold (`selectors/policy.py`)."""

    first_escalation_hours = models.PositiveSmallIntegerField(default=48)
    second_escalation_hours = models.PositiveSmallIntegerField(default=72)
    answer_hours = models.PositiveSmallIntegerField(default=72, help_text="When an answer is expected.")
    expiry_days = models.PositiveSmallIntegerField(default=14)
    link_hours = models.PositiveSmallIntegerField(default=96, help_text="How long a link opens the question.")
    code_minutes = models.PositiveSmallIntegerField(default=15)
    advisor = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    retention_years = models.PositiveSmallIntegerField(
        default=10, help_text="How long queries are kept after they ended."
    )
    is_part_of_record = models.BooleanField(
        default=True, help_text="Whether the client keeps queries in the legal medical record."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client"], name="one_query_policy_per_client"),
            models.CheckConstraint(
                condition=Q(second_escalation_hours__gt=F("first_escalation_hours")),
                name="the_second_escalation_comes_later",
            ),
            models.CheckConstraint(condition=Q(retention_years__gte=6), name="queries_are_kept_six_years"),
        ]
