"""Whether the words cited for a diagnosis support its condition category, and what is to be deleted.

A diagnosis that maps to a condition category (HCC) needs words of this visit that show it was monitored,
evaluated, assessed or treated (MEAT).  Words that stand only under a past history, or only in a list of
problems, do not support it, whatever they were tagged with.  Nothing is taken over from another year: only
what was cited here counts.  Sections and levels are data (``encounters/data/hcc_support.toml``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, cast

from code_sets.rules.edits.claim import Finding, Severity
from encounters.rules.sections import SectionKind

MEAT_ORDER: Final = "MEAT"
OFF: Final = "off"


class Support(StrEnum):
    """What the cited words make of a diagnosis that maps to an HCC."""

    SUPPORTED = "supported"
    NO_TAG = "hcc.meat"
    HISTORY_ONLY = "hcc.history_only"
    PROBLEM_LIST_ONLY = "hcc.problem_list_only"
    NOT_CITED = "not_cited"


@dataclass(frozen=True, slots=True)
class CitedSpan:
    """Words cited for a diagnosis: the sections they stand in, and their tag (empty: none)."""

    sections: tuple[SectionKind, ...]
    meat: str = ""


@dataclass(frozen=True, slots=True)
class HccDiagnosis:
    """A diagnosis that maps to a category.  ``key`` is the caller's; ``spans`` are anchored ones only."""

    key: str
    code: str
    shown: str
    spans: tuple[CitedSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """Which sections do not support, how loud each rule is (``off``: silent), and what it cites."""

    history: frozenset[SectionKind]
    problem_list: frozenset[SectionKind]
    levels: Mapping[str, str]
    citations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """One diagnosis judged.  ``letters`` of the words that count, in the order M, E, A, T."""

    diagnosis: HccDiagnosis
    support: Support
    letters: str

    @property
    def is_supported(self) -> bool:
        """May it be sent for risk adjustment as it stands?"""
        return self.support is Support.SUPPORTED

    @property
    def words(self) -> str:
        """The state as it is read beside the code."""
        return {
            Support.SUPPORTED: f"supported ({', '.join(self.letters)})",
            Support.NO_TAG: "no MEAT tag",
            Support.HISTORY_ONLY: "history only: not supported",
            Support.PROBLEM_LIST_ONLY: "problem list only: not supported",
            Support.NOT_CITED: "no words cited",
        }[self.support]


@dataclass(frozen=True, slots=True)
class Changes:
    """Against the version before: codes with a category that came, and those that go or should go.

    ``dropped`` were there and are no longer; ``unsupported`` stand in the set without support.
    """

    added: tuple[str, ...]
    dropped: tuple[str, ...]
    unsupported: tuple[str, ...]


def judge(diagnosis: HccDiagnosis, policy: Policy) -> Judged:
    """What the words cited for one diagnosis make of it."""
    spans = diagnosis.spans
    if not spans:
        return Judged(diagnosis, Support.NOT_CITED, "")
    weak = policy.history | policy.problem_list
    counted = [span for span in spans if not _within(span, weak)]
    if not counted:
        only_history = all(_within(span, policy.history) for span in spans)
        return Judged(diagnosis, Support.HISTORY_ONLY if only_history else Support.PROBLEM_LIST_ONLY, "")
    letters = "".join(letter for letter in MEAT_ORDER if any(span.meat == letter for span in counted))
    return Judged(diagnosis, Support.SUPPORTED if letters else Support.NO_TAG, letters)


def findings(judged: Iterable[Judged], policy: Policy) -> tuple[Finding, ...]:
    """What stands beside the codes.  A code without any words is readiness's own finding."""
    found = []
    for one in judged:
        level = policy.levels.get(one.support.value, OFF)
        if level == OFF:
            continue
        message, remedy = _SAID[one.support]
        found.append(
            Finding(
                rule=one.support.value,
                severity=cast(Severity, level),
                lines=(),
                codes=(one.diagnosis.code,),
                message=f"{one.diagnosis.shown} {message}",
                citation=policy.citations[one.support.value],
                satisfy=remedy,
            )
        )
    return tuple(found)


def changes(before: Collection[str], judged: Sequence[Judged], mapped: Collection[str]) -> Changes:
    """Adds and deletes.  ``before``: diagnosis codes of the version before; ``mapped``: those of them and of
    the set that map to a category.  Without a version before, every supported code is an add."""
    now = [one.diagnosis.code for one in judged]
    return Changes(
        added=tuple(
            one.diagnosis.code for one in judged if one.is_supported and one.diagnosis.code not in before
        ),
        dropped=tuple(code for code in before if code in mapped and code not in now),
        unsupported=tuple(one.diagnosis.code for one in judged if not one.is_supported),
    )


def _within(span: CitedSpan, kinds: frozenset[SectionKind]) -> bool:
    """Does the span stand in such sections and in no other?"""
    return bool(span.sections) and all(kind in kinds for kind in span.sections)


_SAID: Final[Mapping[Support, tuple[str, str]]] = {
    Support.NO_TAG: (
        "maps to an HCC and has no MEAT tag.",
        "Tag its evidence as monitored, evaluated, assessed or treated, or remove the code.",
    ),
    Support.HISTORY_ONLY: (
        "is cited from a history section only: its HCC is not supported.",
        "Cite where it is cared for at this visit, use a history code (Z85 to Z87), or remove it.",
    ),
    Support.PROBLEM_LIST_ONLY: (
        "is cited from a problem list only: its HCC is not supported.",
        "Cite where it is monitored, evaluated, assessed or treated at this visit, or remove it.",
    ),
}
