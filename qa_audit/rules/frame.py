"""The frame of a draw: which stratum a final chart belongs to, and how the frame is kept."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from coding_ops.core.errors import InvalidInput
from qa_audit.rules.plan_terms import Certainty, Dimension, PlanTerms

ALWAYS = "always:"
PAYER_RISK_HIGH = 5
"""From this risk of 0 to 9 on, an encounter counts as high risk in the stratum's name."""


@dataclass(frozen=True, slots=True)
class FrameChart:
    """One final chart as the plan sees it.

    Attributes:
        id: encounter's id as text.
        risk: 0 to 9.
        certainty: why it is always reviewed, as far as this plan's terms ask.
    """

    id: str
    coder: str
    specialty: str
    kind: str
    risk: int
    certainty: tuple[Certainty, ...] = ()


@dataclass(frozen=True, slots=True)
class Widening:
    """Whose charts are drawn more often for the time being, and how many times as often."""

    coders: Mapping[str, Decimal] = field(default_factory=dict)
    specialties: Mapping[str, Decimal] = field(default_factory=dict)

    def factor(self, chart: FrameChart) -> Decimal:
        """The larger of the coder's and the specialty's; 1 where neither is widened."""
        one = Decimal(1)
        return max(one, self.coders.get(chart.coder, one), self.specialties.get(chart.specialty, one))


NOTHING_WIDENED = Widening()
WIDENED = "widened="


def stratum_of(chart: FrameChart, terms: PlanTerms, widening: Widening = NOTHING_WIDENED) -> str:
    """``always:inpatient``, or the chart's place in the plan's dimensions: ``coder=12|kind=office``.

    A chart with several reasons goes to the first in the plan's order, so that it is drawn once.  Charts
    drawn more often are strata of their own, which name the factor (``coder=12|widened=2``): the estimate
    weighs them by it, and the frame alone tells how to draw again.
    """
    for reason in terms.certainty:
        if reason in chart.certainty:
            return ALWAYS + reason.value
    values = {
        Dimension.CODER: chart.coder,
        Dimension.SPECIALTY: chart.specialty or "none",
        Dimension.KIND: chart.kind,
        Dimension.PAYER_RISK: "high" if chart.risk >= PAYER_RISK_HIGH else "routine",
    }
    parts = [f"{dimension.value}={values[dimension]}" for dimension in terms.strata] or ["all"]
    factor = widening.factor(chart)
    return "|".join([*parts, f"{WIDENED}{factor.normalize():f}"] if factor > 1 else parts)


def widened_strata(strata: Iterable[str]) -> dict[str, Decimal]:
    """The strata of a frame that are drawn more often, with their factor, by their names."""
    found = {}
    for name in sorted(set(strata)):
        last = name.rsplit("|", 1)[-1]
        if last.startswith(WIDENED) and last != name:
            found[name] = Decimal(last.removeprefix(WIDENED))
    return found


def pack_frame(rows: Iterable[tuple[str, str]]) -> bytes:
    """Rows of id and stratum, ordered by id, as gzipped lines; the same rows give the same bytes."""
    text = "".join(f"{chart}\t{stratum}\n" for chart, stratum in sorted(rows))
    return gzip.compress(text.encode(), 6, mtime=0)


def unpack_frame(data: bytes) -> list[tuple[str, str]]:
    """The rows that were packed.

    Raises:
        InvalidInput: the bytes are not a frame: it was changed after the draw.
    """
    try:
        lines = gzip.decompress(data).decode().splitlines()
        rows = [line.split("\t") for line in lines]
        return [(chart, stratum) for chart, stratum in rows]
    except (OSError, EOFError, ValueError) as error:
        raise InvalidInput("The stored frame cannot be read.", code="frame.damaged") from error


def rat_stats_csv(rows: Sequence[tuple[str, str]]) -> str:
    """The frame as RAT-STATS takes it: a sequence number from 1, the chart, its stratum; one line a chart."""
    lines = ["FRAME_NUMBER,CHART,STRATUM"]
    lines += [f"{number},{chart},{stratum}" for number, (chart, stratum) in enumerate(rows, start=1)]
    return "\r\n".join(lines) + "\r\n"
