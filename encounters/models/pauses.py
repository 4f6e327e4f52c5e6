"""Who is handed no new charts at a client for now, and who decided so."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coding_ops.tenancy.models import TenantModel, keep_history


@keep_history()
class WorkPause(TenantModel):
    """A coder is handed no new charts of this client, or of one specialty there.

    The chart in hand stays in hand: a pause takes nothing away.  ``reason`` is for those who lead; the coder
    is told who paused and since when.
    """

    coder = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    specialty = models.ForeignKey(
        "accounts.Specialty",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Empty: all charts of the client.",
    )
    reason = models.CharField(max_length=300)
    since = models.DateTimeField()
    until = models.DateField(null=True, help_text="Last day; empty: until it is lifted.")
    paused_by = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Empty: decided by a rule of the client's programme.",
    )
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    lift_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="work_pause_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "coder", "specialty"],
                condition=Q(lifted_at__isnull=True),
                nulls_distinct=False,
                name="one_standing_pause_per_coder_and_specialty",
                violation_error_message="This coder's charts are paused already.",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_pause_says_why"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | ~Q(lift_reason=""), name="a_lifted_pause_says_why"
            ),
        ]
        indexes = [
            # Asked at each claim of a chart: by person, only the few that stand.
            models.Index(
                fields=["coder", "client"], condition=Q(lifted_at__isnull=True), name="pause_standing"
            ),
            models.Index(fields=["client", "-since"], name="pause_newest"),
        ]
