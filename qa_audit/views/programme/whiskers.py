"""Rates of a table drawn with their intervals against the target, on one axis for all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal

from markupsafe import Markup

from coding_ops.core.charts import Scale, image, short
from coding_ops.core.statistics import Interval
from qa_audit.views.programme.dto import GroupRow

SIZE = (132, 20)
TENTH = Decimal("0.1")


def with_whiskers(rows: Sequence[GroupRow], id: str, target: Decimal) -> tuple[GroupRow, ...]:
    """The rows with their pictures; the axis begins at the tenth below the lowest end and ends at 100%."""
    ends = [row.random.found.low for row in rows if row.random.found is not None]
    first = min((min(ends, default=target) / TENTH).to_integral_value(ROUND_FLOOR) * TENTH, target - TENTH)
    return tuple(
        row
        if row.random.found is None
        else replace(
            row,
            random=replace(
                row.random,
                svg=_whisker(
                    row.random.found,
                    f"{id}-{place}",
                    row.name,
                    max(first, Decimal(0)),
                    target,
                    row.random.verdict,
                ),
            ),
        )
        for place, row in enumerate(rows)
    )


def _whisker(found: Interval, id: str, name: str, first: Decimal, target: Decimal, verdict: str) -> Markup:
    width, height = SIZE
    x = Scale(float(first), 1.0, 2, width - 2)
    edge, middle = short(x(target)), height // 2
    ends = "".join(f"M{short(x(one))} {middle - 3}v6" for one in (found.low, found.high))
    marks = [
        f'<rect class="c-band" x="{edge}" y="0" width="{short(width - x(target))}" height="{height}"/>',
        f'<path class="c-target" d="M{edge} 0V{height}"/>',
        f'<path class="c-ci" d="M{short(x(found.low))} {middle}H{short(x(found.high))}{ends}"/>',
        f'<circle class="c-dot v-{verdict or "none"}" cx="{short(x(found.rate))}" cy="{middle}" r="3.6"/>',
    ]
    words = f"{100 * found.rate:.1f}%, interval {100 * found.low:.1f} to {100 * found.high:.1f}%"
    # `image` escapes its words; the marks are made of numbers and a word of ours.
    return Markup(image("dw", SIZE, f"dw-{id}", f"{name}: rate against target", words, marks))  # noqa: S704
