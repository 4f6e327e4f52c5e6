"""How likely a denial is to be won: a sum of named points, so that a page can say why.

It orders work; it decides nothing.  Points and weights are data (``data/winnability.toml``); what this
client's own decided denials of the same payer and kind came to is mixed in as soon as they are enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

_WHOLE: Final = Decimal(1)
_CENT: Final = Decimal("0.01")
_PERCENT: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class WinTerms:
    """Points by kind of denial (``start``) and by what is seen (``points``), and the bounds of the sum."""

    start: Mapping[str, int]
    points: Mapping[str, int]
    least_decided: int
    half_weight_decided: int
    lowest: int
    highest: int
    source: str
    status: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a denial.

    Attributes:
        group: of the adjustment; PR says the patient owes it.
        is_coded_by_us: evidence and edits are known only then.
        evidence_count: quoted words behind the denied line.
        edit_state: what the edits said when the codes were made final.
        overturned_count, decided_count: of this client's denials of this payer and kind.
    """

    category: str
    group: str = ""
    is_rejection: bool = False
    is_coded_by_us: bool = False
    evidence_count: int = 0
    edit_state: str = "unknown"
    overturned_count: int = 0
    decided_count: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of the score: its words and its points, signed."""

    words: str
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    """0 to 100, and the parts it is the sum of."""

    value: int
    reasons: tuple[Reason, ...]


_WORDS: Final = {
    "rejection": "Rejected before adjudication: a corrected claim is a new chance",
    "evidence": "The note's words are quoted behind the line",
    "no_evidence": "No words of the note are quoted behind the line",
    "overridden": "An edit said so before, and was overridden",
    "lifted_with_evidence": "A modifier lifted the edit, and words are quoted for it",
    "patient": "Assigned to the patient (PR)",
}


def winnability(seen: Seen, terms: WinTerms) -> Score:
    """The score of a denial and why; the sum of the reasons' points is the score."""
    start = terms.start.get(seen.category, terms.start["unmapped"])
    reasons = [Reason("The kind of denial", start), *(_named(key, terms) for key in _keys(seen))]
    value = sum(one.points for one in reasons)
    if seen.decided_count >= terms.least_decided:
        own = _own(seen, terms, value)
        words = f"Own history: {seen.overturned_count} of {seen.decided_count} like it were won"
        reasons.append(Reason(words, own - value))
        value = own
    bounded = max(terms.lowest, min(terms.highest, value))
    if bounded != value:
        reasons.append(Reason("No denial is certain", bounded - value))
    return Score(bounded, tuple(reasons))


def priority(amount: Decimal, value: int) -> Decimal:
    """Dollars that the work is expected to bring back: amount times chance, in cents."""
    return (amount * value / _PERCENT).quantize(_CENT, rounding=ROUND_HALF_EVEN)


def _keys(seen: Seen) -> tuple[str, ...]:
    found = []
    if seen.is_rejection:
        found.append("rejection")
    if seen.is_coded_by_us:
        found.append("evidence" if seen.evidence_count else "no_evidence")
        if seen.edit_state == "overridden":
            found.append("overridden")
        if seen.edit_state == "lifted" and seen.evidence_count:
            found.append("lifted_with_evidence")
    if seen.group == "PR":
        found.append("patient")
    return tuple(found)


def _named(key: str, terms: WinTerms) -> Reason:
    return Reason(_WORDS[key], terms.points[key])


def _own(seen: Seen, terms: WinTerms, value: int) -> int:
    """Between the sum so far and the share that was won, nearer to that the more were decided."""
    share = _PERCENT * seen.overturned_count / seen.decided_count
    weight = Decimal(seen.decided_count) / (seen.decided_count + terms.half_weight_decided)
    mixed = (1 - weight) * value + weight * share
    return int(mixed.quantize(_WHOLE, rounding=ROUND_HALF_EVEN))
