"""The QA programme: plans, draws, reviews, scores, rebuttals."""

from __future__ import annotations

from django.apps import AppConfig


class QaAuditConfig(AppConfig):
    """Samples of final charts, reviewed by a second person."""

    name = "qa_audit"
    verbose_name = "QA programme"
