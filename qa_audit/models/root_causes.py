"""Why an error keeps being made, and what was done so that it ends."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from coding_ops.tenancy.models import TenantModel, keep_history


@keep_history()
class RootCause(TenantModel):
    """Grain: one analysis of one topic's findings in a window of days.

    Its findings are those of the topic settled within the window; the counts are of the day it was opened.
    ``version`` counts its changes, so that two people do not write over each other.
    """

    topic = models.CharField(max_length=40)
    window_from = models.DateField()
    window_through = models.DateField()
    finding_count = models.PositiveIntegerField()
    coder_count = models.PositiveIntegerField()
    problem = models.CharField(max_length=500, help_text="What goes wrong.  No patient data.")
    whys = ArrayField(models.CharField(max_length=300), default=list, size=5)
    remedy = models.CharField(max_length=500, blank=True, help_text="What is done about it.")
    owner = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    due_on = models.DateField()
    version = models.PositiveSmallIntegerField(default=1)
    opened_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    evidence = models.CharField(max_length=500, blank=True, help_text="What shows that it ended.")
    closed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "topic"],
                condition=Q(closed_at__isnull=True),
                name="one_open_root_cause_per_topic",
                violation_error_message="The cause behind this topic is being looked for already.",
            ),
            models.CheckConstraint(
                condition=Q(window_through__gte=F("window_from")), name="a_root_cause_window_is_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | (~Q(evidence="") & ~Q(remedy="")),
                name="a_closed_root_cause_has_evidence",
            ),
        ]
        indexes = [models.Index(fields=["client", "-opened_at"], name="root_cause_newest")]
