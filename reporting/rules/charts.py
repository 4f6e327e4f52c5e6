"""Charts as SVG text: pure functions that serve the page, the PDF and the print alike.

No script, no inline style, nothing to load: colour and stroke come from the classes of the style sheet
(section "charts"), so the strict content policy holds and both themes work.  Every chart is one image to
assistive technology, with a title and a description, and carries its own data as a table; links belong to
that table, never into the image.  Kinds differ by pattern or shape as well as by colour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Final

from coding_ops.core.charts import Chart, Number, Scale, has_label, image, short, text_at, ticks
from coding_ops.core.columns import COLUMNS
from coding_ops.core.columns import bar as bar
from coding_ops.core.columns import histogram as histogram
from reporting.rules.kpi import TargetBand
from reporting.rules.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a series; ``None`` where there was nothing to measure, which leaves a gap."""

    label: str
    value: Decimal | None
    n: int = 0


@dataclass(frozen=True, slots=True)
class Series:
    """One layer of a stack: its class suffix (``s-<code>``), its words, and a value for each column."""

    code: str
    label: str
    values: tuple[Decimal, ...]


_SPARK: Final = (212, 52)


def sparkline(
    points: Sequence[Point],
    *,
    id: str,
    title: str,
    unit: str,
    band: TargetBand | None = None,
    interval: tuple[Decimal | None, Decimal | None] = (None, None),
    verdict: Verdict = Verdict.NO_TARGET,
) -> Chart:
    """A small line of a KPI's past, oldest first, with its target band and the last point's interval."""
    width, height = _SPARK
    y = Scale(*_range([point.value for point in points], band, interval), height - 6, 6)
    x = Scale(0, max(1, len(points) - 1), 2, width - 14)
    marks = [_band(band, y, width), *_lines(points, x, y)]
    last = points[-1].value if points else None
    if last is not None:
        at = x(len(points) - 1)
        marks.append(_whisker_up(at, y, *interval))
        # A stroke of no length with round ends stays round when the picture is stretched.
        marks.append(f'<path class="c-end v-{verdict.value}" d="M{short(at)} {short(y(last))}h.01"/>')
    description = _series_words(points, unit)
    svg = image("spark", _SPARK, id, title, description, marks, stretch=True)
    rows = tuple(
        (point.label, "—" if point.value is None else _words(point.value, unit), f"{point.n:,}")
        for point in points
    )
    return Chart(svg, title, ("Window", "Value", "n"), rows)


def dot_whisker(
    value: Decimal,
    low: Decimal | None,
    high: Decimal | None,
    *,
    id: str,
    title: str,
    unit: str,
    axis: tuple[Decimal, Decimal],
    target: TargetBand | None = None,
    verdict: Verdict = Verdict.NO_TARGET,
) -> Chart:
    """A value with its interval against a target, on an axis shared by the rows of a table.

    An interval that is open on a side, or longer than the axis, runs to the edge without an end stroke.
    """
    width, height = 132, 20
    first, last = (float(edge) for edge in axis)
    scale = Scale(first, last, 2, width - 2)

    def x(number: Number) -> float:
        return scale(min(max(float(number), first), last))

    marks = [_band_across(target, x, width, height)]
    if low is not None or high is not None:
        left, right = (x(first) if low is None else x(low)), (x(last) if high is None else x(high))
        ends = "".join(
            f"M{short(x(edge))} {height // 2 - 3}v6"
            for edge in (low, high)
            if edge is not None and first <= float(edge) <= last
        )
        marks.append(f'<path class="c-ci" d="M{short(left)} {height // 2}H{short(right)}{ends}"/>')
    marks.append(
        f'<circle class="c-dot v-{verdict.value}" cx="{short(x(value))}" cy="{height // 2}" r="3.6"/>'
    )
    bounds = f"{_words(low, unit)} to {_words(high, unit)}"
    svg = image("dw", (width, height), id, title, f"{_words(value, unit)}, interval {bounds}", marks)
    return Chart(svg, title, ("Value", "Interval"), ((_words(value, unit), bounds),))


def stacked_columns(
    labels: Sequence[str], series: Sequence[Series], *, id: str, title: str, unit: str
) -> Chart:
    """Columns over time, each the sum of its layers: days not final coded, by who held them up.

    Layers lie in the order given, the first at the bottom, and keep a hairline between them, so that the
    order carries the meaning where colour does not.  The unit stands once, above the axis.
    """
    width, height = COLUMNS
    totals = [sum((layer.values[i] for layer in series), Decimal(0)) for i in range(len(labels))]
    whole = all(value == value.to_integral_value() for layer in series for value in layer.values)
    marks_at = ticks(max(totals, default=Decimal(0)), whole=whole)
    y = Scale(0, float(marks_at[-1]), height - 26, 26)
    slot = (width - 60) / max(1, len(labels))
    marks = [_grid(y, width, marks_at, unit)]
    for position, label in enumerate(labels):
        left = 50 + position * slot + slot * 0.14
        base = Decimal(0)
        for layer in series:
            value = layer.values[position]
            tall = y(base) - y(base + value)
            if value > 0:
                marks.append(
                    f'<rect class="c-stack s-{escape(layer.code)}" x="{short(left)}" '
                    f'y="{short(y(base + value))}" width="{short(slot * 0.72)}" height="{short(tall)}"/>'
                )
            base += value
        if has_label(position, len(labels)):
            marks.append(text_at("c-ax", left + slot * 0.36, height - 8, label))
    words = _stack_words(labels, series, unit)
    head = ("Week", *(layer.label for layer in series), "All")
    rows = tuple(
        (label, *(_words(layer.values[i], unit) for layer in series), _words(totals[i], unit))
        for i, label in enumerate(labels)
    )
    return Chart(image("stack", COLUMNS, id, title, words, marks), title, head, rows)


def _lines(points: Sequence[Point], x: Scale, y: Scale) -> list[str]:
    """A line for each run of values: a window without data is a gap, not a bridge."""
    runs: list[list[str]] = [[]]
    for position, point in enumerate(points):
        if point.value is None:
            runs.append([])
        else:
            runs[-1].append(f"{short(x(position))},{short(y(point.value))}")
    lines = [f'<polyline class="c-line" points="{" ".join(run)}"/>' for run in runs if len(run) > 1]
    alone = [run[0].split(",") for run in runs if len(run) == 1]
    return lines + [f'<path class="c-line c-alone" d="M{left} {top}h.01"/>' for left, top in alone]


def _range(
    values: Sequence[Decimal | None],
    band: TargetBand | None,
    interval: tuple[Decimal | None, Decimal | None],
) -> tuple[float, float]:
    edges = (band.low, band.high) if band else ()
    known = [float(value) for value in (*values, *edges, *interval) if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    margin = (high - low or 1.0) * 0.06
    return low - margin, high + margin


def _band(band: TargetBand | None, y: Scale, width: int) -> str:
    if band is None or (band.low is None and band.high is None):
        return ""
    top = y(y.high if band.high is None else band.high)
    bottom = y(y.low if band.low is None else band.low)
    lines = "".join(
        f'<path class="c-target" d="M0 {short(y(edge))}H{width}"/>'
        for edge in (band.low, band.high)
        if edge is not None
    )
    tall = short(max(1.0, bottom - top))
    return f'<rect class="c-band" x="0" y="{short(top)}" width="{width}" height="{tall}"/>{lines}'


def _band_across(band: TargetBand | None, x: Callable[[Number], float], width: int, height: int) -> str:
    if band is None or (band.low is None and band.high is None):
        return ""
    left = 0.0 if band.low is None else x(band.low)
    right = float(width) if band.high is None else x(band.high)
    lines = "".join(
        f'<path class="c-target" d="M{short(x(edge))} 0V{height}"/>'
        for edge in (band.low, band.high)
        if edge is not None
    )
    wide = short(max(0.0, right - left))
    return f'<rect class="c-band" x="{short(left)}" y="0" width="{wide}" height="{height}"/>{lines}'


def _whisker_up(at: float, y: Scale, low: Decimal | None, high: Decimal | None) -> str:
    if low is None and high is None:
        return ""
    bottom, top = y(y.low if low is None else low), y(y.high if high is None else high)
    ends = "".join(f"M{short(at - 3)} {short(y(edge))}h6" for edge in (low, high) if edge is not None)
    return f'<path class="c-ci" d="M{short(at)} {short(top)}V{short(bottom)}{ends}"/>'


def _grid(y: Scale, width: int, marks_at: Sequence[Decimal], unit: str) -> str:
    """A quiet line at each tick with its number at the left, and the unit once above the highest."""
    marks = [
        f'<path class="c-grid" d="M46 {short(y(value))}H{width - 8}"/>'
        f"{text_at('c-ax', 40, y(value) + 4, f'{value:,f}', anchor='end')}"
        for value in marks_at
    ]
    if unit.strip():
        marks.append(text_at("c-ax", 40, y(marks_at[-1]) - 12, unit.strip(), anchor="end"))
    return "".join(marks)


def _series_words(points: Sequence[Point], unit: str) -> str:
    known = [point for point in points if point.value is not None]
    if not known:
        return "No values yet."
    values = [point.value for point in known if point.value is not None]
    return (
        f"{len(known)} values from {known[0].label} to {known[-1].label}, "
        f"between {_words(min(values), unit)} and {_words(max(values), unit)}; "
        f"the last is {_words(values[-1], unit)}."
    )


def _stack_words(labels: Sequence[str], series: Sequence[Series], unit: str) -> str:
    if not labels:
        return "No values yet."
    latest = "; ".join(f"{layer.label}: {_words(layer.values[-1], unit)}" for layer in series)
    return f"{len(labels)} columns from {labels[0]} to {labels[-1]}. Last: {latest}."


def _words(value: Number | None, unit: str) -> str:
    if value is None:
        return "not bounded"
    return f"{short(float(value), thousands=True)}{unit}"
