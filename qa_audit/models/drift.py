"""Signals of the control charts, what was decided about each, wider samples, and what happened meanwhile."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history
from encounters.models import WorkPause

ABOUT_ONE = Q(coder__isnull=False, specialty__isnull=True) | Q(coder__isnull=True, specialty__isnull=False)


class _About(TenantModel):
    """Of a coder at the client, or of a specialty there: one of the two."""

    coder = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    specialty = models.ForeignKey(
        "accounts.Specialty", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


class SignalKind(models.TextChoices):
    """Which rule of which chart spoke."""

    ABOVE = "above", "Above the upper limit"
    RUN = "run", "Eight weeks in a row above the centre"
    CUSUM = "cusum", "Sum of excess errors at its limit"


class DriftSignal(_About):
    """A week in which an error rate moved up.  Append-only; stored once, with what it was seen in.

    ``week`` is the Monday; ``evidence`` holds the chart as it stood then: centre, limits, and each week's
    charts and charts with an error.
    """

    kind = models.CharField(max_length=8, choices=SignalKind)
    week = models.DateField()
    evidence = models.JSONField()
    found_at = models.DateTimeField()

    class Meta:
        ordering = ["-week", "-found_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="drift_signal_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "coder", "specialty", "kind", "week"],
                nulls_distinct=False,
                name="a_drift_signal_is_stored_once",
            ),
            models.CheckConstraint(condition=ABOUT_ONE, name="a_drift_signal_is_about_one"),
        ]
        indexes = [
            models.Index(fields=["client", "-week", "-id"], name="drift_signal_newest"),
            models.Index(fields=["client", "coder", "-week"], name="drift_signal_by_coder"),
            models.Index(fields=["client", "specialty", "-week"], name="drift_signal_by_specialty"),
        ]


@keep_history()
class SampleWidening(_About):
    """Draws take so many times as many of these charts, from a day through a day."""

    factor = models.DecimalField(max_digits=6, decimal_places=2)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="Last day, by the end of the period that is drawn.")
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="Ended by a person before its last day.")
    ended_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="sample_widening_key_with_client"),
            models.CheckConstraint(condition=ABOUT_ONE, name="a_widening_is_about_one"),
            models.CheckConstraint(
                condition=Q(factor__gt=1, factor__lte=100), name="a_widening_multiplies_by_1_to_100"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="a_widening_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | ~Q(end_reason=""), name="an_ended_widening_says_why"
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "ends_on"], condition=Q(ended_at__isnull=True), name="widening_standing"
            ),
        ]


class DecisionKind(models.TextChoices):
    WIDEN = "widen", "Widen the sample"
    PAUSE = "pause", "Pause the coder"
    DISMISS = "dismiss", "Leave as it is"


class SignalDecision(TenantModel):
    """What a manager decided about a signal.  Append-only: one for each."""

    signal = TenantForeignKey(DriftSignal, models.PROTECT, related_name="decisions", db_index=False)
    kind = models.CharField(max_length=8, choices=DecisionKind)
    reason = models.CharField(max_length=300)
    widening = TenantForeignKey(
        SampleWidening, models.PROTECT, null=True, related_name="decisions", db_index=False
    )
    pause = TenantForeignKey(WorkPause, models.PROTECT, null=True, related_name="+", db_index=False)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["-decided_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "signal"], name="a_signal_is_decided_once"),
            models.CheckConstraint(
                condition=Q(kind="widen", widening__isnull=False, pause__isnull=True)
                | Q(kind="pause", widening__isnull=True, pause__isnull=False)
                | Q(kind="dismiss", widening__isnull=True, pause__isnull=True),
                name="a_decision_names_what_it_made",
            ),
        ]


class NoteKind(models.TextChoices):
    CODE_SET = "code_set", "Code set release"
    STAFFING = "staffing", "Staffing"
    PROCESS = "process", "Way of working"
    REVIEWING = "reviewing", "Way of reviewing"
    OTHER = "other", "Other"


@keep_history()
class DriftNote(TenantModel):
    """Something that happened on a day and may explain what a chart shows after it.

    With ``starts_baseline`` the charts compare with what came since, not with what was before.
    """

    kind = models.CharField(max_length=10, choices=NoteKind)
    happened_on = models.DateField()
    words = models.CharField(max_length=120, help_text="No patient data.")
    starts_baseline = models.BooleanField(default=False)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["happened_on", "made_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="drift_note_key_with_client"),
            models.CheckConstraint(condition=~Q(words=""), name="a_drift_note_says_something"),
        ]
        indexes = [models.Index(fields=["client", "happened_on"], name="drift_note_by_day")]
