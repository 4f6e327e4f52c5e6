"""The frame of a draw: which stratum a final chart belongs to, and how the frame is kept."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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


def stratum_of(chart: FrameChart, terms: PlanTerms) -> str:
    """``always:inpatient``, or the chart's place in the plan's dimensions: ``coder=12|kind=office``.

    A chart with several reasons goes to the first in the plan's order, so that it is drawn once.
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
    return "|".join(f"{dimension.value}={values[dimension]}" for dimension in terms.strata) or "all"


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
