"""The first response of a claim: what its payer, or the clearinghouse before it, said first.

Being received or accepted is no response yet: the claim still waits.  A response is a rejection (999 or
277CA) or what a remittance (835) decides.  "First" is by when it was said, not by when we read it, for files
come late and in any order; ``first_of`` over the same responses in any order gives the same answer.

Which claims pass is decided from it: coding passes unless a denial of the category "coding" is among the
reasons, so a claim of mixed cause fails; the raw rate asks for no rejection and no denial at all.  What no
map knows ("unmapped") fails the raw rate, is never counted as coding, and is shown beside it.

Sources: the project's measures (first pass, coding and raw); X12 claim status codes (CLP02), numbers only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from claims.rules.classify import CATEGORIES, CODING, NOT_A_DENIAL, UNMAPPED
from coding_ops.core.errors import InvalidInput

PATIENT: Final = "PR"
DENIED_STATUS: Final = "4"
NO_ANSWERS: Final = frozenset({"22", "23", "25", "31"})
"""CLP02 that decides no claim of ours: reversal, not our claim and forwarded, predetermination, unknown."""
_ZERO: Final = Decimal(0)


class First(StrEnum):
    """What the first response was, from mild to bad; the values are those of the claim's column."""

    UNPAID = "unpaid"
    PAID = "paid"
    DENIED = "denied"
    REJECTED = "rejected"


WORDS: Final = {
    First.UNPAID: "Nothing paid, no denial given",
    First.PAID: "Paid, no denial",
    First.DENIED: "Denied in whole or part",
    First.REJECTED: "Rejected",
}
_MILD_TO_BAD: Final = tuple(First)


@dataclass(frozen=True, slots=True)
class Heard:
    """One response.

    Attributes:
        at: when it was said (the file's own date and time), never when it was read.
        categories: kinds of its rejections and denials, distinct, in the order of ``CATEGORIES``.
    """

    at: datetime
    first: First
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """One adjustment of a remittance: its group (CO, PR, OA, PI, CR), its category, its dollars."""

    group: str
    category: str
    amount: Decimal


def rejection(at: datetime, categories: Iterable[str] = ()) -> Heard:
    """A claim rejected by a 999 or a 277CA, with the categories of its reasons.

    Raises:
        InvalidInput: a category that is none.
    """
    return Heard(at, First.REJECTED, denials(categories))


def adjudication(
    at: datetime, *, status_code: str, paid_amount: Decimal, cuts: Sequence[Cut] = ()
) -> Heard | None:
    """What one claim of a remittance (CLP with all its adjustments) says, or None where it decides nothing.

    Args:
        status_code: CLP02 as it stands in the file.
        paid_amount: CLP04 in dollars.
        cuts: adjustments of the claim and of its lines.

    Raises:
        InvalidInput: a category that is none.
    """
    if status_code in NO_ANSWERS:
        return None
    found = denials(cut.category for cut in cuts)
    if found or status_code == DENIED_STATUS:
        return Heard(at, First.DENIED, found)
    is_patients = any(cut.group == PATIENT and cut.amount > _ZERO for cut in cuts)
    return Heard(at, First.PAID if paid_amount > _ZERO or is_patients else First.UNPAID)


def first_of(known: Heard | None, said: Heard | None) -> Heard | None:
    """The first of two responses.

    Two of one instant are one response said in parts (a claim split over two entries): the reasons of both
    count, and the worse word stands.
    """
    if known is None or said is None:
        return said if known is None else known
    if known.at != said.at:
        return min(known, said, key=lambda one: one.at)
    worse = max(known.first, said.first, key=_MILD_TO_BAD.index)
    return Heard(known.at, worse, denials((*known.categories, *said.categories)))


def denials(categories: Iterable[str]) -> tuple[str, ...]:
    """The distinct categories of denials, in the order of ``CATEGORIES``.

    Raises:
        InvalidInput: ``claims.category``: one that is none.
    """
    found = set(categories)
    unknown = found.difference(CATEGORIES)
    if unknown:
        raise InvalidInput("There is no such category of denials.", code="claims.category")
    return tuple(category for category in CATEGORIES if category in found and category != NOT_A_DENIAL)


def passes_coding(categories: Iterable[str]) -> bool:
    """Whether coding had no part in what the first response refused."""
    return CODING not in categories


def passes_raw(first: First | str, categories: Sequence[str]) -> bool:
    """Whether the first response refused nothing at all."""
    return First(first) in (First.PAID, First.UNPAID) and not categories


def is_unmapped(categories: Iterable[str]) -> bool:
    """Whether a reason is among them that no map knows: it might be coding."""
    return UNMAPPED in categories
