"""The decisions of an audit rehearsal: strata by risk, the best record of a category, verdicts and amounts.

Sources: CMS, Contract-Level RADV Medical Record Reviewer Guidance (one best record a category; acceptable
source, provider, signature with credential, date of service); 42 CFR 422.310(e), 422.311.  Ranking members by
score and cutting them in equal thirds is how CMS has stratified contract-level samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from coding_ops.core.errors import InvalidInput, Refused
from coding_ops.core.statistics import sample_size


class RehearsalKind(StrEnum):
    """Whose audit is rehearsed, which decides what a unit of the sample is."""

    RADV = "radv"
    PAYER = "payer"


class HccVerdict(StrEnum):
    """What the records say of one category of one member, or of one claim."""

    SUPPORTED = "supported"
    ELSEWHERE = "elsewhere"
    NOT_SUPPORTED = "not_supported"


ELIGIBLE: Final = "met"
_ELIGIBILITY_ORDER: Final = {"met": 0, "unknown": 1, "not_met": 2}
STRATUM_NAMES: Final = {
    1: ("all",),
    2: ("1 higher", "2 lower"),
    3: ("1 high", "2 middle", "3 low"),
    4: ("1 highest", "2 upper", "3 lower", "4 lowest"),
}


@dataclass(frozen=True, slots=True)
class Record:
    """Words of one record that are said to prove a category.

    Attributes:
        key: the caller's id, as text.
        eligibility: ``met``, ``unknown`` or ``not_met``; ``met`` where nobody asks.
        is_own: the chart that carried the category, or the claim itself.
        is_weak: the words stand only under a past history or in a list of problems.
        meat: M, E, A or T; empty when none was given.
        on: the date of service.
    """

    key: str
    eligibility: str
    is_own: bool
    is_weak: bool
    meat: str
    on: date

    @property
    def proves(self) -> bool:
        """May it be sent as the record of the category?"""
        return self.eligibility == ELIGIBLE and not self.is_weak


def best_record(records: Sequence[Record]) -> Record | None:
    """The record to send: one that proves, before one that does not; ``None`` without a record.

    Then: encounter and provider eligible, words outside histories and lists, what was done about the
    condition said (MEAT), the chart that carried the category, the later visit, the smaller key.
    """
    return min(records, key=_rank, default=None)


def _rank(record: Record) -> tuple[object, ...]:
    return (
        not record.proves,
        _ELIGIBILITY_ORDER[record.eligibility],
        record.is_weak,
        not record.meat,
        not record.is_own,
        -record.on.toordinal(),
        record.key,
    )


def proof_of(verdict: HccVerdict, records: Sequence[Record]) -> Record | None:
    """The record that carries a verdict; ``None`` for "not supported".

    Raises:
        Refused: the verdict says something else than the records, with what to do about it.
    """
    proving = [record for record in records if record.proves]
    own = best_record([record for record in proving if record.is_own])
    other = best_record([record for record in proving if not record.is_own])
    if verdict is HccVerdict.NOT_SUPPORTED:
        if proving:
            raise Refused(
                "A record that proves it is on the list. Take the record away first, or choose Supported.",
                code="rehearsal.proved",
            )
        return None
    if verdict is HccVerdict.SUPPORTED:
        if own is None:
            raise Refused(_why_not(records, other), code="rehearsal.unproved")
        return own
    if own is not None:
        raise Refused(
            "The chart that carried it proves it itself: choose Supported.", code="rehearsal.proved_itself"
        )
    if other is None:
        raise Refused(_why_not(records, None), code="rehearsal.unproved")
    return other


def _why_not(records: Sequence[Record], other: Record | None) -> str:
    if other is not None:
        return "Only another chart proves it: choose Better supported elsewhere."
    if not records:
        return "Cite the words that prove it first."
    best = best_record(records)
    if best is not None and best.eligibility != ELIGIBLE:
        return "No record proves it: the best one is from an encounter or provider that is not eligible yet."
    return "No record proves it: the words stand only in a history or a list of problems."


def overpaid(verdict: HccVerdict, *, entered: Decimal | None, rate: Decimal | None) -> Decimal | None:
    """Dollars overpaid: what was entered, else the rate of an unsupported category; ``None``: not known.

    A category that another record proves was not overpaid: the claim is corrected, the payment stands.
    """
    if entered is not None:
        return entered
    if verdict is HccVerdict.NOT_SUPPORTED:
        return rate
    return Decimal(0)


def by_score(scores: Mapping[str, Decimal], parts: int) -> dict[str, str]:
    """Stratum of each member: ranked from the highest score, cut in ``parts`` of equal size.

    Sizes differ by one at most, the earlier strata being the larger; equal scores go by id.

    Raises:
        InvalidInput: not 1 to 4 parts.
    """
    if parts not in STRATUM_NAMES:
        raise InvalidInput(
            "Cut the members in 1 to 4 strata.", code="rehearsal.strata", details={"path": "strata"}
        )
    names = STRATUM_NAMES[parts]
    ranked = sorted(scores, key=lambda member: (-scores[member], member))
    small, larger = divmod(len(ranked), parts)
    found: dict[str, str] = {}
    at = 0
    for place, name in enumerate(names):
        size = small + (place < larger)
        found.update(dict.fromkeys(ranked[at : at + size], name))
        at += size
    return found


def size_for(
    population: int, *, count: int | None, precision: Decimal | None, expected: Decimal, confidence: Decimal
) -> int:
    """How many units are drawn: the count asked for, or the least for the precision; never more than all.

    Raises:
        InvalidInput: neither or both are given, or a figure is out of range.
    """
    if (count is None) == (precision is None):
        raise InvalidInput(
            "Give a number of units or a precision, one of the two.",
            code="rehearsal.size",
            details={"path": "count"},
        )
    if precision is not None:
        return sample_size(population, expected_error=expected, precision=precision, confidence=confidence)
    if count is None or count < 1:
        raise InvalidInput("Draw at least one unit.", code="rehearsal.size", details={"path": "count"})
    return min(count, population)


def two_sided(one_sided: Decimal) -> Decimal:
    """The two-sided confidence whose lower limit is the one-sided one: 0.95 gives 0.90.

    Raises:
        InvalidInput: not between one half and 1.
    """
    if not Decimal("0.5") < one_sided < 1:
        raise InvalidInput(
            "A one-sided confidence lies between 50% and 100%.",
            code="rehearsal.confidence",
            details={"path": "confidence"},
        )
    return 2 * one_sided - 1


def recommended(size: int, least: int, most: int) -> str:
    """What to say of a size outside of what auditors draw; empty inside."""
    if least <= size <= most:
        return ""
    return f"Auditors draw {least} to {most} units; this sample has {size}."
