"""Medical specialties, and which of them a coder is trained for."""

from __future__ import annotations

from django.db import models


class Specialty(models.Model):
    """A specialty by its short code, e.g. ``IM`` internal medicine.  Shared by all clients."""

    code = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "specialties"

    def __str__(self) -> str:
        return self.name


class CoderSpecialty(models.Model):
    """A coder may be handed charts of this specialty."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="coder_specialties")
    specialty = models.ForeignKey(Specialty, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "specialty"], name="one_row_per_coder_and_specialty")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.specialty_id}"
