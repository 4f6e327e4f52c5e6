"""What came in: connections, files as received, messages, and what could not be read."""

from __future__ import annotations

from django.db import models

from coding_ops.tenancy.fields import EncryptedBytesField, EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel


class SourceFormat(models.TextChoices):
    FHIR = "fhir", "FHIR R4"
    HL7V2 = "hl7v2", "HL7 v2"
    CSV = "csv", "CSV"
    UNKNOWN = "unknown", "Not recognized"


class IntakeConnection(TenantModel):
    """A way in for one client's data.  The client of a message is its connection's, whatever it says."""

    name = models.CharField(max_length=60)
    default_queue = TenantForeignKey(
        "encounters.WorkQueue", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="intake_connection_key_with_client"),
            models.UniqueConstraint(fields=["client", "name"], name="one_connection_of_a_name_per_client"),
        ]

    def __str__(self) -> str:
        return self.name


class RawFile(TenantModel):
    """A file exactly as it was received.  Its bytes are stored, sealed, before anybody tries to read it.

    ``read_count`` is how far reading has come and is committed together with what was read, so that a
    killed worker's successor goes on behind it.
    """

    class Status(models.TextChoices):
        RECEIVED = "received", "Waiting to be read"
        READING = "reading", "Being read"
        DONE = "done", "Read"
        FAILED = "failed", "Could not be read"

    connection = TenantForeignKey(IntakeConnection, models.PROTECT, related_name="files", db_index=False)
    filename = EncryptedTextField(null=True, help_text="Senders name files after patients.")
    sha256 = models.BinaryField(max_length=32)
    byte_count = models.BigIntegerField()
    archive_member_limit = models.PositiveIntegerField(
        default=1_000, help_text="Files a zip may hold; more for a load that an operator makes."
    )
    source_format = models.CharField(max_length=8, choices=SourceFormat, default=SourceFormat.UNKNOWN)
    status = models.CharField(max_length=8, choices=Status, default=Status.RECEIVED)
    message_count = models.PositiveIntegerField(default=0)
    read_count = models.PositiveIntegerField(default=0, help_text="Messages looked at so far.")
    accepted_count = models.PositiveIntegerField(default=0)
    updated_count = models.PositiveIntegerField(default=0)
    duplicate_count = models.PositiveIntegerField(default=0)
    quarantined_count = models.PositiveIntegerField(default=0)
    received_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="raw_file_key_with_client"),
            models.UniqueConstraint(fields=["client", "sha256"], name="the_same_bytes_are_stored_once"),
        ]
        indexes = [models.Index(fields=["client", "-received_at"], name="raw_file_list")]


class RawChunk(TenantModel):
    """A piece of a received file, sealed.  In pieces, so that a file of any size needs little memory."""

    raw_file = TenantForeignKey(RawFile, models.PROTECT, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField()
    content = EncryptedBytesField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "raw_file", "number"], name="one_chunk_of_a_number_per_file"
            ),
        ]


class IntakeMessage(TenantModel):
    """One message of a file, by the sender's control id: what makes a repeat a repeat."""

    connection = TenantForeignKey(IntakeConnection, models.PROTECT, related_name="+", db_index=False)
    raw_file = TenantForeignKey(RawFile, models.PROTECT, related_name="messages", db_index=False)
    control_id = models.CharField(max_length=120)
    content_sha256 = models.BinaryField(max_length=32)
    encounter = TenantForeignKey(
        "encounters.Encounter", models.PROTECT, null=True, related_name="messages", db_index=False
    )
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "connection", "control_id"], name="one_message_per_control_id"
            ),
        ]
        indexes = [models.Index(fields=["client", "encounter"], name="message_by_encounter")]


class QuarantineItem(TenantModel):
    """A message or row that could not be read: where, which field, why.  No patient data in its words."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        RETRIED = "retried", "Read on retry"
        DISMISSED = "dismissed", "Dismissed"

    raw_file = TenantForeignKey(RawFile, models.PROTECT, related_name="quarantined", db_index=False)
    place = models.CharField(max_length=200, help_text="e.g. row 12, or PID-3.1 of message 2")
    field = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=40)
    message = models.CharField(max_length=400)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    resolution = models.CharField(max_length=300, blank=True)
    resolved_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "raw_file", "place", "code"], name="one_quarantine_row_per_place_and_code"
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "created_at"], condition=models.Q(status="open"), name="quarantine_open"
            )
        ]
