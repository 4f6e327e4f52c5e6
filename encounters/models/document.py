"""Clinical documents, in versions that never change."""

from __future__ import annotations

from django.db import models

from coding_ops.tenancy.fields import EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel
from encounters.models.encounter import Encounter


class Document(TenantModel):
    """Grain: one row a document of the source system; its text lives in versions."""

    class Kind(models.TextChoices):
        PROGRESS_NOTE = "progress_note", "Progress note"
        HISTORY_PHYSICAL = "history_physical", "History and physical"
        CONSULT = "consult", "Consultation"
        OPERATIVE = "operative", "Operative report"
        DISCHARGE_SUMMARY = "discharge_summary", "Discharge summary"
        EMERGENCY = "emergency", "Emergency note"
        LAB = "lab", "Laboratory"
        IMAGING = "imaging", "Imaging"
        ORDER = "order", "Order"
        QUERY = "query", "Query and answer"
        OTHER = "other", "Other document"

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="documents", db_index=False)
    external_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.OTHER)
    title = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="document_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "encounter", "external_id"], name="one_document_per_source_id"
            ),
        ]


class DocumentVersion(TenantModel):
    """The text of a document as it was received.  Never updated: evidence points into it.

    ``text`` is kept to the character, line ends included; offsets count Unicode code points.
    """

    document = TenantForeignKey(Document, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveSmallIntegerField()
    text = EncryptedTextField()
    sha256 = models.BinaryField(max_length=32)
    character_count = models.PositiveIntegerField()
    author_name = models.CharField(max_length=120, blank=True)
    authored_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="document_version_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "document", "number"], name="one_version_of_a_number_per_document"
            ),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="versions_count_from_one"),
        ]
