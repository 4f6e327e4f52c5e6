"""All edits of a claim, in the releases of its days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from code_sets.rules.edits.claim import Claim, ClaimLine, Finding, Passed
from code_sets.rules.edits.icd import check_diagnoses
from code_sets.rules.edits.ncci import check_addon, check_mue, check_ptp
from code_sets.rules.edits.service_lines import check_25, check_codes, check_modifiers, check_pointers
from code_sets.rules.edits.tables import DayTables

TablesOn = Callable[[int], DayTables]
"""The tables that answer for a day (YYYYMMDD)."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, and which edits a modifier lifted."""

    findings: tuple[Finding, ...]
    passed: tuple[Passed, ...]


def check_claim(claim: Claim, tables_on: TablesOn) -> Checked:
    """Check a claim: NCCI edits by date of service, diagnoses by `Claim.diagnosis_day`.

    Lines of different days are never compared; inpatient claims have no NCCI edits.
    """
    findings: list[Finding] = []
    passed: list[Passed] = []
    days: dict[int, list[ClaimLine]] = {}
    for line in claim.lines:
        days.setdefault(line.service_on, []).append(line)
    for day, lines in days.items():
        _check_day(claim, day, lines, tables_on(day), findings, passed)
    findings.extend(check_pointers(claim))
    day_of_codes = claim.diagnosis_day()
    if claim.diagnoses and day_of_codes is not None:
        findings.extend(check_diagnoses(claim, day_of_codes, tables_on(day_of_codes)))
    return Checked(tuple(findings), tuple(passed))


def _check_day(
    claim: Claim,
    day: int,
    lines: list[ClaimLine],
    tables: DayTables,
    findings: list[Finding],
    passed: list[Passed],
) -> None:
    findings.extend(check_codes(lines, day, tables))
    findings.extend(check_modifiers(claim, lines, tables))
    if claim.setting == "inpatient":
        return
    if claim.setting == "outpatient":
        # A facility bills as one provider, whoever rendered the line.
        lines = [replace(line, npi=None) for line in lines]
    pairs = list(check_ptp(lines, day, tables, passed))
    findings.extend(pairs)
    findings.extend(check_mue(lines, tables))
    denied = frozenset(finding.lines[1] for finding in pairs)
    findings.extend(check_addon(lines, tables, denied))
    findings.extend(check_25(lines, day, tables))
