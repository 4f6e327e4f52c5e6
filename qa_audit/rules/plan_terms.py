"""What a sampling plan says, read from a form or a file and checked whole.

Terms are data of a plan's version: what is in scope, how the frame is cut into strata, how many charts are
drawn from each, which charts are always reviewed, how the review is done and which score the contract counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from coding_ops.core.errors import InvalidInput


class Dimension(StrEnum):
    """What the frame can be cut by."""

    CODER = "coder"
    SPECIALTY = "specialty"
    PAYER_RISK = "payer_risk"
    KIND = "kind"


class Certainty(StrEnum):
    """Charts that are always reviewed: guide rows G3 and I1 of the product page."""

    INPATIENT = "inpatient"
    HCC = "hcc"
    COMPLEX_SURGERY = "complex_surgery"
    NEW_CODER = "new_coder"
    SINGLE_CC_MCC = "single_cc_mcc"


class Method(StrEnum):
    """How many of a stratum are drawn: a number, or a share of it."""

    COUNT = "count"
    PERCENT = "percent"


class Mode(StrEnum):
    """Blind: the reviewer codes before seeing the coder's codes and name."""

    BLIND = "blind"
    OPEN = "open"


class Gate(StrEnum):
    """Prebill: the chart is not released before its review is done."""

    PREBILL = "prebill"
    RETROSPECTIVE = "retrospective"


class Schedule(StrEnum):
    """When a draw is made without anybody asking."""

    MANUAL = "manual"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


Choice = TypeVar("Choice", bound=StrEnum)
SCORES = ("code_level", "auditor_denominator", "weighted", "encounter_clean", "drg")
MOST_COUNT = 100_000
MOST_DAYS = 90


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """One version of a plan.

    Attributes:
        kinds, specialties, coders: what is in scope; empty means all.  Coders are account ids.
        value: charts of each stratum (count), or percent of it.
        floor_per_stratum: at least so many of each stratum, if it has them.
        counted_score: the score the contract counts; all are shown.
        rebuttal_days: days a coder has to answer a finding.
        new_coder_charts: a coder is new until so many charts are final.
        target, precision, confidence: rates, what the contract asks and the plan aims at.
    """

    kinds: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    coders: tuple[int, ...] = ()
    strata: tuple[Dimension, ...] = (Dimension.CODER,)
    method: Method = Method.PERCENT
    value: Decimal = Decimal(5)
    floor_per_stratum: int = 0
    certainty: tuple[Certainty, ...] = ()
    new_coder_charts: int = 30
    mode: Mode = Mode.BLIND
    gate: Gate = Gate.RETROSPECTIVE
    schedule: Schedule = Schedule.MONTHLY
    counted_score: str = "code_level"
    rebuttal_days: int = 7
    target: Decimal = Decimal("0.95")
    precision: Decimal = Decimal("0.05")
    confidence: Decimal = Decimal("0.95")

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; numbers with decimals as texts, so that the digest never depends on a float."""
        return {
            name: str(value)
            if isinstance(value, Decimal)
            else list(value)
            if isinstance(value, tuple)
            else value
            for name, value in asdict(self).items()
        }

    def digest(self) -> str:
        """SHA-256 of the terms in canonical JSON."""
        return digest_of(self.as_json())


def digest_of(stored: Mapping[str, Any]) -> str:
    """SHA-256 of stored terms; a term that later versions of the program know changes no old digest."""
    text = json.dumps(stored, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def parse_terms(given: Mapping[str, Any]) -> PlanTerms:
    """The terms of a plan.

    Raises:
        InvalidInput: the first field that is wrong, its path in ``details``.
    """
    unknown = sorted(set(given) - set(PlanTerms.__dataclass_fields__))
    if unknown:
        raise _wrong(unknown[0], "is not a term of a plan")
    terms = PlanTerms(
        kinds=_texts(given, "kinds"),
        specialties=_texts(given, "specialties"),
        coders=tuple(_whole(one, "coders", 1, 2**31) for one in _list(given, "coders")),
        strata=tuple(_choice(one, "strata", Dimension) for one in _list(given, "strata", [Dimension.CODER])),
        method=_choice(given.get("method", Method.PERCENT), "method", Method),
        value=_decimal(given.get("value", 5), "value"),
        floor_per_stratum=_whole(given.get("floor_per_stratum", 0), "floor_per_stratum", 0, MOST_COUNT),
        certainty=tuple(_choice(one, "certainty", Certainty) for one in _list(given, "certainty")),
        new_coder_charts=_whole(given.get("new_coder_charts", 30), "new_coder_charts", 0, MOST_COUNT),
        mode=_choice(given.get("mode", Mode.BLIND), "mode", Mode),
        gate=_choice(given.get("gate", Gate.RETROSPECTIVE), "gate", Gate),
        schedule=_choice(given.get("schedule", Schedule.MONTHLY), "schedule", Schedule),
        counted_score=str(given.get("counted_score", "code_level")),
        rebuttal_days=_whole(given.get("rebuttal_days", 7), "rebuttal_days", 1, MOST_DAYS),
        target=_rate(given.get("target", "0.95"), "target"),
        precision=_rate(given.get("precision", "0.05"), "precision"),
        confidence=_rate(given.get("confidence", "0.95"), "confidence"),
    )
    _refuse_nonsense(terms)
    return terms


def _refuse_nonsense(terms: PlanTerms) -> None:
    if terms.counted_score not in SCORES:
        raise _wrong("counted_score", f"must be one of {', '.join(SCORES)}")
    if len(set(terms.strata)) != len(terms.strata):
        raise _wrong("strata", "names a dimension twice")
    if terms.method is Method.PERCENT and not 0 < terms.value <= 100:
        raise _wrong("value", "must be more than 0 and at most 100 percent")
    if terms.method is Method.COUNT and (
        terms.value != terms.value.to_integral_value() or not 0 <= terms.value <= MOST_COUNT
    ):
        raise _wrong("value", f"must be a whole number up to {MOST_COUNT:,}")


def _list(given: Mapping[str, Any], name: str, default: list[Any] | None = None) -> list[Any]:
    value = given.get(name, default or [])
    if not isinstance(value, list | tuple):
        raise _wrong(name, "must be a list")
    return list(value)


def _texts(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = _list(given, name)
    if not all(isinstance(one, str) and one for one in found):
        raise _wrong(name, "must be a list of texts")
    return tuple(sorted(set(found)))


def _choice(value: Any, name: str, kind: type[Choice]) -> Choice:
    try:
        return kind(value)
    except ValueError as error:
        raise _wrong(name, f"must be one of {', '.join(kind)}") from error


def _whole(value: Any, name: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _wrong(name, f"must be a whole number from {least} to {most:,}")
    return value


def _decimal(value: Any, name: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise _wrong(name, "must be a number, given as a text or a whole number")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise _wrong(name, "must be a number") from error
    if not number.is_finite():
        raise _wrong(name, "must be a number")
    return number


def _rate(value: Any, name: str) -> Decimal:
    number = _decimal(value, name)
    if not 0 < number < 1:
        raise _wrong(name, "must be between 0 and 1")
    return number


def _wrong(path: str, problem: str) -> InvalidInput:
    return InvalidInput(f"{path} {problem}.", code="plan.terms", details={"path": path})
