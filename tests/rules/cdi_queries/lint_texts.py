"""Texts of queries, written by us, and what the lint must say of each (`lint_texts.csv`).

Part `body`: expected findings, "rule=words it points at"; none means that the text is compliant by the
AHIMA/ACDIS brief (2022 update).  Part `title`: the words that must not stand there.  Part `answer`: what an
answer of a multiple choice is.  The first two bodies are AHIMA's pair, the open one with eight indicators, in
our own words.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple


class Text(NamedTuple):
    """One row: the text, the terms the record holds, and what is expected."""

    text: str
    terms: tuple[str, ...]
    expected: str

    @property
    def findings(self) -> list[str]:
        return [one for one in self.expected.split(" ; ") if one]


def _read(part: str) -> list[Text]:
    with (Path(__file__).parent / "lint_texts.csv").open(encoding="utf-8", newline="") as lines:
        return [
            Text(
                row["text"],
                tuple(one for one in row["documented_terms"].split(" ; ") if one),
                row["expected"],
            )
            for row in csv.DictReader(lines)
            if row["part"] == part
        ]


BODIES = _read("body")
TITLES = _read("title")
ANSWERS = _read("answer")
CLEAN = [one for one in BODIES if not one.expected]
FAULTY = [one for one in BODIES if one.expected]
AHIMA_OPEN, AHIMA_LEADING = CLEAN[0], FAULTY[0]
