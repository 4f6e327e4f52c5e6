"""The patient, who saw them, and who insures them."""

from __future__ import annotations

from django.db import models

from coding_ops.tenancy.fields import EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel


class Patient(TenantModel):
    """Grain: one row a medical record number of the client.  Every identifying column is sealed; the
    record number is found by ``mrn_index``, an HMAC that differs from client to client."""

    mrn_index = models.BinaryField(max_length=16)
    mrn = EncryptedTextField()
    family_name = EncryptedTextField()
    given_name = EncryptedTextField()
    birth_on = EncryptedTextField(help_text="ISO date, or empty when the source did not say.")
    contact = EncryptedTextField(null=True)
    address = EncryptedTextField(
        null=True, help_text="JSON: line, line_2, city, state, postal_code; see rules.intake.registration."
    )
    sex = models.CharField(
        max_length=1, choices=[("F", "Female"), ("M", "Male"), ("U", "Unknown")], default="U"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="patient_key_with_client"),
            models.UniqueConstraint(fields=["client", "mrn_index"], name="one_patient_per_record_number"),
        ]


class Provider(TenantModel):
    """A clinician of the client's who renders or attends.  Grain: one row a provider identifier."""

    npi = models.CharField(max_length=10, blank=True)
    name = models.CharField(max_length=120)
    professional_credential = models.CharField(max_length=20, blank=True, help_text="MD, DO, NP …")
    user = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="provider_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "npi"],
                condition=~models.Q(npi=""),
                name="one_provider_per_npi",
            ),
            models.UniqueConstraint(
                fields=["client", "name"],
                condition=models.Q(npi=""),
                name="one_provider_of_a_name_without_npi",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Coverage(TenantModel):
    """The plan an encounter is billed to.  Grain: one row a patient, payer and member id."""

    patient = TenantForeignKey(Patient, models.PROTECT, related_name="coverages", db_index=False)
    payer_name = models.CharField(max_length=120)
    plan_type = models.CharField(max_length=40, blank=True)
    member_id = EncryptedTextField(null=True)
    member_index = models.BinaryField(max_length=16)
    payer_identifier = models.CharField(max_length=80, blank=True, default="", help_text="The sender's own.")
    group_number = models.CharField(max_length=50, blank=True, default="")
    relationship = models.CharField(
        max_length=2,
        default="18",
        help_text="Of the patient to the subscriber: X12 element 1069, 18 is self.",
    )
    subscriber = EncryptedTextField(
        null=True, help_text="JSON of the person where it is not the patient; see rules.intake.registration."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="coverage_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "patient", "payer_name", "member_index"],
                name="one_coverage_per_patient_payer_and_member",
            ),
        ]
