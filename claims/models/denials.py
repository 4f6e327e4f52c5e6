"""Denials: each one, not the first of a claim; what caused it, who works it, and what became of it."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from claims.models.answers import Acknowledgement, Adjustment
from claims.models.claims import Claim, ClaimLine
from claims.models.setup import Payer
from claims.rules.classify import CATEGORIES
from claims.rules.denial_states import STANDING, TO_WORK, WORDS, DenialState, allowed_pairs
from coding_ops.tenancy.fields import EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history


class DenialStatus(models.TextChoices):
    OPEN = DenialState.OPEN.value, WORDS[DenialState.OPEN]
    WORKING = DenialState.WORKING.value, WORDS[DenialState.WORKING]
    CORRECTED = DenialState.CORRECTED.value, WORDS[DenialState.CORRECTED]
    APPEALED = DenialState.APPEALED.value, WORDS[DenialState.APPEALED]
    OVERTURNED = DenialState.OVERTURNED.value, WORDS[DenialState.OVERTURNED]
    UPHELD = DenialState.UPHELD.value, WORDS[DenialState.UPHELD]
    WRITTEN_OFF = DenialState.WRITTEN_OFF.value, WORDS[DenialState.WRITTEN_OFF]
    CLOSED = DenialState.CLOSED.value, WORDS[DenialState.CLOSED]


class DenialSource(models.TextChoices):
    REMITTANCE = "835", "Denied by the payer (835)"
    REJECTION = "277CA", "Rejected before adjudication (277CA)"
    RECEIPT = "999", "Rejected with its file (999)"


class EditState(models.TextChoices):
    """What the edits said of the line when its codes were made final."""

    OVERRIDDEN = "overridden", "An edit existed and was overridden"
    LIFTED = "lifted", "An edit existed and a modifier lifted it"
    NO_EDIT = "no_edit", "No edit existed"
    UNKNOWN = "unknown", "Not coded by us"


class RootCause(models.TextChoices):
    CODING = "coding", "Code, modifier or units wrong"
    EVIDENCE = "evidence", "Not supported by the record as coded"
    EDIT_OVERRIDDEN = "edit_overridden", "A known edit was overridden"
    EDIT_MISSING = "edit_missing", "A rule of the payer was not known to us"
    DOCUMENTATION = "documentation", "The record lacks what the payer asks for"
    REGISTRATION = "registration", "Registration or coverage wrong"
    AUTHORIZATION = "authorization", "Authorization missing"
    BILLING = "billing", "Billing data wrong or late"
    PAYER = "payer", "Payer's mistake"
    OTHER = "other", "Other"


VENDOR_CAUSES = (RootCause.CODING, RootCause.EVIDENCE, RootCause.EDIT_OVERRIDDEN, RootCause.EDIT_MISSING)


@keep_history()
class Denial(TenantModel):
    """Grain: one denying adjustment of a claim or line, or one rejection of a claim.

    ``coder``, ``assignment_id``, ``edit_state`` and ``edit_rule``: of the finished version that was billed.
    ``is_vendor_error``: confirmed, refuted, or not decided yet.
    """

    claim = TenantForeignKey(Claim, models.PROTECT, related_name="denials", db_index=False)
    claim_line = TenantForeignKey(ClaimLine, models.PROTECT, null=True, related_name="+", db_index=False)
    adjustment = TenantForeignKey(Adjustment, models.PROTECT, null=True, related_name="+", db_index=False)
    acknowledgement = TenantForeignKey(
        Acknowledgement, models.PROTECT, null=True, related_name="+", db_index=False
    )
    payer = TenantForeignKey(Payer, models.PROTECT, null=True, related_name="+", db_index=False)
    source = models.CharField(max_length=5, choices=DenialSource)
    is_initial = models.BooleanField(default=True, help_text="Of the claim's first answer.")
    state = models.CharField(max_length=11, choices=DenialStatus, default=DenialStatus.OPEN)
    group_code = models.CharField(max_length=2, blank=True)
    carc = models.CharField(max_length=8, blank=True)
    remarks = ArrayField(models.CharField(max_length=8), default=list)
    status_codes = models.CharField(max_length=16, blank=True, help_text="STC category and status.")
    category = models.CharField(max_length=18, choices=[(one, one) for one in CATEGORIES])
    map_edition = models.CharField(max_length=40, blank=True)
    service_code = models.CharField(max_length=8, blank=True)
    denied_amount = models.DecimalField(max_digits=12, decimal_places=2)
    recovered_amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    received_on = models.DateField()
    deadline_on = models.DateField(null=True, help_text="Last day to correct or appeal.")
    coder = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    assignment_id = models.UUIDField(null=True)
    edit_state = models.CharField(max_length=10, choices=EditState, default=EditState.UNKNOWN)
    edit_rule = models.CharField(max_length=40, blank=True)
    winnability = models.PositiveSmallIntegerField(
        default=0, help_text="0 to 100; reasons are shown with it."
    )
    priority = models.DecimalField(
        max_digits=14,
        decimal_places=2,
        default=0,
        help_text="Dollars times winnability; orders the worklist.",
    )
    owner = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    root_cause = models.CharField(max_length=16, choices=RootCause, blank=True)
    cause_note = EncryptedTextField(null=True)
    is_vendor_error = models.BooleanField(null=True)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="denial_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "adjustment"],
                condition=Q(adjustment__isnull=False),
                name="an_adjustment_is_denied_once",
            ),
            models.UniqueConstraint(
                fields=["client", "acknowledgement"],
                condition=Q(acknowledgement__isnull=False),
                name="a_rejection_is_denied_once",
            ),
            models.CheckConstraint(condition=Q(state__in=DenialStatus.values), name="denial_state_is_known"),
            models.CheckConstraint(condition=Q(winnability__lte=100), name="winnability_is_a_percentage"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="denial_state_takes_known_steps",
                field="state",
                transitions=[(before.value, after.value) for before, after in allowed_pairs()],
            )
        ]
        indexes = [
            models.Index(fields=["client", "claim"], name="denial_of_claim"),
            models.Index(fields=["client", "-received_on", "-id"], name="denial_list"),
            models.Index(
                fields=["client", "-priority", "-id"],
                condition=Q(state__in=[one.value for one in TO_WORK]),
                name="denial_worklist",
            ),
            models.Index(
                fields=["client", "deadline_on", "id"],
                condition=Q(state__in=[one.value for one in STANDING]),
                name="denial_by_deadline",
            ),
            models.Index(fields=["client", "root_cause", "carc"], name="denial_by_cause"),
        ]


class DenialTally(TenantModel):
    """Sums the denial board reads.  Three kinds of rows, so that payers do not multiply reasons:

    a day, payer and source (no category); a day, source, category, group and reason (no payer); and a month,
    payer and category (no source), which tells how such denials ended.

    Kept exact in the transactions that open and settle denials, so that the board never counts them.
    """

    received_on = models.DateField()
    payer = TenantForeignKey(Payer, models.PROTECT, null=True, related_name="+", db_index=False)
    source = models.CharField(max_length=5, choices=DenialSource)
    category = models.CharField(max_length=18)
    group_code = models.CharField(max_length=2, blank=True)
    carc = models.CharField(max_length=8, blank=True)
    denial_count = models.IntegerField(default=0)
    initial_count = models.IntegerField(default=0)
    overturned_count = models.IntegerField(default=0)
    upheld_count = models.IntegerField(default=0)
    denied_amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    recovered_amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "received_on", "payer", "source", "category", "group_code", "carc"],
                nulls_distinct=False,
                name="one_denial_tally_per_day_and_reason",
            ),
        ]


class ClaimTally(TenantModel):
    """Denominators beside them.  Grain: one row a day of a first answer, payer and form."""

    answered_on = models.DateField()
    payer = TenantForeignKey(Payer, models.PROTECT, null=True, related_name="+", db_index=False)
    form = models.CharField(max_length=4)
    answered_count = models.IntegerField(default=0, help_text="Claims whose first answer came that day.")
    adjudicated_count = models.IntegerField(default=0, help_text="Claims first adjudicated (835) that day.")
    denied_count = models.IntegerField(default=0, help_text="Of these, denied in whole or part at first.")
    coding_count = models.IntegerField(default=0, help_text="Of the answered, failed for coding at first.")
    charge_amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "answered_on", "payer", "form"],
                nulls_distinct=False,
                name="one_claim_tally_per_day_and_payer",
            ),
        ]
