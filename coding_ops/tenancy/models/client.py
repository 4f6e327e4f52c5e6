"""A client is a tenant: a practice, a health center or a hospital whose encounters the vendor codes."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from guardian.models import GroupObjectPermissionBase

from coding_ops.tenancy.models.base import TenantModel

RESERVED_SLUGS = ("accounts", "api", "static", "work", "healthz", "readyz", "c")


class Client(models.Model):
    """One tenant.  Grain: one row a contract party."""

    class Kind(models.TextChoices):
        PRACTICE = "practice", "Physician practice"
        FQHC = "fqhc", "Federally qualified health center"
        HOSPITAL = "hospital", "Hospital"

    class Clock(models.TextChoices):
        CLOCK = "clock", "Clock hours"
        BUSINESS = "business", "Business hours"

    slug = models.SlugField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9-]{1,39}$", "Small letters, digits and hyphens.")],
    )
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PRACTICE)
    timezone = models.CharField(max_length=40, default="America/Chicago")
    turnaround_hours = models.PositiveSmallIntegerField(
        default=48, help_text="Hours of the contract from available-to-code to final."
    )
    turnaround_clock = models.CharField(max_length=8, choices=Clock, default=Clock.CLOCK)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        permissions = [
            ("code_encounters", "Can be handed encounters of this client"),
            ("review_encounters", "Can open any encounter of this client for review"),
            ("manage_work", "Can see and steer the work of this client"),
            ("view_own_records", "Can see this client's own encounters"),
            ("view_own_visits", "Can see the encounters they rendered"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(turnaround_hours__gte=1), name="turnaround_is_at_least_an_hour"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ClientGroupPermission(GroupObjectPermissionBase):
    """A django-guardian grant of a role group on a client, by foreign key instead of by text."""

    content_object = models.ForeignKey(Client, models.CASCADE)

    def __str__(self) -> str:
        return f"{self.group_id}: {self.permission_id} on {self.content_object_id}"


class Facility(TenantModel):
    """A place of the client's where patients are seen.  Grain: one row a site."""

    name = models.CharField(max_length=120)
    npi = models.CharField(max_length=10, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="facility_key_with_client"),
            models.UniqueConstraint(fields=["client", "name"], name="one_facility_of_a_name_per_client"),
        ]

    def __str__(self) -> str:
        return self.name


class ClientKey(TenantModel):
    """A client's data keys, wrapped by the master key that lies outside the database.

    The newest version encrypts; older ones still decrypt.  Deleting them makes the client's PHI unreadable.
    """

    version = models.PositiveSmallIntegerField()
    wrapped_data_key = models.BinaryField()
    wrapped_index_key = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "version"], name="one_key_per_client_and_version"),
        ]
