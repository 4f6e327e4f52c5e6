"""The encounter: one visit or stay of one patient, to be coded once and for all."""

from __future__ import annotations

from datetime import date

import pgtrigger
from django.db import models
from django.db.models import F, Q

from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history
from encounters.models.people import Coverage, Patient, Provider
from encounters.rules.encounter_states import allowed_pairs


class EncounterStatus(models.TextChoices):
    """Where the encounter stands; ``encounters.rules.encounter_states`` says which steps exist."""

    RECEIVED = "received", "Waiting for documentation"
    READY = "ready", "Ready to code"
    PENDED = "pended", "On hold"
    FINAL = "final", "Final"
    REOPENED = "reopened", "Reopened"
    CANCELLED = "cancelled", "Cancelled"


class EncounterKind(models.TextChoices):
    OFFICE = "office", "Office visit"
    TELEHEALTH = "telehealth", "Telehealth"
    OUTPATIENT = "outpatient", "Hospital outpatient"
    EMERGENCY = "emergency", "Emergency department"
    OBSERVATION = "observation", "Observation"
    INPATIENT = "inpatient", "Inpatient stay"
    SURGERY = "surgery", "Surgery"
    HOME = "home", "Home visit"
    OTHER = "other", "Other"


@keep_history()
class Encounter(TenantModel):
    """Grain: one row a visit number of a source system of the client."""

    connection = TenantForeignKey(
        "encounters.IntakeConnection", models.PROTECT, related_name="+", db_index=False
    )
    external_id = models.CharField(max_length=80, help_text="Visit number in the source system.")
    patient = TenantForeignKey(Patient, models.PROTECT, related_name="encounters", db_index=False)
    facility = TenantForeignKey(
        "tenancy.Facility", models.PROTECT, null=True, related_name="+", db_index=False
    )
    rendering_provider = TenantForeignKey(
        Provider, models.PROTECT, null=True, related_name="+", db_index=False
    )
    coverage = TenantForeignKey(Coverage, models.PROTECT, null=True, related_name="+", db_index=False)
    specialty = models.ForeignKey(
        "accounts.Specialty", models.PROTECT, null=True, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=12, choices=EncounterKind, default=EncounterKind.OTHER)
    place_of_service_code = models.CharField(max_length=2, blank=True)
    service_on = models.DateField()
    discharge_on = models.DateField(null=True, blank=True)
    discharge_status_code = models.CharField(
        max_length=2, blank=True, help_text="UB-04 form locator 17; empty: not known."
    )
    charge_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    status = models.CharField(max_length=10, choices=EncounterStatus, default=EncounterStatus.RECEIVED)
    risk = models.PositiveSmallIntegerField(default=0, help_text="0 routine to 9 highest; part of the order.")
    received_at = models.DateTimeField()
    available_at = models.DateTimeField(null=True, help_text="When it could first be coded.")
    due_at = models.DateTimeField(null=True)
    final_at = models.DateTimeField(null=True)
    assigned_coder = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    revision_count = models.PositiveSmallIntegerField(default=0)
    pinned_releases = models.JSONField(
        null=True, help_text="Release by table that its edits ran under when it was final; empty: by its day."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="encounter_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "connection", "external_id"], name="one_encounter_per_visit_number"
            ),
            models.CheckConstraint(
                condition=Q(discharge_on__isnull=True) | Q(discharge_on__gte=F("service_on")),
                name="discharge_is_not_before_the_service_date",
            ),
            models.CheckConstraint(
                condition=Q(status__in=EncounterStatus.values), name="encounter_status_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="final") | Q(final_at__isnull=False, revision_count__gte=1),
                name="a_final_encounter_has_a_revision_and_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["ready", "final", "reopened"]) | Q(available_at__isnull=False),
                name="what_can_be_coded_became_available",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="encounter_status_takes_known_steps",
                field="status",
                transitions=[(before.value, after.value) for before, after in allowed_pairs()],
            )
        ]
        indexes = [
            # The client's and the leader's lists: newest first within a status.
            models.Index(fields=["client", "status", "-service_on", "-id"], name="encounter_list"),
            models.Index(fields=["client", "-service_on", "-id"], name="encounter_list_all"),
            # Turnaround and charts per hour read one window of finals.
            models.Index(
                fields=["client", "final_at"],
                condition=Q(final_at__isnull=False),
                name="encounter_final_window",
            ),
            # DNFC and backlog read only what is not final, whatever the size of the archive.
            models.Index(
                fields=["client", "available_at"],
                condition=Q(status__in=["received", "ready", "pended", "reopened"]),
                name="encounter_not_final",
            ),
            models.Index(fields=["client", "assigned_coder", "-final_at"], name="encounter_by_coder"),
            models.Index(fields=["client", "patient"], name="encounter_by_patient"),
        ]

    @property
    def coding_on(self) -> date:
        """The day whose code sets apply: discharge for inpatient stays, service otherwise."""
        if self.kind == EncounterKind.INPATIENT and self.discharge_on:
            return self.discharge_on
        return self.service_on
