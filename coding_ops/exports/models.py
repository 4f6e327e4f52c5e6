"""A file that was asked for, and what became of it."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from coding_ops.exports.states import PENDING, STEPS, ExportState
from coding_ops.tenancy.fields import EncryptedBytesField
from coding_ops.tenancy.models import TenantModel


class ExportFile(TenantModel):
    """Grain: one file that one person asked for.

    The content lies sealed until ``expires_at`` and is deleted then; the row stays, with the digest of what
    was handed out.  Its rows keep no history of their own: what happened stands in the ledger, and a history
    would keep the content that was deleted.
    """

    kind = models.CharField(max_length=40, help_text="A key of the setting EXPORTS.")
    title = models.CharField(max_length=160, help_text="What it is; no patient data.")
    params = models.JSONField(help_text="Ids and choices as texts, as its kind has checked them.")
    state = models.CharField(
        max_length=8,
        choices=[(one.value, one.value) for one in ExportState],
        default=ExportState.WAITING.value,
    )
    done_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0, help_text="Steps; 0 until they are known.")
    try_count = models.PositiveSmallIntegerField(default=0)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    asked_role = models.CharField(max_length=20)
    asked_at = models.DateTimeField()
    beat_at = models.DateTimeField(
        help_text="When its worker was last heard of; when it was asked for, before."
    )
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True, help_text="For the person; no patient data.")
    content = EncryptedBytesField(null=True)
    file_name = models.CharField(max_length=120, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    byte_count = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    encounter_ids = models.JSONField(default=list, help_text="Whose charts are in it: a download reads them.")

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="export_file_key_with_client"),
            models.CheckConstraint(
                condition=~Q(state="done") | (~Q(sha256="") & Q(expires_at__isnull=False)),
                name="a_finished_export_has_a_digest_and_an_end",
            ),
            models.CheckConstraint(
                condition=Q(total_count=0) | Q(done_count__lte=F("total_count")),
                name="an_export_is_never_more_than_done",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(failure=""), name="a_failed_export_says_why"
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="export_takes_known_steps",
                field="state",
                transitions=sorted((before.value, after.value) for before, after in STEPS),
            )
        ]
        indexes = [
            models.Index(fields=["client", "asked_by", "-asked_at"], name="export_by_person"),
            # What the worker looks for: a handful among all that were ever made.
            models.Index(
                fields=["client", "beat_at"],
                condition=Q(state__in=sorted(state.value for state in PENDING)),
                name="export_pending",
            ),
            models.Index(fields=["client", "expires_at"], condition=Q(state="done"), name="export_to_expire"),
        ]
