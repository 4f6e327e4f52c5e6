"""Coding credentials: who certified whom, and from when to when."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class CredentialBody(models.TextChoices):
    AAPC = "AAPC", "AAPC"
    AHIMA = "AHIMA", "AHIMA"
    OTHER = "other", "Other body"


class CredentialName(models.TextChoices):
    CPC = "CPC", "CPC, certified professional coder"
    COC = "COC", "COC, certified outpatient coder"
    CIC = "CIC", "CIC, certified inpatient coder"
    CRC = "CRC", "CRC, certified risk adjustment coder"
    CPMA = "CPMA", "CPMA, certified professional medical auditor"
    CEMC = "CEMC", "CEMC, certified evaluation and management coder"
    CCC = "CCC", "CCC, certified cardiology coder"
    COSC = "COSC", "COSC, certified orthopaedic surgery coder"
    CGSC = "CGSC", "CGSC, certified general surgery coder"
    COBGC = "COBGC", "COBGC, certified obstetrics and gynaecology coder"
    CEDC = "CEDC", "CEDC, certified emergency department coder"
    CPEDC = "CPEDC", "CPEDC, certified paediatrics coder"
    CDEO = "CDEO", "CDEO, certified documentation expert outpatient"
    CCA = "CCA", "CCA, certified coding associate"
    CCS = "CCS", "CCS, certified coding specialist"
    CCS_P = "CCS-P", "CCS-P, certified coding specialist, physician-based"
    RHIA = "RHIA", "RHIA, registered health information administrator"
    RHIT = "RHIT", "RHIT, registered health information technician"
    CDIP = "CDIP", "CDIP, certified documentation integrity practitioner"
    CCDS = "CCDS", "CCDS, certified clinical documentation specialist"


class CoderCredential(models.Model):
    """One certificate.  It counts from its issue date to its expiry date, both included."""

    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="credentials")
    body = models.CharField(max_length=8, choices=CredentialBody)
    name = models.CharField(max_length=8, choices=CredentialName)
    number = models.CharField(max_length=32)
    issued_on = models.DateField()
    expires_on = models.DateField()
    verified_on = models.DateField(null=True, blank=True, help_text="When the vendor saw proof of it.")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "number", "name"], name="a_certificate_belongs_to_one_person"
            ),
            models.CheckConstraint(
                condition=Q(expires_on__gte=F("issued_on")),
                name="a_credential_expires_after_it_is_issued",
                violation_error_message="The expiry date lies before the issue date.",
            ),
        ]
        indexes = [models.Index(fields=["user", "expires_on"], name="credential_by_user_and_expiry")]

    def __str__(self) -> str:
        return f"{self.name} ({self.body})"
