"""The shapes a KPI is made of: its definition, the rows it counted, and its value.

A KPI is two pure functions.  ``select`` decides which rows count, in which bucket, and which are left out
and why; ``measure`` turns the selection into a value.  Snapshots call both; a drill-down calls ``select``
with the same facts and frame and lists what it gets.  That is how a number always opens its own rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Final
from uuid import UUID

from coding_ops.core.statistics import interval
from reporting.rules.facts import NO_KEYS, Facts, Frame, Keys

ZERO: Final = Decimal(0)


class Audience(StrEnum):
    """Who may see a KPI.  A client never sees one of the vendor's own."""

    VENDOR = "vendor"
    CLIENT = "client"
    BOTH = "both"


class Unit(StrEnum):
    """What the value is counted in."""

    HOURS = "hours"
    DAYS = "days"
    COUNT = "count"
    PERCENT = "percent"
    PER_HOUR = "per hour"
    PER_HUNDRED = "per 100"
    DOLLARS = "dollars"


@dataclass(frozen=True, slots=True)
class TargetBand:
    """Where the value should lie; ``None`` leaves that side open.  Ends belong to the band."""

    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Bucket:
    """A named part of the rows: an age, a party, met or late.  ``opens``: its rows can be listed."""

    code: str
    label: str
    opens: bool = True


@dataclass(frozen=True, slots=True)
class KpiDefinition:
    """What a number means, in words a contract could quote.  A change of meaning is a new version.

    Attributes:
        name: stable, ``family.measure``.
        question: what a leader asks when looking at it.
        exclusions: each sentence names what is left out.
        target: the benchmark of the field, used where a contract sets none.
        source: where benchmark and formula come from.
        minimum_n: below it the value is shown but never judged, compared or ranked.
        buckets: the parts that are counted, in the order of a legend; rows of other buckets are left out.
        noun: what ``n`` counts, plural.
        amount: heading of a row's amount when the rows are listed.
        higher_is_better: ``None`` where neither direction is good in itself.
        listed: buckets whose rows make up ``n`` where the others are its denominator; empty: all.
        part_title: heading of a row's bucket, or of its share of each bucket, when the rows are listed.
        groups: the keys it is broken down by: ``facility``, ``specialty``, ``coder``.
        subject: what its rows are: ``encounter``, ``query``, ``claim`` or ``denial``.
        is_money: a row's amount is dollars.
    """

    name: str
    version: int
    title: str
    question: str
    numerator: str
    denominator: str
    exclusions: tuple[str, ...]
    window: str
    unit: Unit
    target: TargetBand | None
    source: str
    minimum_n: int
    audience: Audience
    buckets: tuple[Bucket, ...]
    noun: str
    groups: tuple[str, ...]
    amount: str
    higher_is_better: bool | None
    listed: tuple[str, ...] = ()
    part_title: str = "Counted as"
    subject: str = "encounter"
    is_money: bool = False

    @property
    def key(self) -> tuple[str, int]:
        """Name and version: what a snapshot refers to."""
        return (self.name, self.version)

    def bucket_label(self, code: str) -> str:
        """The words of a bucket; its code when it has none."""
        return next((bucket.label for bucket in self.buckets if bucket.code == code), code)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was counted.

    Attributes:
        id: the encounter or query; an id may stand in several rows (one a party, one a sitting).
        bucket: the part it belongs to.
        amount: what it contributes, in the unit of the measure (hours, days, 1).
        at: the instant that put it into the window.
    """

    id: UUID
    bucket: str
    amount: Decimal
    at: datetime
    keys: Keys = NO_KEYS


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One thing that was not counted, and why."""

    id: UUID
    reason: str
    keys: Keys = NO_KEYS


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows that count and those left out, in a stable order."""

    rows: tuple[Row, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def where(self, key: str, code: str) -> Selection:
        """The part of the selection with this facility, specialty or coder."""
        return Selection(
            tuple(row for row in self.rows if getattr(row.keys, key) == code),
            tuple(item for item in self.left_out if getattr(item.keys, key) == code),
        )

    def split(self, key: str) -> dict[str, Selection]:
        """The selection by facility, specialty or coder, each with its own rows, by code."""
        of = attrgetter(f"keys.{key}")
        rows: dict[str, list[Row]] = defaultdict(list)
        left_out: dict[str, list[LeftOut]] = defaultdict(list)
        for row in self.rows:
            rows[of(row)].append(row)
        for item in self.left_out:
            left_out[of(item)].append(item)
        return {code: Selection(tuple(rows[code]), tuple(left_out[code])) for code in sorted(rows)}

    def in_buckets(self, *codes: str) -> tuple[Row, ...]:
        """The rows of these buckets."""
        return tuple(row for row in self.rows if row.bucket in codes)

    def reasons(self) -> tuple[tuple[str, int], ...]:
        """How many encounters were left out for which reason, by reason."""
        once = {(item.id, item.reason) for item in self.left_out}
        return tuple(sorted(Counter(reason for _id, reason in once).items()))


@dataclass(frozen=True, slots=True)
class Part:
    """One bucket's share: how many rows and how much of the numerator."""

    bucket: str
    n: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class KpiValue:
    """A number with everything needed to judge it.

    Attributes:
        n: rows behind the number, in the definition's noun.
        value: ``None`` when there is nothing to show; ``why_empty`` then says so in words.
        low, high: the interval, or ``None`` for a census or where the sample bounds no side.
        excluded: reason and count, by reason.
    """

    name: str
    version: int
    numerator: Decimal
    denominator: Decimal
    n: int
    value: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    why_empty: str = ""
    excluded: tuple[tuple[str, int], ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval, as ``finish`` makes it of a numerator and a denominator."""

    value: Decimal
    low: Decimal | None = None
    high: Decimal | None = None


Select = Callable[[Facts, Frame], Selection]
Measure = Callable[[KpiDefinition, Selection, Frame], KpiValue]
Finish = Callable[[Decimal, Decimal, Decimal], Estimate]
Applies = Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Kpi:
    """A definition with its functions.

    ``finish`` (numerator, denominator, confidence) exists where numerators and denominators may be added
    over clients; a percentile has none, because two medians make no median.  ``applies``: whether a client
    has this number at all; one whose claims are not followed here has none of claims.
    """

    definition: KpiDefinition
    select: Select
    measure: Measure
    finish: Finish | None = None
    applies: Applies | None = None

    def rows(self, facts: Facts, frame: Frame) -> Selection:
        """What counts in this frame: rows in the definition's buckets, all others left out by name.

        Snapshot and drill-down both come through here.
        """
        return self.counted(self.select(facts, frame))

    def counted(self, found: Selection) -> Selection:
        """What this KPI counts of a selection made for several that share their ``select``."""
        counted = {bucket.code for bucket in self.definition.buckets}
        others = tuple(
            LeftOut(row.id, row.bucket, row.keys) for row in found.rows if row.bucket not in counted
        )
        return replace(
            found,
            rows=tuple(row for row in found.rows if row.bucket in counted),
            left_out=found.left_out + others,
        )

    def value(self, selection: Selection, frame: Frame) -> KpiValue:
        """The number of a selection that ``rows`` gave, or of a part of it."""
        return self.measure(self.definition, selection, frame)

    def combine(self, values: Sequence[KpiValue], confidence: Decimal) -> KpiValue | None:
        """One number of several clients' numbers: sums over sums, never a mean of rates.

        ``None`` where they cannot be added, or where none of them has a value.
        """
        known = [value for value in values if value.value is not None]
        if self.finish is None or not known:
            return None
        numerator = sum((value.numerator for value in known), ZERO)
        denominator = sum((value.denominator for value in known), ZERO)
        estimate = self.finish(numerator, denominator, confidence)
        return KpiValue(
            name=self.definition.name,
            version=self.definition.version,
            numerator=numerator,
            denominator=denominator,
            n=sum(value.n for value in known),
            value=estimate.value,
            low=estimate.low,
            high=estimate.high,
            excluded=_added_reasons(values),
            parts=_added_parts(self.definition, known),
        )


def parts_of(definition: KpiDefinition, selection: Selection) -> tuple[Part, ...]:
    """Each bucket of the definition with its rows counted and their amounts summed, zeros included."""
    count: Counter[str] = Counter()
    amount: dict[str, Decimal] = {}
    for row in selection.rows:
        count[row.bucket] += 1
        amount[row.bucket] = amount.get(row.bucket, ZERO) + row.amount
    return tuple(
        Part(bucket.code, count[bucket.code], amount.get(bucket.code, ZERO)) for bucket in definition.buckets
    )


def measured_value(
    definition: KpiDefinition,
    selection: Selection,
    *,
    n: int,
    numerator: Decimal,
    denominator: Decimal,
    estimate: Estimate,
) -> KpiValue:
    """A value with what the selection says about its rows."""
    return KpiValue(
        name=definition.name,
        version=definition.version,
        numerator=numerator,
        denominator=denominator,
        n=n,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        excluded=selection.reasons(),
        parts=parts_of(definition, selection),
    )


def as_count(numerator: Decimal, _denominator: Decimal, _confidence: Decimal) -> Estimate:
    """A census: the count itself, without an interval."""
    return Estimate(numerator)


def as_percent(numerator: Decimal, denominator: Decimal, confidence: Decimal) -> Estimate:
    """A share in percent, with Wilson's interval."""
    found = interval(int(numerator), int(denominator), confidence=confidence)
    return Estimate(found.rate * 100, found.low * 100, found.high * 100)


def empty_value(definition: KpiDefinition, selection: Selection, why: str) -> KpiValue:
    """A dash with its reason: nothing was measured, which is neither 0% nor 100%."""
    return KpiValue(
        name=definition.name,
        version=definition.version,
        numerator=ZERO,
        denominator=ZERO,
        n=0,
        value=None,
        why_empty=why,
        excluded=selection.reasons(),
        parts=parts_of(definition, selection),
    )


def _added_reasons(values: Sequence[KpiValue]) -> tuple[tuple[str, int], ...]:
    count: Counter[str] = Counter()
    for value in values:
        count.update(dict(value.excluded))
    return tuple(sorted(count.items()))


def _added_parts(definition: KpiDefinition, values: Sequence[KpiValue]) -> tuple[Part, ...]:
    parts = [part for value in values for part in value.parts]
    return tuple(
        Part(
            bucket.code,
            sum(part.n for part in parts if part.bucket == bucket.code),
            sum((part.amount for part in parts if part.bucket == bucket.code), ZERO),
        )
        for bucket in definition.buckets
    )
