"""The level of an evaluation and management visit: its elements, each with the words that show it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history
from encounters.models.cited import CitedWords, words_are_whole
from encounters.models.encounter import Encounter


class ScoredBy(models.TextChoices):
    CODER = "coder", "Coder"
    REVIEWER = "reviewer", "Reviewer"


class LevelPart(models.TextChoices):
    """The three elements of medical decision making, and time."""

    PROBLEMS = "problems", "Problems"
    DATA = "data", "Data"
    RISK = "risk", "Risk"
    TIME = "time", "Time"


@keep_history()
class VisitLevel(TenantModel):
    """What one party found the visit's level to be.  Grain: one row for the coders, one for each reviewer.

    ``code``, ``by`` and ``other_code`` are the result as it was computed from the elements under
    ``edition``, so that it can be shown years later without computing anew.
    """

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="levels", db_index=False)
    scored_by = models.CharField(max_length=8, choices=ScoredBy)
    scorer = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    category = models.CharField(max_length=32)
    edition = models.CharField(max_length=16)
    code = models.CharField(max_length=8, blank=True, help_text="Empty while neither path reaches a level.")
    by = models.CharField(
        max_length=4, blank=True, choices=[("mdm", "Medical decision making"), ("time", "Time")]
    )
    other_code = models.CharField(max_length=8, blank=True, help_text="What the other path gives.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="visit_level_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "encounter"],
                condition=Q(scored_by="coder"),
                name="one_visit_level_of_the_coders",
            ),
            models.UniqueConstraint(
                fields=["client", "encounter", "scorer"],
                condition=Q(scored_by="reviewer"),
                name="one_visit_level_per_reviewer",
            ),
            models.CheckConstraint(
                condition=Q(code="", by="") | (~Q(code="") & ~Q(by="")), name="a_level_names_its_path"
            ),
        ]


@keep_history()
class VisitLevelElement(CitedWords):
    """One thing that counts toward a level: a problem addressed, data reviewed, a risk taken, the minutes.

    ``count``: problems or items of this kind that the words show; minutes for time; 1 for a risk.
    """

    level = TenantForeignKey(VisitLevel, models.PROTECT, related_name="elements", db_index=False)
    part = models.CharField(max_length=8, choices=LevelPart)
    kind = models.CharField(max_length=32)
    count = models.PositiveSmallIntegerField(default=1)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "level", "part", "kind", "document_version", "start", "end"],
                nulls_distinct=False,
                name="the_same_words_show_an_element_once",
            ),
            models.UniqueConstraint(
                fields=["client", "level"],
                condition=Q(part="time"),
                name="a_visit_has_one_total_time",
            ),
            models.CheckConstraint(condition=Q(count__gte=1), name="an_element_counts_at_least_one"),
            words_are_whole("level_element_words_are_whole"),
        ]
