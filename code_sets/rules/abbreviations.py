"""The table of clinical abbreviations and lay words: what a coder types, and what titles say instead."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from code_sets.rules.spelling import Speller
from code_sets.rules.text import fold, stem, title_words

COLUMNS = ("term", "expansion", "kind")
QUALITY = {"abbreviation": 0.97, "lay": 0.97, "variant": 0.93, "broader": 0.72}
"""How sure a reading is, by kind: a thigh is a lower limb, but who types thigh wants thigh first."""


class AbbreviationTableError(ValueError):
    """A line of the table cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a title may say for a term: its words, stemmed as titles are, and how sure that is (0..1)."""

    words: tuple[str, ...]
    quality: float


@dataclass(frozen=True)
class Abbreviations:
    """`expansions`: folded term ("heart attack", "w/o") -> what titles say; `longest`: words in a term."""

    expansions: Mapping[str, tuple[Expansion, ...]]
    longest: int

    @cached_property
    def words(self) -> list[str]:
        """The terms that are one word, in order: what an unfinished word may become."""
        return sorted(term for term in self.expansions if term.isalpha())

    @cached_property
    def speller(self) -> Speller:
        """Repairs words over those terms; made at the first typing error."""
        return Speller(self.words)

    def of(self, term: str) -> tuple[Expansion, ...]:
        """The expansions of a folded term, () when the table lacks it; singular and plural are one."""
        return alias_of(self.expansions, term)


def alias_of(expansions: Mapping[str, tuple[Expansion, ...]], term: str) -> tuple[Expansion, ...]:
    """What a table says for a folded term, or for it in the singular; () when it lacks both."""
    found = expansions.get(term)
    if found is None and len(term) > 4:
        head, _, last = term.rpartition(" ")
        found = expansions.get(f"{head} {stem(last)}".strip())
    return found or ()


def parse_abbreviations(lines: Iterable[str]) -> Abbreviations:
    """Read the CSV table (columns term, expansion, kind; one expansion a line, a term may have several).

    Raises AbbreviationTableError naming the line.
    """
    reader = csv.DictReader(line for line in lines if not line.startswith("#"))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise AbbreviationTableError(f"the table must have the columns {', '.join(COLUMNS)}")
    found: dict[str, list[Expansion]] = {}
    for row in reader:
        term = fold(row["term"] or "").strip()
        words = title_words(row["expansion"] or "").words
        if not term or not words or row["kind"] not in QUALITY:
            raise AbbreviationTableError(f"line {reader.line_num}: {row} is not term, expansion, kind")
        if any(words == one.words for one in found.setdefault(term, [])):
            raise AbbreviationTableError(f"line {reader.line_num}: {term} is given this expansion twice")
        found[term].append(Expansion(words, QUALITY[row["kind"]]))
    longest = max((term.count(" ") + 1 for term in found), default=1)
    return Abbreviations({term: tuple(words) for term, words in found.items()}, longest)
