"""Gaps that trigger rules found in charts, which rules are on, and how far the sweep has come."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cdi_queries.models.queries import CdiQuery
from coding_ops.tenancy.fields import EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history
from encounters.models import Encounter, Provider


@keep_history()
class TriggerSwitch(TenantModel):
    """Grain: one rule at one client; a rule without a row is on."""

    key = models.CharField(max_length=60)
    is_on = models.BooleanField()
    changed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="one_switch_per_trigger")]


class HitState(models.TextChoices):
    OPEN = "open", "To look at"
    ACCEPTED = "accepted", "Query written"
    DISMISSED = "dismissed", "Dismissed"
    SETTLED = "settled", "No longer there"


class DismissReason(models.TextChoices):
    DOCUMENTED = "documented", "The record says it already"
    NOT_SIGNIFICANT = "not_significant", "Without clinical significance"
    CODING = "coding", "For the coder to settle, no question to a provider"
    MISREAD = "misread", "The rule misread the words"
    ASKED = "asked", "Asked in another query"
    OTHER = "other", "Another reason"


@keep_history()
class TriggerHit(TenantModel):
    """Grain: one matter of one rule in one chart, told once.

    ``fingerprint`` is SHA-256 of rule and subject: what was dismissed is not raised again when a new version
    of a document says the same.  ``spans`` is sealed JSON: version, start, end and quote of each place.
    Provider and specialty are the chart's, kept here for the lists.
    """

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="+", db_index=False)
    rule_key = models.CharField(max_length=60)
    subject = models.CharField(max_length=40, blank=True, help_text="Code, test or part; no words of a note.")
    fingerprint = models.BinaryField(max_length=32)
    spans = EncryptedTextField()
    edition = models.CharField(max_length=12)
    provider = TenantForeignKey(Provider, models.PROTECT, null=True, related_name="+", db_index=False)
    specialty = models.ForeignKey(
        "accounts.Specialty", models.PROTECT, null=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=HitState, default=HitState.OPEN)
    found_at = models.DateTimeField()
    reason = models.CharField(max_length=16, choices=DismissReason, blank=True)
    note = EncryptedTextField(null=True, help_text="A person's words.")
    query = TenantForeignKey(CdiQuery, models.PROTECT, null=True, related_name="+", db_index=False)
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="trigger_hit_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "encounter", "fingerprint"], name="a_gap_of_a_chart_is_told_once"
            ),
            models.CheckConstraint(condition=Q(state__in=HitState.values), name="trigger_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state="dismissed") | (~Q(reason="") & Q(decided_by__isnull=False)),
                name="a_dismissed_gap_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(query__isnull=False, decided_by__isnull=False),
                name="an_accepted_gap_has_its_query",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(decided_at__isnull=False), name="a_decided_gap_has_a_time"
            ),
        ]
        indexes = [
            # The list, whole and by one filter; a page by keyset whatever the archive.
            models.Index(fields=["client", "state", "-found_at", "-id"], name="trigger_hit_list"),
            models.Index(fields=["client", "-found_at", "-id"], name="trigger_hit_list_all"),
            models.Index(
                fields=["client", "rule_key", "state", "-found_at", "-id"], name="trigger_hit_by_rule"
            ),
            models.Index(
                fields=["client", "provider", "state", "-found_at", "-id"], name="trigger_hit_by_provider"
            ),
            models.Index(
                fields=["client", "specialty", "state", "-found_at", "-id"], name="trigger_hit_by_specialty"
            ),
        ]


class TriggerCursor(TenantModel):
    """How far the sweep has come.  Grain: one row a client.

    ``seq``: the newest event of the ledger it has read.  ``backfill_after``: it also goes through the charts
    that can still change, behind this one; empty when it has been through.
    """

    edition = models.CharField(max_length=12)
    seq = models.BigIntegerField(default=0)
    backfill_after = models.UUIDField(null=True)
    swept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client"], name="one_trigger_cursor_per_client")]
