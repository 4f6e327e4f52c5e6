"""The programme's figures, kept as sums: each audited chart's contribution, and what they add up to.

Derived from `Review` and `ReviewScore` in the transaction that keeps a score; `rebuild_quality_facts` counts
them afresh and says whether they are the same.  A page over years of audits reads a few rows a month.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from coding_ops.tenancy.models import TenantForeignKey, TenantModel
from encounters.models import Encounter
from qa_audit.models.reviews import Review, ReviewOrigin
from qa_audit.rules.plan_terms import Mode


class _Audited(TenantModel):
    """Whose charts, and which kind of audit: what every figure is cut by."""

    month = models.DateField(help_text="First day of the month of closing, or of delivery while provisional.")
    coder = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    specialty_code = models.CharField(max_length=16, blank=True)
    origin = models.CharField(max_length=12, choices=ReviewOrigin)
    is_client_run = models.BooleanField()
    is_provisional = models.BooleanField()

    class Meta:
        abstract = True


class AuditedChart(_Audited):
    """One delivered review as it counts now.  Grain: one review; gold and calibration have none."""

    review = TenantForeignKey(Review, models.PROTECT, related_name="+", db_index=False)
    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="+", db_index=False)
    mode = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Mode])
    definition = models.CharField(max_length=20)
    audited_on = models.DateField(help_text="Day of closing, or of delivery while provisional.")
    final_month = models.DateField()
    weight = models.DecimalField(max_digits=14, decimal_places=6)
    is_first = models.BooleanField(help_text="The chart's first audit of ours, or of the client's.")
    parts = models.JSONField(help_text="Score to [numerator, denominator].")
    findings = models.JSONField(help_text="[verdict, cause, direction, lines] of what stands.")
    verdicts = models.JSONField(help_text="Verdicts and causes that stand, for finding the chart by them.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "review"], name="a_review_is_counted_once"),
            models.UniqueConstraint(
                fields=["client", "encounter", "is_client_run"],
                condition=Q(is_first=True),
                name="a_chart_is_covered_once",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "month", "-audited_on", "-id"], name="audited_by_month"),
            models.Index(fields=["client", "coder", "-audited_on", "-id"], name="audited_by_coder"),
            GinIndex(fields=["verdicts"], opclasses=["jsonb_path_ops"], name="audited_by_verdict"),
        ]


class AccuracyFact(_Audited):
    """Sums of one score over audited charts that are alike; see `qa_audit.rules.accuracy.Moments`."""

    score = models.CharField(max_length=20)
    mode = models.CharField(max_length=8)
    definition = models.CharField(max_length=20)
    charts = models.IntegerField()
    weight = models.DecimalField(max_digits=24, decimal_places=6)
    numerator = models.DecimalField(max_digits=24, decimal_places=3)
    denominator = models.BigIntegerField()
    wn = models.DecimalField(max_digits=30, decimal_places=9)
    wd = models.DecimalField(max_digits=30, decimal_places=6)
    wwnn = models.DecimalField(max_digits=48, decimal_places=18)
    wwnd = models.DecimalField(max_digits=48, decimal_places=15)
    wwdd = models.DecimalField(max_digits=48, decimal_places=12)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "client",
                    "score",
                    "month",
                    "coder",
                    "specialty_code",
                    "origin",
                    "mode",
                    "is_client_run",
                    "is_provisional",
                    "definition",
                ],
                name="one_accuracy_fact_per_cell",
            ),
        ]
        indexes = [
            # The overview is answered from this index alone, however many audits stand behind it.
            models.Index(
                fields=["client", "score", "month"],
                include=[
                    "coder",
                    "specialty_code",
                    "origin",
                    "mode",
                    "is_client_run",
                    "is_provisional",
                    "definition",
                    "charts",
                    "weight",
                    "numerator",
                    "denominator",
                    "wn",
                    "wd",
                    "wwnn",
                    "wwnd",
                    "wwdd",
                ],
                name="accuracy_fact_read",
            ),
        ]


class FindingFact(_Audited):
    """Lines of one verdict, cause and direction that stand in audited charts that are alike."""

    verdict = models.CharField(max_length=2)
    cause = models.CharField(max_length=20, blank=True)
    direction = models.CharField(max_length=8, blank=True)
    lines = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "client",
                    "month",
                    "coder",
                    "specialty_code",
                    "origin",
                    "is_client_run",
                    "is_provisional",
                    "verdict",
                    "cause",
                    "direction",
                ],
                include=["lines"],
                name="one_finding_fact_per_cell",
            ),
        ]


class CoverageFact(TenantModel):
    """Charts of a coder and specialty that became final in a month and were audited, each once."""

    final_month = models.DateField()
    coder = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    specialty_code = models.CharField(max_length=16, blank=True)
    is_client_run = models.BooleanField()
    audited = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "final_month", "coder", "specialty_code", "is_client_run"],
                include=["audited"],
                name="one_coverage_fact_per_cell",
            ),
        ]
