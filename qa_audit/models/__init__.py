"""Sampling plans and their draws; reviews with the reviewer's codes, findings, answers and scores."""

from qa_audit.models.facts import AccuracyFact, AuditedChart, CoverageFact, FindingFact
from qa_audit.models.plans import Draw, PlanVersion, SamplingPlan
from qa_audit.models.reviews import (
    AuditLine,
    LineStep,
    Review,
    ReviewCode,
    ReviewEvidence,
    ReviewOrigin,
    ReviewScore,
)

__all__ = [
    "AccuracyFact",
    "AuditLine",
    "AuditedChart",
    "CoverageFact",
    "Draw",
    "FindingFact",
    "LineStep",
    "PlanVersion",
    "Review",
    "ReviewCode",
    "ReviewEvidence",
    "ReviewOrigin",
    "ReviewScore",
    "SamplingPlan",
]
