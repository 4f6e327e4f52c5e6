"""All rules over one chart."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from cdi_queries.rules.triggers import shapes
from cdi_queries.rules.triggers.conflicts import differing, opposite_sides, said_and_denied
from cdi_queries.rules.triggers.findings import beyond_limits, changed
from cdi_queries.rules.triggers.notes import Note, note_of
from cdi_queries.rules.triggers.shapes import Book, Chart, Hit, Rule
from cdi_queries.rules.triggers.support import unsupported
from cdi_queries.rules.triggers.unspecified import unspecified, unspecified_side

#: Questions already put and their answers: their words are no findings of the record.
ASKED = "query"


def look(chart: Chart, book: Book, off: Collection[str] = frozenset()) -> list[Hit]:
    """Every gap of a chart, in the order of the rules; ``off`` are keys of rules that are switched off."""
    notes = [note_of(one, book.cues) for one in chart.documents if one.kind != ASKED]
    asked = [note_of(one, book.cues) for one in chart.documents if one.kind == ASKED]
    return [
        hit for rule in book.rules if rule.key not in off for hit in _hits(rule, chart, notes, asked, book)
    ]


def _hits(
    rule: Rule, chart: Chart, notes: Sequence[Note], asked: Sequence[Note], book: Book
) -> Iterator[Hit]:
    match rule.test:
        case shapes.Unspecified() as test:
            return unspecified(rule, test, chart, notes, book)
        case shapes.UnspecifiedSide() as test:
            return unspecified_side(rule, test, chart, notes)
        case shapes.Limits() as test:
            return beyond_limits(rule, test, chart, notes, asked, book)
        case shapes.Change() as test:
            return changed(rule, test, chart, notes, asked, book)
        case shapes.Denied() as test:
            return said_and_denied(rule, test, notes)
        case shapes.Differing() as test:
            return differing(rule, test, notes)
        case shapes.OppositeSides() as test:
            return opposite_sides(rule, test, notes)
        case shapes.Chronic() as test:
            return unsupported(rule, test, chart, notes)
