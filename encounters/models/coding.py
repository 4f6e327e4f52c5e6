"""Codes, the words that support them, and every finished version of the set."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from coding_ops.tenancy.fields import EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history
from encounters.models.document import DocumentVersion
from encounters.models.encounter import Encounter


class CodeKind(models.TextChoices):
    DIAGNOSIS = "dx", "Diagnosis"
    SERVICE = "px", "Service or procedure"


class ExceptionReason(models.TextChoices):
    """Why a code may stand without quoted words.  Closed; each needs an explanation beside it."""

    IMAGE_ONLY = "image_only", "The support is on a scanned page"
    CLIENT_RULE = "client_rule", "A written rule of the client requires it"
    EXTERNAL_RECORD = "external_record", "The support lies in a record kept elsewhere"
    CHARGE_DRIVEN = "charge_driven", "Charged by the department's charge master"


class Meat(models.TextChoices):
    """What the cited words show was done about a condition at this visit."""

    MONITORED = "M", "Monitored"
    EVALUATED = "E", "Evaluated"
    ASSESSED = "A", "Assessed"
    TREATED = "T", "Treated"


class EvidenceState(models.TextChoices):
    ANCHORED = "anchored", "In the document"
    LOST = "lost", "Not found in the new version"


@keep_history()
class CodeAssignment(TenantModel):
    """Grain: one code on one encounter's working set.  ``position`` orders it within its kind from 1."""

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="assignments", db_index=False)
    kind = models.CharField(max_length=2, choices=CodeKind)
    system = models.CharField(max_length=12)
    code = models.CharField(max_length=8, help_text="Without the dot.")
    title = models.CharField(
        max_length=255, blank=True, help_text="As in the release in force; none for CPT."
    )
    release_id = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField()
    modifiers = ArrayField(models.CharField(max_length=2), default=list, size=4)
    service_unit_quantity = models.PositiveIntegerField(default=1)
    present_on_admission = models.CharField(max_length=1, blank=True)
    pointers = ArrayField(
        models.UUIDField(), default=list, help_text="Diagnoses this service is for, in order."
    )
    exception_reason = models.CharField(max_length=16, choices=ExceptionReason, blank=True)
    exception_note = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["kind", "position"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="code_assignment_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "encounter", "kind", "position"],
                deferrable=models.Deferrable.DEFERRED,
                name="one_code_per_position",
            ),
            models.CheckConstraint(condition=Q(position__gte=1), name="positions_count_from_one"),
            models.CheckConstraint(condition=Q(service_unit_quantity__gte=1), name="at_least_one_unit"),
            models.CheckConstraint(
                condition=Q(exception_reason="") | ~Q(exception_note=""),
                name="an_exception_is_explained",
                violation_error_message="Say in a sentence why the code has no quoted evidence.",
            ),
            models.CheckConstraint(
                condition=Q(present_on_admission__in=["", "Y", "N", "U", "W", "1"]),
                name="present_on_admission_is_a_known_letter",
            ),
        ]


@keep_history()
class EvidenceLink(TenantModel):
    """Words of a document version that support a code: W3C position and quote selectors.

    ``start`` and ``end`` count Unicode code points in the version's text; ``quote`` is exactly the text
    between them, ``prefix`` and ``suffix`` up to 40 characters around it.
    """

    assignment = TenantForeignKey(CodeAssignment, models.PROTECT, related_name="evidence", db_index=False)
    document_version = TenantForeignKey(DocumentVersion, models.PROTECT, related_name="+", db_index=False)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = EncryptedTextField()
    prefix = EncryptedTextField()
    suffix = EncryptedTextField()
    state = models.CharField(max_length=8, choices=EvidenceState, default=EvidenceState.ANCHORED)
    meat = models.CharField(max_length=1, choices=Meat, blank=True, help_text="Never suggested.")
    created_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["start", "end"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "assignment", "document_version", "start", "end"],
                name="the_same_words_support_a_code_once",
            ),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="evidence_is_not_empty"),
            models.CheckConstraint(
                condition=Q(meat__in=["", "M", "E", "A", "T"]), name="meat_is_a_known_letter"
            ),
        ]
        indexes = [models.Index(fields=["client", "document_version"], name="evidence_by_version")]


class CodingChange(TenantModel):
    """One step of work on a code set, with what it takes to go back.  Grain: one act of the coder.

    ``before`` holds the rows the act touched as they were (codes, positions, offsets; the quoted words
    are read again from the immutable version), so undo survives a reload and another device.
    """

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="changes", db_index=False)
    number = models.PositiveIntegerField()
    verb = models.CharField(max_length=32)
    before = models.JSONField()
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "encounter", "number"], name="one_change_of_a_number_per_encounter"
            ),
        ]


class CodeRevision(TenantModel):
    """A finished version of an encounter's codes.  Append-only; grain: one finalize."""

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="revisions", db_index=False)
    number = models.PositiveSmallIntegerField()
    codes = models.JSONField(help_text="The whole set: codes, attributes, evidence by version and offsets.")
    edits = models.JSONField(
        null=True, help_text="Releases used, findings with what became of each, edits that a modifier lifted."
    )
    reason = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=500, blank=True)
    finalized_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    credential = models.CharField(max_length=80)
    finalized_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="code_revision_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "encounter", "number"], name="one_revision_of_a_number_per_encounter"
            ),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""),
                name="a_later_revision_has_a_reason",
            ),
        ]
