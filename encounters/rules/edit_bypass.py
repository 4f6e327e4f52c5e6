"""Modifiers that set services apart need words of the note that show it.

Source: CMS, Medicare NCCI Coding Policy Manual, chapter I: section D (25: a significant, separately
identifiable E/M, documented apart from the procedure), section E (59 and X{EPSU}: documentation of a
different session, site, lesion, injury or practitioner).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from code_sets.rules.edits.claim import ERROR, ClaimLine, Finding, Passed
from encounters.rules.edit_policy import Policy

SEPARATE = "modifier.59_evidence"
OWN_EVIDENCE = "modifier.25_evidence"
NCCI_SEPARATE = "CMS, Medicare NCCI Coding Policy Manual, chapter I, section E: modifier 59 and X{EPSU}"
NCCI_OWN = "CMS, Medicare NCCI Coding Policy Manual, chapter I, section D: E/M and procedures"


@dataclass(frozen=True, slots=True)
class Cited:
    """The words cited for one service line: (version, start, end).  ``is_excepted``: it has an exception."""

    spans: tuple[tuple[str, int, int], ...]
    is_excepted: bool = False


def bypass_findings(
    lines: Sequence[ClaimLine],
    passed: Sequence[Passed],
    cited: Mapping[int, Cited],
    policy: Policy,
    is_evaluation: Callable[[str], bool],
) -> Iterator[Finding]:
    """An error for each use of a modifier that the note has not been shown to support.

    The one of 59 and X{EPSU} is lifted by an override with the words that show separateness; the one of 25 by
    citing words for the E/M that are not cited for another service of that day.
    """
    by_number = {line.number: line for line in lines}
    for one in passed:
        if one.modifier in policy.separate:
            yield _separate(one, by_number)
    for line in lines:
        if policy.evaluation.isdisjoint(line.modifiers) or not is_evaluation(line.code):
            continue
        others = [
            cited[other.number].spans
            for other in lines
            if other is not line and other.service_on == line.service_on and not is_evaluation(other.code)
        ]
        if others and not _has_own_words(cited[line.number], [span for spans in others for span in spans]):
            yield _without_own_words(line)


def _separate(passed: Passed, lines: Mapping[int, ClaimLine]) -> Finding:
    # The edit looks at column 2 first, and so does this.
    pair = [lines[number] for number in reversed(passed.lines)]
    carrier = next(line for line in pair if passed.modifier in line.modifiers)
    other = next(line for line in pair if line is not carrier)
    advice = f" {passed.advice}" if passed.advice else ""
    return Finding(
        rule=SEPARATE,
        severity=ERROR,
        lines=(carrier.number, other.number),
        codes=(carrier.code, other.code),
        message=(
            f"{passed.modifier} sets {carrier.code} apart from {other.code}, and no words of the note"
            " show it yet."
        ),
        citation=NCCI_SEPARATE,
        satisfy=f"Select the words that show separate services and record them.{advice}",
    )


def _has_own_words(own: Cited, others: Sequence[tuple[str, int, int]]) -> bool:
    """Words that no other service is based on.  No words at all is another finding's business."""
    if not own.spans or own.is_excepted:
        return True
    return any(
        not any(version == v and start < e and s < end for v, s, e in others)
        for version, start, end in own.spans
    )


def _without_own_words(line: ClaimLine) -> Finding:
    return Finding(
        rule=OWN_EVIDENCE,
        severity=ERROR,
        lines=(line.number,),
        codes=(line.code,),
        message=f"25 on {line.code}: all its evidence is cited for another service of that day too.",
        citation=NCCI_OWN,
        satisfy=f"Cite words for {line.code} that show a significant, separate E/M, or remove 25.",
    )
