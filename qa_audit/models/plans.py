"""What is sampled, and every sample that was drawn: a plan's versions and its draws never change."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from coding_ops.tenancy.models import TenantForeignKey, TenantModel


class SamplingPlan(TenantModel):
    """Grain: one plan of one client's engagement.  Its terms lie in versions."""

    name = models.CharField(max_length=80)
    is_client_run = models.BooleanField(
        default=False, help_text="Drawn and reviewed by the client's own people; counts beside ours."
    )
    is_active = models.BooleanField(default=True)
    active_since = models.DateTimeField(
        help_text="Made, or switched on again: no older period is drawn by itself."
    )
    version_count = models.PositiveSmallIntegerField(default=0)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="sampling_plan_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "name"],
                name="one_plan_of_a_name_per_client",
                violation_error_message="This client has a plan of this name already.",
            ),
        ]


class PlanVersion(TenantModel):
    """Terms of a plan from one moment on.  Append-only; a draw names the version it was made under."""

    plan = TenantForeignKey(SamplingPlan, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveSmallIntegerField()
    terms = models.JSONField(help_text="`qa_audit.rules.plan_terms.PlanTerms.as_json`")
    sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="plan_version_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "plan", "number"], name="one_version_of_a_number_per_plan"
            ),
        ]


class Draw(TenantModel):
    """One sample, as it can be drawn again: seed, frame, and the digests of frame and plan.  Append-only.

    ``frame`` is the whole list the sample was drawn from: gzipped lines ``encounter id TAB stratum``, in
    the order of the digest.
    """

    version = TenantForeignKey(PlanVersion, models.PROTECT, related_name="draws", db_index=False)
    period_from = models.DateField()
    period_through = models.DateField()
    seed = models.BigIntegerField()
    frame = models.BinaryField()
    frame_sha256 = models.CharField(max_length=64)
    plan_sha256 = models.CharField(max_length=64)
    frame_count = models.PositiveIntegerField()
    sample_count = models.PositiveIntegerField()
    strata = models.JSONField(help_text="Stratum to {frame, sample, certainty}.")
    widened = models.JSONField(
        default=dict, help_text="Stratum to the factor it was drawn more often by; a text."
    )
    excluded = models.JSONField(
        default=dict, help_text="Why charts of the period are not in the frame, to how many."
    )
    drawn_by = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Empty: schedule.",
    )
    drawn_at = models.DateTimeField()

    class Meta:
        ordering = ["-drawn_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="draw_key_with_client"),
            # The schedule may run twice; a second draw of a period must be asked for with another seed.
            models.UniqueConstraint(
                fields=["client", "version", "period_from", "period_through", "seed"],
                name="one_draw_of_a_seed_per_period",
            ),
            models.CheckConstraint(
                condition=Q(period_through__gte=F("period_from")), name="a_draw_period_is_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(sample_count__lte=F("frame_count")), name="a_sample_is_part_of_its_frame"
            ),
        ]
        indexes = [models.Index(fields=["client", "-drawn_at"], name="draw_newest")]
