"""Abnormal findings that no diagnosis answers: beyond a limit, or changed by more than a step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from cdi_queries.rules.triggers.notes import TAKEN_UP, Note, said
from cdi_queries.rules.triggers.readings import Reading, readings_of
from cdi_queries.rules.triggers.shapes import Book, Change, Chart, Hit, Limits, Rule, Step
from cdi_queries.rules.triggers.unspecified import first_places


def beyond_limits(
    rule: Rule, test: Limits, chart: Chart, notes: Sequence[Note], asked: Sequence[Note], book: Book
) -> Iterator[Hit]:
    """Readings beyond a limit, one hit a quantity; none where the chart names what they belong to.

    ``asked`` are the questions already put and their answers: what they name is taken up as well.
    """
    for limit in test.limits:
        found = [
            one
            for one in readings_of(notes, book.analytes[limit.analyte])
            if not one.is_baseline and limit.is_passed_by(one.value, one.bound)
        ]
        if found and not _is_taken_up(test.unless_codes, test.unless_says, chart, notes, asked):
            yield Hit(rule.key, limit.analyte, first_places([one.place for one in found]))


def changed(
    rule: Rule, test: Change, chart: Chart, notes: Sequence[Note], asked: Sequence[Note], book: Book
) -> Iterator[Hit]:
    """Two readings apart by more than a step; none where the chart names what it belongs to."""
    readings = [one for one in readings_of(notes, book.analytes[test.analyte]) if not one.bound]
    pair = next((two for step in test.steps for two in _apart(readings, step, falls=test.falls)), None)
    if pair and not _is_taken_up(test.unless_codes, test.unless_says, chart, notes, asked):
        yield Hit(rule.key, test.analyte, first_places([one.place for one in pair]))


def _apart(readings: Sequence[Reading], step: Step, *, falls: bool) -> Iterator[tuple[Reading, Reading]]:
    """The first pair, in the order of days and of the text, that lies a step apart in its direction.

    A value on its way back shows a rise as well: the kidney that recovers had risen before.  A baseline may
    be of any day before, so it is compared with every value that is none.
    """
    for low in readings:
        for high in readings:
            first, later = (high, low) if falls else (low, high)
            if later.is_baseline or low.value <= 0 or high.value <= low.value:
                continue
            if not (first.is_baseline or _within(low, high, step.within_days)):
                continue
            if falls and not _comes_first(first, later, readings):
                continue
            apart = high.value - low.value
            wide = step.difference is not None and apart >= step.difference
            if wide or (step.ratio is not None and high.value / low.value >= step.ratio):
                yield first, later


def _comes_first(one: Reading, other: Reading, readings: Sequence[Reading]) -> bool:
    if one.came_before != other.came_before:
        return one.came_before
    if one.on is not None and other.on is not None and one.on != other.on:
        return one.on < other.on
    return readings.index(one) < readings.index(other)


def _within(one: Reading, other: Reading, days: int) -> bool:
    """Readings without a day are of this encounter, and taken as near."""
    if one.on is None or other.on is None:
        return True
    return abs(one.on - other.on) <= timedelta(days=days)


def _is_taken_up(
    codes: re.Pattern[str],
    words: re.Pattern[str],
    chart: Chart,
    notes: Sequence[Note],
    asked: Sequence[Note],
) -> bool:
    if any(codes.fullmatch(one.code) for one in chart.codes):
        return True
    if any(words.search(note.text) for note in asked):
        return True
    return any(standing in TAKEN_UP for note in notes for _, standing in said(note, words))
