"""Charts that measure who reads them: calibration rounds, gold keys, and what is done about a low score.

Nothing here hangs on the chart or its place in the worklist, so that a gold chart is coded, taken, listed and
recorded exactly as any other.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history
from encounters.models import CodeRevision, Encounter
from encounters.models.pauses import WorkPause
from qa_audit.models.reviews import Review


class RoundState(models.TextChoices):
    OPEN = "open", "Being read"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"


@keep_history()
class CalibrationRound(TenantModel):
    """Grain: one calibration: the same charts, given blind to several readers.

    ``least_f1`` and ``most_readers`` are the thresholds it began with.
    """

    name = models.CharField(max_length=80)
    state = models.CharField(max_length=9, choices=RoundState, default=RoundState.OPEN)
    readers_each = models.PositiveSmallIntegerField(help_text="Readers of each chart at the start.")
    least_f1 = models.DecimalField(max_digits=4, decimal_places=3)
    most_readers = models.PositiveSmallIntegerField()
    opened_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closing_words = models.CharField(max_length=500, blank=True, help_text="No patient data.")

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="calibration_round_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "name"],
                name="one_calibration_of_a_name_per_client",
                violation_error_message="This client has a calibration of this name already.",
            ),
            models.CheckConstraint(condition=Q(readers_each__gte=2), name="a_calibration_has_two_readers"),
            models.CheckConstraint(
                condition=Q(state="open") | Q(closed_at__isnull=False, closing_words__gt=""),
                name="an_ended_calibration_has_a_time_and_words",
            ),
        ]
        indexes = [models.Index(fields=["client", "state", "-opened_at"], name="calibration_by_state")]


@keep_history()
class CalibrationChart(TenantModel):
    """One chart of a round.  ``consensus`` is the set agreed on, in the form of a review's lines."""

    round = TenantForeignKey(CalibrationRound, models.PROTECT, related_name="charts", db_index=False)
    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="+", db_index=False)
    revision = TenantForeignKey(CodeRevision, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField()
    consensus = models.JSONField(null=True)
    consensus_words = models.CharField(max_length=500, blank=True, help_text="No patient data.")
    consensus_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    consensus_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="calibration_chart_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "round", "encounter"], name="a_chart_is_once_in_a_calibration"
            ),
            models.UniqueConstraint(
                fields=["client", "round", "number"], name="one_chart_of_a_number_per_calibration"
            ),
            models.CheckConstraint(
                condition=Q(consensus__isnull=True)
                | (Q(consensus_by__isnull=False, consensus_at__isnull=False) & ~Q(consensus_words="")),
                name="a_consensus_has_its_author_and_words",
            ),
        ]


class CalibrationReading(TenantModel):
    """One reader of one chart of a round, and the review it is done in.  Append-only."""

    chart = TenantForeignKey(CalibrationChart, models.PROTECT, related_name="readings", db_index=False)
    review = TenantForeignKey(Review, models.PROTECT, related_name="+", db_index=False)
    reader = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    why_added = models.CharField(
        max_length=200, blank=True, help_text="Empty: from the start; else why one more reader was asked."
    )
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["added_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "chart", "reader"], name="a_reader_reads_a_calibration_chart_once"
            ),
            models.UniqueConstraint(fields=["client", "review"], name="a_review_is_one_calibration_reading"),
        ]
        indexes = [models.Index(fields=["client", "reader", "-added_at"], name="reading_by_reader")]


class GoldSource(models.TextChoices):
    KEY = "key", "Coded ahead by a lead"
    SETTLED = "settled", "Settled in a review"


class GoldState(models.TextChoices):
    DRAFT = "draft", "Key being written"
    READY = "ready", "Waiting for the coder"
    CHECKED = "checked", "Compared"
    HANDED = "handed", "For reviewers"
    VOID = "void", "Not used"


@keep_history()
class GoldChart(TenantModel):
    """A chart whose right codes are known.  ``key`` holds them as lines with evidence by version and offsets.

    Of a key coded ahead the coder is measured once, by their first version; a settled set measures reviewers.
    """

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(max_length=8, choices=GoldSource)
    settled_review = TenantForeignKey(Review, models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=GoldState, default=GoldState.DRAFT)
    key = models.JSONField(default=list)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="gold_chart_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "encounter", "source"],
                condition=~Q(state="void"),
                name="one_gold_key_of_a_source_per_chart",
                violation_error_message="This chart has a key already.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "void"]) | Q(ready_at__isnull=False),
                name="a_gold_key_in_use_was_ready",
            ),
            models.CheckConstraint(
                condition=~Q(state="void") | ~Q(void_reason=""), name="a_void_key_says_why"
            ),
            models.CheckConstraint(
                condition=Q(source="key", settled_review__isnull=True)
                | Q(source="settled", settled_review__isnull=False),
                name="a_settled_key_names_its_review",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "state", "-made_at"], name="gold_by_state"),
            # What the sweep asks: keys that wait for their coder.
            models.Index(fields=["client"], condition=Q(state="ready"), name="gold_waiting"),
        ]


class GoldSide(models.TextChoices):
    CODER = "coder", "Coder"
    REVIEWER = "reviewer", "Reviewer"


class CheckState(models.TextChoices):
    WAITING = "waiting", "Being reviewed"
    OPEN = "open", "Differences to decide"
    SETTLED = "settled", "Settled"
    VOID = "void", "Not counted"


@keep_history()
class GoldCheck(TenantModel):
    """One person's codes against a key.  ``lines`` as `qa_audit.rules.gold.compare` makes them.

    A coder's has no review: nothing of it stands anywhere but here.  A reviewer's waits for the blind codes
    of ``review``.
    """

    gold = TenantForeignKey(GoldChart, models.PROTECT, related_name="checks", db_index=False)
    side = models.CharField(max_length=8, choices=GoldSide)
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    review = TenantForeignKey(Review, models.PROTECT, null=True, related_name="+", db_index=False)
    revision = TenantForeignKey(CodeRevision, models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=7, choices=CheckState)
    lines = models.JSONField(default=list)
    numerator = models.PositiveSmallIntegerField(default=0)
    denominator = models.PositiveSmallIntegerField(default=0)
    definition = models.CharField(max_length=20, blank=True)
    made_at = models.DateTimeField()
    compared_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="gold_check_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "gold", "person"], name="a_person_meets_a_gold_chart_once"
            ),
            models.CheckConstraint(
                condition=Q(side="coder", review__isnull=True) | Q(side="reviewer", review__isnull=False),
                name="only_a_reviewers_gold_check_has_a_review",
            ),
            models.CheckConstraint(
                condition=Q(numerator__lte=F("denominator")), name="a_gold_score_is_a_share"
            ),
            models.CheckConstraint(
                condition=~Q(state="settled") | Q(settled_at__isnull=False), name="a_settled_check_has_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["client", "state", "-made_at"], name="gold_check_by_state"),
            models.Index(
                fields=["client", "side", "person", "-settled_at"],
                include=["numerator", "denominator"],
                condition=Q(state="settled"),
                name="gold_score",
            ),
        ]


class GoldPolicy(TenantModel):
    """What a client's gold scores are held to, from one moment on.  Append-only; the newest number holds."""

    number = models.PositiveSmallIntegerField()
    target = models.DecimalField(max_digits=4, decimal_places=3)
    least_lines = models.PositiveSmallIntegerField()
    window_days = models.PositiveSmallIntegerField()
    pauses_itself = models.BooleanField(
        default=False, help_text="Whether a score surely below the target pauses without anybody deciding."
    )
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "number"], name="one_gold_policy_of_a_number"),
            models.CheckConstraint(condition=Q(target__gt=0, target__lte=1), name="a_gold_target_is_a_rate"),
        ]


class SignalDecision(models.TextChoices):
    PAUSE = "pause", "Paused"
    DISMISS = "dismiss", "No pause"


@keep_history()
class GoldSignal(TenantModel):
    """A gold score that fell below the target, the numbers it was found with, and what was decided."""

    side = models.CharField(max_length=8, choices=GoldSide)
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    policy_number = models.PositiveSmallIntegerField(help_text="0: the house's own values.")
    target = models.DecimalField(max_digits=4, decimal_places=3)
    charts = models.PositiveSmallIntegerField()
    numerator = models.PositiveIntegerField()
    denominator = models.PositiveIntegerField()
    is_sure = models.BooleanField(help_text="The whole interval lies below the target.")
    raised_at = models.DateTimeField()
    decision = models.CharField(max_length=7, choices=SignalDecision, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Empty on a decided one: the policy.",
    )
    decided_at = models.DateTimeField(null=True)
    pause = TenantForeignKey(
        WorkPause,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Of a coder's charts.  A reviewer's pause is the signal itself, until it is lifted.",
    )
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    lift_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="gold_signal_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "side", "person"],
                condition=Q(decision=""),
                name="one_open_gold_signal_per_person",
            ),
            models.CheckConstraint(
                condition=Q(decision="") | (Q(decided_at__isnull=False) & ~Q(reason="")),
                name="a_decided_gold_signal_says_why",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True)
                | (Q(decision="pause", side="reviewer") & ~Q(lift_reason="")),
                name="only_a_reviewers_pause_is_lifted_here",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "decision", "-raised_at"], name="gold_signal_by_decision"),
            # Asked whenever a review is taken: the few pauses of reviewers that stand.
            models.Index(
                fields=["client", "person"],
                condition=Q(side="reviewer", decision="pause", lifted_at__isnull=True),
                name="reviewer_pause_standing",
            ),
        ]
