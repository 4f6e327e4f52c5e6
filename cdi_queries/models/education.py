"""What is counted of documentation by provider, and the letters that were written about it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coding_ops.tenancy.fields import EncryptedBytesField, EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel
from encounters.models import Encounter, Provider


class DocumentedChart(TenantModel):
    """Grain: one final chart with at least one ICD-10-CM diagnosis, as its newest released version has it.

    Counted by the clock from what is final (`actions/documentation.py`) and counted anew when a newer version
    is; nothing is kept here that does not lie in the version itself.
    """

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="+", db_index=False)
    provider = TenantForeignKey(Provider, models.PROTECT, related_name="+", db_index=False)
    specialty = models.ForeignKey(
        "accounts.Specialty", models.PROTECT, null=True, related_name="+", db_index=False
    )
    service_on = models.DateField()
    revision_number = models.PositiveSmallIntegerField()
    diagnosis_count = models.PositiveSmallIntegerField()
    is_open = models.BooleanField(help_text="A diagnosis leaves something unspecified that counts.")
    open_codes = models.JSONField(default=list, help_text="Those diagnoses: [code without dot, title].")
    edition = models.CharField(max_length=12, help_text="Of the terms it was counted by.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "encounter"], name="a_chart_is_counted_once"),
        ]
        indexes = [
            # Sums of one period over all providers, and of one provider over any days, from the index alone.
            models.Index(
                fields=["client", "service_on"],
                include=["provider", "specialty", "is_open"],
                name="documented_in_period",
            ),
            models.Index(
                fields=["client", "provider", "-service_on", "-id"],
                include=["is_open"],
                name="documented_by_provider",
            ),
        ]


class EducationLetter(TenantModel):
    """A letter to one provider about one month's period, to the word.  Append-only.

    ``content`` is the JSON of ``rules.letter.Letter``; it names no patient and no peer.  The counts beside it
    are what its rates were made of.
    """

    provider = TenantForeignKey(Provider, models.PROTECT, related_name="+", db_index=False)
    specialty = models.ForeignKey(
        "accounts.Specialty", models.PROTECT, null=True, related_name="+", db_index=False
    )
    month = models.DateField(help_text="First day of the month it is the letter of.")
    period_from = models.DateField()
    period_through = models.DateField()
    edition = models.CharField(max_length=12)
    chart_count = models.PositiveIntegerField()
    open_count = models.PositiveIntegerField()
    peer_count = models.PositiveSmallIntegerField(help_text="Other providers of the specialty.")
    peer_chart_count = models.PositiveIntegerField()
    peer_open_count = models.PositiveIntegerField()
    content = EncryptedTextField()
    content_sha256 = models.BinaryField(max_length=32)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="education_letter_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "provider", "month"], name="one_letter_per_provider_and_month"
            ),
            models.CheckConstraint(
                condition=Q(open_count__lte=models.F("chart_count"))
                & Q(peer_open_count__lte=models.F("peer_chart_count")),
                name="open_charts_are_some_of_the_charts",
            ),
        ]
        indexes = [models.Index(fields=["client", "-month", "-id"], name="education_letter_by_month")]


class LetterPaper(TenantModel):
    """The letter as PDF, made once from its words.  Append-only; grain: one row a letter."""

    letter = TenantForeignKey(EducationLetter, models.PROTECT, related_name="papers", db_index=False)
    content = EncryptedBytesField()
    sha256 = models.BinaryField(max_length=32)
    byte_count = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "letter"], name="one_paper_per_letter"),
        ]


class LetterStepKind(models.TextChoices):
    TOLD = "told", "Told by mail"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"


class LetterStep(TenantModel):
    """What happened to a letter, each kind once.  Append-only."""

    letter = TenantForeignKey(EducationLetter, models.PROTECT, related_name="steps", db_index=False)
    kind = models.CharField(max_length=12, choices=LetterStepKind)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=120)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "letter", "kind"], name="each_letter_step_once"),
        ]
