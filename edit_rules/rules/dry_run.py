"""What a rule would have done to finished charts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from code_sets.rules.edits.claim import Claim, Finding
from edit_rules.rules.apply import Level, Overlay, judge
from edit_rules.rules.facts import ClaimFacts

Edits = Callable[[Claim], Sequence[Finding]]
"""The built-in findings of a claim."""
OF_EVIDENCE = "hcc."
"""Edits that judge the words cited for a code, which no claim carries."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One finished chart.  ``beside``: its findings of the edits that judge cited words, made when asked."""

    claim: Claim
    facts: ClaimFacts
    beside: Callable[[], Sequence[Finding]] = tuple


@dataclass(frozen=True, slots=True)
class DryRun:
    """`charts` looked at; on how many the rule would have fired, and with how many findings."""

    charts: int
    hits: int
    findings: int

    @property
    def words(self) -> str:
        """``Would have fired on 12 of the last 500 final charts.``"""
        if not self.charts:
            return "No chart is final yet, so there is nothing to try it on."
        noun = "chart" if self.charts == 1 else "charts"
        more = f", with {self.findings} findings" if self.findings > self.hits else ""
        return f"Would have fired on {self.hits} of the last {self.charts} final {noun}{more}."


def try_out(overlay: Overlay, samples: Iterable[Sample], edits: Edits) -> DryRun:
    """Counts the findings a rule would have told, or whose level it would have set.

    A rule that is off is tried as if it were on: the question is what it would switch off.
    The dates of the rule are left aside, since a new rule has no past.

    Args:
        edits: asked only for a rule that sets the level of a built-in edit.
    """
    charts = hits = findings = 0
    for sample in samples:
        charts += 1
        if overlay.builtin:
            found = sample.beside() if overlay.builtin.startswith(OF_EVIDENCE) else edits(sample.claim)
            raised = [one for one in found if one.rule == overlay.builtin]
        else:
            raised = []
        if overlay.builtin and not raised:
            continue
        judged = judge(raised, sample.claim, sample.facts, [_awake(overlay)])
        count = sum(one.overlay is not None for one in (*judged.findings, *judged.switched_off))
        findings += count
        hits += count > 0
    return DryRun(charts, hits, findings)


def _awake(overlay: Overlay) -> Overlay:
    if overlay.builtin or overlay.level is not Level.OFF:
        return overlay
    return replace(overlay, level=Level.INFO)
