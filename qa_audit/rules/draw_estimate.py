"""What a drawn sample says of the period it was drawn from, as far as its reviews are finished.

Charts without an error are estimated by strata (``stratified_rate``: weights and the finite population
correction); the rate of a score that counts lines by resampling whole charts (``cluster_bootstrap``), each
weighted by the charts of its stratum it stands for.  A stratum without enough finished reviews is left out
and named, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from coding_ops.core.statistics import Interval, IntervalMethod, interval
from qa_audit.rules.estimates import RateStratum, cluster_bootstrap, stratified_rate

MOST_RESAMPLES = 2000
FEWEST_RESAMPLES = 100
PATIENCE = 400_000
"""Charts times resamples that a page may wait for; more charts need fewer resamples for the same interval."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A finished review: its counted score, and whether no error was found."""

    numerator: int
    denominator: int
    is_clean: bool


@dataclass(frozen=True, slots=True)
class DrawnStratum:
    """A stratum of the frame with its finished reviews."""

    name: str
    population: int
    scored: tuple[Scored, ...]

    @property
    def speaks(self) -> bool:
        """Two charts show a spread; a single one only where it is the whole stratum."""
        return len(self.scored) >= 2 or 0 < self.population == len(self.scored)

    @property
    def clean(self) -> int:
        return sum(one.is_clean for one in self.scored)


@dataclass(frozen=True, slots=True)
class DrawEstimate:
    """The estimates of a draw.

    Attributes:
        charts: share of charts without an error, of all charts in the strata that speak; None if none does.
        lines: the counted score over the same charts; None where it has no denominator.
        exact: the same share unweighted, Clopper-Pearson: "29 of 30: 82.8 to 99.9%".
        finished, clean: what ``exact`` counts, all finished reviews.
        covered, population: charts of the frame in strata that speak, and in all.
        silent: the strata left out.
        resamples: how many made the interval of ``lines``.
    """

    charts: Interval | None
    lines: Interval | None
    exact: Interval | None
    finished: int
    clean: int
    covered: int
    population: int
    silent: tuple[str, ...]
    resamples: int


def estimate_draw(strata: Sequence[DrawnStratum], *, confidence: Decimal, seed: int) -> DrawEstimate:
    """The estimates as the reviews stand; ``seed`` makes the resampling repeatable."""
    speaking = [one for one in strata if one.speaks]
    finished = sum(len(one.scored) for one in strata)
    clean = sum(one.clean for one in strata)
    charts = (
        stratified_rate(
            [RateStratum(one.name, one.population, len(one.scored), one.clean) for one in speaking],
            confidence=confidence,
        )
        if speaking
        else None
    )
    lines, resamples = _lines(speaking, confidence, seed)
    return DrawEstimate(
        charts=charts,
        lines=lines,
        exact=achieved(clean, finished, confidence),
        finished=finished,
        clean=clean,
        covered=sum(one.population for one in speaking),
        population=sum(one.population for one in strata),
        silent=tuple(one.name for one in strata if not one.speaks),
        resamples=resamples,
    )


def achieved(hits: int, count: int, confidence: Decimal) -> Interval | None:
    """The precision that was reached, as contracts take it: Clopper-Pearson; None without a chart."""
    if not count:
        return None
    return interval(hits, count, confidence=confidence, method=IntervalMethod.CLOPPER_PEARSON)


def _lines(strata: Sequence[DrawnStratum], confidence: Decimal, seed: int) -> tuple[Interval | None, int]:
    charts = [(one.numerator, one.denominator) for stratum in strata for one in stratum.scored]
    if not sum(lines for _, lines in charts):
        return None, 0
    weights = [
        Decimal(stratum.population) / len(stratum.scored) for stratum in strata for _ in stratum.scored
    ]
    resamples = max(FEWEST_RESAMPLES, min(MOST_RESAMPLES, PATIENCE // len(charts)))
    found = cluster_bootstrap(charts, confidence=confidence, seed=seed, draws=resamples, weights=weights)
    return found, resamples
