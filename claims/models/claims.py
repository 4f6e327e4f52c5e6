"""The claim: one version of what one visit is billed as, its lines, and every step it took."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from claims.models.setup import Payer
from claims.rules.claim_states import WORDS, ClaimState, allowed_pairs
from claims.rules.content import ClaimForm
from claims.rules.first_pass import WORDS as WORDS_OF_FIRST
from claims.rules.first_pass import First
from coding_ops.tenancy.fields import EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history
from encounters.models import Coverage, Encounter


class ClaimFormat(models.TextChoices):
    PROFESSIONAL = ClaimForm.PROFESSIONAL.value, "Professional"
    INSTITUTIONAL = ClaimForm.INSTITUTIONAL.value, "Institutional"


class ClaimStatus(models.TextChoices):
    BLOCKED = ClaimState.BLOCKED.value, WORDS[ClaimState.BLOCKED]
    READY = ClaimState.READY.value, WORDS[ClaimState.READY]
    SUBMITTED = ClaimState.SUBMITTED.value, WORDS[ClaimState.SUBMITTED]
    RECEIVED = ClaimState.RECEIVED.value, WORDS[ClaimState.RECEIVED]
    ACCEPTED = ClaimState.ACCEPTED.value, WORDS[ClaimState.ACCEPTED]
    REJECTED = ClaimState.REJECTED.value, WORDS[ClaimState.REJECTED]
    PAID = ClaimState.PAID.value, WORDS[ClaimState.PAID]
    PARTLY_PAID = ClaimState.PARTLY_PAID.value, WORDS[ClaimState.PARTLY_PAID]
    DENIED = ClaimState.DENIED.value, WORDS[ClaimState.DENIED]
    REPLACED = ClaimState.REPLACED.value, WORDS[ClaimState.REPLACED]
    VOIDED = ClaimState.VOIDED.value, WORDS[ClaimState.VOIDED]
    WITHDRAWN = ClaimState.WITHDRAWN.value, WORDS[ClaimState.WITHDRAWN]


class FirstResponse(models.TextChoices):
    """What the payer or clearinghouse first said to a claim that was not a correction."""

    UNPAID = First.UNPAID.value, WORDS_OF_FIRST[First.UNPAID]
    PAID = First.PAID.value, WORDS_OF_FIRST[First.PAID]
    DENIED = First.DENIED.value, WORDS_OF_FIRST[First.DENIED]
    REJECTED = First.REJECTED.value, WORDS_OF_FIRST[First.REJECTED]


SENT = (
    "submitted",
    "received",
    "accepted",
    "rejected",
    "paid",
    "partly_paid",
    "denied",
    "replaced",
    "voided",
)


@keep_history(exclude=["content"])
class Claim(TenantModel):
    """Grain: one version of one claim.  A correction is a new row that ``replaces`` the one before.

    ``content`` is the sealed JSON of ``rules.content.ClaimContent``: all that went, or goes, to the payer.
    ``first_categories`` are the kinds of denial of the first answer, coding among others or not; they are
    empty when it denied nothing.  A claim that the client sent itself may name no encounter of ours.
    """

    encounter = TenantForeignKey(Encounter, models.PROTECT, null=True, related_name="claims", db_index=False)
    revision_number = models.PositiveSmallIntegerField(null=True)
    replaces = TenantForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    version = models.PositiveSmallIntegerField(default=1)
    payer = TenantForeignKey(Payer, models.PROTECT, null=True, related_name="+", db_index=False)
    coverage = TenantForeignKey(Coverage, models.PROTECT, null=True, related_name="+", db_index=False)
    specialty = models.ForeignKey(
        "accounts.Specialty", models.PROTECT, null=True, related_name="+", db_index=False
    )
    coder = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    form = models.CharField(max_length=4, choices=ClaimFormat)
    control_number = models.CharField(max_length=38, help_text="CLM01.")
    frequency_code = models.CharField(max_length=1, default="1")
    bill_type_code = models.CharField(max_length=3, blank=True, help_text="Institutional: 131, 771 …")
    is_billed_by_client = models.BooleanField(default=False)
    state = models.CharField(max_length=11, choices=ClaimStatus)
    problems = models.JSONField(
        default=list, help_text="What keeps it from being written: code, where, words."
    )
    content = EncryptedTextField(null=True, help_text="Empty while too little is known to make it.")
    diagnoses = models.JSONField(default=list, help_text="In order: code, role, poa, key of our assignment.")
    drg_code = models.CharField(max_length=4, blank=True)
    service_from_on = models.DateField()
    service_through_on = models.DateField()
    total_charge_amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    payer_control_number = models.CharField(max_length=50, blank=True)
    made_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True, help_text="Into adjudication (277CA A2).")
    first_response_at = models.DateTimeField(null=True)
    first_response = models.CharField(max_length=8, choices=FirstResponse, blank=True)
    first_categories = ArrayField(models.CharField(max_length=18), default=list)
    adjudicated_at = models.DateTimeField(null=True)
    allowed_amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    paid_amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    patient_amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    drift_count = models.PositiveSmallIntegerField(null=True, help_text="Differences from our final codes.")
    drift = models.JSONField(default=list, help_text="Each difference: kind, where, ours, theirs.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="claim_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "control_number"],
                condition=Q(is_billed_by_client=False),
                name="one_claim_of_ours_per_control_number",
            ),
            models.UniqueConstraint(
                fields=["client", "encounter", "version"],
                condition=Q(is_billed_by_client=False),
                name="one_claim_version_per_encounter",
            ),
            models.CheckConstraint(condition=Q(state__in=ClaimStatus.values), name="claim_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state__in=SENT) | Q(submitted_at__isnull=False, content__isnull=False),
                name="a_sent_claim_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(first_response="") | Q(first_response_at__isnull=False),
                name="a_first_answer_has_its_time",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="what_was_sent_is_not_changed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    'OLD."submitted_at" IS NOT NULL AND OLD."content" IS DISTINCT FROM NEW."content"'
                ),
            ),
            pgtrigger.FSM(
                name="claim_state_takes_known_steps",
                field="state",
                transitions=[(before.value, after.value) for before, after in allowed_pairs()],
            ),
        ]
        indexes = [
            models.Index(fields=["client", "-service_from_on", "-id"], name="claim_list"),
            models.Index(fields=["client", "state", "-service_from_on", "-id"], name="claim_list_by_state"),
            models.Index(fields=["client", "payer", "-service_from_on", "-id"], name="claim_list_by_payer"),
            models.Index(
                fields=["client", "coder", "-service_from_on", "-id"],
                condition=Q(coder__isnull=False),
                name="claim_list_by_coder",
            ),
            models.Index(fields=["client", "control_number"], name="claim_by_control_number"),
            models.Index(fields=["client", "encounter"], name="claim_by_encounter"),
            models.Index(
                fields=["client", "payer_control_number"],
                condition=~Q(payer_control_number=""),
                name="claim_by_payer_number",
            ),
            # First pass and acceptance read one window of originals by when they went out.
            models.Index(
                fields=["client", "submitted_at"],
                condition=Q(frequency_code="1", submitted_at__isnull=False),
                name="claim_sent_window",
            ),
            models.Index(
                fields=["client", "first_response_at"],
                condition=Q(first_response_at__isnull=False),
                name="claim_answer_window",
            ),
            models.Index(
                fields=["client", "-drift_count", "-id"],
                condition=Q(drift_count__gt=0),
                name="claim_with_drift",
            ),
        ]


class ClaimLine(TenantModel):
    """Grain: one service line of one claim version, without patient data.  Append-only."""

    claim = TenantForeignKey(Claim, models.PROTECT, related_name="lines", db_index=False)
    number = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=8, blank=True)
    modifiers = ArrayField(models.CharField(max_length=2), default=list, size=4)
    service_unit_quantity = models.DecimalField(max_digits=9, decimal_places=3, default=1)
    charge_amount = models.DecimalField(max_digits=12, decimal_places=2)
    revenue_code = models.CharField(max_length=4, blank=True)
    pointers = ArrayField(models.PositiveSmallIntegerField(), default=list)
    service_on = models.DateField(null=True)
    assignment_id = models.UUIDField(null=True, help_text="Our code assignment of the finished version.")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="claim_line_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "claim", "number"], name="one_claim_line_of_a_number_per_claim"
            ),
        ]


class ClaimStepKind(models.TextChoices):
    MADE = "made", "Made from final codes"
    BLOCKED = "blocked", "Could not be written"
    CLEARED = "cleared", "Ready to send"
    SUBMITTED = "submitted", "Sent"
    READ = "read", "Read from the client's own file"
    RECEIVED = "received", "Received"
    ACCEPTED = "accepted", "Accepted into adjudication"
    REJECTED = "rejected", "Rejected"
    PAID = "paid", "Paid"
    PARTLY_PAID = "partly_paid", "Paid in part"
    DENIED = "denied", "Denied"
    REVERSED = "reversed", "Payment reversed"
    CORRECTED = "corrected", "Corrected claim made"
    REPLACED = "replaced", "Replaced by a corrected claim"
    VOIDED = "voided", "Voided"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REWORKED = "reworked", "Coded again at no cost"
    APPEALED = "appealed", "Appeal sent"
    DECIDED = "decided", "Appeal decided"
    WRITTEN_OFF = "written_off", "Written off"


class ClaimStep(TenantModel):
    """Grain: one thing that happened to one claim.  Append-only.

    ``facts`` hold ids, codes, counts and amounts; ``note`` a person's words, sealed.
    """

    claim = TenantForeignKey(Claim, models.PROTECT, related_name="steps", db_index=False)
    kind = models.CharField(max_length=12, choices=ClaimStepKind)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=20, blank=True)
    facts = models.JSONField(default=dict)
    note = EncryptedTextField(null=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["client", "claim", "at"], name="claim_step_of_claim")]


class SubmissionState(models.TextChoices):
    BUILDING = "building", "Being written"
    FAILED = "failed", "Could not be written"
    READY = "ready", "Written and checked"
    SENT = "sent", "Sent"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    PARTLY = "partly", "Acknowledged in part"
    REJECTED = "rejected", "Rejected"


@keep_history(exclude=["content"])
class Submission(TenantModel):
    """A file of claims of ours for one receiver.  Grain: one interchange."""

    form = models.CharField(max_length=4, choices=ClaimFormat)
    receiver_id = models.CharField(max_length=15)
    receiver_name = models.CharField(max_length=60)
    interchange_number = models.PositiveIntegerField(help_text="ISA13, gapless for a receiver.")
    state = models.CharField(max_length=12, choices=SubmissionState, default=SubmissionState.BUILDING)
    is_test = models.BooleanField(default=True)
    claim_count = models.PositiveIntegerField(default=0, help_text="Asked for.")
    written_count = models.PositiveIntegerField(default=0, help_text="Written so far.")
    left_out_count = models.PositiveIntegerField(default=0, help_text="The validator refused them.")
    total_charge_amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    content = EncryptedTextField(null=True)
    content_sha256 = models.BinaryField(max_length=32, null=True)
    failure = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    written_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="submission_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "receiver_id", "interchange_number"],
                name="one_file_per_receiver_and_interchange_number",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["building", "failed"]) | Q(content__isnull=False),
                name="a_written_file_has_its_content",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="a_written_file_is_not_changed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    'OLD."content" IS NOT NULL AND OLD."content" IS DISTINCT FROM NEW."content"'
                ),
            ),
        ]
        indexes = [models.Index(fields=["client", "-asked_at", "-id"], name="submission_list")]


class SubmittedClaim(TenantModel):
    """Which claim lies where in which file.  Append-only; grain: one claim of one submission."""

    submission = TenantForeignKey(Submission, models.PROTECT, related_name="claims", db_index=False)
    claim = TenantForeignKey(Claim, models.PROTECT, related_name="+", db_index=False)
    transaction_number = models.CharField(max_length=9, help_text="ST02 of the transaction it lies in.")
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "submission", "claim"], name="a_claim_lies_in_a_file_once"
            ),
        ]
        indexes = [models.Index(fields=["client", "claim"], name="submission_of_claim")]
