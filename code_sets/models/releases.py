"""A release of a code system and its codes: public reference data, the same for every client.

A release never changes once it is loaded. What may move is the end of the period it answers for, when a
later release is loaded behind it (`rules.periods`).
"""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from code_sets.rules.entries import EntryKind
from coding_ops.core.ids import uuid7


class CodeSystem(models.TextChoices):
    """Systems a claim can carry codes of."""

    ICD_10_CM = "ICD-10-CM", "ICD-10-CM diagnoses"
    ICD_10_PCS = "ICD-10-PCS", "ICD-10-PCS inpatient procedures"
    CPT = "CPT", "CPT procedures"
    HCPCS = "HCPCS", "HCPCS Level II"
    REVENUE = "REVENUE", "Revenue codes"


class CodeSetRelease(models.Model):
    """Grain: one release of one system, as one official file gave it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    system = models.CharField(max_length=12, choices=CodeSystem)
    release = models.CharField(max_length=20, help_text="The publisher's name: 2027, or 2026-04 for April.")
    title = models.CharField(max_length=120)
    published_from = models.DateField(help_text="First day, as published.")
    published_through = models.DateField(null=True, help_text="Last day, as published.")
    backfill_from = models.DateField(
        null=True, help_text="Its codes hold from this earlier day, until the release of that day is loaded."
    )
    effective_from = models.DateField(help_text="First day it answers for here.")
    effective_to = models.DateField(null=True, help_text="Last day; empty: until a newer one is loaded.")
    source = models.CharField(max_length=255, help_text="Name of the official file.")
    sha256 = models.CharField(max_length=64)
    terms_from = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Release whose inclusion terms and headings it borrows, its own file having none.",
    )
    code_count = models.PositiveIntegerField()
    note = models.TextField(blank=True)
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["system", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["system", "release"], name="one_release_of_a_name"),
            models.UniqueConstraint(fields=["system", "sha256"], name="one_release_of_a_file"),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="release_ends_after_it_begins",
            ),
            ExclusionConstraint(
                name="one_release_in_force",
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

    def is_past_published_end(self, on: date) -> bool:
        """True when the release answers for a day after its published period: none newer is loaded."""
        return self.published_through is not None and on > self.published_through

    def last_day_seen_from(self, on: date) -> date | None:
        """The last day of the release for a reader of that day; None past it, or when it names none."""
        last = self.effective_to or self.published_through
        return last if last is not None and last >= on else None


class Code(models.Model):
    """Grain: one entry of a release, chapters, blocks and headings included. `code` has no dot."""

    release = models.ForeignKey(CodeSetRelease, models.PROTECT, related_name="codes", db_index=False)
    code = models.CharField(max_length=12)
    position = models.PositiveIntegerField(help_text="Place in the file, from 1.")
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in EntryKind])
    title = models.TextField()
    is_billable = models.BooleanField()
    parent_code = models.CharField(max_length=12, blank=True)
    notes = models.JSONField(default=list, help_text="Instructional notes in order: [kind, text].")
    valid_from = models.DateField(null=True, help_text="First day of the code itself, where it has one.")
    valid_to = models.DateField(null=True, help_text="Last day of the code, where it was ended.")

    class Meta:
        ordering = ["release", "position"]
        constraints = [models.UniqueConstraint(fields=["release", "code"], name="one_entry_of_a_code")]
        indexes = [models.Index(fields=["release", "parent_code"], name="code_children")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
