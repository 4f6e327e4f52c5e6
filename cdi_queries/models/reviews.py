"""Charts that a CDI specialist read and had nothing to ask about: the other half of the query rate."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history
from encounters.models import Encounter


@keep_history()
class ChartReview(TenantModel):
    """Grain: one chart on one day.  A chart about which a query was sent counts as reviewed without a mark.

    A mark that was taken back stays with its time: the measures leave it out.
    """

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="+", db_index=False)
    reviewed_on = models.DateField(help_text="The day at the client's.")
    reviewed_at = models.DateTimeField()
    reviewed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="chart_review_key_with_client"),
            # Two people who press the button on one day have read one chart.
            models.UniqueConstraint(
                fields=["client", "encounter", "reviewed_on"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_standing_review_of_a_chart_a_day",
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "reviewed_at"],
                condition=Q(withdrawn_at__isnull=True),
                name="chart_review_window",
            ),
        ]
