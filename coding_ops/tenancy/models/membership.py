"""Who works for which client, in which role, and until when."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Role(models.TextChoices):
    """What a person is to one client.  The first five are the vendor's people."""

    CODER = "coder", "Coder"
    QA_REVIEWER = "qa_reviewer", "QA reviewer"
    CDI_SPECIALIST = "cdi_specialist", "CDI specialist"
    MANAGER = "manager", "Manager"
    VENDOR_ADMIN = "vendor_admin", "Vendor administrator"
    CLIENT_VIEWER = "client_viewer", "Client viewer"
    PROVIDER = "provider", "Provider"
    CLIENT_ADMIN = "client_admin", "Client administrator"
    EXTERNAL_AUDITOR = "external_auditor", "External auditor"


VENDOR_ROLES = frozenset({Role.CODER, Role.QA_REVIEWER, Role.CDI_SPECIALIST, Role.MANAGER, Role.VENDOR_ADMIN})
CLIENT_ROLES = frozenset({Role.CLIENT_VIEWER, Role.PROVIDER, Role.CLIENT_ADMIN})


class Membership(models.Model):
    """One person's role at one client.  Not behind row-level security: it is read to decide which
    client to open, and it holds no patient data."""

    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="memberships")
    client = models.ForeignKey("tenancy.Client", models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    granted_at = models.DateTimeField(auto_now_add=True)
    ends_on = models.DateField(
        null=True, blank=True, help_text="Last day of the grant; empty: until revoked."
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "client"],
                condition=Q(revoked_at__isnull=True),
                name="one_standing_role_per_person_and_client",
                violation_error_message="This person has a role at this client already; change or revoke it.",
            ),
            models.CheckConstraint(
                condition=~Q(role="external_auditor") | Q(ends_on__isnull=False),
                name="an_external_auditors_grant_has_an_end",
                violation_error_message="An external auditor's grant needs its last day.",
            ),
        ]
        indexes = [models.Index(fields=["client", "role"], name="membership_by_client_and_role")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} at {self.client_id}"
