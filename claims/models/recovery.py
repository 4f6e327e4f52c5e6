"""What we do about a denial: code again at no cost, appeal, credit, and give back what was paid too much."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from claims.models.claims import Claim
from claims.models.denials import Denial
from coding_ops.tenancy.fields import EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history
from encounters.models import Encounter


@keep_history()
class Rework(TenantModel):
    """Grain: one time a chart was coded again because of a denial or rejection, at no cost to the client."""

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="+", db_index=False)
    claim = TenantForeignKey(Claim, models.PROTECT, related_name="reworks", db_index=False)
    denial = TenantForeignKey(Denial, models.PROTECT, null=True, related_name="reworks", db_index=False)
    reason = EncryptedTextField()
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    before_revision = models.PositiveSmallIntegerField()
    after_revision = models.PositiveSmallIntegerField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "encounter"],
                condition=Q(done_at__isnull=True),
                name="one_standing_rework_per_encounter",
                violation_error_message="This chart is being coded again already.",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(after_revision__isnull=False),
                name="a_done_rework_has_its_revision",
            ),
        ]
        indexes = [models.Index(fields=["client", "-asked_at"], name="rework_list")]


class AppealState(models.TextChoices):
    DRAFT = "draft", "Draft"
    SENT = "sent", "Sent"
    WON = "won", "Won"
    PART = "part", "Won in part"
    LOST = "lost", "Lost"
    WITHDRAWN = "withdrawn", "Withdrawn"


@keep_history()
class Appeal(TenantModel):
    """Grain: one appeal of one denial at one level.  ``letter`` is the sealed text as it was sent."""

    denial = TenantForeignKey(Denial, models.PROTECT, related_name="appeals", db_index=False)
    level = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=9, choices=AppealState, default=AppealState.DRAFT)
    template_key = models.CharField(max_length=60, blank=True)
    letter = EncryptedTextField()
    requested_amount = models.DecimalField(max_digits=12, decimal_places=2)
    awarded_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    due_on = models.DateField(null=True, help_text="Last day to send it.")
    decision_due_on = models.DateField(null=True)
    reference = models.CharField(max_length=50, blank=True, help_text="The payer's number of the appeal.")
    decision_note = EncryptedTextField(null=True)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="appeal_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "denial", "level"],
                condition=~Q(state="withdrawn"),
                name="one_appeal_per_denial_and_level",
                violation_error_message="This level was appealed already.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"]) | Q(sent_at__isnull=False),
                name="a_sent_appeal_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["won", "part", "lost"])
                | Q(decided_at__isnull=False, awarded_amount__isnull=False),
                name="a_decided_appeal_has_its_amount",
            ),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="appeals_have_five_levels"),
        ]
        indexes = [
            models.Index(fields=["client", "state", "due_on"], name="appeal_by_state"),
            models.Index(fields=["client", "-made_at", "-id"], name="appeal_list"),
        ]


class CreditState(models.TextChoices):
    PROPOSED = "proposed", "Proposed"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"


@keep_history()
class CreditProposal(TenantModel):
    """What the vendor owes for a confirmed error of its own.  Grain: one row a denial.

    ``basis``: how the amount came about; ``is_systemic``: as many of one cause as the contract names.
    """

    denial = TenantForeignKey(Denial, models.PROTECT, related_name="credits", db_index=False)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    basis = models.CharField(max_length=300)
    is_systemic = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=CreditState, default=CreditState.PROPOSED)
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "denial"], name="one_credit_proposal_per_denial"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_credit_is_not_negative"),
            models.CheckConstraint(
                condition=Q(state="proposed") | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="a_decided_credit_says_by_whom",
            ),
        ]
        indexes = [models.Index(fields=["client", "-proposed_at", "-id"], name="credit_list")]


@keep_history()
class OverpaymentNotice(TenantModel):
    """Money to give back: a correction lowered what a federal payer had paid.  Grain: one row a claim.

    The clock of 42 CFR 401.305 runs from ``identified_on``; an investigation in good faith suspends it.
    """

    claim = TenantForeignKey(Claim, models.PROTECT, related_name="overpayments", db_index=False)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    identified_on = models.DateField()
    suspended_on = models.DateField(null=True)
    resumed_on = models.DateField(null=True)
    returned_on = models.DateField(null=True)
    note = EncryptedTextField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "claim"], name="one_overpayment_notice_per_claim"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="an_overpayment_is_positive"),
        ]
        indexes = [
            models.Index(
                fields=["client", "identified_on"],
                condition=Q(returned_on__isnull=True),
                name="overpayment_standing",
            ),
        ]
