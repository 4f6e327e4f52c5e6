"""A loaded release of a table of edits: public reference data, the same for every client, never changed."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from coding_ops.core.ids import uuid7


class EditTableRelease(models.Model):
    """Grain: one release of one table, as one official file gave it; `data` is the table as it is mapped.

    The table is kept here too, so that every machine can write its file from the database.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    system = models.CharField(max_length=24, help_text="NCCI-PTP-PRACTITIONER, NCCI-ADDON, HCPCS, …")
    release = models.CharField(max_length=20, help_text="The publisher's name: 2026q3.")
    title = models.CharField(max_length=120)
    published_from = models.DateField(help_text="First day, as published.")
    published_through = models.DateField(null=True, help_text="Last day, as published.")
    backfill_from = models.DateField(null=True, help_text="It also answers from this earlier day.")
    effective_from = models.DateField(help_text="First day it answers for here.")
    effective_to = models.DateField(null=True, help_text="Last day; empty: until a newer one is loaded.")
    source = models.CharField(max_length=255, help_text="Name of the official file.")
    sha256 = models.CharField(max_length=64)
    row_count = models.PositiveIntegerField()
    data = models.BinaryField()
    note = models.TextField(blank=True)
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["system", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["system", "release"], name="one_edit_table_of_a_name"),
            models.UniqueConstraint(fields=["system", "sha256"], name="one_edit_table_of_a_file"),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="edit_table_ends_after_it_begins",
            ),
            ExclusionConstraint(
                name="one_edit_table_in_force",
                deferrable=models.Deferrable.DEFERRED,
                expressions=[
                    ("system", RangeOperators.EQUAL),
                    (
                        Func(
                            "effective_from",
                            "effective_to",
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.release}"
