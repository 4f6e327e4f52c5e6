"""What one audited chart adds to the programme's figures.

A chart's contribution is a few cells; a correction takes the old cells away and puts the new ones in, so the
kept sums are those of a fresh count at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Protocol, Self, TypeVar

from qa_audit.rules.accuracy import ZERO, Moments, of_chart

SCORES = ("code_level", "auditor_denominator", "weighted", "encounter_clean", "drg", "financial")
"""The five of a contract, and whether the errors would have changed what is paid."""
NOT_COUNTED = frozenset({"gold", "calibration"})
"""Origins that measure something else than a coder's work: they stand in no rate of it."""


class Finding(NamedTuple):
    """Standing findings of a chart that are alike, and how many lines they are."""

    verdict: str
    cause: str
    direction: str
    lines: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """One audited chart.

    Attributes:
        month: first day of the month in which it was closed, or delivered while provisional.
        final_month: first day of the month in which the audited codes became final.
        weight: charts of the frame it stands for; 1 outside a random sample.
        is_first: no other audit of ours (or of the client's) of this chart was counted before.
        parts: numerator and denominator of each score.
    """

    month: date
    final_month: date
    coder: int
    specialty: str
    origin: str
    mode: str
    is_client_run: bool
    is_provisional: bool
    definition: str
    weight: Decimal
    is_first: bool
    parts: Mapping[str, tuple[Decimal, int]]
    findings: tuple[Finding, ...]


class AccuracyKey(NamedTuple):
    """Whose rate, of which score and audits."""

    score: str
    month: date
    coder: int
    specialty: str
    origin: str
    mode: str
    is_client_run: bool
    is_provisional: bool
    definition: str


class FindingKey(NamedTuple):
    """What was found, in whose charts."""

    month: date
    coder: int
    specialty: str
    origin: str
    is_client_run: bool
    is_provisional: bool
    verdict: str
    cause: str
    direction: str


class CoverageKey(NamedTuple):
    """Whose finals of a month were audited."""

    final_month: date
    coder: int
    specialty: str
    is_client_run: bool


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of the three tables by their keys."""

    accuracy: Mapping[AccuracyKey, Moments]
    findings: Mapping[FindingKey, int]
    coverage: Mapping[CoverageKey, int]


def parts_of(scores: Mapping[str, Any]) -> dict[str, tuple[Decimal, int]]:
    """Numerator and denominator of each score, of a review's stored scores; 0 of 0 where there is none."""
    found = {name: _ratio(scores.get(name)) for name in ("code_level", "auditor_denominator")}
    lines = int(scores.get("lines", 0))
    lost = min(Decimal(lines), Decimal(str(scores.get("weight", "0"))))
    drg = scores.get("drg") or {}
    clean, paid = scores.get("encounter_clean"), scores.get("payment_right")
    return {
        **found,
        "weighted": (lines - lost, lines),
        "encounter_clean": (Decimal(bool(clean)), int(clean is not None)),
        "drg": (Decimal(bool(drg.get("agree"))), int(drg.get("agree") is not None)),
        "financial": (Decimal(bool(paid)), int(paid is not None)),
    }


def findings_of(scores: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The standing findings that a review's stored scores tell of."""
    return tuple(
        Finding(one["verdict"], one["cause"], one["direction"], int(one["lines"]))
        for one in scores.get("findings", ())
    )


def cells_of(one: Contribution) -> Cells:
    """What this chart adds to each table."""
    accuracy = {
        AccuracyKey(
            score,
            one.month,
            one.coder,
            one.specialty,
            one.origin,
            one.mode,
            one.is_client_run,
            one.is_provisional,
            one.definition,
        ): of_chart(numerator, denominator, one.weight)
        for score, (numerator, denominator) in one.parts.items()
        if denominator
    }
    findings: dict[FindingKey, int] = {}
    for found in one.findings:
        key = FindingKey(
            one.month,
            one.coder,
            one.specialty,
            one.origin,
            one.is_client_run,
            one.is_provisional,
            found.verdict,
            found.cause,
            found.direction,
        )
        findings[key] = findings.get(key, 0) + found.lines
    coverage = {CoverageKey(one.final_month, one.coder, one.specialty, one.is_client_run): 1}
    return Cells(accuracy, findings, coverage if one.is_first else {})


class FreshCount:
    """Charts counted one after the other, in the memory of their cells."""

    def __init__(self) -> None:
        self.charts = 0
        self._accuracy: dict[AccuracyKey, Moments] = {}
        self._findings: dict[FindingKey, int] = {}
        self._coverage: dict[CoverageKey, int] = {}

    def add(self, chart: Contribution) -> None:
        """One more chart."""
        self.charts += 1
        cells = cells_of(chart)
        for key, sums in cells.accuracy.items():
            self._accuracy[key] = self._accuracy.get(key, Moments()) + sums
        for found, lines in cells.findings.items():
            self._findings[found] = self._findings.get(found, 0) + lines
        for place, count in cells.coverage.items():
            self._coverage[place] = self._coverage.get(place, 0) + count

    def cells(self) -> Cells:
        """What they add up to."""
        return Cells(self._accuracy, self._findings, self._coverage)


def all_cells(charts: Iterable[Contribution]) -> Cells:
    """A fresh count of everything."""
    count = FreshCount()
    for chart in charts:
        count.add(chart)
    return count.cells()


class _Addable(Protocol):
    def __add__(self, other: Self, /) -> Self: ...
    def __neg__(self) -> Self: ...


K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=_Addable)


def change(new: Mapping[K, V], old: Mapping[K, V], is_nothing: Callable[[V], bool]) -> dict[K, V]:
    """What must be added to the kept cells so that ``new`` stands where ``old`` stood."""
    found = dict(new)
    for key, value in old.items():
        found[key] = found[key] + -value if key in found else -value
    return {key: value for key, value in found.items() if not is_nothing(value)}


def is_empty(sums: Moments) -> bool:
    """Whether adding these sums changes nothing."""
    return sums == Moments()


def _ratio(value: Mapping[str, Any] | None) -> tuple[Decimal, int]:
    if not value:
        return ZERO, 0
    return Decimal(int(value["numerator"])), int(value["denominator"])
