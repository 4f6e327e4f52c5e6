"""Worklists, leases, skips and holds."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from guardian.models import GroupObjectPermissionBase

from coding_ops.tenancy.models import TenantForeignKey, TenantModel
from encounters.models.encounter import Encounter


class WorkQueue(TenantModel):
    """A worklist of one client.  Role groups are granted it through django-guardian.

    ``generation`` grows whenever something is put back in front of the line; a worker that remembers
    how far it had come forgets it then (see ``encounters/sql/take_next.sql``).
    """

    name = models.CharField(max_length=60)
    specialty_codes = ArrayField(
        models.CharField(max_length=16), default=list, blank=True, help_text="Charts it accepts; empty: all."
    )
    kinds = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=1, help_text="First match wins, in this order.")
    is_active = models.BooleanField(default=True)
    generation = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        permissions = [("take_charts", "Can take charts from this worklist")]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="work_queue_key_with_client"),
            models.UniqueConstraint(fields=["client", "name"], name="one_worklist_of_a_name_per_client"),
        ]

    def __str__(self) -> str:
        return self.name


class WorkQueueGroupPermission(GroupObjectPermissionBase):
    """A django-guardian grant of a role group on a worklist, by foreign key instead of by text."""

    content_object = models.ForeignKey(WorkQueue, models.CASCADE)

    def __str__(self) -> str:
        return f"{self.group_id}: {self.permission_id} on {self.content_object_id}"


class WorkItemState(models.TextChoices):
    QUEUED = "queued", "Waiting"
    LEASED = "leased", "Being coded"
    PENDED = "pended", "On hold"
    DONE = "done", "Done"


class WorkItem(TenantModel):
    """An encounter's place in a worklist, and who holds it.  Grain: one row an encounter.

    ``fence`` grows with each lease: a save that carries an older fence comes from somebody who lost the
    chart, and is refused.  ``order_key`` packs due time, risk and age into one number, so that the next
    chart is the first entry of one index.
    """

    queue = TenantForeignKey(WorkQueue, models.PROTECT, related_name="items", db_index=False)
    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="work_items", db_index=False)
    state = models.CharField(max_length=6, choices=WorkItemState, default=WorkItemState.QUEUED)
    specialty = models.ForeignKey(
        "accounts.Specialty", models.PROTECT, null=True, related_name="+", db_index=False
    )
    due_at = models.DateTimeField()
    risk = models.SmallIntegerField(default=0)
    order_key = models.BigIntegerField()
    queued_at = models.DateTimeField()
    # No foreign key in the database: its check would lock the coder's account row at each claim.
    holder = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    leased_at = models.DateTimeField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    fence = models.IntegerField(default=0)
    skipped_by = ArrayField(
        models.BigIntegerField(), default=list, help_text="Who passed it over since it was queued."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "encounter"], name="an_encounter_is_in_one_worklist"),
            models.CheckConstraint(
                condition=Q(state="leased", holder__isnull=False, lease_expires_at__isnull=False)
                | (~Q(state="leased") & Q(holder__isnull=True, lease_expires_at__isnull=True)),
                name="exactly_a_leased_item_has_a_holder",
            ),
        ]
        indexes = [
            # Take-next reads only the head of one queue; done items, the great majority, are not in it.
            models.Index(
                fields=["client", "queue", "order_key", "id"],
                condition=Q(state="queued"),
                name="work_item_next",
            ),
        ]


class SkipReason(models.TextChoices):
    NOT_MY_SPECIALTY = "not_my_specialty", "Outside my specialty"
    CONFLICT = "conflict", "I know the patient"
    TOO_LONG = "too_long", "Too long for the time left"
    NEEDS_LEAD = "needs_lead", "Needs a lead coder"
    OTHER = "other", "Other"


class Skip(TenantModel):
    """A coder passed a chart over; it goes to others, not to nobody."""

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="skips", db_index=False)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=20, choices=SkipReason)
    note = models.CharField(max_length=300, blank=True)
    skipped_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["client", "user", "-skipped_at"], name="skip_by_coder")]


class OwnerParty(models.TextChoices):
    VENDOR = "vendor", "Vendor"
    CLIENT = "client", "Client"
    PROVIDER = "provider", "Provider"
    PAYER = "payer", "Payer"


class PendReason(models.TextChoices):
    MISSING_NOTE = "missing_note", "A note is missing"
    UNSIGNED_NOTE = "unsigned_note", "The note is not signed"
    MISSING_RESULT = "missing_result", "A result or pathology report is missing"
    CLARIFICATION = "clarification", "The provider must clarify"
    REGISTRATION = "registration", "Registration or coverage is unclear"
    AUTHORIZATION = "authorization", "Authorization is outstanding"
    CHARGE_QUESTION = "charge_question", "The charge does not fit the note"
    SECOND_OPINION = "second_opinion", "A lead coder must look"
    QUERY = "query", "A query waits for the provider's answer"
    OTHER = "other", "Other"


CHOSEN_REASONS = tuple(choice for choice in PendReason.choices if choice[0] != PendReason.QUERY)
"""The reasons a person chooses from: a query makes and ends its own hold."""


class Pend(TenantModel):
    """A hold: why, who must act, until when.  The turnaround clock stops only for parties other than
    the vendor.  Closed holds stay visible.  A query's hold may be ended by a provider without an account."""

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="pends", db_index=False)
    reason = models.CharField(max_length=20, choices=PendReason)
    owner_party = models.CharField(max_length=8, choices=OwnerParty)
    note = models.CharField(max_length=500, blank=True, help_text="Shown to the owner; no patient data.")
    due_on = models.DateField()
    opened_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    closed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="pend_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "encounter"],
                condition=Q(closed_at__isnull=True),
                name="one_open_hold_per_encounter",
                violation_error_message="This encounter is on hold already.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_by__isnull=False) | Q(reason="query"),
                name="a_closed_hold_was_closed_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "owner_party", "opened_at"],
                condition=Q(closed_at__isnull=True),
                name="pend_open_by_owner",
            ),
            models.Index(fields=["client", "encounter", "opened_at"], name="pend_by_encounter"),
        ]


class WorkSession(TenantModel):
    """Time a coder was at work on a chart: from lease to release, idle gaps left out by the heartbeat."""

    # The client is held by the key on (client, encounter); a check of its own would lock the client's row at
    # each claim, and so would one of the coder's account.
    client = models.ForeignKey(
        "tenancy.Client", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="work_sessions", db_index=False)
    user = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    started_at = models.DateTimeField()
    last_active_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    active_seconds = models.IntegerField(default=0)
    fence = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "encounter", "fence"], name="one_session_per_lease"),
        ]
        indexes = [
            models.Index(fields=["client", "started_at"], name="work_session_window"),
            # The chart in hand is the newest session's.  Sessions are only added, so this stays one step
            # however many leases came before, also while a report pins old row versions.
            models.Index(fields=["user", "-started_at"], name="work_session_newest"),
            models.Index(fields=["client"], condition=Q(ended_at__isnull=True), name="work_session_open"),
        ]
