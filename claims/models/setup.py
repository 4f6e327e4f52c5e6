"""What a client bills as, whom it bills, for how much, and how its payers' reasons are read."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from claims.rules.classify import CATEGORIES
from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history


@keep_history()
class BillingProfile(TenantModel):
    """Who the client is to its payers, and the terms its claims are judged by.  Grain: one row a client."""

    is_self_billed = models.BooleanField(
        default=False, help_text="The client sends its claims itself; its 837 files come to us."
    )
    bills_from_on = models.DateField(
        null=True, blank=True, help_text="First day of service that is billed here; empty: every visit."
    )
    is_test = models.BooleanField(default=True, help_text="Files carry the test mark (ISA15 T).")
    name = models.CharField(max_length=60)
    npi = models.CharField(max_length=10)
    tax_id = models.CharField(max_length=9)
    taxonomy_code = models.CharField(max_length=10, blank=True)
    address_line = models.CharField(max_length=55)
    city = models.CharField(max_length=30)
    state = models.CharField(max_length=2)
    postal_code = models.CharField(max_length=9, help_text="Nine digits, as claims need them.")
    submitter_name = models.CharField(max_length=60)
    submitter_id = models.CharField(max_length=15)
    contact_name = models.CharField(max_length=60)
    contact_phone = models.CharField(max_length=10)
    bill_hold_days = models.PositiveSmallIntegerField(
        default=3, help_text="Days after service within which an account is not yet expected to be billed."
    )
    maturity_days = models.PositiveSmallIntegerField(
        default=45, help_text="A month's first pass is called mature this long after its last claim went out."
    )
    systemic_count = models.PositiveSmallIntegerField(
        default=3, help_text="So many confirmed errors of one cause are systemic."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client"], name="one_billing_profile_per_client"),
            models.CheckConstraint(
                condition=Q(maturity_days__gte=1, systemic_count__gte=1), name="billing_terms_are_positive"
            ),
        ]


class PayerKind(models.TextChoices):
    MEDICARE = "medicare", "Medicare"
    MEDICARE_ADVANTAGE = "medicare_advantage", "Medicare Advantage"
    MEDICAID = "medicaid", "Medicaid"
    MEDICAID_MCO = "medicaid_mco", "Medicaid managed care"
    COMMERCIAL = "commercial", "Commercial"
    OTHER = "other", "Other"


@keep_history()
class Payer(TenantModel):
    """A payer as this client's contract knows it.  Grain: one row a client and payer name.

    ``aliases``: other names and ids under which coverages, acknowledgements and remittances name it.
    """

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=18, choices=PayerKind, default=PayerKind.COMMERCIAL)
    payer_id = models.CharField(max_length=20, help_text="Electronic payer id (NM109).")
    filing_code = models.CharField(max_length=2, help_text="Claim filing indicator (SBR09): MB, MC, CI …")
    receiver_name = models.CharField(max_length=60)
    receiver_id = models.CharField(max_length=15, help_text="Clearinghouse or payer the file goes to.")
    aliases = ArrayField(models.CharField(max_length=120), default=list)
    timely_filing_days = models.PositiveSmallIntegerField(default=365)
    correction_days = models.PositiveSmallIntegerField(default=365)
    appeal_days = models.PositiveSmallIntegerField(default=120)
    terms_source = models.CharField(
        max_length=200, blank=True, help_text="Contract or manual that states the days; empty: unverified."
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="payer_key_with_client"),
            models.UniqueConstraint(fields=["client", "name"], name="one_payer_of_a_name_per_client"),
        ]

    def __str__(self) -> str:
        return self.name


@keep_history()
class Charge(TenantModel):
    """What the client charges for a service.  Grain: one row a code, modifier and first day."""

    code = models.CharField(max_length=8)
    modifier = models.CharField(max_length=2, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    revenue_code = models.CharField(max_length=4, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="Last day; empty: until further notice.")

    class Meta:
        ordering = ["code", "modifier", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "code", "modifier", "starts_on"], name="one_charge_per_code_and_first_day"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_charge_is_not_negative"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="a_charge_ends_later"
            ),
        ]


@keep_history()
class ReasonRule(TenantModel):
    """How a contract reads an adjustment, laid over the built-in map of reasons.

    Grain: one row a payer (none: every payer), group, reason, remark and first day.  The most exact row wins:
    with remark before without, with payer before without, with group before without, the newest first day.
    """

    payer = TenantForeignKey(Payer, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    group_code = models.CharField(max_length=2, blank=True, help_text="Empty: every group.")
    carc = models.CharField(max_length=8)
    rarc = models.CharField(max_length=8, blank=True, help_text="Empty: whatever the remark.")
    category = models.CharField(max_length=18, choices=[(one, one) for one in CATEGORIES])
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, help_text="Which clause of the contract says so.")
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["carc", "rarc", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "payer", "group_code", "carc", "rarc", "starts_on"],
                nulls_distinct=False,
                name="one_reading_of_a_reason_per_first_day",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_reading_names_its_clause"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="a_reading_ends_later",
            ),
        ]
