"""Charts as SVG text: pure functions that serve the page, the PDF and the print alike.

No script, no inline style, nothing to load: colour and stroke come from the classes of the style sheet
(section "charts"), so the strict content policy holds and both themes work.  Every chart is one image to
assistive technology, with a title and a description, and carries its own data as a table; links belong to
that table, never into the image.  Kinds differ by pattern or shape as well as by colour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from html import escape
from typing import Final

from reporting.rules.kpi import TargetBand
from reporting.rules.verdict import Verdict

Number = Decimal | int | float


@dataclass(frozen=True, slots=True)
class Chart:
    """An image and the same data as a table.

    Attributes:
        svg: markup that is safe to print as it is; all text in it is escaped.
        head, rows: the table twin, cells as text; the first cell of a row is its header.
    """

    svg: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


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


@dataclass(frozen=True, slots=True)
class _Scale:
    """Data to pixels, upside down for the y axis."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: Number) -> float:
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (float(value) - self.low) * (self.end - self.start) / (self.high - self.low)


_SPARK: Final = (212, 52)
_COLUMNS: Final = (760, 220)
_MOST_STEPS: Final = 5
_ROUND: Final = tuple(Decimal(factor) for factor in ("1", "2", "2.5", "5", "10"))


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
    y = _Scale(*_range([point.value for point in points], band, interval), height - 6, 6)
    x = _Scale(0, max(1, len(points) - 1), 2, width - 14)
    marks = [_band(band, y, width), *_lines(points, x, y)]
    last = points[-1].value if points else None
    if last is not None:
        at = x(len(points) - 1)
        marks.append(_whisker_up(at, y, *interval))
        # A stroke of no length with round ends stays round when the picture is stretched.
        marks.append(f'<path class="c-end v-{verdict.value}" d="M{_p(at)} {_p(y(last))}h.01"/>')
    description = _series_words(points, unit)
    svg = _svg("spark", _SPARK, id, title, description, marks, stretch=True)
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
    scale = _Scale(first, last, 2, width - 2)

    def x(number: Number) -> float:
        return scale(min(max(float(number), first), last))

    marks = [_band_across(target, x, width, height)]
    if low is not None or high is not None:
        left, right = (x(first) if low is None else x(low)), (x(last) if high is None else x(high))
        ends = "".join(
            f"M{_p(x(edge))} {height // 2 - 3}v6"
            for edge in (low, high)
            if edge is not None and first <= float(edge) <= last
        )
        marks.append(f'<path class="c-ci" d="M{_p(left)} {height // 2}H{_p(right)}{ends}"/>')
    marks.append(f'<circle class="c-dot v-{verdict.value}" cx="{_p(x(value))}" cy="{height // 2}" r="3.6"/>')
    bounds = f"{_words(low, unit)} to {_words(high, unit)}"
    svg = _svg("dw", (width, height), id, title, f"{_words(value, unit)}, interval {bounds}", marks)
    return Chart(svg, title, ("Value", "Interval"), ((_words(value, unit), bounds),))


def histogram(bars: Sequence[tuple[str, int]], *, id: str, title: str, noun: str) -> Chart:
    """Counts in ordered buckets, such as the backlog by age.  The count stands on each bar."""
    width, height = _COLUMNS
    top = max((count for _label, count in bars), default=0)
    y = _Scale(0, max(1, top), height - 26, 22)
    slot = (width - 16) / max(1, len(bars))
    marks = []
    for position, (label, count) in enumerate(bars):
        left, middle = 8 + position * slot + slot * 0.12, 8 + (position + 0.5) * slot
        # A bucket of one chart stays visible beside one of thousands.
        tall = 0.0 if count == 0 else max(2.0, y(0) - y(count))
        marks.append(
            f'<rect class="c-bar" x="{_p(left)}" y="{_p(y(0) - tall)}" width="{_p(slot * 0.76)}" '
            f'height="{_p(tall)}"/>'
            f"{_text('c-lab', middle, y(0) - tall - 6, f'{count:,}')}"
            f"{_text('c-ax', middle, height - 8, label)}"
        )
    marks.append(f'<path class="c-grid" d="M8 {_p(y(0))}H{width - 8}"/>')
    words = "; ".join(f"{label}: {count:,}" for label, count in bars)
    rows = tuple((label, f"{count:,}") for label, count in bars)
    return Chart(_svg("hist", _COLUMNS, id, title, words, marks), title, ("Age", noun.capitalize()), rows)


def stacked_columns(
    labels: Sequence[str], series: Sequence[Series], *, id: str, title: str, unit: str
) -> Chart:
    """Columns over time, each the sum of its layers: days not final coded, by who held them up.

    Layers lie in the order given, the first at the bottom, and keep a hairline between them, so that the
    order carries the meaning where colour does not.  The unit stands once, above the axis.
    """
    width, height = _COLUMNS
    totals = [sum((layer.values[i] for layer in series), Decimal(0)) for i in range(len(labels))]
    whole = all(value == value.to_integral_value() for layer in series for value in layer.values)
    marks_at = ticks(max(totals, default=Decimal(0)), whole=whole)
    y = _Scale(0, float(marks_at[-1]), height - 26, 26)
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
                    f'<rect class="c-stack s-{escape(layer.code)}" x="{_p(left)}" y="{_p(y(base + value))}" '
                    f'width="{_p(slot * 0.72)}" height="{_p(tall)}"/>'
                )
            base += value
        if _has_label(position, len(labels)):
            marks.append(_text("c-ax", left + slot * 0.36, height - 8, label))
    words = _stack_words(labels, series, unit)
    head = ("Week", *(layer.label for layer in series), "All")
    rows = tuple(
        (label, *(_words(layer.values[i], unit) for layer in series), _words(totals[i], unit))
        for i, label in enumerate(labels)
    )
    return Chart(_svg("stack", _COLUMNS, id, title, words, marks), title, head, rows)


def ticks(highest: Decimal, *, whole: bool) -> tuple[Decimal, ...]:
    """Round numbers from zero to the first at or above ``highest``, with at most five steps between.

    A step is 1, 2, 2.5 or 5 times a power of ten; where only whole numbers are counted (``whole``), a whole
    number.
    """
    if highest <= 0:
        return (Decimal(0), Decimal(1))
    power = Decimal(1).scaleb((highest / _MOST_STEPS).adjusted())
    if whole:
        power = max(power, Decimal(1))
    step = next(
        candidate
        for factor in _ROUND
        if (candidate := factor * power) * _MOST_STEPS >= highest
        and not (whole and candidate != candidate.to_integral_value())
    )
    count = int((highest / step).to_integral_value(rounding=ROUND_CEILING))
    return tuple(_plain(step * position) for position in range(count + 1))


def _plain(value: Decimal) -> Decimal:
    """Without trailing zeros and without an exponent: 250, 7.5."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def bar(share: Decimal) -> str:
    """A plain bar for a table cell, ``share`` of its width (0 to 1); the cell's text says the number."""
    wide = min(max(float(share), 0.0), 1.0) * 100
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="c-bar" x="0" y="0" width="{_p(wide)}" height="8" rx="1"/></svg>'
    )


def _svg(
    kind: str,
    size: tuple[int, int],
    id: str,
    title: str,
    description: str,
    marks: Iterable[str],
    *,
    stretch: bool = False,
) -> str:
    aspect = ' preserveAspectRatio="none"' if stretch else ""
    name = escape(id)
    return (
        f'<svg class="{kind}" viewBox="0 0 {size[0]} {size[1]}" width="{size[0]}" height="{size[1]}"{aspect} '
        f'role="img" aria-labelledby="{name}-t" aria-describedby="{name}-d">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(description)}</desc>'
        f"{''.join(marks)}</svg>"
    )


def _lines(points: Sequence[Point], x: _Scale, y: _Scale) -> list[str]:
    """A line for each run of values: a window without data is a gap, not a bridge."""
    runs: list[list[str]] = [[]]
    for position, point in enumerate(points):
        if point.value is None:
            runs.append([])
        else:
            runs[-1].append(f"{_p(x(position))},{_p(y(point.value))}")
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


def _band(band: TargetBand | None, y: _Scale, width: int) -> str:
    if band is None or (band.low is None and band.high is None):
        return ""
    top = y(y.high if band.high is None else band.high)
    bottom = y(y.low if band.low is None else band.low)
    lines = "".join(
        f'<path class="c-target" d="M0 {_p(y(edge))}H{width}"/>'
        for edge in (band.low, band.high)
        if edge is not None
    )
    tall = _p(max(1.0, bottom - top))
    return f'<rect class="c-band" x="0" y="{_p(top)}" width="{width}" height="{tall}"/>{lines}'


def _band_across(band: TargetBand | None, x: Callable[[Number], float], width: int, height: int) -> str:
    if band is None or (band.low is None and band.high is None):
        return ""
    left = 0.0 if band.low is None else x(band.low)
    right = float(width) if band.high is None else x(band.high)
    lines = "".join(
        f'<path class="c-target" d="M{_p(x(edge))} 0V{height}"/>'
        for edge in (band.low, band.high)
        if edge is not None
    )
    wide = _p(max(0.0, right - left))
    return f'<rect class="c-band" x="{_p(left)}" y="0" width="{wide}" height="{height}"/>{lines}'


def _whisker_up(at: float, y: _Scale, low: Decimal | None, high: Decimal | None) -> str:
    if low is None and high is None:
        return ""
    bottom, top = y(y.low if low is None else low), y(y.high if high is None else high)
    ends = "".join(f"M{_p(at - 3)} {_p(y(edge))}h6" for edge in (low, high) if edge is not None)
    return f'<path class="c-ci" d="M{_p(at)} {_p(top)}V{_p(bottom)}{ends}"/>'


def _grid(y: _Scale, width: int, marks_at: Sequence[Decimal], unit: str) -> str:
    """A quiet line at each tick with its number at the left, and the unit once above the highest."""
    marks = [
        f'<path class="c-grid" d="M46 {_p(y(value))}H{width - 8}"/>'
        f"{_text('c-ax', 40, y(value) + 4, f'{value:,f}', anchor='end')}"
        for value in marks_at
    ]
    if unit.strip():
        marks.append(_text("c-ax", 40, y(marks_at[-1]) - 12, unit.strip(), anchor="end"))
    return "".join(marks)


def _text(kind: str, x: float, y: float, words: str, *, anchor: str = "middle") -> str:
    return f'<text class="{kind}" x="{_p(x)}" y="{_p(y)}" text-anchor="{anchor}">{escape(words)}</text>'


def _has_label(position: int, count: int) -> bool:
    """Every column up to seven; beyond that every second, and always the last."""
    return count <= 7 or position % 2 == (count - 1) % 2


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
    return f"{_p(float(value), thousands=True)}{unit}"


def _p(value: float, *, thousands: bool = False) -> str:
    """At most two decimals, no trailing zeros, never "-0"."""
    text = f"{value:,.2f}" if thousands else f"{value:.2f}"
    text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
