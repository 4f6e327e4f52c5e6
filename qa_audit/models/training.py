"""What a coder learns from their errors: topics of findings, assignments, and the charts looked at again."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history
from qa_audit.models.reviews import AuditLine, Review
from qa_audit.rules.training_states import OPEN, TrainingState, allowed_pairs

OPEN_STATES = sorted(state.value for state in OPEN)


@keep_history()
class FindingTopic(TenantModel):
    """Grain: one finding charged to a coder, from its delivery on.

    It counts from ``settled_at``, when nothing more was awaited on the finding, until ``fallen_at``, when it
    was withdrawn or overturned.  ``given_by`` empty: the map of that edition gave it.
    """

    line = TenantForeignKey(AuditLine, models.PROTECT, related_name="+", db_index=False)
    coder = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    topic = models.CharField(max_length=40, help_text="Key of `qa_audit/data/topics.toml`.")
    edition = models.CharField(max_length=20)
    given_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    given_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    fallen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "line"], name="one_topic_per_finding"),
        ]
        indexes = [
            models.Index(
                fields=["client", "topic", "-settled_at", "coder"],
                condition=Q(settled_at__isnull=False, fallen_at__isnull=True),
                name="finding_topic_counts",
            ),
        ]


@keep_history()
class TrainingAssignment(TenantModel):
    """Grain: one topic that one coder works on, until a re-audit finds no error of it."""

    coder = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    topic = models.CharField(max_length=40)
    reason = models.CharField(max_length=300, help_text="Why it is assigned.  No patient data.")
    material = models.CharField(max_length=500, help_text="What to read or watch, or its address.")
    reaudit_count = models.PositiveSmallIntegerField(help_text="Charts of each re-audit.")
    state = models.CharField(
        max_length=10,
        choices=[(one.value, one.value) for one in TrainingState],
        default=TrainingState.ASSIGNED.value,
    )
    round_count = models.PositiveSmallIntegerField(default=1)
    due_on = models.DateField(help_text="Of the newest round.")
    assigned_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    assigned_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="training_assignment_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "coder", "topic"],
                condition=Q(state__in=OPEN_STATES),
                name="one_open_training_per_coder_and_topic",
                violation_error_message="This coder works on this topic already.",
            ),
            models.CheckConstraint(
                condition=~Q(state="ended") | ~Q(end_reason=""), name="an_ended_training_says_why"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, state__in=OPEN_STATES)
                | Q(closed_at__isnull=False, state__in=["closed", "ended"]),
                name="a_closed_training_has_a_time",
            ),
            models.CheckConstraint(condition=Q(reaudit_count__gte=1), name="a_reaudit_has_a_chart"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="training_takes_known_steps",
                field="state",
                transitions=[(before.value, after.value) for before, after in allowed_pairs()],
            )
        ]
        indexes = [
            models.Index(fields=["client", "state", "due_on", "id"], name="training_by_state"),
            models.Index(fields=["client", "coder", "state", "due_on"], name="training_by_coder"),
            models.Index(fields=["client", "topic", "state"], name="training_by_topic"),
        ]


class TrainingFinding(TenantModel):
    """A finding that an assignment is about; of a later round, what its re-audit found.  Append-only."""

    assignment = TenantForeignKey(TrainingAssignment, models.PROTECT, related_name="findings", db_index=False)
    line = TenantForeignKey(AuditLine, models.PROTECT, related_name="+", db_index=False)
    round_number = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["round_number", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "assignment", "line"], name="a_finding_is_once_in_a_training"
            ),
        ]


class RoundResult(models.TextChoices):
    """What the re-audit of a round found."""

    CLEAN = "clean", "Clean"
    AGAIN = "again", "Found again"


@keep_history()
class TrainingRound(TenantModel):
    """Grain: one time through the training, with the re-audit after it.

    ``chart_count`` and ``again_count`` are the charts looked at again, and those of them with an error of
    the topic; ``could_show_count`` those on which the error could have been made at all.
    """

    assignment = TenantForeignKey(TrainingAssignment, models.PROTECT, related_name="rounds", db_index=False)
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    completed_at = models.DateTimeField(null=True)
    completion_note = models.CharField(max_length=300, blank=True, help_text="The coder's words.")
    asked_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=8, choices=RoundResult, blank=True)
    chart_count = models.PositiveSmallIntegerField(default=0)
    again_count = models.PositiveSmallIntegerField(default=0)
    could_show_count = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="training_round_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "assignment", "number"], name="one_training_round_of_a_number"
            ),
            models.CheckConstraint(
                condition=Q(asked_at__isnull=True) | Q(completed_at__isnull=False),
                name="a_reaudit_follows_its_training",
            ),
            models.CheckConstraint(
                condition=Q(result="", decided_at__isnull=True)
                | (~Q(result="") & Q(decided_at__isnull=False, asked_at__isnull=False)),
                name="a_decided_round_was_reaudited",
            ),
            models.CheckConstraint(
                condition=Q(again_count__lte=F("chart_count")), name="charts_found_again_were_reviewed"
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "decided_at"], condition=~Q(result=""), name="training_round_decided"
            ),
        ]


class ReauditDraw(TenantModel):
    """The charts of a re-audit as they can be drawn again; a cancelled review draws one more.  Append-only.

    ``frame`` as of ``Draw``: the coder's charts that were final after the training, each in stratum ``shows``
    (the error can be made on it) or ``other``; those of ``shows`` are taken first.
    """

    round = TenantForeignKey(TrainingRound, models.PROTECT, related_name="draws", db_index=False)
    number = models.PositiveSmallIntegerField()
    seed = models.BigIntegerField()
    frame = models.BinaryField()
    frame_sha256 = models.CharField(max_length=64)
    frame_count = models.PositiveIntegerField()
    sample_count = models.PositiveSmallIntegerField()
    drawn_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="reaudit_draw_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "round", "number"], name="one_reaudit_draw_of_a_number"
            ),
            models.CheckConstraint(
                condition=Q(sample_count__lte=F("frame_count"), sample_count__gte=1),
                name="a_reaudit_is_part_of_its_frame",
            ),
        ]


class ReauditReview(TenantModel):
    """A review that looks whether a training helped.  Append-only."""

    draw = TenantForeignKey(ReauditDraw, models.PROTECT, related_name="reviews", db_index=False)
    review = TenantForeignKey(Review, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "review"], name="a_review_is_of_one_reaudit"),
        ]
        indexes = [models.Index(fields=["client", "draw"], name="reaudit_review_by_draw")]
