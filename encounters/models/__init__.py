"""Encounters and everything a coder does to them."""

from encounters.models.coding import (
    CodeAssignment,
    CodeKind,
    CodeRevision,
    CodingChange,
    EvidenceLink,
    EvidenceState,
    ExceptionReason,
    Meat,
)
from encounters.models.document import Document, DocumentVersion
from encounters.models.drg import DrgDifference, DrgParty, DrgReason, WorkingDrg
from encounters.models.edits import EditOverride, OverrideReason
from encounters.models.eligibility import EligibilityFact
from encounters.models.encounter import Encounter, EncounterKind, EncounterStatus
from encounters.models.intake import (
    IntakeConnection,
    IntakeMessage,
    QuarantineItem,
    RawChunk,
    RawFile,
    SourceFormat,
)
from encounters.models.pauses import WorkPause
from encounters.models.people import Coverage, Patient, Provider
from encounters.models.release import HoldStage, LiftReason, ReleaseHold
from encounters.models.visit_level import LevelPart, ScoredBy, VisitLevel, VisitLevelElement
from encounters.models.worklist import (
    CHOSEN_REASONS,
    OwnerParty,
    Pend,
    PendReason,
    Skip,
    SkipReason,
    WorkItem,
    WorkItemState,
    WorkQueue,
    WorkQueueGroupPermission,
    WorkSession,
)

__all__ = [
    "CHOSEN_REASONS",
    "CodeAssignment",
    "CodeKind",
    "CodeRevision",
    "CodingChange",
    "Coverage",
    "Document",
    "DocumentVersion",
    "DrgDifference",
    "DrgParty",
    "DrgReason",
    "EditOverride",
    "EligibilityFact",
    "Encounter",
    "EncounterKind",
    "EncounterStatus",
    "EvidenceLink",
    "EvidenceState",
    "ExceptionReason",
    "HoldStage",
    "IntakeConnection",
    "IntakeMessage",
    "LevelPart",
    "LiftReason",
    "Meat",
    "OverrideReason",
    "OwnerParty",
    "Patient",
    "Pend",
    "PendReason",
    "Provider",
    "QuarantineItem",
    "RawChunk",
    "RawFile",
    "ReleaseHold",
    "ScoredBy",
    "Skip",
    "SkipReason",
    "SourceFormat",
    "VisitLevel",
    "VisitLevelElement",
    "WorkItem",
    "WorkItemState",
    "WorkPause",
    "WorkQueue",
    "WorkQueueGroupPermission",
    "WorkSession",
    "WorkingDrg",
]
