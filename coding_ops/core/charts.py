"""What every chart is drawn with: an image and its data as a table, scales, labels, ticks.

No script, no inline style, nothing to load: colour and stroke come from the classes of the style sheet
(section "charts").  Every chart is one image to assistive technology, with a title and a description; links
belong to its table, never into the image.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from html import escape
from typing import Final

Number = Decimal | int | float

_MOST_STEPS: Final = 5
_ROUND: Final = tuple(Decimal(factor) for factor in ("1", "2", "2.5", "5", "10"))


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
class Scale:
    """Data (``low`` to ``high``) to pixels (``start`` to ``end``), upside down for the y axis."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: Number) -> float:
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (float(value) - self.low) * (self.end - self.start) / (self.high - self.low)


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


def image(
    kind: str,
    size: tuple[int, int],
    id: str,
    title: str,
    description: str,
    marks: Iterable[str],
    *,
    stretch: bool = False,
) -> str:
    """The whole image: ``kind`` is its class, ``size`` its box in pixels, ``marks`` what is in it."""
    aspect = ' preserveAspectRatio="none"' if stretch else ""
    name = escape(id)
    return (
        f'<svg class="{kind}" viewBox="0 0 {size[0]} {size[1]}" width="{size[0]}" height="{size[1]}"{aspect} '
        f'role="img" aria-labelledby="{name}-t" aria-describedby="{name}-d">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(description)}</desc>'
        f"{''.join(marks)}</svg>"
    )


def text_at(kind: str, x: float, y: float, words: str, *, anchor: str = "middle") -> str:
    """Words at a place, escaped."""
    return f'<text class="{kind}" x="{short(x)}" y="{short(y)}" text-anchor="{anchor}">{escape(words)}</text>'


def has_label(position: int, count: int) -> bool:
    """Every column up to seven; beyond that every second, and always the last."""
    return count <= 7 or position % 2 == (count - 1) % 2


def short(value: float, *, thousands: bool = False) -> str:
    """At most two decimals, no trailing zeros, never "-0"."""
    text = f"{value:,.2f}" if thousands else f"{value:.2f}"
    text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
