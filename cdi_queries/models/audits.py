"""Audits of queries: what was drawn, who judged it, and the verdict on each of the questions."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cdi_queries.models.queries import CdiQuery
from cdi_queries.rules.query_audit import Judged
from coding_ops.tenancy.fields import EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history


class AuditVerdict(models.TextChoices):
    """What is said to one question about one query."""

    MET = Judged.MET.value, "Criteria met"
    TRAINING = Judged.TRAINING.value, "Training opportunity"
    NOT_APPLICABLE = Judged.NOT_APPLICABLE.value, "Not applicable"


class QueryAudit(TenantModel):
    """Grain: one sample of sent queries.  Append-only.

    Seed and frame give the same sample again, on any machine (`rules/audit_sample.py`); ``frame`` is the
    gzipped list of ids it was drawn from, in the order of its hash.
    """

    period_from = models.DateField(help_text="First day of sending, at the client's.")
    period_through = models.DateField()
    author = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Only this author's queries; empty: everybody's.",
    )
    edition = models.CharField(max_length=12, help_text="Of the questions.")
    algorithm = models.CharField(max_length=40)
    seed = models.BigIntegerField()
    frame = models.BinaryField()
    frame_sha256 = models.CharField(max_length=64)
    frame_count = models.PositiveIntegerField()
    sample_count = models.PositiveIntegerField()
    drawn_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    drawn_at = models.DateTimeField()

    class Meta:
        ordering = ["-drawn_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="query_audit_key_with_client"),
            models.CheckConstraint(
                condition=Q(period_through__gte=F("period_from")), name="a_query_audit_period_is_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(sample_count__lte=F("frame_count"), sample_count__gte=1),
                name="a_query_sample_is_part_of_its_frame",
            ),
        ]
        indexes = [models.Index(fields=["client", "-drawn_at", "-id"], name="query_audit_newest")]


@keep_history()
class AuditedQuery(TenantModel):
    """Grain: one drawn query.  The counts are those of its answers, kept when the audit of it is finished."""

    audit = TenantForeignKey(QueryAudit, models.PROTECT, related_name="queries", db_index=False)
    query = TenantForeignKey(CdiQuery, models.PROTECT, related_name="+", db_index=False)
    author = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="+", db_index=False, help_text="Who wrote the query."
    )
    position = models.PositiveSmallIntegerField(help_text="In the order drawn, from 1.")
    auditor = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    finished_at = models.DateTimeField(null=True)
    met_count = models.PositiveSmallIntegerField(default=0)
    training_count = models.PositiveSmallIntegerField(default=0)
    summary = EncryptedTextField(null=True, help_text="The auditor's words about the whole query.")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="audited_query_key_with_client"),
            models.UniqueConstraint(fields=["client", "audit", "query"], name="a_query_is_drawn_once"),
            models.UniqueConstraint(
                fields=["client", "audit", "position"], name="one_query_at_a_place_of_an_audit"
            ),
            models.CheckConstraint(
                condition=Q(auditor__isnull=True) | ~Q(auditor=F("author")),
                name="nobody_audits_their_own_query",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(auditor__isnull=False),
                name="a_finished_query_audit_has_an_auditor",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "author", "-finished_at"], name="audited_query_by_author"),
        ]


@keep_history()
class AuditAnswer(TenantModel):
    """Grain: one question about one drawn query."""

    audited = TenantForeignKey(AuditedQuery, models.PROTECT, related_name="answers", db_index=False)
    question = models.CharField(max_length=24, help_text="Key of the question in its edition.")
    verdict = models.CharField(max_length=8, choices=AuditVerdict)
    note = EncryptedTextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "audited", "question"], name="one_answer_to_a_question_of_an_audit"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["met", "training", "na"]), name="audit_verdict_is_known"
            ),
        ]
