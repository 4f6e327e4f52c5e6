"""What a trigger rule reads, what it says, and how a rule is written down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Family(StrEnum):
    """The four kinds of gaps that are looked for."""

    UNSPECIFIED = "unspecified"
    FINDING = "finding"
    CONFLICT = "conflict"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Document:
    """The newest version of a document: ``id`` of the version, ``kind`` as the chart names it."""

    id: str
    kind: str
    on: date | None
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A diagnosis of the chart.  ``code`` without its dot; ``siblings`` are titles of the codes beside it in
    the release of the day; ``support`` is what its cited words make of it, empty when nothing was judged."""

    code: str
    title: str = ""
    siblings: tuple[str, ...] = ()
    support: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """One encounter as the rules read it."""

    documents: tuple[Document, ...]
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Words of a document version: code points ``start`` to ``end``, quoted to the letter."""

    document_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A gap: the rule's key, what it is about (a code, a test, a concept), and where the record shows it."""

    rule: str
    subject: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Analyte:
    """A measured quantity: how it is called (``words``: the first word of each name in small letters, to look
    for before the names), in which units it is written (factor to the first one), and
    which numbers it can be.  ``needs_decimals``: an integer without a unit is of another unit;
    ``counts_thousands``: a large number without a unit counts single cells."""

    key: str
    names: re.Pattern[str]
    words: tuple[str, ...]
    unit: str
    units: Mapping[str, Decimal]
    least: Decimal
    most: Decimal
    takes_ranges: bool = False
    needs_decimals: bool = False
    counts_thousands: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """A value beyond which a reading counts, in the analyte's unit."""

    analyte: str
    below: Decimal | None = None
    above: Decimal | None = None

    def is_passed_by(self, value: Decimal, bound: str) -> bool:
        """Whether a value lies beyond; "<5" lies below 5 only, whatever it is."""
        low = self.below is not None and value < self.below and bound != ">"
        low = low or (self.below is not None and bound == "<" and value <= self.below)
        high = self.above is not None and value > self.above and bound != "<"
        return low or high or (self.above is not None and bound == ">" and value >= self.above)


@dataclass(frozen=True, slots=True)
class Unspecified:
    """An unspecified code while the record holds the detail."""

    codes: re.Pattern[str]
    says: tuple[re.Pattern[str], ...]
    limits: tuple[Limit, ...] = ()
    unless_codes: re.Pattern[str] | None = None
    reads_past_history: bool = False


@dataclass(frozen=True, slots=True)
class UnspecifiedSide:
    """Any code whose title leaves the side open while codes beside it name it; parts by their names."""

    parts: Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class Limits:
    """A reading beyond a limit and no diagnosis that it belongs to."""

    limits: tuple[Limit, ...]
    unless_codes: re.Pattern[str]
    unless_says: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Step:
    """Two readings that lie apart: by ``ratio`` or ``difference`` within so many days."""

    within_days: int
    ratio: Decimal | None = None
    difference: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A quantity that rose or fell and no diagnosis that it belongs to."""

    analyte: str
    falls: bool
    steps: tuple[Step, ...]
    unless_codes: re.Pattern[str]
    unless_says: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Denied:
    """One document says it, another denies it."""

    says: re.Pattern[str]
    reads_imaging: bool = False


@dataclass(frozen=True, slots=True)
class Differing:
    """Documents give one thing different values: the pattern's group ``value``, read by ``values``."""

    says: re.Pattern[str]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OppositeSides:
    """Left in one document, right in another, of the same part and kind of trouble."""

    says: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Chronic:
    """A chronic condition that is coded, its words standing where they do not count, and no care noted."""

    codes: re.Pattern[str]
    says: re.Pattern[str]


Test = Unspecified | UnspecifiedSide | Limits | Change | Denied | Differing | OppositeSides | Chronic


@dataclass(frozen=True, slots=True)
class Rule:
    """One trigger.  Neither ``name`` nor ``looks_at`` names a diagnosis.

    ``template`` is the key of the query template that asks about it; ``source`` says where limits come from.
    """

    key: str
    family: Family
    name: str
    looks_at: str
    template: str
    source: str
    test: Test


@dataclass(frozen=True, slots=True)
class Cues:
    """Words around a mention that change what it means; each pattern is searched in its place."""

    denied_list: re.Pattern[str]
    denied_near: re.Pattern[str]
    denied_after: re.Pattern[str]
    not_denied: re.Pattern[str]
    turns: re.Pattern[str]
    possible_before: re.Pattern[str]
    possible_after: re.Pattern[str]
    planned_before: re.Pattern[str]
    planned_after: re.Pattern[str]
    history_before: re.Pattern[str]
    history_after: re.Pattern[str]
    family: re.Pattern[str]
    unchecked: re.Pattern[str]
    care: re.Pattern[str]
    earlier_before: re.Pattern[str]
    earlier_behind: re.Pattern[str]
    baseline: re.Pattern[str]
    elsewhere: re.Pattern[str]
    other_fluid: re.Pattern[str]
    other_fluid_behind: re.Pattern[str]
    gap: str
    not_units: frozenset[str]


@dataclass(frozen=True, slots=True)
class Book:
    """All rules of one edition."""

    edition: str
    source: str
    rules: tuple[Rule, ...]
    analytes: Mapping[str, Analyte]
    cues: Cues

    def rule(self, key: str) -> Rule | None:
        """The rule of a key, None for one that no longer exists."""
        return next((one for one in self.rules if one.key == key), None)
