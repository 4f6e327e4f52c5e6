"""Findings of the built-in edits, as a client and its payers want them judged, and checks of their own.

Which rule decides the level of a finding, when several ask for one:
1. a rule for the claim's payer before a rule for the whole client;
2. then the rule that took effect later;
3. then the rule with the higher number, so that the answer never depends on the order of rows.
Where no rule applies, the level of the edit engine holds: the installation-wide default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from code_sets.rules.edits.claim import Claim, Finding
from edit_rules.rules.conditions import Conditions
from edit_rules.rules.facts import ClaimFacts, folded
from edit_rules.rules.matching import Match, match
from edit_rules.rules.words import explain

PLACEHOLDER = re.compile(r"\{(line|code|payer)\}")


class Level(StrEnum):
    """How much a finding weighs; an error stops the chart from being finalized unless overridden."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Overlay:
    """One version of a client's rule, in force on the day of the claim.

    Attributes:
        number, version: of the rule and of its version; ``client.<number>`` is the id of its own findings.
        version_id: key of the stored version, for the record of what fired.
        payer: empty, or the payer whose claims it is for.
        builtin: the edit whose level it sets; empty: a check of its own.
        per_line: an own check tells each line it matched apart; a level is set only for findings that touch a
            line it matched.
        effective_from: YYYYMMDD.
        message, satisfy, citation, bypass: of an own check; ``{line}``, ``{code}``, ``{payer}`` are filled.
    """

    number: int
    version: int
    name: str
    level: Level
    conditions: Conditions
    effective_from: int
    payer: str = ""
    builtin: str = ""
    per_line: bool = False
    message: str = ""
    satisfy: str = ""
    citation: str = ""
    bypass: tuple[str, ...] = ()
    version_id: str = ""

    @property
    def rule_id(self) -> str:
        """The id under which its own findings are told and counted."""
        return f"client.{self.number}"

    @property
    def precedence(self) -> tuple[bool, int, int]:
        """The larger one decides."""
        return (bool(self.payer), self.effective_from, self.number)


@dataclass(frozen=True, slots=True)
class JudgedFinding:
    """A finding with the level that holds at this client.

    Attributes:
        rule: the built-in id, or ``client.<number>``.
        default_level: of the edit engine; empty for an own check.
        diagnoses: positions from 1 that an own check asked for and found, to go to.
        overlay: the rule that decided the level; None: the default holds.
    """

    rule: str
    level: Level
    lines: tuple[int, ...]
    codes: tuple[str, ...]
    message: str
    citation: str
    satisfy: str
    bypass: tuple[str, ...] = ()
    diagnoses: tuple[int, ...] = ()
    default_level: str = ""
    overlay: Overlay | None = None

    @property
    def why(self) -> str:
        """In words, which rule decided the level and why it applied; empty without one."""
        if self.overlay is None:
            return ""
        reason = explain(self.overlay.conditions, self.overlay.payer)
        told = f"Rule {self.overlay.number}, {self.overlay.name}: {reason}."
        return f"{told} {self.overlay.citation}" if self.overlay.citation else told


@dataclass(frozen=True, slots=True)
class Judged:
    """What stands, in the order of the findings and then of rule numbers, and what a rule switched off."""

    findings: tuple[JudgedFinding, ...]
    switched_off: tuple[JudgedFinding, ...]


def apply_overlays(
    findings: Sequence[Finding], claim: Claim, facts: ClaimFacts, overlays: Iterable[Overlay]
) -> tuple[JudgedFinding, ...]:
    """The findings that stand at this client; those that a rule switched off are left out."""
    return judge(findings, claim, facts, overlays).findings


def judge(
    findings: Sequence[Finding], claim: Claim, facts: ClaimFacts, overlays: Iterable[Overlay]
) -> Judged:
    """Findings with the levels of this client and its own checks, for one claim.

    Args:
        overlays: the versions in force on the claim's day, at most one of a rule, in any order.
    """
    told = {finding.rule for finding in findings}
    asked = (one for one in overlays if not one.builtin or one.builtin in told)
    applying = [
        (overlay, found)
        for overlay in sorted(asked, key=lambda one: one.precedence, reverse=True)
        if _for_payer(overlay, facts) and (found := match(overlay.conditions, claim, facts)).holds
    ]
    levels = [pair for pair in applying if pair[0].builtin]
    judged = [_level_of(finding, levels) for finding in findings]
    own = sorted((pair for pair in applying if not pair[0].builtin), key=lambda pair: pair[0].number)
    for overlay, found in own:
        if overlay.level is not Level.OFF:
            judged.extend(_own_findings(overlay, found, claim, facts))
    return Judged(
        findings=tuple(one for one in judged if one.level is not Level.OFF),
        switched_off=tuple(one for one in judged if one.level is Level.OFF),
    )


def _for_payer(overlay: Overlay, facts: ClaimFacts) -> bool:
    return not overlay.payer or folded(overlay.payer) in facts.texts("payer")


def _level_of(finding: Finding, levels: Sequence[tuple[Overlay, Match]]) -> JudgedFinding:
    judged = JudgedFinding(
        rule=finding.rule,
        level=Level(finding.severity),
        lines=finding.lines,
        codes=finding.codes,
        message=finding.message,
        citation=finding.citation,
        satisfy=finding.satisfy,
        bypass=finding.bypass,
        default_level=finding.severity,
    )
    for overlay, found in levels:
        if overlay.builtin != finding.rule:
            continue
        if overlay.per_line and not set(found.lines) & set(finding.lines):
            continue
        return replace(judged, level=overlay.level, overlay=overlay)
    return judged


def _own_findings(overlay: Overlay, found: Match, claim: Claim, facts: ClaimFacts) -> Iterable[JudgedFinding]:
    """One finding for the claim, or one for each line that the first group about lines matched."""
    by_number = {line.number: line for line in claim.lines}
    told = [(number,) for number in found.subjects] if overlay.per_line and found.subjects else [found.lines]
    for lines in told:
        codes = [by_number[number].code for number in lines]
        if not overlay.per_line or not found.subjects:
            codes += [claim.diagnoses[place - 1] for place in found.diagnoses]
        yield JudgedFinding(
            rule=overlay.rule_id,
            level=overlay.level,
            lines=lines,
            codes=tuple(dict.fromkeys(codes)),
            message=_filled(overlay.message, lines, codes, facts),
            citation=overlay.citation,
            satisfy=_filled(overlay.satisfy, lines, codes, facts),
            bypass=overlay.bypass,
            diagnoses=found.diagnoses,
            overlay=overlay,
        )


def _filled(text: str, lines: Sequence[int], codes: Sequence[str], facts: ClaimFacts) -> str:
    """The text with its placeholders filled, in one pass: a payer's name is not read for placeholders."""
    known = {
        "line": ", ".join(str(number) for number in lines),
        "code": ", ".join(dict.fromkeys(codes)),
        "payer": facts.payer_name,
    }
    return PLACEHOLDER.sub(lambda found: known[found[1]], text)
