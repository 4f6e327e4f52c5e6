"""The word lists of the query lint, compiled once: payment words, leading phrases, code numbers, answers.

Everything here comes from data (``cdi_queries/data/query_words.toml``); the rules only ask where the words
stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

#: How far around a hit the words are looked for that give it another meaning.
_BEFORE: Final = 70
_AFTER: Final = 40

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PaymentWord:
    """A pattern of payment or quality scores, and the neighbours that make it clinical.

    ``needs`` is a part that every hit holds, to look for first.
    """

    words: re.Pattern[str]
    unless: re.Pattern[str] | None
    only_before: bool
    needs: str

    def places(self, text: str) -> Iterator[Place]:
        """Where the words stand and mean payment."""
        if self.needs not in text:
            return
        for hit in self.words.finditer(text):
            around = text[
                max(0, hit.start() - _BEFORE) : hit.start() if self.only_before else hit.end() + _AFTER
            ]
            if self.unless is None or not self.unless.search(around.rstrip() if self.only_before else around):
                yield hit.span()


@dataclass(frozen=True, slots=True)
class LeadingPhrase:
    """A pattern that leads the answer; ``object`` says what of the words after it matters."""

    words: re.Pattern[str]
    object: str
    neutral: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Wording:
    """All word lists of one edition."""

    edition: str
    source: str
    longest_body: int
    other: re.Pattern[str]
    undetermined: re.Pattern[str]
    neutral: re.Pattern[str]
    emphasis: re.Pattern[str]
    preselected: str
    yes_no: Mapping[str, re.Pattern[str]]
    payment: tuple[PaymentWord, ...]
    leading: tuple[LeadingPhrase, ...]
    code_numbers: tuple[re.Pattern[str], ...]

    def payment_places(self, text: str) -> list[Place]:
        """Where a text speaks of payment or quality scores, each place once, in order."""
        return _apart(place for word in self.payment for place in word.places(text)) if text else []

    def code_places(self, text: str) -> list[Place]:
        """Where a text holds the number of a code."""
        return _apart(hit.span() for pattern in self.code_numbers for hit in pattern.finditer(text))

    def is_other(self, option: str) -> bool:
        """Whether an answer is the open one ("Other (please specify)")."""
        return self.other.fullmatch(option.strip()) is not None

    def is_undetermined(self, option: str) -> bool:
        """Whether an answer is "unable to determine"."""
        return self.undetermined.fullmatch(option.strip()) is not None

    def is_diagnostic(self, option: str) -> bool:
        """Whether an answer names a diagnosis: it is neither open, nor undetermined, nor neutral."""
        text = option.strip()
        return not (self.is_other(text) or self.is_undetermined(text) or self.neutral.fullmatch(text))


def wording_of(tables: Mapping[str, Any]) -> Wording:
    """The compiled lists of one edition from their tables."""
    options = tables["options"]
    return Wording(
        edition=tables["edition"],
        source=tables["source"],
        longest_body=tables["longest_body"],
        other=_pattern(options["other"]),
        undetermined=_pattern(options["undetermined"]),
        neutral=_pattern(options["neutral"]),
        emphasis=_pattern(options["emphasis"]),
        preselected=options["preselected"],
        yes_no={name: _pattern(words) for name, words in tables["yes_no"].items()},
        payment=tuple(
            PaymentWord(
                _pattern(one["words"], case=one.get("case", False)),
                _pattern(one["unless"]) if "unless" in one else None,
                one.get("before", False),
                one.get("needs", ""),
            )
            for one in tables["payment"]
        ),
        leading=tuple(
            LeadingPhrase(
                _pattern(one["words"]),
                one["object"],
                _pattern(one["neutral"]) if "neutral" in one else None,
            )
            for one in tables["leading"]
        ),
        code_numbers=(_pattern(tables["codes"]["dotted"], case=True), _pattern(tables["codes"]["named"])),
    )


def _pattern(words: str, *, case: bool = False) -> re.Pattern[str]:
    return re.compile(words, 0 if case else re.IGNORECASE)


def _apart(places: Iterator[Place]) -> list[Place]:
    """Places in order; one that overlaps an earlier one is the same finding."""
    kept: list[Place] = []
    for start, end in sorted(places, key=lambda place: (place[0], -place[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept
