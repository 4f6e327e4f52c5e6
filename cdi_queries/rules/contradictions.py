"""Values in the record that speak against what a query offers (R10).

A query that offers "systolic heart failure" and leaves out the ejection fraction of 60% shows half of the
record.  Which values speak against what is data; how values are read is the triggers' (`rules/triggers`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cdi_queries.rules.triggers.notes import note_of
from cdi_queries.rules.triggers.readings import readings_of
from cdi_queries.rules.triggers.shapes import Book, Document, Limit, Place


@dataclass(frozen=True, slots=True)
class Against:
    """Where ``about`` stands in a question or an answer, a value beyond ``limit`` speaks against it."""

    about: re.Pattern[str]
    limit: Limit


def against_of(tables: Mapping[str, Any], book: Book) -> tuple[Against, ...]:
    """The list of an edition.  Numbers must have been read as ``Decimal``.

    Raises:
        KeyError: a quantity that the book of triggers does not know.
    """
    return tuple(_against(one, book) for one in tables["against"])


def contradictions(
    asked: str, documents: Sequence[Document], rules: Sequence[Against], book: Book
) -> list[Place]:
    """Places of values that speak against what is asked, in the order of documents and text, each once.

    ``asked`` is the question with its answers.  Baselines, goals, other years' and other people's values are
    none, as in the triggers.
    """
    limits = [rule.limit for rule in rules if rule.about.search(asked)]
    if not limits:
        return []
    notes = [note_of(one, book.cues) for one in documents]
    order = {one.id: place for place, one in enumerate(documents)}
    found = {
        reading.place
        for limit in limits
        for reading in readings_of(notes, book.analytes[limit.analyte])
        if not reading.is_baseline and limit.is_passed_by(reading.value, reading.bound)
    }
    return sorted(found, key=lambda place: (order[place.document_id], place.start))


def _against(one: Mapping[str, Any], book: Book) -> Against:
    limit = one["limit"]
    book.analytes[limit["analyte"]]
    return Against(
        re.compile(one["about"], re.IGNORECASE),
        Limit(limit["analyte"], _number(limit.get("below")), _number(limit.get("above"))),
    )


def _number(value: int | Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(value)
