"""What a coder said to an edit that a claim fails: the reason, and the words of the note behind it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from coding_ops.tenancy.models import TenantForeignKey, keep_history
from encounters.models.cited import CitedWords
from encounters.models.encounter import Encounter


class OverrideReason(models.TextChoices):
    """Why a finding may stand.  Closed; ``encounters/data/edit_policy.toml`` says which fits which rule."""

    UNRELATED_CONDITIONS = "unrelated_conditions", "The two conditions are unrelated (guideline I.A.12.a)"
    DIFFERENT_SITES = "different_sites", "The codes name different sites"
    RECORD_CONFIRMED = "record_confirmed", "Checked against the record: it is right as it stands"
    PAYER_DIFFERS = "payer_differs", "The payer does not follow this edit"
    UNITS_DOCUMENTED = "units_documented", "The note documents these units"
    PRIMARY_ELSEWHERE = "primary_elsewhere", "The primary procedure is on another claim"
    CLIENT_CONFIRMED = "client_confirmed", "The client has confirmed this exception in writing"
    SEPARATE_ENCOUNTER = "separate_encounter", "Separate encounter the same day (XE)"
    SEPARATE_STRUCTURE = "separate_structure", "Separate organ or structure (XS)"
    SEPARATE_PRACTITIONER = "separate_practitioner", "Separate practitioner (XP)"
    UNUSUAL_SERVICE = "unusual_service", "Unusual service that does not overlap (XU)"


@keep_history()
class EditOverride(CitedWords):
    """Grain: one finding of one encounter that a coder let stand.

    A row is never deleted, and nothing but its mark of withdrawal and the place of its words changes: its
    history names who did it.  ``finding_key`` is that of ``encounters.rules.edit_findings``.  The words
    move with new versions of their document, or are marked as lost.
    """

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="edit_overrides", db_index=False)
    finding_key = models.CharField(max_length=24)
    rule = models.CharField(max_length=40)
    codes = ArrayField(models.CharField(max_length=8), default=list)
    reason = models.CharField(max_length=24, choices=OverrideReason)
    note = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "encounter", "finding_key"],
                condition=Q(withdrawn_at__isnull=True),
                name="a_finding_is_overridden_once",
            ),
            models.CheckConstraint(
                condition=Q(document_version__isnull=True, start__isnull=True, end__isnull=True)
                | Q(document_version__isnull=False, end__gt=F("start")),
                name="an_overrides_words_are_whole",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="a_withdrawal_names_its_author",
            ),
        ]
        indexes = [models.Index(fields=["client", "encounter"], name="edit_override_by_encounter")]
