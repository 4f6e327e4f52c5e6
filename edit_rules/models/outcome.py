"""What became of a finding: the counts by which a rule is kept, changed or given up."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from coding_ops.tenancy.models import TenantForeignKey, TenantModel
from edit_rules.models.rule import EditRuleVersion, LevelChoice


class Outcome(models.TextChoices):
    """``denied`` is added months later, when the payer refuses what the finding was about."""

    FIRED = "fired", "Stood when the chart was finalized"
    ACCEPTED = "accepted", "The codes were changed"
    OVERRIDDEN = "overridden", "Overridden with a reason"
    LIFTED = "lifted", "Lifted by a modifier"
    DENIED = "denied", "Denied later by the payer"


class EditOutcome(TenantModel):
    """Append-only.  Grain: one finding of one finished version of an encounter's codes; or, when the outcome
    is ``denied``, one denial that came back for such a finding (``denial_id``: of the claims app)."""

    encounter = TenantForeignKey("encounters.Encounter", models.PROTECT, related_name="+", db_index=False)
    revision_number = models.PositiveSmallIntegerField()
    rule = models.CharField(max_length=40, help_text="ncci.ptp, or client.12")
    rule_version = TenantForeignKey(
        EditRuleVersion, models.PROTECT, null=True, related_name="+", db_index=False
    )
    level = models.CharField(max_length=8, choices=LevelChoice)
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason = models.CharField(max_length=40, blank=True)
    codes = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    service_lines = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    denial_id = models.UUIDField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="the_outcome_of_an_edit_is_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome="denied", denial_id__isnull=False)
                | (~Q(outcome="denied") & Q(denial_id__isnull=True)),
                name="a_denied_edit_names_its_denial",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="overridden") | ~Q(reason=""), name="an_overridden_edit_has_a_reason"
            ),
        ]
        indexes = [
            # Counts of the last ninety days, one rule or all of a client.
            models.Index(fields=["client", "recorded_at"], name="edit_outcome_by_time"),
            models.Index(fields=["client", "encounter"], name="edit_outcome_by_encounter"),
        ]
