"""All edits of a claim, in the releases of its days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from code_sets.rules.edits.claim import Claim, Finding, Passed
from code_sets.rules.edits.code_facts import ADDON, DATED, EVALUATION, SURGERY, UNLISTED
from code_sets.rules.edits.global_package import check_global
from code_sets.rules.edits.icd import check_diagnoses
from code_sets.rules.edits.ncci import DayLines, check_addon, check_mue, check_ptp, days_of
from code_sets.rules.edits.service_lines import (
    check_25,
    check_codes,
    check_modifiers,
    check_places,
    check_pointers,
)
from code_sets.rules.edits.tables import DayTables

TablesOn = Callable[[int], DayTables]
"""The tables that answer for a day (YYYYMMDD)."""


class Checked(NamedTuple):
    """What was found, and which edits a modifier lifted."""

    findings: tuple[Finding, ...]
    passed: tuple[Passed, ...]


def check_claim(claim: Claim, tables_on: TablesOn) -> Checked:
    """Check a claim: NCCI edits by date of service, diagnoses by the release of their day.

    Lines of different days are never compared, but for global periods; inpatient claims have no NCCI edits.
    """
    findings: list[Finding] = []
    passed: list[Passed] = []
    marks = 0
    days = days_of(claim, tables_on)
    for of_day in days:
        marks |= _check_day(claim, of_day, findings, passed)
    if marks & SURGERY or (claim.history is not None and marks & EVALUATION):
        _check_package(claim, days, findings)
    findings.extend(check_pointers(claim))
    if claim.diagnoses:
        findings.extend(check_diagnoses(claim, {of_day.day for of_day in days}, tables_on))
    return Checked(tuple(findings), tuple(passed))


def _check_day(claim: Claim, of_day: DayLines, findings: list[Finding], passed: list[Passed]) -> int:
    """The edits of one day; gives back the marks of its codes, which say what else there is to check."""
    lines, marks, modified, has_25, over = of_day.lines, 0, False, False, False
    for line, facts in zip(lines, of_day.facts, strict=True):
        marks |= facts.marks
        if line.modifiers:
            modified = True
            has_25 = has_25 or "25" in line.modifiers
        if line.units > facts.most:
            over = True
    if marks & (DATED | UNLISTED):
        findings.extend(check_codes(of_day))
    if modified:
        findings.extend(check_modifiers(claim, of_day))
    if claim.setting == "inpatient":
        return marks
    if of_day.tables.places is not None:
        findings.extend(check_places(of_day))
    pairs = check_ptp(of_day, passed) if of_day.distinct > 1 else []
    findings.extend(pairs)
    if over or of_day.distinct < len(lines):
        findings.extend(check_mue(of_day))
    if marks & ADDON:
        findings.extend(check_addon(of_day, frozenset(finding.lines[1] for finding in pairs)))
    if marks & EVALUATION or has_25:
        findings.extend(check_25(of_day))
    return marks


def _check_package(claim: Claim, days: Sequence[DayLines], findings: list[Finding]) -> None:
    """Global periods reach over days. An E/M is told once: of 57 rather than 25, and of 25 by its PTP edit
    or by the global period, not by both."""
    lines = [
        (line, facts, of_day.tables)
        for of_day in days
        for line, facts in zip(of_day.lines, of_day.facts, strict=True)
    ]
    of_package = list(check_global(claim, lines))
    decided = {one.lines[0] for one in of_package if one.rule == "modifier.57" and one.bypass}
    findings[:] = [one for one in findings if not (_lacks_25(one) and one.lines[0] in decided)]
    told = {finding.lines[0] for finding in findings if finding.rule == "modifier.25"}
    findings.extend(one for one in of_package if not (_lacks_25(one) and one.lines[0] in told))


def _lacks_25(finding: Finding) -> bool:
    return finding.rule == "modifier.25" and bool(finding.bypass)
