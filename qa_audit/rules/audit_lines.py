"""A coder's and an auditor's lines, and what they are compared by: plain values, no storage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final


class Verdict(StrEnum):
    """What a line of the audit is."""

    AGREE = "AG"
    WRONG_CODE = "WC"
    WRONG_SPECIFICITY = "WS"
    MISSED = "MS"
    UNSUPPORTED = "UN"
    PRINCIPAL = "PD"
    SEQUENCE = "SQ"
    PRESENT_ON_ADMISSION = "PO"
    MODIFIER = "MO"
    UNITS = "UT"
    LEVEL_OVER = "EO"
    LEVEL_UNDER = "EU"
    LINK = "DP"
    QUERY_MISSED = "QM"
    EVIDENCE = "EV"
    OBSERVATION = "OB"


#: Findings about the work and not about the codes: outside every score of codes.
PROCESS: Final = frozenset({Verdict.QUERY_MISSED, Verdict.EVIDENCE, Verdict.OBSERVATION})
#: Right code, wrong attribute: a contract may leave these out of the code-level score.
ATTRIBUTES: Final = frozenset(
    {Verdict.SEQUENCE, Verdict.PRESENT_ON_ADMISSION, Verdict.MODIFIER, Verdict.UNITS, Verdict.LINK}
)


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One code with its attributes.

    ``group`` parts what may be compared: ``dx``, ``pcs``, ``px``.  ``position`` counts from 1 within the
    diagnoses; None where it means nothing.  ``links`` are the diagnosis links, day, provider and place that
    were given.  ``condition`` names what is coded, where that is known; equal names are one line.
    """

    index: int
    group: str
    code: str
    position: int | None = None
    modifiers: tuple[str, ...] = ()
    units: int = 1
    poa: str | None = None
    evidence: bool = True
    condition: str = ""
    weighty: bool = False
    hospital_acquired: bool = False
    bypassed_edit: bool = False
    sequence_matters: bool = False
    charged: bool = True
    links: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[Any, ...]:
        """What orders lines alike however they were listed; the same types at each place."""
        return (
            self.code,
            self.position or 0,
            sorted(self.modifiers),
            self.units,
            self.poa or "",
            (self.evidence, self.weighty, self.hospital_acquired, self.bypassed_edit),
            (self.sequence_matters, self.charged),
            self.links,
            self.condition,
        )


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Weights, levels and categories of one edition."""

    edition: str
    source: str
    weights: Mapping[Verdict, Decimal]
    heavier: Mapping[Verdict, Decimal]
    levels: Mapping[str, tuple[str, int]]
    category: Mapping[str, int]
    service: Mapping[str, int]
    blocks: tuple[tuple[str, str], ...]
    not_charged: frozenset[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the worksheet: a coder's line, an auditor's line or the two, and the verdict.

    ``also`` are lighter findings on the same line; ``weight`` is the sum of them all, 0 where the line is
    not charged to the coder.
    """

    coder: CodeLine | None
    auditor: CodeLine | None
    verdict: Verdict
    weight: Decimal
    process_weight: Decimal = Decimal(0)
    also: tuple[Verdict, ...] = field(default=())
    charged: bool = True
    levels: int = 0
