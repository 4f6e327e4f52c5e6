"""A query to a provider, its steps and its answer.  What was sent is never changed: the database refuses."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cdi_queries.rules.outcome import Outcome
from cdi_queries.rules.query import Kind
from cdi_queries.rules.query_states import QueryState, allowed_pairs
from coding_ops.tenancy.fields import EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history
from encounters.models import DocumentVersion, Encounter, Pend, Provider

SENT_COLUMNS = (
    "content", "content_sha256", "lint", "lint_edition", "lint_warnings", "kind", "channel", "author_id",
    "author_credential", "encounter_id", "template_key", "template_version", "trigger_key", "sent_at",
    "is_retrospective", "codes_before",
)  # fmt: skip
ANSWERED_COLUMNS = ("outcome", "answered_at", "provider_id", "answer_document_id")


def _changed_after(moment: str, columns: tuple[str, ...]) -> pgtrigger.Condition:
    """True of an update that touches one of the columns of a row whose ``moment`` has come."""
    changed = " OR ".join(f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in columns)
    return pgtrigger.Condition(f'OLD."{moment}" IS NOT NULL AND ({changed})')


class QueryKind(models.TextChoices):
    OPEN = Kind.OPEN.value, "Open question"
    MULTIPLE_CHOICE = Kind.MULTIPLE_CHOICE.value, "Multiple choice"
    YES_NO = Kind.YES_NO.value, "Yes or no"


class QueryStatus(models.TextChoices):
    DRAFT = QueryState.DRAFT.value, "Draft"
    SENT = QueryState.SENT.value, "Waiting for the provider"
    ANSWERED = QueryState.ANSWERED.value, "Answered"
    CLOSED = QueryState.CLOSED.value, "Closed"
    CANCELLED = QueryState.CANCELLED.value, "Cancelled"
    EXPIRED = QueryState.EXPIRED.value, "Ran out"


class QueryOutcome(models.TextChoices):
    AGREED = Outcome.AGREED.value, "Agreed"
    DISAGREED = Outcome.DISAGREED.value, "Disagreed"
    OTHER = Outcome.OTHER.value, "Other"
    UNDETERMINED = Outcome.UNDETERMINED.value, "Unable to determine"


class Channel(models.TextChoices):
    WRITTEN = "written", "Written"
    VERBAL = "verbal", "Asked by word of mouth"


class Impact(models.TextChoices):
    """What an answer may change.  Never in anything the provider sees."""

    PRINCIPAL = "principal", "Principal diagnosis"
    SEVERITY = "severity", "Severity level"
    DRG = "drg", "DRG"
    RISK = "risk", "Risk adjustment"
    QUALITY = "quality", "Quality measure"
    POA = "poa", "Present on admission"
    MEDICAL_NECESSITY = "necessity", "Medical necessity"
    LEVEL = "level", "Visit level"
    NONE = "none", "Completeness only"


class CancelReason(models.TextChoices):
    DOCUMENTED = "documented", "The record was completed meanwhile"
    WRONG_PATIENT = "wrong_patient", "Asked about the wrong patient"
    WRONG_PROVIDER = "wrong_provider", "Asked of the wrong provider"
    DUPLICATE = "duplicate", "Asked twice"
    NOT_NEEDED = "not_needed", "No longer needed"
    PROVIDER_GONE = "provider_gone", "The provider has left"


@keep_history()
class CdiQuery(TenantModel):
    """Grain: one question to one provider about one encounter.

    ``content`` is the sealed JSON of ``rules.content.QueryContent``: all that the provider may see.
    ``asked_at`` restarts when the query is passed on to another provider; ``sent_at`` does not.
    """

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="+", db_index=False)
    provider = TenantForeignKey(Provider, models.PROTECT, null=True, related_name="+", db_index=False)
    author = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    author_credential = models.CharField(max_length=80, blank=True, help_text="In force when it was sent.")
    specialty = models.ForeignKey(
        "accounts.Specialty", models.PROTECT, null=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=QueryStatus, default=QueryStatus.DRAFT)
    kind = models.CharField(max_length=16, choices=QueryKind)
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.WRITTEN)
    template_key = models.CharField(max_length=60, blank=True)
    template_version = models.PositiveSmallIntegerField(null=True)
    trigger_key = models.CharField(max_length=60, blank=True, help_text="Rule that pointed at the gap.")
    content = EncryptedTextField()
    content_sha256 = models.BinaryField(max_length=32, null=True)
    lint = EncryptedTextField(
        null=True, help_text="Findings as they were when it was sent, and reasons given for warnings; JSON."
    )
    lint_edition = models.CharField(max_length=12, blank=True)
    lint_warnings = ArrayField(models.CharField(max_length=4), default=list, help_text="Rules let stand.")
    impacts = ArrayField(models.CharField(max_length=12, choices=Impact), default=list)
    internal_note = EncryptedTextField(null=True)
    codes_before = models.JSONField(null=True, help_text="The working set when it was sent.")
    codes_after = models.JSONField(null=True, help_text="The working set when it was closed.")
    shift = models.JSONField(null=True, help_text="What the answer changed: derived when it was closed.")
    is_retrospective = models.BooleanField(default=False, help_text="The codes were final when it was sent.")
    pend = TenantForeignKey(Pend, models.PROTECT, null=True, related_name="+", db_index=False)
    answer_document = TenantForeignKey(
        DocumentVersion, models.PROTECT, null=True, related_name="+", db_index=False
    )
    outcome = models.CharField(max_length=12, choices=QueryOutcome, blank=True)
    drafted_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="When its answer is expected.")
    expires_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    escalation_level = models.PositiveSmallIntegerField(default=0)
    advisor = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="Closed, cancelled or run out.")
    cancel_reason = models.CharField(max_length=16, choices=CancelReason, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="cdi_query_key_with_client"),
            models.CheckConstraint(condition=Q(state__in=QueryStatus.values), name="query_state_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled"])
                | Q(
                    provider__isnull=False,
                    sent_at__isnull=False,
                    asked_at__isnull=False,
                    expires_at__isnull=False,
                    content_sha256__isnull=False,
                    lint__isnull=False,
                ),
                name="a_sent_query_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["answered", "closed"])
                | (Q(answered_at__isnull=False) & ~Q(outcome="")),
                name="an_answered_query_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancel_reason=""), name="a_cancelled_query_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["closed", "cancelled", "expired"]) | Q(ended_at__isnull=False),
                name="an_ended_query_has_a_time",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="query_takes_known_steps",
                field="state",
                transitions=[(before.value, after.value) for before, after in allowed_pairs()],
            ),
            pgtrigger.Protect(
                name="a_sent_query_keeps_its_words",
                operation=pgtrigger.Update,
                condition=_changed_after("sent_at", SENT_COLUMNS),
            ),
            pgtrigger.Protect(
                name="an_answered_query_keeps_its_answer",
                operation=pgtrigger.Update,
                condition=_changed_after("answered_at", ANSWERED_COLUMNS),
            ),
        ]
        indexes = [
            # Lists: what waits, oldest first; what was answered, newest first; a state whatever the archive.
            models.Index(
                fields=["client", "asked_at", "id"], condition=Q(state="sent"), name="query_waiting"
            ),
            models.Index(
                fields=["client", "answered_at", "id"], condition=Q(state="answered"), name="query_to_close"
            ),
            models.Index(fields=["client", "state", "-drafted_at", "-id"], name="query_by_state"),
            models.Index(fields=["client", "-drafted_at", "-id"], name="query_list"),
            models.Index(fields=["client", "encounter", "-drafted_at"], name="query_by_encounter"),
            models.Index(fields=["client", "provider", "-sent_at"], name="query_by_provider"),
            models.Index(fields=["client", "author", "-drafted_at"], name="query_by_author"),
            # Measures read one window of what was sent.
            models.Index(
                fields=["client", "sent_at"], condition=Q(sent_at__isnull=False), name="query_sent_window"
            ),
            models.Index(
                fields=["client", "answered_at"],
                condition=Q(answered_at__isnull=False),
                name="query_answered_window",
            ),
            models.Index(fields=["expires_at"], condition=Q(state="sent"), name="query_running_out"),
            # Lists cut to one thing: a rare one must not cost a walk through the archive.
            models.Index(fields=["client", "template_key", "-drafted_at", "-id"], name="query_by_template"),
            models.Index(fields=["client", "specialty", "-drafted_at", "-id"], name="query_by_specialty"),
            models.Index(
                fields=["client", "outcome", "-drafted_at", "-id"],
                condition=~Q(outcome=""),
                name="query_by_outcome",
            ),
            models.Index(
                fields=["client", "trigger_key", "-drafted_at", "-id"],
                condition=~Q(trigger_key=""),
                name="query_by_trigger",
            ),
            # A person's own queue: what is open, and what was escalated to them.
            models.Index(
                fields=["client", "author", "state", "-drafted_at", "-id"],
                condition=Q(state__in=["draft", "sent", "answered", "expired"]),
                name="query_open_by_author",
            ),
            models.Index(
                fields=["client", "advisor", "asked_at", "id"],
                condition=Q(state="sent", advisor__isnull=False),
                name="query_with_advisor",
            ),
        ]


class StepKind(models.TextChoices):
    DRAFTED = "drafted", "Draft begun"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    REMINDED = "reminded", "Reminded"
    OPENED = "opened", "Opened by the provider"
    REDIRECTED = "redirected", "Passed on to another provider"
    ESCALATED = "escalated", "Escalated"
    HELD = "held", "Chart put on hold"
    ANSWERED = "answered", "Answered"
    RETURNED = "returned", "Chart back with the coders"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Ran out"
    RENEWED = "renewed", "Renewed"


class QueryStep(TenantModel):
    """What happened to a query, one row a step, only ever added.  ``by`` is empty for the application itself
    and for a provider who answered through a link without an account."""

    query = TenantForeignKey(CdiQuery, models.PROTECT, related_name="steps", db_index=False)
    kind = models.CharField(max_length=10, choices=StepKind)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=120)
    role = models.CharField(max_length=20)
    provider = TenantForeignKey(Provider, models.PROTECT, null=True, related_name="+", db_index=False)
    note = EncryptedTextField(null=True, help_text="A person's words.")
    facts = models.JSONField(default=dict, help_text="Ids, counts and codes; no patient data.")

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["client", "query", "at"], name="query_step_by_query")]


class AnsweredBy(models.TextChoices):
    ACCOUNT = "account", "Signed in"
    CODE = "code", "Link and one-time code"
    VERBAL = "verbal", "By word of mouth"
    INBOX = "inbox", "Through the client's inbox"


class QueryAnswer(TenantModel):
    """The provider's answer, to the letter; never changed.  Grain: one row a query."""

    query = TenantForeignKey(CdiQuery, models.PROTECT, related_name="answers", db_index=False)
    provider = TenantForeignKey(Provider, models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=120)
    answered_by = models.CharField(max_length=8, choices=AnsweredBy)
    option_id = models.CharField(max_length=8, blank=True)
    option_text = EncryptedTextField(null=True, help_text="The option's words as they stood.")
    words = EncryptedTextField(null=True, help_text="The provider's own words.")
    sha256 = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "query"], name="a_query_is_answered_once")]
