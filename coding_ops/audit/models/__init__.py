"""The ledger of acts."""

from coding_ops.audit.models.event import AuditEvent, Verb

__all__ = ["AuditEvent", "Verb"]
