"""Reads of the ledger."""

from __future__ import annotations

from django.db.models import QuerySet

from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.models import TenantModel


def events_of(subject: TenantModel) -> QuerySet[AuditEvent]:
    """Everything that happened to one thing, oldest first."""
    return AuditEvent.objects.filter(client_id=subject.client_id, subject_id=str(subject.pk)).order_by("seq")


def newest_event(subject: TenantModel, verb: Verb) -> AuditEvent | None:
    """The last time this was done to it."""
    return events_of(subject).filter(verb=verb).order_by("-seq").first()
