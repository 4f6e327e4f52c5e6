"""Edits of single service lines: procedure codes in their release, modifiers, diagnosis pointers.

Sources: CMS, HCPCS Level II quarterly release; "Medicare NCCI Coding Policy Manual", chapter I, D and E
(modifiers, 25 on an E/M with a procedure); NUCC, "1500 Claim Form Reference Instruction Manual", item 24E
(one to four pointers to the diagnoses of item 21).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from code_sets.rules.edits.claim import ERROR, WARNING, Claim, ClaimLine, Finding
from code_sets.rules.edits.tables import DayTables, edition
from code_sets.rules.forms import check_modifier, procedure_system

MOST_POINTERS = 4
MOST_MODIFIERS = 4
NCCI_MODIFIERS = "CMS, Medicare NCCI Coding Policy Manual, chapter I, section E"
NCCI_EVALUATION = "CMS, Medicare NCCI Coding Policy Manual, chapter I, section D: E/M and procedures"
POINTERS = "NUCC, 1500 Claim Form Reference Instruction Manual, item 24E"


def check_codes(lines: Sequence[ClaimLine], day: int, tables: DayTables) -> Iterator[Finding]:
    """Procedure codes of no known form, and Level II codes that the release of the day does not hold.

    CPT numbers are checked by form alone: the code set is the AMA's and comes from the operator's own file.
    """
    for line in lines:
        code = line.code
        if code.isdigit() and len(code) == 5:
            continue
        system = procedure_system(code)
        if system is None:
            yield _not_in_release(
                line, f"{code} does not have the form of a CPT or HCPCS code.", "CPT and HCPCS"
            )
        elif system == "HCPCS" and tables.hcpcs is not None:
            period = tables.hcpcs.period(code)
            release = f"HCPCS {edition(tables.hcpcs)}"
            if period is None:
                yield _not_in_release(line, f"{code} is not a code of {release}.", release)
            elif not period[0] <= day <= period[1]:
                when = f"was added on {period[0]}" if day < period[0] else f"ended on {period[1]}"
                yield _not_in_release(line, f"{code} {when}, and the service was on {day}.", release)


def _not_in_release(line: ClaimLine, message: str, source: str) -> Finding:
    satisfy = "Choose a code in force on the day of service."
    return Finding("code.not_in_release", ERROR, (line.number,), (line.code,), message, source, satisfy)


def check_modifiers(claim: Claim, lines: Sequence[ClaimLine], tables: DayTables) -> Iterator[Finding]:
    """Modifiers that do not exist, do not belong to the setting or the code, or contradict each other."""
    for line in lines:
        if not line.modifiers:
            continue
        for problem, satisfy in _modifier_problems(claim, line, tables):
            yield Finding(
                "modifier.invalid", ERROR, (line.number,), (line.code,), problem, NCCI_MODIFIERS, satisfy
            )


def _modifier_problems(claim: Claim, line: ClaimLine, tables: DayTables) -> Iterator[tuple[str, str]]:
    facts = tables.modifiers
    for place, modifier in enumerate(line.modifiers):
        form = check_modifier(modifier)
        if not form.ok:
            yield form.reason, "Correct the modifier."
        elif modifier in line.modifiers[:place]:
            yield f"{modifier} stands twice on line {line.number}.", "Keep it once."
        elif not _is_known(modifier, line.service_on, tables):
            yield f"{modifier} is not a modifier in force on the day of service.", "Correct the modifier."
        elif modifier in facts.outpatient_only and claim.setting == "practitioner":
            yield f"{modifier} is for facility claims only.", "Remove it."
        elif modifier in facts.evaluation_only - {"25"} and not facts.is_evaluation(line.code):
            yield f"{modifier} belongs on an E/M code; {line.code} is none.", "Move it to the E/M code."
    if len(line.modifiers) > MOST_MODIFIERS:
        yield f"Line {line.number} has {len(line.modifiers)} modifiers.", f"Keep at most {MOST_MODIFIERS}."
    for one, other in facts.exclusive if len(line.modifiers) > 1 else ():
        if one in line.modifiers and other in line.modifiers:
            yield f"{one} and {other} contradict each other on one line.", "Keep the one the note supports."


def _is_known(modifier: str, day: int, tables: DayTables) -> bool:
    """Whether a modifier exists on a day; with no list of Level II modifiers loaded, its form has to do."""
    if modifier in tables.modifiers.level1:
        return True
    if tables.level2 is None:
        return True
    period = tables.level2.period(modifier)
    return period is not None and period[0] <= day <= period[1]


def check_25(lines: Sequence[ClaimLine], day: int, tables: DayTables) -> Iterator[Finding]:
    """Modifier 25 where it does not belong, and an E/M beside a procedure whose edit asks for it."""
    facts = tables.modifiers
    evaluations = [line for line in lines if facts.is_evaluation(line.code)]
    for line in lines:
        if line.modifiers and "25" in line.modifiers and line not in evaluations:
            message = f"25 belongs on an E/M code; {line.code} is none."
            yield _finding_25(
                line, ERROR, message, "Move 25 to the E/M code, or use a modifier for procedures."
            )
    for line in evaluations:
        others = [one for one in lines if one is not line]
        if "25" in line.modifiers and not others:
            message = f"25 on {line.code}, and no other service stands on that day."
            yield _finding_25(
                line, WARNING, message, "Remove 25, or add the service it sets the E/M apart from."
            )
        elif not facts.lifting.isdisjoint(line.modifiers) or tables.ptp is None:
            continue
        else:
            for other in others:
                row = tables.ptp.edit(other.code, line.code, day)
                if row is not None and row.indicator == 1 and not facts.is_evaluation(other.code):
                    message = (
                        f"{line.code} stands beside {other.code} without 25: it is part of the procedure "
                        "unless it was significant and separate."
                    )
                    satisfy = (
                        "Add 25 when the note holds a separate E/M with its own evidence, or remove the E/M."
                    )
                    yield _finding_25(line, WARNING, message, satisfy)
                    break


def _finding_25(line: ClaimLine, severity: str, message: str, satisfy: str) -> Finding:
    return Finding(
        "modifier.25",
        ERROR if severity == ERROR else WARNING,
        (line.number,),
        (line.code,),
        message,
        NCCI_EVALUATION,
        satisfy,
        ("25",) if "without 25" in message else (),
    )


def check_pointers(claim: Claim) -> Iterator[Finding]:
    """Professional lines that point at no diagnosis, and any pointer at one that is not there."""
    if claim.setting == "inpatient":
        return
    count = len(claim.diagnoses)
    for line in claim.lines:
        pointers = line.pointers
        if len(pointers) == 1 and 1 <= pointers[0] <= count:
            continue  # the usual line
        if not pointers:
            if claim.setting == "practitioner":
                yield _pointer(line, "points at no diagnosis", "Point it at the diagnosis it was done for.")
        elif any(one < 1 or one > count for one in pointers):
            missing = ", ".join(str(one) for one in pointers if not 1 <= one <= count)
            yield _pointer(
                line, f"points at diagnosis {missing}, and there are {count}", "Correct the pointer."
            )
        elif len(pointers) > MOST_POINTERS and claim.setting == "practitioner":
            yield _pointer(line, f"has {len(pointers)} pointers", f"Keep at most {MOST_POINTERS}.")


def _pointer(line: ClaimLine, what: str, satisfy: str) -> Finding:
    message = f"Line {line.number} ({line.code}) {what}."
    return Finding("pointer.missing", ERROR, (line.number,), (line.code,), message, POINTERS, satisfy)
