"""Sizes, deadlines and notes of outside audits, as their data files give them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from qa_audit.rules.rehearsal import RehearsalKind

DATA = Path(__file__).resolve().parents[1] / "data"
STATUS_WORDS = {
    "verified": "",
    "secondary": "from a summary, not the source",
    "unverified": "not verified",
    "house": "house rule",
}
"""What a page says beside a figure of each status."""


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """One deadline: calendar days from the ``notice`` of the audit or from its ``report``."""

    key: str
    label: str
    days: int
    starts: str
    citation: str
    status: str

    def due(self, start: date) -> date:
        """The last day."""
        return start + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class AuditType:
    """One kind of audit.  ``least`` and ``most``: units that such auditors draw; ``target`` is a share."""

    kind: RehearsalKind
    label: str
    least: int
    most: int
    size_source: str
    size_status: str
    target: Decimal
    minimum_n: int
    target_source: str
    deadlines: tuple[DeadlineRule, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """What the law said from a day on, and how sure that is."""

    on: date
    words: str
    source: str
    status: str


@cache
def _rehearsals() -> dict[str, Any]:
    return tomllib.loads((DATA / "audit_rehearsals.toml").read_text("utf-8"))


@cache
def audit_type(kind: RehearsalKind) -> AuditType:
    """One kind of audit as the file describes it."""
    table = _rehearsals()[kind.value]
    return AuditType(
        kind=kind,
        label=table["label"],
        least=table["least"],
        most=table["most"],
        size_source=table["size_source"],
        size_status=table["size_status"],
        target=Decimal(table["target"]),
        minimum_n=table["minimum_n"],
        target_source=table["target_source"],
        deadlines=tuple(
            DeadlineRule(
                one["key"],
                one["label"],
                one["days"],
                one.get("from", "notice"),
                one["citation"],
                one["status"],
            )
            for one in table["deadline"]
        ),
    )


@cache
def extrapolation_notes() -> tuple[Note, ...]:
    """What the law says of projecting a sample, newest first."""
    notes = [
        Note(one["on"], one["words"], one["source"], one["status"]) for one in _rehearsals()["extrapolation"]
    ]
    return tuple(sorted(notes, key=lambda note: note.on, reverse=True))
