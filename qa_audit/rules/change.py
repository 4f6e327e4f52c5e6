"""Why a pooled error rate changed: the coders' own rates, their load, or who did the work.

With a coder's share of all finished charts s and error rate r in both periods, the change of the pooled rate
is exactly  sum (s0+s1)/2 * (r1-r0)  +  sum (r0+r1)/2 * (s1-s0):  the coders' own rates, and the mix
(Kitagawa, Journal of the American Statistical Association 50 (1955) 1168).  The first part is split by load:
coders who finished clearly more charts a week than before stand apart, so that a spike in volume is told from
a change of staff.  Shares come from finished charts, not from reviewed ones: a widened sample moves no share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from coding_ops.core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Work:
    """One coder in one period: charts finished, charts reviewed at random, those of them with an error."""

    finished: int
    reviewed: int
    wrong: int


class Part(StrEnum):
    """What a coder's change of rate is put down to."""

    LOADED = "loaded"
    OWN = "own"
    CAME = "came"
    LEFT = "left"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CoderChange:
    """What one coder adds to the change; shares and parts are exact."""

    coder: str
    before: Work
    after: Work
    share_before: Fraction
    share_after: Fraction
    within: Fraction
    mix: Fraction
    part: Part


@dataclass(frozen=True, slots=True)
class Change:
    """The change of the pooled rate and its parts: ``after - before == own + loaded + mix``, exactly.

    Attributes:
        before, after: pooled rates, each coder's weighed by their finished charts.
        own, loaded: coders' own rates; loaded: of coders with clearly more charts a week than before.
        mix: who did the work, people who came and left among them.
        volume_before, volume_after: finished charts, of all coders.
        unknown_before, unknown_after: finished charts of coders whose rate nobody knows; in no other figure.
    """

    before: Fraction
    after: Fraction
    own: Fraction
    loaded: Fraction
    mix: Fraction
    volume_before: int
    volume_after: int
    unknown_before: int
    unknown_after: int
    coders: tuple[CoderChange, ...]


def decompose(
    before: Mapping[str, Work],
    after: Mapping[str, Work],
    *,
    days: tuple[int, int],
    load_rise: Decimal,
) -> Change:
    """The parts of the change between two periods of so many days, coders in the order of their keys.

    A coder whose rate is known in one period only is taken to have had it in both: what they change, they
    change by their share.  A coder without any reviewed chart is left out of rates and shares, and counted.

    Raises:
        InvalidInput: counts that cannot be, a period without a day, or no coder with a rate in a period.
    """
    _check(before, after, days)
    keys = sorted(set(before) | set(after))
    none = Work(0, 0, 0)
    known = [key for key in keys if before.get(key, none).reviewed or after.get(key, none).reviewed]
    totals = [sum(period.get(key, none).finished for key in known) for period in (before, after)]
    if not all(totals):
        raise InvalidInput(
            "Nobody with a reviewed chart finished a chart in one of the periods.", code="change.empty"
        )
    held, rows = set(known), []
    for key in keys:
        pair = (before.get(key, none), after.get(key, none))
        rows.append(_coder(key, pair, totals, days, load_rise, is_known=key in held))
    rates = [
        sum(
            (_share(one, totals, at) * _rates(one.before, one.after)[at] for one in rows if _counts(one)),
            Fraction(0),
        )
        for at in (0, 1)
    ]
    unknown = [one for one in rows if one.part is Part.UNKNOWN]
    return Change(
        before=rates[0],
        after=rates[1],
        own=sum((one.within for one in rows if one.part is not Part.LOADED), Fraction(0)),
        loaded=sum((one.within for one in rows if one.part is Part.LOADED), Fraction(0)),
        mix=sum((one.mix for one in rows), Fraction(0)),
        volume_before=sum(one.finished for one in before.values()),
        volume_after=sum(one.finished for one in after.values()),
        unknown_before=sum(one.before.finished for one in unknown),
        unknown_after=sum(one.after.finished for one in unknown),
        coders=tuple(rows),
    )


def _counts(one: CoderChange) -> bool:
    return one.part is not Part.UNKNOWN


def _share(one: CoderChange, totals: Sequence[int], at: int) -> Fraction:
    return Fraction((one.before, one.after)[at].finished, totals[at])


def _rates(before: Work, after: Work) -> tuple[Fraction, Fraction]:
    """Both rates; the one nobody knows is the other."""
    found = [Fraction(one.wrong, one.reviewed) if one.reviewed else None for one in (before, after)]
    first, second = found
    return (
        first if first is not None else second or Fraction(0),
        second if second is not None else first or Fraction(0),
    )


def _coder(
    key: str,
    pair: tuple[Work, Work],
    totals: Sequence[int],
    days: tuple[int, int],
    load_rise: Decimal,
    *,
    is_known: bool,
) -> CoderChange:
    before, after = pair
    if not is_known:
        return CoderChange(
            key, before, after, Fraction(0), Fraction(0), Fraction(0), Fraction(0), Part.UNKNOWN
        )
    share = Fraction(before.finished, totals[0]), Fraction(after.finished, totals[1])
    rate = _rates(before, after)
    return CoderChange(
        coder=key,
        before=before,
        after=after,
        share_before=share[0],
        share_after=share[1],
        within=(share[0] + share[1]) / 2 * (rate[1] - rate[0]),
        mix=(rate[0] + rate[1]) / 2 * (share[1] - share[0]),
        part=_part(before, after, days, load_rise),
    )


def _part(before: Work, after: Work, days: tuple[int, int], load_rise: Decimal) -> Part:
    if not before.finished:
        return Part.CAME
    if not after.finished:
        return Part.LEFT
    load = Fraction(after.finished * days[0], before.finished * days[1])
    return Part.LOADED if load > 1 + Fraction(load_rise) else Part.OWN


def _check(before: Mapping[str, Work], after: Mapping[str, Work], days: tuple[int, int]) -> None:
    for period in (before, after):
        for key, one in period.items():
            if not 0 <= one.wrong <= one.reviewed or one.finished < 0:
                raise InvalidInput(f"The counts of {key} cannot be.", code="change.counts")
    if min(days) < 1:
        raise InvalidInput("A period has at least one day.", code="change.period")
