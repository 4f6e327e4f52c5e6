"""A rule that a client or one of its payers lays over the edits, and every version of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history


class LevelChoice(models.TextChoices):
    """How much a finding weighs; the values of ``edit_rules.rules.apply.Level``."""

    ERROR = "error", "Error"
    WARNING = "warning", "Warning"
    INFO = "info", "Info"
    OFF = "off", "Off"


@keep_history()
class EditRule(TenantModel):
    """Grain: one numbered rule of a client.  `builtin`: the edit whose level it sets; empty: its own check.

    What it is for never changes; what it says lies in its versions.  ``name``, ``level`` and
    ``version_count`` repeat the newest version, so that the list filters without a join, and a save that
    began on an older version is refused.
    """

    number = models.PositiveIntegerField()
    payer_name = models.CharField(max_length=120, blank=True, help_text="Empty: for every payer.")
    builtin = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=120)
    level = models.CharField(max_length=8, choices=LevelChoice)
    version_count = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="edit_rule_key_with_client"),
            models.UniqueConstraint(fields=["client", "number"], name="one_edit_rule_of_a_number_per_client"),
            models.CheckConstraint(condition=Q(number__gte=1), name="edit_rules_count_from_one"),
            models.CheckConstraint(condition=~Q(name=""), name="an_edit_rule_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class EditRuleVersion(TenantModel):
    """What a rule says from ``effective_from`` on.  Append-only; grain: one save.

    On a day of service the newest version that has begun by then holds, if it has not ended: a later
    version replaces the earlier ones from its first day on, also those that had no end.
    """

    rule = TenantForeignKey(EditRule, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    conditions = models.JSONField(help_text="Form: edit_rules.rules.conditions.")
    level = models.CharField(max_length=8, choices=LevelChoice)
    per_line = models.BooleanField(default=False)
    message = models.CharField(max_length=300, blank=True)
    satisfy = models.CharField(max_length=300, blank=True)
    citation = models.CharField(max_length=200, blank=True, help_text="The policy document.")
    citation_on = models.DateField(null=True, blank=True, help_text="Date of the policy document.")
    bypass = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="edit_rule_version_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "rule", "number"], name="one_version_of_a_number_per_edit_rule"
            ),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="an_edit_rule_ends_after_it_begins",
                violation_error_message="The last day must not lie before the first.",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_version_of_an_edit_rule_has_a_reason"),
            models.CheckConstraint(
                condition=Q(level__in=LevelChoice.values), name="the_level_of_an_edit_rule_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
