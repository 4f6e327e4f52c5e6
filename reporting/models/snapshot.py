"""A KPI as it was computed: the value with everything it takes to judge it and to open its rows."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from coding_ops.tenancy.models import TenantModel


class Span(models.TextChoices):
    """How long a window is, and so which series a snapshot belongs to."""

    WEEK = "week", "Calendar week"
    ONE = "7d", "7 days"
    FOUR = "28d", "4 weeks"
    TWELVE = "84d", "12 weeks"


class KpiSnapshot(TenantModel):
    """Grain: one definition and version, window and group of one client.

    The group is ``facility``, ``specialty``, ``coder`` and ``bucket`` (an age, a responsible party, met or
    late); empty text means "all".  A bucket's ``n`` counts its rows, its ``numerator`` their amounts.
    ``as_of`` is the moment of the census, at most ``window_end``: with it the same selector finds the same
    rows again.
    """

    name = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField()
    span = models.CharField(max_length=4, choices=Span)
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    as_of = models.DateTimeField()
    facility = models.CharField(max_length=40, blank=True, default="")
    specialty = models.CharField(max_length=40, blank=True, default="")
    coder = models.CharField(max_length=40, blank=True, default="")
    bucket = models.CharField(max_length=20, blank=True, default="")
    numerator = models.DecimalField(max_digits=20, decimal_places=6)
    denominator = models.DecimalField(max_digits=20, decimal_places=6)
    n = models.PositiveIntegerField()
    value = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    low = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    high = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    why_empty = models.CharField(max_length=120, blank=True, default="")
    excluded = models.JSONField(default=dict, help_text="Reason to count.")
    computed_at = models.DateTimeField()

    GROUP = ("facility", "specialty", "coder", "bucket")
    KEY = ("client", "span", "window_end", "window_start", "name", "version", *GROUP)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="kpi_snapshot_key_with_client"),
            # The order serves the dashboard too, which reads one series of one client, newest first.
            models.UniqueConstraint(
                fields=[
                    "client", "span", "window_end", "window_start", "name", "version",
                    "facility", "specialty", "coder", "bucket",
                ],
                name="one_snapshot_per_definition_window_and_group",
            ),
            models.CheckConstraint(
                condition=Q(window_end__gt=F("window_start"), as_of__lte=F("window_end")),
                name="a_census_lies_in_its_window",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | ~Q(why_empty=""),
                name="a_missing_value_has_a_reason",
            ),
            models.CheckConstraint(condition=Q(span__in=Span.values), name="kpi_span_is_known"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name} v{self.version}, {self.span} to {self.window_end:%Y-%m-%d}"
