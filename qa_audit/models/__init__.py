"""Sampling plans and their draws; reviews with the reviewer's codes, findings, answers and scores."""

from qa_audit.models.drift import (
    DecisionKind,
    DriftNote,
    DriftSignal,
    NoteKind,
    SampleWidening,
    SignalDecision,
    SignalKind,
)
from qa_audit.models.facts import AccuracyFact, AuditedChart, CoverageFact, FindingFact
from qa_audit.models.plans import Draw, PlanVersion, SamplingPlan
from qa_audit.models.rehearsal import (
    ClockStep,
    OverpaymentClock,
    Rehearsal,
    RehearsalDeadline,
    RehearsalItem,
    RehearsalRecord,
    RehearsalTerms,
    RehearsalUnit,
)
from qa_audit.models.reviews import (
    AuditLine,
    LineStep,
    Review,
    ReviewCode,
    ReviewEvidence,
    ReviewOrigin,
    ReviewScore,
)
from qa_audit.models.root_causes import RootCause
from qa_audit.models.training import (
    FindingTopic,
    ReauditDraw,
    ReauditReview,
    RoundResult,
    TrainingAssignment,
    TrainingFinding,
    TrainingRound,
)

__all__ = [
    "AccuracyFact",
    "AuditLine",
    "AuditedChart",
    "ClockStep",
    "CoverageFact",
    "DecisionKind",
    "Draw",
    "DriftNote",
    "DriftSignal",
    "FindingFact",
    "FindingTopic",
    "LineStep",
    "NoteKind",
    "OverpaymentClock",
    "PlanVersion",
    "ReauditDraw",
    "ReauditReview",
    "Rehearsal",
    "RehearsalDeadline",
    "RehearsalItem",
    "RehearsalRecord",
    "RehearsalTerms",
    "RehearsalUnit",
    "Review",
    "ReviewCode",
    "ReviewEvidence",
    "ReviewOrigin",
    "ReviewScore",
    "RootCause",
    "RoundResult",
    "SampleWidening",
    "SamplingPlan",
    "SignalDecision",
    "SignalKind",
    "TrainingAssignment",
    "TrainingFinding",
    "TrainingRound",
]
