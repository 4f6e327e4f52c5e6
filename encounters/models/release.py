"""What keeps final codes from going out: one hold for each party that wants to see them first."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history
from encounters.models.encounter import Encounter


class HoldStage(models.TextChoices):
    """What the hold waits for."""

    DECISION = "decision", "Waiting to be chosen or let go"
    REVIEW = "review", "Chosen: waiting for its review"
    CORRECTION = "correct", "Reviewed: waiting for its correction"


class LiftReason(models.TextChoices):
    """Why a hold ended."""

    NOT_CHOSEN = "not_chosen", "Not chosen for review"
    REVIEWED = "reviewed", "Review done"
    CANCELLED = "cancelled", "Review cancelled"
    ENDED = "ended", "The plan that held it ended"
    REOPENED = "reopened", "Codes opened again"
    CORRECTED = "corrected", "Correction final"
    AS_IT_IS = "as_it_is", "Released as it is"


NEVER_OUT = (LiftReason.REOPENED.value, LiftReason.CORRECTED.value)
"""Such a hold ended because the version was replaced: that version itself goes to nobody outside."""


@keep_history()
class ReleaseHold(TenantModel):
    """Grain: one finished version of one encounter's codes, held by one holder.

    ``holder_id`` is the holder's own id (a sampling plan), which this app knows nothing more of.
    """

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="release_holds", db_index=False)
    revision_number = models.PositiveSmallIntegerField()
    holder_id = models.UUIDField()
    words = models.CharField(max_length=160, help_text="Who holds it and what for; no patient data.")
    stage = models.CharField(max_length=8, choices=HoldStage, default=HoldStage.DECISION)
    held_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lift_reason = models.CharField(max_length=12, choices=LiftReason, blank=True)

    class Meta:
        ordering = ["held_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="release_hold_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "encounter", "revision_number", "holder_id"],
                name="one_release_hold_per_version_and_holder",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lift_reason="")
                | Q(lifted_at__isnull=False) & ~Q(lift_reason=""),
                name="a_lifted_release_hold_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "encounter"],
                condition=Q(lifted_at__isnull=True),
                name="release_hold_of_chart",
            ),
            models.Index(
                fields=["client", "held_at", "id"],
                condition=Q(lifted_at__isnull=True),
                name="release_hold_oldest",
            ),
        ]
