"""The modifiers the edits know, and what each may do: data/edit_modifiers.toml, which cites its sources."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass


# Compared as an object: it is read once a process, and is part of the key that facts of codes are kept under.
@dataclass(frozen=True, slots=True, eq=False)
class ModifierFacts:
    """See data/edit_modifiers.toml, which cites its sources."""

    bypass: tuple[str, ...]
    bypass_evaluation: tuple[str, ...]
    lifting: frozenset[str]
    distinct: frozenset[str]
    either_column_from: int
    evaluation_only: frozenset[str]
    split: tuple[str, ...]
    not_counted: frozenset[str]
    level1: frozenset[str]
    outpatient_only: frozenset[str]
    exclusive: tuple[tuple[str, str], ...]
    evaluation: tuple[tuple[str, str], ...]
    evaluation_starts: frozenset[str]
    procedure_only: frozenset[str]
    families: tuple[frozenset[str], ...]
    unlisted: frozenset[str]
    unlisted_words: tuple[str, ...]
    listed_words: tuple[str, ...]
    rather_than_59: str

    def is_evaluation(self, code: str) -> bool:
        """Whether a code is one of evaluation and management."""
        return code[:1] in self.evaluation_starts and any(
            first <= code <= last for first, last in self.evaluation
        )

    def is_unlisted(self, code: str, title: str) -> bool:
        """Whether a code says nothing without a description; `title` "" where none is at hand."""
        words = title.lower()
        return code in self.unlisted or (
            any(word in words for word in self.unlisted_words)
            and not any(word in words for word in self.listed_words)
        )


def parse_modifiers(text: str) -> ModifierFacts:
    """Read data/edit_modifiers.toml. Raises KeyError or tomllib.TOMLDecodeError when it is damaged."""
    data = tomllib.loads(text)
    ptp, mue, forms = data["ptp"], data["mue"], data["forms"]
    rest = [one for one in (*ptp["other"], *ptp["anatomic"]) if one not in ptp["distinct"]]
    later = [one for one in ptp["global"] if one not in ptp["evaluation_only"]]
    plain = (*ptp["specific"], "59", *rest, *later)
    return ModifierFacts(
        bypass=plain,
        bypass_evaluation=("25", *(one for one in ptp["evaluation_only"][::-1] if one != "25")),
        lifting=frozenset((*ptp["anatomic"], *ptp["global"], *ptp["other"])),
        distinct=frozenset(ptp["distinct"]),
        either_column_from=ptp["either_column_from"],
        evaluation_only=frozenset(ptp["evaluation_only"]),
        split=(*mue["repeat"], *ptp["anatomic"]),
        not_counted=frozenset(mue["not_counted"]),
        level1=frozenset(forms["level1"]),
        outpatient_only=frozenset(forms["outpatient_only"]),
        exclusive=tuple((one, other) for one, other in forms["exclusive"]),
        evaluation=tuple((first, last) for first, last in data["evaluation"]["ranges"]),
        evaluation_starts=frozenset(first[0] for first, _ in data["evaluation"]["ranges"]),
        procedure_only=frozenset(ptp["procedure_only"]),
        families=tuple(frozenset(family) for family in forms["families"]),
        unlisted=frozenset(data["unlisted"]["codes"]),
        unlisted_words=tuple(data["unlisted"]["words"]),
        listed_words=tuple(data["unlisted"]["not_words"]),
        rather_than_59=f"{', '.join(ptp['specific'])} rather than 59",
    )
