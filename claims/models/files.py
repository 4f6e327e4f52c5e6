"""Files of clients and payers: stored raw, once, before anybody tries to read them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coding_ops.tenancy.fields import EncryptedBytesField, EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel


class FileKind(models.TextChoices):
    CLAIMS = "837", "Claims (837)"
    RECEIPT = "999", "Receipt (999)"
    STATUS = "277CA", "Claim acknowledgement (277CA)"
    REMITTANCE = "835", "Remittance (835)"
    UNKNOWN = "unknown", "Not recognized"


class FileState(models.TextChoices):
    RECEIVED = "received", "Waiting to be read"
    READING = "reading", "Being read"
    DONE = "done", "Read"
    PROBLEMS = "problems", "Read, something is set aside"
    QUARANTINED = "quarantined", "Set aside"


class Door(models.TextChoices):
    UPLOAD = "upload", "Uploaded"
    FOLDER = "folder", "Watched folder"
    COMMAND = "command", "Command"
    API = "api", "API"


class PayerFile(TenantModel):
    """Grain: one file as it was received; the same bytes are stored once a client.

    ``read_count`` of ``entry_count`` says how far reading has come, and is committed with what was read.
    """

    kind = models.CharField(max_length=7, choices=FileKind, default=FileKind.UNKNOWN)
    filename = EncryptedTextField(null=True, help_text="Senders name files after patients.")
    sha256 = models.BinaryField(max_length=32)
    byte_count = models.BigIntegerField()
    sender_id = models.CharField(max_length=15, blank=True, help_text="ISA06.")
    interchange_number = models.CharField(max_length=9, blank=True, help_text="ISA13.")
    door = models.CharField(max_length=8, choices=Door, default=Door.UPLOAD)
    state = models.CharField(max_length=11, choices=FileState, default=FileState.RECEIVED)
    entry_count = models.PositiveIntegerField(default=0, help_text="Claims, statuses or payments in it.")
    read_count = models.PositiveIntegerField(default=0)
    posted_count = models.PositiveIntegerField(default=0)
    unmatched_count = models.PositiveIntegerField(default=0, help_text="Kept, no claim of ours known yet.")
    duplicate_count = models.PositiveIntegerField(default=0)
    problem_count = models.PositiveIntegerField(default=0)
    received_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField(null=True, help_text="When its reading last moved.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="payer_file_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "sha256"], name="the_same_bytes_of_a_payer_are_stored_once"
            ),
        ]
        indexes = [
            models.Index(fields=["client", "-received_at", "-id"], name="payer_file_list"),
            models.Index(
                fields=["client", "received_at"],
                condition=Q(state__in=["received", "reading"]),
                name="payer_file_to_read",
            ),
        ]


class PayerFileChunk(TenantModel):
    """A piece of a received file, sealed.  Append-only."""

    file = TenantForeignKey(PayerFile, models.PROTECT, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField()
    content = EncryptedBytesField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "file", "number"], name="one_chunk_of_a_number_per_payer_file"
            ),
        ]


class FileProblem(TenantModel):
    """What of a file could not be read or posted: where, why, what to do.  No patient data in its words."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        RETRIED = "retried", "Read on retry"
        DISMISSED = "dismissed", "Dismissed"

    file = TenantForeignKey(PayerFile, models.PROTECT, related_name="problems", db_index=False)
    place = models.CharField(max_length=200, help_text="e.g. transaction 0001, segment 14 (CLP)")
    code = models.CharField(max_length=40)
    message = models.CharField(max_length=400)
    difference_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    is_whole_file = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    resolution = models.CharField(max_length=300, blank=True)
    resolved_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    made_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "file", "place", "code"], name="one_problem_per_place_and_code"
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(resolved_at__isnull=False),
                name="a_resolved_problem_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "made_at"], condition=Q(state="open"), name="file_problem_open"),
        ]
