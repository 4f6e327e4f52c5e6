"""What payers and clearinghouses answered: acknowledgements, remittances, and money beside the claims.

Every row is kept, also one whose claim is not known: it is matched when the claim turns up.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from claims.models.claims import Claim, ClaimLine, Submission
from claims.models.files import PayerFile
from claims.models.setup import Payer
from claims.rules.classify import CATEGORIES
from coding_ops.tenancy.models import TenantForeignKey, TenantModel


class AcknowledgementKind(models.TextChoices):
    RECEIPT = "999", "999"
    STATUS = "277CA", "277CA"


class AcknowledgementOutcome(models.TextChoices):
    RECEIVED = "received", "Received"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"
    OTHER = "other", "Neither"


class Acknowledgement(TenantModel):
    """Grain: one answer of a 999 (a transaction set) or of a 277CA (one status of a claim or its line).

    ``category_code`` is AK9/IK5's code or STC01-1, ``status_code`` STC01-2, ``entity_code`` STC01-3.
    """

    file = TenantForeignKey(PayerFile, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=5, choices=AcknowledgementKind)
    position = models.PositiveIntegerField(help_text="Order in its file, from 1.")
    claim = TenantForeignKey(
        Claim, models.PROTECT, null=True, related_name="acknowledgements", db_index=False
    )
    submission = TenantForeignKey(Submission, models.PROTECT, null=True, related_name="+", db_index=False)
    control_number = models.CharField(max_length=38, blank=True, help_text="As the answer names the claim.")
    line_number = models.PositiveSmallIntegerField(null=True)
    outcome = models.CharField(max_length=8, choices=AcknowledgementOutcome)
    category_code = models.CharField(max_length=3, blank=True)
    status_code = models.CharField(max_length=4, blank=True)
    entity_code = models.CharField(max_length=3, blank=True)
    payer_control_number = models.CharField(max_length=50, blank=True)
    charge_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    answered_on = models.DateField(null=True)
    posted_at = models.DateTimeField()

    class Meta:
        ordering = ["posted_at", "position"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="acknowledgement_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "file", "position"], name="an_acknowledgement_is_posted_once"
            ),
        ]
        indexes = [
            models.Index(fields=["client", "claim"], name="acknowledgement_of_claim"),
            models.Index(
                fields=["client", "control_number"],
                condition=Q(claim__isnull=True) & ~Q(control_number=""),
                name="acknowledgement_unmatched",
            ),
        ]


class Remittance(TenantModel):
    """Grain: one 835 transaction: one payment, or a notice of none.  Balanced, or it is not here."""

    file = TenantForeignKey(PayerFile, models.PROTECT, related_name="remittances", db_index=False)
    position = models.PositiveIntegerField(help_text="Order in its file, from 1.")
    payer = TenantForeignKey(Payer, models.PROTECT, null=True, related_name="+", db_index=False)
    payer_name = models.CharField(max_length=60, blank=True)
    payer_code = models.CharField(max_length=80, blank=True, help_text="As the file names the payer.")
    trace_number = models.CharField(max_length=50)
    method_code = models.CharField(max_length=3, blank=True)
    payment_amount = models.DecimalField(max_digits=14, decimal_places=2)
    paid_on = models.DateField(null=True)
    claim_count = models.PositiveIntegerField(default=0)
    posted_at = models.DateTimeField()

    class Meta:
        ordering = ["-posted_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="remittance_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "file", "position"], name="a_remittance_is_posted_once"
            ),
            models.UniqueConstraint(
                fields=["client", "payer_code", "trace_number", "payment_amount", "paid_on"],
                nulls_distinct=False,
                name="one_remittance_per_payer_and_trace",
            ),
        ]
        indexes = [models.Index(fields=["client", "-paid_on", "-id"], name="remittance_list")]


class RemittedClaim(TenantModel):
    """Grain: one CLP of one remittance: what was decided of one claim, this time."""

    remittance = TenantForeignKey(Remittance, models.PROTECT, related_name="claims", db_index=False)
    position = models.PositiveIntegerField(help_text="Order in its remittance, from 1.")
    claim = TenantForeignKey(Claim, models.PROTECT, null=True, related_name="remitted", db_index=False)
    control_number = models.CharField(max_length=38)
    payer_control_number = models.CharField(max_length=50, blank=True)
    status_code = models.CharField(max_length=2, help_text="CLP02.")
    filing_code = models.CharField(max_length=2, blank=True)
    charge_amount = models.DecimalField(max_digits=12, decimal_places=2)
    paid_amount = models.DecimalField(max_digits=12, decimal_places=2)
    patient_amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    drg_code = models.CharField(max_length=4, blank=True)
    remarks = ArrayField(models.CharField(max_length=8), default=list, help_text="RARC of MOA, MIA.")
    decided_on = models.DateField(null=True)
    posted_at = models.DateTimeField()

    class Meta:
        ordering = ["posted_at", "position"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="remitted_claim_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "remittance", "position"], name="a_remitted_claim_is_posted_once"
            ),
        ]
        indexes = [
            models.Index(fields=["client", "claim"], name="remitted_of_claim"),
            models.Index(
                fields=["client", "control_number"],
                condition=Q(claim__isnull=True),
                name="remitted_unmatched",
            ),
        ]


class RemittedLine(TenantModel):
    """Grain: one SVC of one remitted claim."""

    remitted_claim = TenantForeignKey(RemittedClaim, models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    claim_line = TenantForeignKey(ClaimLine, models.PROTECT, null=True, related_name="+", db_index=False)
    line_number = models.PositiveSmallIntegerField(null=True, help_text="Ours, as the payer returned it.")
    code = models.CharField(max_length=48, blank=True)
    modifiers = ArrayField(models.CharField(max_length=2), default=list)
    revenue_code = models.CharField(max_length=4, blank=True)
    charge_amount = models.DecimalField(max_digits=12, decimal_places=2)
    paid_amount = models.DecimalField(max_digits=12, decimal_places=2)
    allowed_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    paid_unit_quantity = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    remarks = ArrayField(models.CharField(max_length=8), default=list, help_text="RARC of LQ.")
    service_on = models.DateField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="remitted_line_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "remitted_claim", "position"], name="a_remitted_line_is_posted_once"
            ),
        ]


class Adjustment(TenantModel):
    """Grain: one reason and amount of one CAS, of a claim or of a line.  Append-only.

    ``category`` is how it was read when it was posted, ``map_edition`` by which map or contract row.
    """

    remitted_claim = TenantForeignKey(
        RemittedClaim, models.PROTECT, related_name="adjustments", db_index=False
    )
    remitted_line = TenantForeignKey(
        RemittedLine, models.PROTECT, null=True, related_name="adjustments", db_index=False
    )
    position = models.PositiveSmallIntegerField(help_text="Order in its claim, from 1.")
    group_code = models.CharField(max_length=2)
    carc = models.CharField(max_length=8)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    quantity = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    category = models.CharField(max_length=18, choices=[(one, one) for one in CATEGORIES])
    decided_by = models.CharField(max_length=8, blank=True, help_text="The CARC or RARC that decided.")
    map_edition = models.CharField(max_length=40)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="adjustment_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "remitted_claim", "position"], name="an_adjustment_is_posted_once"
            ),
        ]


class ProviderAdjustment(TenantModel):
    """Grain: one PLB reason and amount of one remittance: money beside its claims.  Append-only."""

    remittance = TenantForeignKey(
        Remittance, models.PROTECT, related_name="provider_adjustments", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    reason_code = models.CharField(max_length=4)
    reference = models.CharField(max_length=50, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2, help_text="Positive lowers the payment.")
    fiscal_period_on = models.DateField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "remittance", "position"], name="a_provider_adjustment_is_posted_once"
            ),
        ]
