"""The group of a stay as it was expected while it was coded, and why the final one differs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coding_ops.tenancy.models import TenantForeignKey, TenantModel
from encounters.models.encounter import Encounter


class DrgParty(models.TextChoices):
    """Who expects a group."""

    CDI = "cdi", "CDI specialist"
    CODER = "coder", "Coder"


class DrgReason(models.TextChoices):
    """Why the final group is not the one that was expected.  Closed; ``other`` needs its sentence."""

    DOCUMENT_CAME = "document_came", "A document came after it was recorded"
    QUERY_ANSWERED = "query_answered", "A query was answered"
    PRINCIPAL_CHOSEN = "principal_chosen", "Another principal diagnosis was chosen"
    NOT_SUPPORTED = "not_supported", "A diagnosis or procedure is not supported by the record"
    CODE_ADDED = "code_added", "A diagnosis or procedure had been missed"
    EXPECTED_WRONGLY = "expected_wrongly", "The working group was wrong"
    OTHER = "other", "Another reason"


class WorkingDrg(TenantModel):
    """Grain: one group recorded for a stay before its codes are final.  Append-only; the newest counts.

    ``codes``: the codes it was recorded on, in claim order: ``{"system", "code", "poa"}``.  ``title`` is
    empty for a number that was typed and is not the group of these codes.
    """

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="working_drgs", db_index=False)
    party = models.CharField(max_length=5, choices=DrgParty)
    grouper_version = models.CharField(max_length=8)
    drg = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=255, blank=True)
    discharge_status_code = models.CharField(max_length=2, blank=True)
    codes = models.JSONField()
    reason = models.CharField(max_length=500, blank=True, help_text="Why it changed, or what it rests on.")
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="working_drg_key_with_client"),
            models.CheckConstraint(condition=Q(drg__gte=1, drg__lte=999), name="a_drg_is_1_to_999"),
        ]
        indexes = [models.Index(fields=["client", "encounter"], name="working_drg_by_encounter")]


class DrgDifference(TenantModel):
    """Why the final group of a version differs from a working one.  Append-only; the newest reason counts."""

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="drg_differences", db_index=False)
    revision_number = models.PositiveSmallIntegerField()
    working = TenantForeignKey(WorkingDrg, models.PROTECT, related_name="+", db_index=False)
    final_drg = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=20, choices=DrgReason)
    note = models.CharField(max_length=500, blank=True)
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="other") | ~Q(note=""), name="another_reason_is_explained"
            ),
        ]
        indexes = [models.Index(fields=["client", "encounter"], name="drg_difference_by_encounter")]
