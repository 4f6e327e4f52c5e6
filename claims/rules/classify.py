"""What kind of denial an adjustment of a remittance is: coding, eligibility, authorization ... or none.

The reason (CARC) decides, but for those that only point at the remark (16, A1), where the remark (RARC)
does. What no map knows is "unmapped", a class of its own: it is never counted as something else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

UNMAPPED: Final = "unmapped"
NOT_A_DENIAL: Final = "not_a_denial"
CODING: Final = "coding"
CATEGORIES: Final = (
    CODING,
    "medical_necessity",
    "eligibility",
    "registration",
    "authorization",
    "cob",
    "enrolment",
    "submission",
    "timely",
    "duplicate",
    "documentation",
    "benefit",
    NOT_A_DENIAL,
    UNMAPPED,
)
GROUPS: Final = ("CO", "PR", "OA", "PI", "CR")


@dataclass(frozen=True, slots=True)
class Edition:
    """One dated map. ``last`` None means until the next edition."""

    id: str
    first: date
    last: date | None
    source: str
    carc: Mapping[str, str]
    rarc: Mapping[str, str]
    secondary: frozenset[str]
    by_remark: frozenset[str]
    added_when_negative: frozenset[str]
    started: Mapping[str, date]
    retired: Mapping[str, date]


@dataclass(frozen=True, slots=True)
class Decision:
    """The category, the code that decided it (CARC or RARC), why, and how well that is known."""

    category: str
    decided_by: str
    why: str
    status: str


def edition_on(editions: Sequence[Edition], on: date) -> Edition | None:
    """The map in force on a day, or None."""
    found = [one for one in editions if one.first <= on and (one.last is None or on <= one.last)]
    return max(found, key=lambda one: one.first) if found else None


def classify(
    edition: Edition, on: date, carc: str, rarcs: Sequence[str], *, is_negative: bool = False
) -> Decision:
    """The category of one adjustment on a day.

    ``is_negative``: the adjustment's amount is below zero, so money was added.
    """
    if is_negative and carc in edition.added_when_negative:
        return Decision(NOT_A_DENIAL, carc, f"a negative adjustment of {carc} adds money", "own")
    last = edition.retired.get(carc)
    if last is not None and on > last:
        return Decision(UNMAPPED, carc, f"CARC {carc} is retired since {last}", "own")
    if carc in edition.by_remark:
        return _by_remark(edition, on, carc, rarcs)
    category = edition.carc.get(carc)
    if category is None:
        return Decision(UNMAPPED, carc, f"CARC {carc} is in no category of the map", "own")
    first = edition.started.get(carc)
    if first is not None and on < first:
        return Decision(UNMAPPED, carc, f"CARC {carc} is in use from {first} on", "own")
    return Decision(category, carc, f"CARC {carc}", "own")


def _by_remark(edition: Edition, on: date, carc: str, rarcs: Sequence[str]) -> Decision:
    """A coding remark wins over the others: a claim of mixed cause counts as a coding failure."""
    known = {
        rarc: edition.rarc[rarc]
        for rarc in rarcs
        if rarc in edition.rarc and edition.started.get(rarc, edition.first) <= on
    }
    if not known:
        said = f"no remark of {', '.join(rarcs)} is in the map" if rarcs else "it came without a remark"
        return Decision(UNMAPPED, carc, f"CARC {carc} is told by its remark only, and {said}", "own")
    deciding = next((rarc for rarc, category in known.items() if category == CODING), next(iter(known)))
    status = "secondary" if deciding in edition.secondary else "unverified"
    return Decision(known[deciding], deciding, f"CARC {carc} by remark {deciding}", status)
