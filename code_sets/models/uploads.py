"""A file of a code set that was sent through the page, until it is loaded or refused."""

from __future__ import annotations

from django.db import models

from coding_ops.core.ids import uuid7


class UploadStatus(models.TextChoices):
    WAITING = "waiting", "Waiting"
    READING = "reading", "Reading"
    LOADED = "loaded", "Loaded"
    REFUSED = "refused", "Refused"


class ReleaseUpload(models.Model):
    """Grain: one sending of one file (or of the files of one release together). Public data, no client's.

    `data` is emptied when the file is loaded or refused: a loaded release keeps its own.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    system = models.CharField(max_length=24)
    release = models.CharField(max_length=20, blank=True, help_text="As typed; empty: the file says it.")
    file_name = models.CharField(max_length=255)
    data = models.BinaryField()
    status = models.CharField(max_length=8, choices=UploadStatus, default=UploadStatus.WAITING)
    step = models.CharField(max_length=40, blank=True)
    done_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True, help_text="What was loaded, or why nothing was.")
    sent_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    sent_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-sent_at"]
        indexes = [
            models.Index(
                fields=["sent_at"],
                condition=models.Q(status__in=["waiting", "reading"]),
                name="release_uploads_to_read",
            )
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.file_name}"
