"""Rehearsals of outside audits: what was drawn, what the records prove, deadlines, overpayments to return."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from coding_ops.core.overpayment import ClockState, ClockVerb
from coding_ops.tenancy.fields import EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history
from encounters.models import DocumentVersion, Encounter, Patient
from qa_audit.rules.rehearsal import HccVerdict, RehearsalKind


class Rehearsal(TenantModel):
    """Grain: one rehearsed audit of one contract, drawn once; only its end and its dates change.

    ``frame`` is the whole list the sample was drawn from, as ``Draw.frame``: ids of patients (RADV) or of
    encounters (payer) with their stratum.
    """

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=5, choices=[(one.value, one.value) for one in RehearsalKind])
    contract_name = models.CharField(max_length=80)
    payer_name = models.CharField(max_length=120, blank=True, help_text="Empty: every payer.")
    first_on = models.DateField()
    last_on = models.DateField()
    model = models.CharField(max_length=40, blank=True, help_text="RADV: the model of the categories.")
    payment_year = models.PositiveSmallIntegerField(null=True)
    design = models.JSONField(help_text="Strata and size as they were asked for.")
    seed = models.BigIntegerField()
    frame = models.BinaryField()
    frame_sha256 = models.CharField(max_length=64)
    plan_sha256 = models.CharField(max_length=64)
    frame_count = models.PositiveIntegerField()
    sample_count = models.PositiveIntegerField()
    strata = models.JSONField(help_text="Stratum to {frame, sample}.")
    notice_on = models.DateField(null=True, help_text="Notice of the audit, real or supposed.")
    report_on = models.DateField(null=True, help_text="Audit report or demand.")
    terms_count = models.PositiveSmallIntegerField(default=0)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    closed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField(null=True)
    is_confirmed = models.BooleanField(
        null=True, help_text="At the end: is what was found an overpayment to return?"
    )
    closing = models.CharField(max_length=300, blank=True, help_text="Why; no patient data.")

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="rehearsal_key_with_client"),
            models.UniqueConstraint(fields=["client", "name"], name="one_rehearsal_of_a_name_per_client"),
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="a_rehearsed_period_is_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | (Q(is_confirmed__isnull=False) & ~Q(closing="")),
                name="a_closed_rehearsal_says_what_was_decided",
            ),
        ]
        indexes = [models.Index(fields=["client", "-created_at"], name="rehearsal_newest")]


class RehearsalTerms(TenantModel):
    """How a rehearsal's findings become dollars, from one moment on.  Append-only; the newest counts."""

    rehearsal = TenantForeignKey(Rehearsal, models.PROTECT, related_name="terms", db_index=False)
    number = models.PositiveSmallIntegerField()
    is_extrapolated = models.BooleanField()
    confidence = models.DecimalField(max_digits=5, decimal_places=4, help_text="One-sided.")
    rates = models.JSONField(default=dict, help_text="Category to dollars a year, as texts: an assumption.")
    rates_source = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="rehearsal_terms_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "rehearsal", "number"], name="one_rehearsal_terms_of_a_number"
            ),
            models.CheckConstraint(
                condition=Q(rates={}) | ~Q(rates_source=""), name="rates_of_a_rehearsal_have_a_source"
            ),
        ]


class RehearsalUnit(TenantModel):
    """One drawn unit: a member (RADV) or a chart (payer), in the order drawn.  Append-only."""

    rehearsal = TenantForeignKey(Rehearsal, models.PROTECT, related_name="units", db_index=False)
    number = models.PositiveIntegerField()
    stratum = models.CharField(max_length=40)
    patient = TenantForeignKey(Patient, models.PROTECT, related_name="+", db_index=False)
    encounter = TenantForeignKey(Encounter, models.PROTECT, null=True, related_name="+", db_index=False)
    score = models.DecimalField(max_digits=8, decimal_places=3, null=True, help_text="It was ranked by.")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="rehearsal_unit_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "rehearsal", "number"], name="one_rehearsal_unit_of_a_number"
            ),
        ]


@keep_history()
class RehearsalItem(TenantModel):
    """What is judged: one category of a member, or one chart's claim.  Grain: one a unit and category."""

    unit = TenantForeignKey(RehearsalUnit, models.PROTECT, related_name="items", db_index=False)
    rehearsal = TenantForeignKey(Rehearsal, models.PROTECT, related_name="items", db_index=False)
    number = models.PositiveSmallIntegerField()
    hcc = models.PositiveSmallIntegerField(null=True)
    label = models.CharField(max_length=200)
    carried = models.JSONField(help_text="Codes that carried it: [{code, encounter}].")
    verdict = models.CharField(
        max_length=14, blank=True, choices=[(one.value, one.value) for one in HccVerdict]
    )
    proof = TenantForeignKey(
        "qa_audit.RehearsalRecord", models.PROTECT, null=True, related_name="+", db_index=False
    )
    overpaid_amount = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, help_text="As entered; empty: the rate of the category."
    )
    reason = models.CharField(max_length=300, blank=True, help_text="No patient data.")
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="rehearsal_item_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "unit", "number"], name="one_rehearsal_item_of_a_number_per_unit"
            ),
            models.CheckConstraint(
                condition=Q(verdict="") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="a_rehearsal_verdict_has_its_person",
            ),
            models.CheckConstraint(
                condition=~Q(verdict__in=["supported", "elsewhere"]) | Q(proof__isnull=False),
                name="what_is_supported_has_its_record",
            ),
            models.CheckConstraint(
                condition=~Q(verdict="not_supported") | ~Q(reason=""),
                name="what_is_not_supported_says_why",
            ),
        ]
        indexes = [models.Index(fields=["client", "rehearsal", "verdict"], name="rehearsal_item_verdicts")]


@keep_history()
class RehearsalRecord(TenantModel):
    """Words of one document that a reviewer cites for an item, and what was true of encounter and provider.

    ``requirements`` are those of ``encounters.rules.hcc_eligibility`` as they were judged then.
    """

    item = TenantForeignKey(RehearsalItem, models.PROTECT, related_name="records", db_index=False)
    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="+", db_index=False)
    document_version = TenantForeignKey(DocumentVersion, models.PROTECT, related_name="+", db_index=False)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = EncryptedTextField()
    meat = models.CharField(max_length=1, blank=True)
    confirmed = models.JSONField(default=dict, help_text="Facts the reviewer confirmed from the note.")
    eligibility = models.CharField(max_length=8)
    requirements = models.JSONField(default=list)
    is_own = models.BooleanField(help_text="Of the chart that carried it.")
    is_weak = models.BooleanField(help_text="Only under a history or in a list of problems.")
    added_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["added_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="rehearsal_record_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "item", "document_version", "start", "end"],
                name="the_same_words_prove_an_item_once",
            ),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="a_cited_record_is_not_empty"),
            models.CheckConstraint(
                condition=Q(eligibility__in=["met", "unknown", "not_met"]),
                name="eligibility_of_a_record_is_known",
            ),
        ]


@keep_history()
class RehearsalDeadline(TenantModel):
    """One day by which something must be done; computed from data, and kept as it was computed."""

    rehearsal = TenantForeignKey(Rehearsal, models.PROTECT, related_name="deadlines", db_index=False)
    key = models.CharField(max_length=24)
    label = models.CharField(max_length=120)
    due_on = models.DateField()
    citation = models.CharField(max_length=200)
    status = models.CharField(max_length=12)
    done_on = models.DateField(null=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it was moved; no patient data.")

    class Meta:
        ordering = ["due_on", "key"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="rehearsal_deadline_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "rehearsal", "key"], name="one_deadline_of_a_key_per_rehearsal"
            ),
        ]


@keep_history()
class OverpaymentClock(TenantModel):
    """One identified overpayment until it is reported and returned, or found to be none."""

    rehearsal = TenantForeignKey(Rehearsal, models.PROTECT, null=True, related_name="clocks", db_index=False)
    title = models.CharField(max_length=120, help_text="No patient data.")
    contract_name = models.CharField(max_length=80)
    program = models.CharField(max_length=24)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    state = models.CharField(
        max_length=13,
        choices=[(one.value, one.value) for one in ClockState],
        default=ClockState.RUNNING.value,
    )
    identified_on = models.DateField()
    investigated_on = models.DateField(null=True)
    quantified_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)

    class Meta:
        ordering = ["identified_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="overpayment_clock_key_with_client"),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gt=0), name="an_overpayment_is_above_zero"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["quantified", "returned"]) | Q(amount__isnull=False),
                name="a_returned_overpayment_has_an_amount",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["returned", "dismissed"]) | Q(ended_on__isnull=False),
                name="an_ended_clock_has_its_day",
            ),
        ]
        indexes = [models.Index(fields=["client", "state", "identified_on"], name="clock_by_state")]


class ClockStep(TenantModel):
    """One decision about an overpayment.  Append-only."""

    clock = TenantForeignKey(OverpaymentClock, models.PROTECT, related_name="steps", db_index=False)
    number = models.PositiveSmallIntegerField()
    verb = models.CharField(max_length=11, choices=[(one.value, one.value) for one in ClockVerb])
    on = models.DateField()
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    reason = models.CharField(max_length=300, help_text="No patient data.")
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "clock", "number"], name="one_clock_step_of_a_number_per_clock"
            ),
        ]
