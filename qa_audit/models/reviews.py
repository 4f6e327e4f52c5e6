"""A second person's look at a final code set: their codes, the findings, the answers and the scores."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from coding_ops.tenancy.fields import EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history
from encounters.models import CodeRevision, DocumentVersion, Encounter
from qa_audit.models.plans import Draw
from qa_audit.rules.plan_terms import Gate, Mode
from qa_audit.rules.review_states import LineState, LineVerb, ReviewState, allowed_pairs


class ReviewOrigin(models.TextChoices):
    """Why this chart is reviewed."""

    SAMPLE = "sample", "Drawn at random"
    CERTAINTY = "certainty", "Always reviewed"
    FOCUSED = "focused", "Chosen by a person"
    GOLD = "gold", "Gold chart"
    CALIBRATION = "calibration", "Calibration"
    REAUDIT = "reaudit", "After training"
    CLIENT = "client", "The client's own review"


HIDDEN_ORIGINS = (ReviewOrigin.GOLD.value, ReviewOrigin.CALIBRATION.value)
"""Reviews that measure their reader: to everybody but leaders they look like any other, or are not there."""


class Cause(models.TextChoices):
    """Why it is wrong.  Which causes are charged to the coder is data: ``data/verdicts.toml``."""

    GUIDELINE_KNOWLEDGE = "guideline_knowledge", "Guideline knowledge"
    DOCUMENTATION_READ = "documentation_read", "Documentation not read"
    TOOL_EDIT = "tool_edit", "Tool or edit"
    DOCUMENTATION_GAP = "documentation_gap", "Documentation gap"
    POLICY_DIFFERENCE = "policy_difference", "Policy difference"
    AUDITOR_PREFERENCE = "auditor_preference", "Reviewer's preference"


class Severity(models.TextChoices):
    MINOR = "minor", "Minor"
    MAJOR = "major", "Major"
    CRITICAL = "critical", "Critical"


class Direction(models.TextChoices):
    """What the error did to the payment."""

    OVER = "over", "Paid too much"
    UNDER = "under", "Paid too little"
    NEUTRAL = "neutral", "No effect"


class CitationKind(models.TextChoices):
    GUIDELINE = "guideline", "Official guideline"
    CODING_CLINIC = "coding_clinic", "Coding Clinic"
    CPT = "cpt", "CPT"
    NCCI = "ncci", "NCCI policy manual"
    CONTRACT = "contract", "Contract rule"
    OTHER = "other", "Other"


@keep_history()
class Review(TenantModel):
    """Grain: one reviewer's review of one revision of one encounter.

    ``weight`` is the number of charts of the frame this one stands for; empty outside a random sample.
    """

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="+", db_index=False)
    revision = TenantForeignKey(CodeRevision, models.PROTECT, related_name="+", db_index=False)
    draw = TenantForeignKey(Draw, models.PROTECT, null=True, related_name="reviews", db_index=False)
    origin = models.CharField(max_length=12, choices=ReviewOrigin)
    stratum = models.CharField(max_length=160, blank=True)
    weight = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    mode = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Mode])
    gate = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Gate])
    counted_score = models.CharField(max_length=24)
    rebuttal_days = models.PositiveSmallIntegerField()
    coder = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    reviewer = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    assigned_to = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Who alone may take it; empty: whoever takes it first.",
    )
    is_client_run = models.BooleanField(default=False)
    state = models.CharField(
        max_length=10,
        choices=[(one.value, one.value) for one in ReviewState],
        default=ReviewState.WAITING.value,
    )
    created_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    revealed_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    respond_by = models.DateField(null=True, help_text="Last day for the coder's answers.")
    closed_at = models.DateTimeField(null=True)
    blind_codes = models.JSONField(
        null=True, help_text="The reviewer's lines as they were before the coder's were seen."
    )
    cancel_reason = models.CharField(max_length=300, blank=True)
    summary = models.CharField(max_length=500, blank=True, help_text="Reviewer's words; no patient data.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="review_key_with_client"),
            models.UniqueConstraint(fields=["client", "draw", "encounter"], name="a_chart_is_once_in_a_draw"),
            models.CheckConstraint(
                condition=Q(reviewer__isnull=True) | ~Q(reviewer=F("coder")),
                name="nobody_reviews_their_own_chart",
                violation_error_message="Who coded a chart does not review it.",
            ),
            models.CheckConstraint(
                condition=Q(assigned_to__isnull=True) | ~Q(assigned_to=F("coder")),
                name="nobody_is_assigned_their_own_chart",
                violation_error_message="Who coded a chart does not review it.",
            ),
            models.CheckConstraint(
                condition=Q(assigned_to__isnull=True)
                | Q(reviewer__isnull=True)
                | Q(reviewer=F("assigned_to")),
                name="an_assigned_review_is_done_by_that_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "cancelled"]) | Q(reviewer__isnull=False),
                name="a_review_under_way_has_a_reviewer",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_at__isnull=False), name="a_closed_review_has_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancel_reason=""), name="a_cancelled_review_says_why"
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="review_takes_known_steps",
                field="state",
                transitions=[(before.value, after.value) for before, after in allowed_pairs()],
            )
        ]
        indexes = [
            models.Index(
                fields=["client", "created_at", "id"], condition=Q(state="waiting"), name="review_waiting"
            ),
            models.Index(
                fields=["client", "assigned_to", "created_at"],
                condition=Q(state="waiting", assigned_to__isnull=False),
                name="review_assigned",
            ),
            models.Index(fields=["client", "state", "-created_at"], name="review_by_state"),
            models.Index(fields=["client", "coder", "-closed_at"], name="review_by_coder"),
            models.Index(fields=["client", "-closed_at"], name="review_closed"),
            models.Index(fields=["client", "reviewer", "state"], name="review_by_reviewer"),
            models.Index(fields=["client", "encounter"], name="review_by_encounter"),
        ]


@keep_history()
class ReviewCode(TenantModel):
    """One code of the reviewer's own set.  Grain as ``CodeAssignment``: one code on one review."""

    review = TenantForeignKey(Review, models.PROTECT, related_name="codes", db_index=False)
    kind = models.CharField(max_length=2, choices=[("dx", "Diagnosis"), ("px", "Service or procedure")])
    system = models.CharField(max_length=12)
    code = models.CharField(max_length=8, help_text="Without the dot.")
    title = models.CharField(max_length=255, blank=True)
    position = models.PositiveSmallIntegerField()
    modifiers = ArrayField(models.CharField(max_length=2), default=list, size=4)
    service_unit_quantity = models.PositiveIntegerField(default=1)
    present_on_admission = models.CharField(max_length=1, blank=True)

    class Meta:
        ordering = ["kind", "position"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="review_code_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "review", "kind", "position"],
                deferrable=models.Deferrable.DEFERRED,
                name="one_review_code_per_position",
            ),
            models.CheckConstraint(
                condition=Q(service_unit_quantity__gte=1), name="a_reviewed_service_has_a_unit"
            ),
        ]


class ReviewEvidence(TenantModel):
    """Words of a document version that support the reviewer's code; offsets are Unicode code points."""

    code = TenantForeignKey(ReviewCode, models.PROTECT, related_name="evidence", db_index=False)
    document_version = TenantForeignKey(DocumentVersion, models.PROTECT, related_name="+", db_index=False)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = EncryptedTextField()

    class Meta:
        ordering = ["start", "end"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "code", "document_version", "start", "end"],
                name="the_same_words_support_a_review_code_once",
            ),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="review_evidence_is_not_empty"),
        ]


@keep_history()
class AuditLine(TenantModel):
    """One line of the worksheet: a coder's line, a reviewer's line, or the pair, and the verdict.

    ``coder_line`` and ``reviewer_line`` are the lines as `qa.score` takes them, kept as they were compared.
    """

    review = TenantForeignKey(Review, models.PROTECT, related_name="lines", db_index=False)
    number = models.PositiveSmallIntegerField()
    coder_line = models.JSONField(null=True)
    reviewer_line = models.JSONField(null=True)
    verdict = models.CharField(max_length=2)
    is_process = models.BooleanField(
        default=False, help_text="A finding about the work, outside code accuracy; added by the reviewer."
    )
    weight = models.DecimalField(max_digits=6, decimal_places=3)
    cause = models.CharField(max_length=20, choices=Cause, blank=True)
    severity = models.CharField(max_length=8, choices=Severity, blank=True)
    direction = models.CharField(max_length=8, choices=Direction, blank=True)
    citation_kind = models.CharField(max_length=14, choices=CitationKind, blank=True)
    citation = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=500, blank=True, help_text="No patient data.")
    state = models.CharField(
        max_length=10, choices=[(one.value, one.value) for one in LineState], default=LineState.DRAFT.value
    )
    answer_by = models.DateField(
        null=True, help_text="Last day for the coder's answer, where it is not the review's own."
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="audit_line_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "review", "number"], name="one_audit_line_of_a_number_per_review"
            ),
            models.CheckConstraint(
                condition=Q(coder_line__isnull=False) | Q(reviewer_line__isnull=False),
                name="an_audit_line_has_a_side",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "state"], name="audit_line_by_state"),
            models.Index(
                fields=["client", "verdict"], condition=~Q(verdict="AG"), name="audit_line_by_verdict"
            ),
        ]


class LineStep(TenantModel):
    """One word of the exchange about a finding.  Append-only."""

    line = TenantForeignKey(AuditLine, models.PROTECT, related_name="steps", db_index=False)
    number = models.PositiveSmallIntegerField()
    verb = models.CharField(max_length=10, choices=[(one.value, one.value) for one in LineVerb])
    words = models.CharField(max_length=500, blank=True, help_text="No patient data.")
    citation_kind = models.CharField(max_length=14, choices=CitationKind, blank=True)
    citation = models.CharField(max_length=300, blank=True)
    said_by = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Empty: the last day passed.",
    )
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "line", "number"], name="one_step_of_a_number_per_audit_line"
            ),
        ]


class ReviewScore(TenantModel):
    """The scores of a review as they stood.  Append-only: a decision writes a new row, the newest counts.

    ``scores`` holds each rate with numerator, denominator and interval under ``definition``.
    """

    review = TenantForeignKey(Review, models.PROTECT, related_name="scores", db_index=False)
    number = models.PositiveSmallIntegerField()
    definition = models.CharField(max_length=20)
    scores = models.JSONField()
    numerator = models.PositiveIntegerField(help_text="Of the score the contract counts.")
    denominator = models.PositiveIntegerField()
    is_clean = models.BooleanField()
    is_provisional = models.BooleanField()
    scored_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "review", "number"], name="one_score_of_a_number_per_review"
            ),
        ]
