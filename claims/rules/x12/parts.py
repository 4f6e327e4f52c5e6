"""The small pieces that every reader of X12 shares: a placed problem, and elements as dates and amounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read or does not foot, and where.

    Attributes:
        code: stable, as ``envelope.segment_count``; what a page and a test go by.
        place: segment number in the file, segment id and, where known, loop and control number.
        message: one sentence; repeats nothing of the file but ids, positions and control numbers.
        amount: dollars, where the problem is a difference of money.
    """

    code: str
    place: str
    message: str
    amount: Decimal | None = None


def at(segment: list[str], index: int) -> str:
    """Element ``index`` of a segment (``0`` is its id), trimmed; empty when the segment ends before it."""
    return segment[index].strip() if index < len(segment) else ""


def padded(segment: list[str], count: int) -> list[str]:
    """The first ``count`` elements, the id among them, empty where the segment ends before; not trimmed."""
    missing = count - len(segment)
    return segment + [""] * missing if missing > 0 else segment[:count]


@lru_cache(maxsize=16_384)
def day_of(text: str) -> date | None:
    """A day written ``CCYYMMDD`` (``CCYYMMDDHHMM`` gives its day); ``None`` when it is none."""
    text = text.strip()
    if len(text) < 8 or not (text.isascii() and text[:8].isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


@lru_cache(maxsize=16_384)
def period_of(form: str, text: str) -> tuple[date | None, date | None]:
    """First and last day of a date element: ``form`` is D8, DT or RD8 (two days with a hyphen between)."""
    if form == "RD8":
        first, _, last = text.partition("-")
        return day_of(first), day_of(last)
    day = day_of(text)
    return day, day


def number_of(text: str) -> Decimal | None:
    """An X12 decimal number (type R), as ``12``, ``-3.50`` or ``.5``; ``None`` when it is none.

    No exponent and no digit of another alphabet: both would be read by :class:`Decimal`, and are never
    what a sender meant.
    """
    text = text.strip()
    if not text.isascii() or not text.strip("-+").replace(".", "", 1).isdigit():
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
