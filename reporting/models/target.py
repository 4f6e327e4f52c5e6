"""What a contract asks of a KPI, from a date on."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from coding_ops.tenancy.models import TenantModel


class DateRange(Func):
    """``daterange(starts_on, ends_on, '[]')``: both days belong to it; no end is for good."""

    function = "DATERANGE"
    output_field = DateRangeField()


class KpiTarget(TenantModel):
    """Grain: one KPI of one client from one date on.  Where there is none, the definition's own holds."""

    name = models.CharField(max_length=60, help_text="Name of the KPI's definition.")
    low = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="Last day; empty: until replaced.")
    source = models.CharField(max_length=120, help_text="Where it is agreed, e.g. Agreement, exhibit B.")

    class Meta:
        ordering = ["name", "starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="kpi_target_key_with_client"),
            models.CheckConstraint(
                condition=Q(low__isnull=False) | Q(high__isnull=False),
                name="a_target_has_an_edge",
                violation_error_message="Give the lowest or the highest value that is still good, or both.",
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lte=F("high")),
                name="a_target_band_is_not_upside_down",
                violation_error_message="The lowest good value must not exceed the highest.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="a_target_ends_after_it_starts",
                violation_error_message="The last day must not lie before the first.",
            ),
            ExclusionConstraint(
                name="one_target_at_a_time",
                expressions=[
                    ("client", RangeOperators.EQUAL),
                    ("name", RangeOperators.EQUAL),
                    (
                        DateRange("starts_on", "ends_on", RangeBoundary(inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="Another target of this measure holds on some of these days.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} from {self.starts_on}"
