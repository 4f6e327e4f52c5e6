"""What happens in the background.  Celery looks here, so every task is named here."""

from cdi_queries.tasks import education, outbox, queries, triggers

__all__ = ["education", "outbox", "queries", "triggers"]
