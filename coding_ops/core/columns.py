"""Bars as SVG: counts in ordered buckets, and the plain bar of a table cell."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from coding_ops.core.charts import Chart, Scale, image, short, text_at

COLUMNS: Final = (760, 220)
"""Width and height of a chart of columns in pixels."""


def histogram(
    bars: Sequence[tuple[str, int]], *, id: str, title: str, noun: str, first: str = "Age"
) -> Chart:
    """Counts in ordered buckets, such as the backlog by age.  The count stands on each bar.

    ``first``: heading of the buckets in the table twin.
    """
    width, height = COLUMNS
    top = max((count for _label, count in bars), default=0)
    y = Scale(0, max(1, top), height - 26, 22)
    slot = (width - 16) / max(1, len(bars))
    marks = []
    for position, (label, count) in enumerate(bars):
        left, middle = 8 + position * slot + slot * 0.12, 8 + (position + 0.5) * slot
        # A bucket of one chart stays visible beside one of thousands.
        tall = 0.0 if count == 0 else max(2.0, y(0) - y(count))
        marks.append(
            f'<rect class="c-bar" x="{short(left)}" y="{short(y(0) - tall)}" width="{short(slot * 0.76)}" '
            f'height="{short(tall)}"/>'
            f"{text_at('c-lab', middle, y(0) - tall - 6, f'{count:,}')}"
            f"{text_at('c-ax', middle, height - 8, label)}"
        )
    marks.append(f'<path class="c-grid" d="M8 {short(y(0))}H{width - 8}"/>')
    words = "; ".join(f"{label}: {count:,}" for label, count in bars)
    rows = tuple((label, f"{count:,}") for label, count in bars)
    return Chart(image("hist", COLUMNS, id, title, words, marks), title, (first, noun.capitalize()), rows)


def bar(share: Decimal) -> str:
    """A plain bar for a table cell, ``share`` of its width (0 to 1); the cell's text says the number."""
    wide = min(max(float(share), 0.0), 1.0) * 100
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="c-bar" x="0" y="0" width="{short(wide)}" height="8" rx="1"/></svg>'
    )
