"""E/M services and further procedures in the global package of a procedure: modifiers 24, 25, 57, 58, 78, 79.

Sources: CMS, "Medicare Claims Processing Manual" (Pub. 100-04), chapter 12: 40.1 (what the package holds;
000, 010 and 090 days), 40.2.A.4 (57: the decision for major surgery), 40.2.A.7 and 30.6.6.A (24: unrelated
E/M in the postoperative period), 30.6.6.B (25: minor procedure on the same day), 40.2.A.5 to A.6 and 40.4
(58, 78, 79); "Medicare NCCI Coding Policy Manual", chapter I, section D. CPT, appendix A, names the
modifiers.

A package binds the practitioner, not the facility, and one provider (or one group and specialty).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from code_sets.rules.edits.claim import ERROR, WARNING, Claim, ClaimLine, Finding, PriorService, Severity
from code_sets.rules.edits.code_facts import EVALUATION, SURGERY, CodeFacts
from code_sets.rules.edits.tables import DayTables, edition
from code_sets.rules.entries import with_dot

MANUAL: Final = "CMS, Medicare Claims Processing Manual, chapter 12"
DAYS_AFTER: Final = {"010": 10, "090": 90}
MAJOR: Final = "090"
PACKAGE: Final = ("58", "78", "79")


@dataclass(frozen=True, slots=True)
class _Procedure:
    """A procedure with a global period: of the claim (`line`) or of another one (`line` None)."""

    code: str
    service_on: int
    npi: str | None
    days: str
    line: int | None
    diagnoses: tuple[str, ...]


def check_global(claim: Claim, lines: Sequence[tuple[ClaimLine, CodeFacts, DayTables]]) -> Iterator[Finding]:
    """The lines of a practitioner's claim against the global periods of the patient's procedures."""
    if claim.setting != "practitioner":
        return
    procedures = _procedures(claim, lines)
    for line, facts, tables in lines:
        if tables.global_days is None:
            continue
        theirs = [
            one
            for one in procedures
            if one.line != line.number and (one.npi is None or line.npi is None or one.npi == line.npi)
        ]
        if facts.marks & EVALUATION:
            yield from _evaluation(claim, line, theirs, tables)
        elif facts.marks & SURGERY:
            yield from _procedure(claim, line, theirs, tables)


def _procedures(claim: Claim, lines: Sequence[tuple[ClaimLine, CodeFacts, DayTables]]) -> list[_Procedure]:
    found = [
        _Procedure(line.code, line.service_on, line.npi, facts.days or "", line.number, _pointed(claim, line))
        for line, facts, _ in lines
        if facts.marks & SURGERY
    ]
    books = [tables.book for _, _, tables in lines[:1]]
    for prior in claim.history or ():
        for facts in (book.facts(prior.code) for book in books):
            if facts.marks & SURGERY:
                found.append(_prior(prior, facts))
    return found


def _prior(prior: PriorService, facts: CodeFacts) -> _Procedure:
    return _Procedure(prior.code, prior.service_on, prior.npi, facts.days or "", None, prior.diagnoses)


def _pointed(claim: Claim, line: ClaimLine) -> tuple[str, ...]:
    count = len(claim.diagnoses)
    return tuple(claim.diagnoses[pointer - 1] for pointer in line.pointers if 1 <= pointer <= count)


def _within(day: int, procedure: _Procedure) -> bool:
    """Whether a day lies in the postoperative period, the day of the procedure left out."""
    after = DAYS_AFTER.get(procedure.days, 0)
    return procedure.service_on < day and 0 < _days_between(procedure.service_on, day) <= after


def _days_between(first: int, last: int) -> int:
    return (_date(last) - _date(first)).days


def _date(day: int) -> date:
    return date(day // 10000, day // 100 % 100, day % 100)


def _evaluation(
    claim: Claim, line: ClaimLine, procedures: Sequence[_Procedure], tables: DayTables
) -> Iterator[Finding]:
    major = [
        one
        for one in procedures
        if one.days == MAJOR and _days_between(line.service_on, one.service_on) in (0, 1)
    ]
    minor = [one for one in procedures if one.days != MAJOR and one.service_on == line.service_on]
    if major and "57" not in line.modifiers:
        yield _decision(line, major[0], tables)
    elif minor and not major and not {"25", "57", "24"} & set(line.modifiers):
        yield _minor(line, minor[0], tables)
    if "57" in line.modifiers and not major and (minor or claim.history is not None):
        yield _needless(line, "57", "no procedure with 90 global days stands on that day or the next", tables)
    earlier = [one for one in procedures if _within(line.service_on, one)]
    if earlier and "24" not in line.modifiers:
        yield _postoperative(line, earlier[0], tables)
    elif "24" in line.modifiers:
        if not earlier and claim.history is not None:
            yield _needless(line, "24", "no procedure's global period holds that day", tables)
        yield from _same_condition(claim, line, earlier, tables)


def _decision(line: ClaimLine, procedure: _Procedure, tables: DayTables) -> Finding:
    # 25 on the same day may be right for another problem: then a person has to look, not the payer's edit.
    severity: Severity = WARNING if {"24", "25"} & set(line.modifiers) else ERROR
    when = "on that day" if procedure.service_on == line.service_on else "on the next day"
    return _finding(
        "modifier.57",
        severity,
        line,
        procedure,
        f"{line.code} stands without 57, and {procedure.code} has 90 global days {when}: an E/M from the day "
        "before is part of it.",
        f"{MANUAL}, 40.1 and 40.2.A.4",
        "Add 57 when the note shows that the decision for the surgery was made at this visit, or remove "
        f"{line.code}.",
        tables,
        ("57",),
    )


def _minor(line: ClaimLine, procedure: _Procedure, tables: DayTables) -> Finding:
    return _finding(
        "modifier.25",
        WARNING,
        line,
        procedure,
        f"{line.code} stands beside {procedure.code} ({procedure.days} global days) without 25: it is part "
        "of the procedure unless it was significant and separate.",
        f"{MANUAL}, 40.1 and 30.6.6.B",
        "Add 25 when the note holds a separate E/M with its own evidence, or remove the E/M.",
        tables,
        ("25",),
    )


def _postoperative(line: ClaimLine, procedure: _Procedure, tables: DayTables) -> Finding:
    return _finding(
        "modifier.24",
        ERROR,
        line,
        procedure,
        f"{line.code} without 24 lies in the {int(procedure.days)} global days of {procedure.code} of "
        f"{_date(procedure.service_on)}: it is part of that procedure.",
        f"{MANUAL}, 40.1 and 30.6.6.A",
        f"Add 24 when the note shows that the visit has nothing to do with {procedure.code}, or remove "
        f"{line.code}.",
        tables,
        ("24",),
    )


def _same_condition(
    claim: Claim, line: ClaimLine, earlier: Sequence[_Procedure], tables: DayTables
) -> Iterator[Finding]:
    own = _pointed(claim, line)
    for procedure in earlier:
        shared = [code for code in own if code in procedure.diagnoses]
        if own and len(shared) == len(own):
            yield _finding(
                "modifier.24",
                WARNING,
                line,
                procedure,
                f"24 says that {line.code} has nothing to do with {procedure.code}, and both are for "
                f"{with_dot(shared[0])}.",
                f"{MANUAL}, 30.6.6.A",
                "Point the visit at the problem it was for, or remove it.",
                tables,
            )
            return


def _procedure(
    claim: Claim, line: ClaimLine, procedures: Sequence[_Procedure], tables: DayTables
) -> Iterator[Finding]:
    earlier = [one for one in procedures if _within(line.service_on, one)]
    said = [one for one in PACKAGE if one in line.modifiers]
    if earlier and not said:
        procedure = earlier[0]
        yield _finding(
            "modifier.global",
            ERROR,
            line,
            procedure,
            f"{line.code} lies in the {int(procedure.days)} global days of {procedure.code} of "
            f"{_date(procedure.service_on)}, and no modifier says how it stands to it.",
            f"{MANUAL}, 40.2.A.5 to A.6 and 40.4",
            "Add 58 (staged, more extensive or therapy after), 78 (return for a complication) or 79 "
            "(unrelated), as the note shows.",
            tables,
            PACKAGE,
        )
    same_day = any(one.service_on == line.service_on for one in procedures)
    if said and not earlier and not same_day and claim.history is not None:
        yield _needless(line, said[0], "no earlier procedure's global period holds that day", tables)


def _needless(line: ClaimLine, modifier: str, why: str, tables: DayTables) -> Finding:
    rule = f"modifier.{modifier}" if modifier in ("24", "57") else "modifier.global"
    return _finding(
        rule,
        WARNING,
        line,
        None,
        f"{modifier} on {line.code}: {why}.",
        f"{MANUAL}, 40.1 and 40.2",
        f"Remove {modifier}" + (", or use 25 for a minor procedure." if modifier == "57" else "."),
        tables,
    )


def _finding(
    rule: str,
    severity: Severity,
    line: ClaimLine,
    procedure: _Procedure | None,
    message: str,
    citation: str,
    satisfy: str,
    tables: DayTables,
    bypass: tuple[str, ...] = (),
) -> Finding:
    lines: tuple[int, ...] = (line.number,)
    codes: tuple[str, ...] = (line.code,)
    if procedure is not None:
        codes = (line.code, procedure.code)
        lines = (line.number, procedure.line) if procedure.line is not None else lines
    release = f"; MPFS global days {edition(tables.global_days)}" if tables.global_days is not None else ""
    return Finding(rule, severity, lines, codes, message, citation + release, satisfy, bypass)
