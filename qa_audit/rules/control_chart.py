"""A p-chart and a CUSUM as images: limits follow the size of each week, and marks say what happened when.

Kinds of points differ by shape as well as by colour; classes are those of the style sheet (section "charts").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from coding_ops.core.charts import Scale, image, short, text_at, ticks
from qa_audit.rules.watch import Baseline, Speaks, Standing, Watched

SIZE: Final = (760, 236)
_LEFT: Final = 46
_RIGHT: Final = 92
_TOP: Final = 22
_BOTTOM: Final = 26
_LABEL_GAP: Final = 13
_EVERY: Final = 4
"""Every fourth week has its day below the axis, counted from the newest; of a few weeks each one."""
_FEW_WEEKS: Final = 10
HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a day; ``mark`` is the number that its words carry below the chart."""

    happened_on: date
    mark: str


def p_chart_image(watched: Watched, events: Sequence[Event], *, id: str, title: str) -> str:
    """The share of reviewed charts with an error by week, with centre and limits once there is a centre."""
    shares = [Decimal(week.wrong) / week.charts if week.charts else None for week in watched.weeks]
    known = [one for one in (*shares, *(point.high for point in watched.points)) if one is not None]
    marks_at = ticks(min(HUNDRED, max(known, default=Decimal("0.1")) * HUNDRED), whole=True)
    x, y = _scales(len(watched.weeks), Decimal(marks_at[-1]))
    marks = [_frame(y, marks_at, "%"), _days(watched, x)]
    if watched.baseline is not None:
        marks += [_centre(watched.baseline, y), _limits(watched, x, y)]
    marks.append(_events(watched, events, x))
    marks += _line([None if one is None else one * HUNDRED for one in shares], x, y)
    for at, share in enumerate(shares):
        if share is not None:
            marks.append(
                _point(watched.standings[at], Speaks.RUN in watched.speaks[at], x(at), y(share * HUNDRED))
            )
    return image("pchart", SIZE, id, title, _p_words(watched, shares), marks)


def cusum_image(watched: Watched, limit: Decimal, events: Sequence[Event], *, id: str, title: str) -> str:
    """The sum of excess charts with an error by week, and the limit at which it speaks."""
    values = [None if one is None else one.value for one in watched.sums]
    top = max([limit, *(one for one in values if one is not None)])
    marks_at = ticks(top, whole=False)
    x, y = _scales(len(watched.weeks), Decimal(marks_at[-1]))
    line = f"M{_LEFT} {short(y(limit))}H{SIZE[0] - _RIGHT}"
    marks = [_frame(y, marks_at, ""), _days(watched, x), f'<path class="c-limit" d="{line}"/>']
    marks.append(text_at("c-lab", SIZE[0] - _RIGHT + 8, y(limit) + 4, f"Limit {limit:f}", anchor="start"))
    marks.append(_events(watched, events, x))
    marks += _line(values, x, y)
    for at, one in enumerate(watched.sums):
        if one is not None:
            standing = Standing.ABOVE if one.signal else Standing.WITHIN
            marks.append(_point(standing, False, x(at), y(one.value)))
    said = sum(1 for one in watched.sums if one is not None and one.signal)
    newest = next((one.value for one in reversed(watched.sums) if one is not None), None)
    words = (
        "No sum yet."
        if newest is None
        else f"The newest sum is {newest:.1f} of {limit:f}; at the limit {said} times."
    )
    return image("pchart", SIZE, id, title, words, marks)


def legend_mark(standing: Standing) -> str:
    """One kind of point on its own, for the legend."""
    return f'<svg viewBox="0 0 12 12" aria-hidden="true">{_point(standing, False, 6, 6)}</svg>'


def _scales(count: int, top: Decimal) -> tuple[Scale, Scale]:
    width, height = SIZE
    return (
        Scale(0, max(1, count - 1), _LEFT + 8, width - _RIGHT - 8),
        Scale(0, float(top), height - _BOTTOM, _TOP),
    )


def _frame(y: Scale, marks_at: Sequence[Decimal], unit: str) -> str:
    return "".join(
        f'<path class="c-grid" d="M{_LEFT} {short(y(value))}H{SIZE[0] - _RIGHT}"/>'
        f"{text_at('c-ax', _LEFT - 8, y(value) + 4, f'{value:,f}{unit}', anchor='end')}"
        for value in marks_at
    )


def _days(watched: Watched, x: Scale) -> str:
    last = len(watched.weeks) - 1
    every = _EVERY if last >= _FEW_WEEKS else 1
    return "".join(
        text_at("c-ax", x(at), SIZE[1] - 7, f"{week.monday:%m/%d}")
        for at, week in enumerate(watched.weeks)
        if (last - at) % every == 0
    )


def _centre(baseline: Baseline, y: Scale) -> str:
    at = y(baseline.rate * HUNDRED)
    words = f"Centre {baseline.rate * HUNDRED:.1f}%"
    return (
        f'<path class="c-mean" d="M{_LEFT} {short(at)}H{SIZE[0] - _RIGHT}"/>'
        f"{text_at('c-lab', SIZE[0] - _RIGHT + 8, at + 4, words, anchor='start')}"
    )


def _limits(watched: Watched, x: Scale, y: Scale) -> str:
    """Steps half a week to each side of every week that has a limit, and a word at the newest."""
    paths, newest = [], None
    half = (x(1) - x(0)) / 2
    for at, point in enumerate(watched.points):
        if point.high is None or point.low is None:
            continue
        newest = point.high
        left, right = short(x(at) - half), short(x(at) + half)
        paths.append(f"M{left} {short(y(point.high * HUNDRED))}H{right}")
        if point.low > 0:
            paths.append(f"M{left} {short(y(point.low * HUNDRED))}H{right}")
    if newest is None or watched.baseline is None:
        return ""
    label = y(newest * HUNDRED)
    centre = y(watched.baseline.rate * HUNDRED)
    label = min(label, centre - _LABEL_GAP)
    return (
        f'<path class="c-limit" d="{"".join(paths)}"/>'
        f"{text_at('c-lab', SIZE[0] - _RIGHT + 8, label + 4, 'Upper limit', anchor='start')}"
    )


def _events(watched: Watched, events: Sequence[Event], x: Scale) -> str:
    if not watched.weeks:
        return ""
    first, found = watched.weeks[0].monday, []
    last = len(watched.weeks) - 1
    for event in events:
        # A week's point stands for its seven days, so its Monday lies half a week to the left of it.
        place = (event.happened_on - first).days / 7 - 0.5
        if -0.5 <= place <= last + 0.5:
            at = x(place)
            found.append(
                f'<path class="c-note" d="M{short(at)} {_TOP - 4}V{SIZE[1] - _BOTTOM}"/>'
                f"{text_at('c-notelab', at, _TOP - 8, event.mark)}"
            )
    return "".join(found)


def _line(values: Sequence[Decimal | None], x: Scale, y: Scale) -> list[str]:
    """Weeks without a review are gaps, not bridges."""
    runs: list[list[str]] = [[]]
    for at, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{short(x(at))},{short(y(value))}")
    return [f'<polyline class="c-line" points="{" ".join(run)}"/>' for run in runs if len(run) > 1]


def _point(standing: Standing, run: bool, x: float, y: float) -> str:
    left, top = short(x), short(y)
    if standing is Standing.ABOVE or run:
        return f'<path class="c-pt sig-low" d="M{left} {short(y - 6)}l6 6l-6 6l-6-6z"/>'
    if standing is Standing.UNSURE:
        return f'<path class="c-pt" d="M{left} {short(y - 6)}l6 6l-6 6l-6-6z"/>'
    if standing is Standing.BELOW:
        return f'<rect class="c-pt sig-high" x="{short(x - 4)}" y="{short(y - 4)}" width="8" height="8"/>'
    if standing is Standing.FEW:
        return f'<circle class="c-pt few" cx="{left}" cy="{top}" r="2.6"/>'
    return f'<circle class="c-pt" cx="{left}" cy="{top}" r="3.5"/>'


def _p_words(watched: Watched, shares: Sequence[Decimal | None]) -> str:
    known = [(week, share) for week, share in zip(watched.weeks, shares, strict=True) if share is not None]
    if not known:
        return "No reviewed chart yet."
    spoken = sum(1 for said in watched.speaks if said)
    week, share = known[-1]
    centre = (
        "too few charts for a centre"
        if watched.baseline is None
        else f"centre {watched.baseline.rate * HUNDRED:.1f}%"
    )
    stand = "1 week stands" if spoken == 1 else f"{spoken} weeks stand"
    return (
        f"{len(known)} weeks with reviews, {centre}, {stand} out. The newest, of "
        f"{week.monday:%m/%d/%Y}: {share * HUNDRED:.1f}% of {week.charts} charts."
    )
