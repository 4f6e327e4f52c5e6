"""One act by one person on one thing, in an append-only chain per client.

The database makes ``seq``, ``occurred_at``, ``previous_hash`` and ``hash`` (trigger
``audit_event_link``); the application role may not name those columns, nor update or delete a row.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from coding_ops.tenancy.models import TenantModel


class Verb(models.TextChoices):
    """The closed list of what can be done.  A new act is a new line here.

    Only ``record_event`` writes, and it takes a ``Verb``.  The database does not check the list again: a
    constraint of fifty values is parsed at each insert and cost as much as the rest of it (measured).
    """

    # reads of patient data
    CHART_VIEWED = "chart.viewed", "opened the chart"
    CHART_LISTED = "chart.listed", "saw a list of charts"
    RAW_FILE_VIEWED = "raw_file.viewed", "opened a received file"
    QUERY_VIEWED = "query.viewed", "opened a query"
    CLAIM_VIEWED = "claim.viewed", "opened a claim"
    CLAIM_FILE_VIEWED = "claim_file.viewed", "opened a file of claims or of a payer"
    EXPORT_DOWNLOADED = "export.downloaded", "downloaded an export"
    # intake
    FILE_RECEIVED = "file.received", "received a file"
    FILE_PROCESSED = "file.processed", "read a file into encounters"
    MESSAGE_QUARANTINED = "message.quarantined", "set aside a message that could not be read"
    QUARANTINE_RESOLVED = "quarantine.resolved", "resolved a quarantined message"
    ENCOUNTER_RECEIVED = "encounter.received", "received the encounter"
    ENCOUNTER_UPDATED = "encounter.updated", "updated the encounter from its source"
    DOCUMENT_ADDED = "document.added", "added a document"
    DOCUMENT_VERSION_ADDED = "document.version_added", "added a new version of a document"
    # work
    CHART_TAKEN = "chart.taken", "took the chart"
    CHART_RELEASED = "chart.released", "gave the chart back"
    CHART_SKIPPED = "chart.skipped", "skipped the chart"
    CHART_ASSIGNED = "chart.assigned", "assigned the chart"
    CODER_PAUSED = "coder.paused", "paused a coder's new charts"
    CODER_RESUMED = "coder.resumed", "lifted a coder's pause"
    LEASE_EXPIRED = "lease.expired", "lost the chart, the lease having run out"
    ENCOUNTER_PENDED = "encounter.pended", "put the encounter on hold"
    ENCOUNTER_RESUMED = "encounter.resumed", "took the encounter off hold"
    ENCOUNTER_CANCELLED = "encounter.cancelled", "cancelled the encounter"
    # coding
    CODE_ASSIGNED = "code.assigned", "assigned a code"
    CODE_CHANGED = "code.changed", "changed a code"
    CODE_REMOVED = "code.removed", "removed a code"
    CODES_REORDERED = "codes.reordered", "reordered the codes"
    EVIDENCE_CITED = "evidence.cited", "cited evidence"
    EVIDENCE_REMOVED = "evidence.removed", "removed evidence"
    EVIDENCE_REANCHORED = "evidence.reanchored", "carried evidence over to a new document version"
    EXCEPTION_RECORDED = "exception.recorded", "recorded why a code has no evidence"
    MEAT_TAGGED = "meat.tagged", "tagged evidence as monitored, evaluated, assessed or treated"
    LEVEL_CATEGORY_SET = "level.category_set", "chose the category of the visit's level"
    LEVEL_ELEMENT_SET = "level.element_set", "set an element of the visit's level"
    LEVEL_ELEMENT_REMOVED = "level.element_removed", "removed an element of the visit's level"
    ELIGIBILITY_CONFIRMED = "eligibility.confirmed", "confirmed a fact for risk adjustment"
    ELIGIBILITY_WITHDRAWN = "eligibility.withdrawn", "withdrew a fact for risk adjustment"
    CHANGE_UNDONE = "change.undone", "took back the last change"
    EDIT_OVERRIDDEN = "edit.overridden", "let a finding stand, with a reason"
    EDIT_OVERRIDE_WITHDRAWN = "edit.override_withdrawn", "withdrew an override"
    RELEASES_UNPINNED = "releases.unpinned", "chose the releases in force for the day"
    DISCHARGE_STATUS_SET = "discharge_status.set", "set the discharge status"
    WORKING_DRG_RECORDED = "working_drg.recorded", "recorded a working DRG"
    DRG_DIFFERENCE_EXPLAINED = "drg_difference.explained", "said why the final DRG differs"
    ENCOUNTER_FINALIZED = "encounter.finalized", "finalized the codes"
    ENCOUNTER_REOPENED = "encounter.reopened", "reopened the encounter"
    RELEASE_HELD = "release.held", "held the final codes from release"
    RELEASE_LIFTED = "release.lifted", "let the final codes go"
    RELEASED_AS_IT_IS = "release.as_it_is", "released the final codes as they are"
    # quality review
    SAMPLING_PLAN_CHANGED = "sampling_plan.changed", "changed a sampling plan"
    SAMPLE_DRAWN = "sample.drawn", "drew a sample"
    REVIEW_CREATED = "review.created", "asked for a review"
    REVIEW_TAKEN = "review.taken", "took the review"
    REVIEW_GIVEN_BACK = "review.given_back", "gave the review back"
    REVIEW_CODED = "review.coded", "changed the reviewer's codes"
    REVIEW_REVEALED = "review.revealed", "compared with the coder's codes"
    REVIEW_DELIVERED = "review.delivered", "delivered the findings"
    REVIEW_CLOSED = "review.closed", "closed the review"
    REVIEW_CANCELLED = "review.cancelled", "cancelled the review"
    FINDING_JUDGED = "finding.judged", "judged a finding"
    FINDING_ANSWERED = "finding.answered", "answered a finding"
    FINDING_LAPSED = "finding.lapsed", "let findings stand that were not answered in time"
    FINDING_EXTENDED = "finding.extended", "moved the last day for answers"
    FINDING_SETTLED = "finding.settled", "decided a finding in the place of who left"
    REHEARSAL_DRAWN = "rehearsal.drawn", "drew the sample of an audit rehearsal"
    REHEARSAL_CHANGED = "rehearsal.changed", "changed an audit rehearsal"
    REHEARSAL_CLOSED = "rehearsal.closed", "closed an audit rehearsal"
    REHEARSAL_RECORD_CITED = "rehearsal.record_cited", "cited a record in an audit rehearsal"
    REHEARSAL_RECORD_REMOVED = "rehearsal.record_removed", "took a record out of an audit rehearsal"
    REHEARSAL_JUDGED = "rehearsal.judged", "judged an item of an audit rehearsal"
    OVERPAYMENT_STEPPED = "overpayment.stepped", "recorded a decision about an overpayment"
    CALIBRATION_OPENED = "calibration.opened", "opened a calibration round"
    CALIBRATION_CHANGED = "calibration.changed", "changed a calibration round"
    CALIBRATION_ENDED = "calibration.ended", "ended a calibration round"
    GOLD_CHANGED = "gold.changed", "changed a gold chart"
    GOLD_COMPARED = "gold.compared", "compared codes with a gold key"
    GOLD_DECIDED = "gold.decided", "decided a difference from a gold key"
    GOLD_POLICY_CHANGED = "gold.policy_changed", "changed what gold scores are held to"
    GOLD_SIGNALLED = "gold.signalled", "raised a low gold score"
    GOLD_SIGNAL_DECIDED = "gold.signal_decided", "decided about a low gold score"
    FINDING_TOPIC_CHANGED = "finding.topic_changed", "gave a finding another training topic"
    TRAINING_ASSIGNED = "training.assigned", "assigned a training"
    TRAINING_COMPLETED = "training.completed", "finished a training"
    REAUDIT_ASKED = "training.reaudit_asked", "asked for reviews after a training"
    TRAINING_REOPENED = "training.reopened", "began a training again: the error was found again"
    TRAINING_CLOSED = "training.closed", "closed a training after a clean re-audit"
    TRAINING_ENDED = "training.ended", "ended a training"
    ROOT_CAUSE_OPENED = "root_cause.opened", "began to look for a root cause"
    ROOT_CAUSE_CHANGED = "root_cause.changed", "changed a root cause"
    ROOT_CAUSE_CLOSED = "root_cause.closed", "closed a root cause"
    DRIFT_FOUND = "drift.found", "found that an error rate has moved"
    DRIFT_DECIDED = "drift.decided", "decided about a signal of drift"
    SAMPLE_WIDENED = "sample.widened", "widened the sample"
    WIDENING_ENDED = "widening.ended", "ended a wider sample"
    DRIFT_NOTED = "drift.noted", "wrote on the charts what happened"
    DRIFT_NOTE_WITHDRAWN = "drift.note_withdrawn", "took a note off the charts"
    # queries to providers
    QUERY_DRAFTED = "query.drafted", "began a query"
    QUERY_SAVED = "query.saved", "saved a draft of a query"
    QUERY_SENT = "query.sent", "sent a query"
    QUERY_DELIVERED = "query.delivered", "delivered a query"
    QUERY_UNDELIVERED = "query.undelivered", "could not bring a query to the client's inbox"
    QUERY_WAY_CHANGED = "query_way.changed", "changed how queries reach the client's inbox"
    QUERY_WAY_TESTED = "query_way.tested", "sent a test message to the client's inbox"
    QUERY_POLICY_CHANGED = "query_policy.changed", "changed what is agreed about queries"
    QUERIES_DELETED = "queries.deleted", "deleted queries past their retention"
    QUERY_REDIRECTED = "query.redirected", "passed a query on to another provider"
    QUERY_ESCALATED = "query.escalated", "escalated a query"
    QUERY_ANSWERED = "query.answered", "answered a query"
    QUERY_CLOSED = "query.closed", "closed a query"
    QUERY_CANCELLED = "query.cancelled", "cancelled a query"
    QUERY_EXPIRED = "query.expired", "ended a query that ran out"
    QUERY_RENEWED = "query.renewed", "renewed a query"
    TRIGGER_FOUND = "trigger.found", "found gaps in the documentation"
    TRIGGER_DECIDED = "trigger.decided", "decided about a gap in the documentation"
    TRIGGER_SWITCHED = "trigger.switched", "switched a rule that finds gaps"
    LETTER_WRITTEN = "letter.written", "wrote a letter about documentation"
    LETTER_TOLD = "letter.told", "told a provider of a letter by mail"
    LETTER_ACKNOWLEDGED = "letter.acknowledged", "acknowledged a letter about documentation"
    CHART_REVIEWED_FOR_QUERIES = "chart_review.marked", "reviewed a chart with nothing to ask"
    CHART_REVIEW_WITHDRAWN = "chart_review.withdrawn", "took back the mark of a reviewed chart"
    QUERY_AUDIT_DRAWN = "query_audit.drawn", "drew queries for an audit"
    QUERY_AUDIT_SAVED = "query_audit.saved", "saved the audit of a query"
    QUERY_AUDITED = "query_audit.finished", "finished the audit of a query"
    QUERY_AUDIT_REOPENED = "query_audit.reopened", "opened the audit of a query again"
    QUERY_AUDIT_EXPORTED = "query_audit.exported", "took an audit of queries away as a file"
    QUERY_LINK_MADE = "query_link.made", "made a link for the provider"
    QUERY_CODE_SENT = "query_link.code_sent", "mailed a one-time code"
    QUERY_CODE_SPENT = "query_link.code_spent", "ended a one-time code after wrong tries"
    PROVIDER_CONTACT_CHANGED = "provider_contact.changed", "changed how a provider is reached"
    QUERY_TEMPLATE_SAVED = "query_template.saved", "saved a version of a query template"
    QUERY_TEMPLATE_SWITCHED_OFF = "query_template.switched_off", "switched a query template off"
    QUERY_TEMPLATE_SWITCHED_ON = "query_template.switched_on", "switched a query template on"
    # claims and what payers answered
    CLAIM_MADE = "claim.made", "made a claim from final codes"
    CLAIM_CLEARED = "claim.cleared", "made a blocked claim anew"
    CLAIM_CORRECTED = "claim.corrected", "made a corrected claim"
    CLAIM_VOIDED = "claim.voided", "asked to void a claim"
    CLAIM_COMPARED = "claim.compared", "compared billed claims with final codes"
    SUBMISSION_ASKED = "submission.asked", "asked for a file of claims"
    SUBMISSION_WRITTEN = "submission.written", "wrote a file of claims"
    SUBMISSION_DOWNLOADED = "submission.downloaded", "downloaded a file of claims"
    SUBMISSION_TAKEN_BACK = "submission.taken_back", "took a file of claims back before it was sent"
    SUBMISSION_SENT = "submission.sent", "marked a file of claims as sent"
    CLAIM_FILE_RECEIVED = "claim_file.received", "received a file of claims or of a payer"
    CLAIM_FILE_POSTED = "claim_file.posted", "posted a file of claims or of a payer"
    CLAIM_FILE_RETRIED = "claim_file.retried", "read a file of a payer again"
    FILE_PROBLEM_DISMISSED = "file_problem.dismissed", "dismissed what a file of a payer set aside"
    PAYMENT_MATCHED = "payment.matched", "tied a payment to its claim"
    DENIAL_ASSIGNED = "denial.assigned", "gave a denial to somebody"
    DENIAL_CAUSE_SET = "denial.cause_set", "recorded what caused a denial"
    DENIAL_WRITTEN_OFF = "denial.written_off", "wrote a denial off"
    DENIAL_REOPENED = "denial.reopened", "opened a denial again"
    DENIAL_RULE_PROPOSED = "denial.rule_proposed", "proposed an edit rule from repeated denials"
    REWORK_ASKED = "rework.asked", "had a chart coded again at no cost"
    APPEAL_DRAFTED = "appeal.drafted", "drafted an appeal"
    APPEAL_SAVED = "appeal.saved", "saved the letter of an appeal"
    APPEAL_SENT = "appeal.sent", "sent an appeal"
    APPEAL_DECIDED = "appeal.decided", "recorded the decision of an appeal"
    APPEAL_WITHDRAWN = "appeal.withdrawn", "withdrew an appeal"
    CREDIT_PROPOSED = "credit.proposed", "proposed a credit"
    CREDIT_DECIDED = "credit.decided", "decided a proposed credit"
    CLAIM_OVERPAID = "claim.overpaid", "noticed an overpayment of a claim"
    BILLING_PROFILE_CHANGED = "billing_profile.changed", "changed who the client bills as"
    PAYER_CHANGED = "payer.changed", "changed a payer"
    CHARGES_CHANGED = "charges.changed", "changed charges"
    REASON_RULE_MADE = "reason_rule.made", "changed how a contract reads a payer's reason"
    REASON_RULE_ENDED = "reason_rule.ended", "ended how a contract read a payer's reason"
    # people and set-up
    CLIENT_CREATED = "client.created", "created the client"
    MEMBERSHIP_GRANTED = "membership.granted", "granted a role"
    MEMBERSHIP_REVOKED = "membership.revoked", "revoked a role"
    QUEUE_CREATED = "queue.created", "created a worklist"
    QUEUE_CHANGED = "queue.changed", "changed a worklist"
    QUEUE_GRANTED = "queue.granted", "granted a worklist to a role"
    CONNECTION_CREATED = "connection.created", "created an intake connection"
    TARGET_CHANGED = "target.changed", "changed a target"
    EDIT_RULE_CREATED = "edit_rule.created", "made an edit rule"
    EDIT_RULE_CHANGED = "edit_rule.changed", "saved a version of an edit rule"
    EDIT_RULE_SWITCHED_OFF = "edit_rule.switched_off", "switched an edit rule off"
    EDIT_RULE_SWITCHED_ON = "edit_rule.switched_on", "switched an edit rule on"
    EXPORT_ASKED = "export.asked", "asked for an export"
    EXPORT_MADE = "export.made", "made an export"
    EXPORT_EXPIRED = "export.expired", "deleted an export whose days are over"
    KPIS_REFRESHED = "kpis.refreshed", "recomputed the numbers"


class VerbField(models.CharField):
    """A verb.  The list stays out of the migrations: the database never knew it (see ``Verb``)."""

    def deconstruct(self) -> Any:
        """As a plain text column."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)
        return name, path, args, kwargs


class AuditEvent(TenantModel):
    """Grain: one act.  No patient data in any column: subjects by id, facts as codes and counts."""

    seq = models.BigIntegerField(editable=False)
    occurred_at = models.DateTimeField(editable=False)
    verb = VerbField(max_length=32, choices=Verb)
    # No foreign key in the database: the event stands whatever happens to the account, and the check would
    # lock the account's row at each act.
    actor = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    actor_name = models.CharField(max_length=120)
    role = models.CharField(max_length=20)
    credential = models.CharField(max_length=80, blank=True)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=40)
    reason = models.CharField(max_length=500, blank=True)
    facts = models.JSONField(default=dict)
    request_id = models.CharField(max_length=40, blank=True)
    previous_hash = models.BinaryField(editable=False)
    hash = models.BinaryField(editable=False)

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["client", "seq"], name="one_event_per_client_and_number"),
        ]
        indexes = [
            models.Index(fields=["client", "subject_id", "seq"], name="event_by_subject"),
            BrinIndex(fields=["occurred_at"], name="event_by_time"),
        ]
