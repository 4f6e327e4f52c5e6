"""Edits of single service lines: procedure codes in their release, modifiers, diagnosis pointers.

Sources: CMS, HCPCS Level II quarterly release; "Medicare NCCI Coding Policy Manual", chapter I, D and E
(modifiers, 25 on an E/M with a procedure); NUCC, "1500 Claim Form Reference Instruction Manual", item 24E
(one to four pointers to the diagnoses of item 21).
"""

from __future__ import annotations

from collections.abc import Iterator

from code_sets.rules.edits.claim import ERROR, INFO, WARNING, Claim, ClaimLine, Finding
from code_sets.rules.edits.code_facts import EVALUATION, UNLISTED, CodeFacts
from code_sets.rules.edits.ncci import DayLines
from code_sets.rules.edits.tables import DayTables, edition
from code_sets.rules.forms import check_modifier, procedure_system

MOST_POINTERS = 4
MOST_MODIFIERS = 4
NCCI_MODIFIERS = "CMS, Medicare NCCI Coding Policy Manual, chapter I, section E"
NCCI_EVALUATION = "CMS, Medicare NCCI Coding Policy Manual, chapter I, section D: E/M and procedures"
UNLISTED_SOURCE = (
    "CMS, Medicare Claims Processing Manual, chapter 26, 10.4, item 19; ASC X12 837P, SV101-7 (description)"
)
POINTERS = "NUCC, 1500 Claim Form Reference Instruction Manual, item 24E"


def check_codes(of_day: DayLines) -> Iterator[Finding]:
    """Procedure codes of no known form, and Level II codes that the release of the day does not hold.

    CPT numbers are checked by form alone: the code set is the AMA's and comes from the operator's own file.
    """
    day = of_day.day
    for line, facts in zip(of_day.lines, of_day.facts, strict=True):
        if not facts.first <= day <= facts.last:
            yield _code_problem(line, day, of_day.tables)
        elif facts.marks & UNLISTED and not line.description:
            yield Finding(
                "code.noc_description",
                INFO,
                (line.number,),
                (line.code,),
                f"{line.code} stands for services without a code of their own: the claim has to describe it.",
                UNLISTED_SOURCE,
                "Describe the service on the line, and keep the note ready for the payer.",
            )


def _code_problem(line: ClaimLine, day: int, tables: DayTables) -> Finding:
    code = line.code
    if procedure_system(code) is None or tables.hcpcs is None:
        return _not_in_release(
            line, f"{code} does not have the form of a CPT or HCPCS code.", "CPT and HCPCS"
        )
    release = f"HCPCS {edition(tables.hcpcs)}"
    period = tables.hcpcs.period(code)
    if period is None:
        return _not_in_release(line, f"{code} is not a code of {release}.", release)
    when = f"was added on {period[0]}" if day < period[0] else f"ended on {period[1]}"
    return _not_in_release(line, f"{code} {when}, and the service was on {day}.", release)


def _not_in_release(line: ClaimLine, message: str, source: str) -> Finding:
    satisfy = "Choose a code in force on the day of service."
    return Finding("code.not_in_release", ERROR, (line.number,), (line.code,), message, source, satisfy)


def check_modifiers(claim: Claim, of_day: DayLines) -> Iterator[Finding]:
    """Modifiers that do not exist, do not belong to the setting or the code, or contradict each other."""
    for line, facts in zip(of_day.lines, of_day.facts, strict=True):
        if line.modifiers:
            for problem, satisfy in _modifier_problems(claim, line, facts, of_day.tables):
                yield Finding(
                    "modifier.invalid", ERROR, (line.number,), (line.code,), problem, NCCI_MODIFIERS, satisfy
                )


def _modifier_problems(
    claim: Claim, line: ClaimLine, facts: CodeFacts, tables: DayTables
) -> Iterator[tuple[str, str]]:
    known = tables.modifiers
    evaluation = bool(facts.marks & EVALUATION)
    for modifier in line.modifiers:
        if not _is_known(modifier, line.service_on, tables):
            form = check_modifier(modifier)
            unknown = f"{modifier} is not a modifier in force on the day of service."
            yield form.reason or unknown, "Correct the modifier."
        elif modifier in known.outpatient_only and claim.setting == "practitioner":
            yield f"{modifier} is for facility claims only.", "Remove it."
        elif modifier in known.evaluation_only and modifier != "25" and not evaluation:
            yield f"{modifier} belongs on an E/M code; {line.code} is none.", "Move it to the E/M code."
        elif modifier in known.procedure_only and evaluation:
            yield f"{modifier} belongs on a procedure; {line.code} is an E/M.", "Move it to the procedure."
        elif modifier in known.distinct and evaluation:
            yield f"{modifier} does not belong on an E/M ({line.code}).", "Use 25 for a separate E/M."
    if len(line.modifiers) > 1:
        yield from _pairings(line, tables)


def _pairings(line: ClaimLine, tables: DayTables) -> Iterator[tuple[str, str]]:
    said = line.modifiers
    for place, modifier in enumerate(said):
        if modifier in said[:place]:
            yield f"{modifier} stands twice on line {line.number}.", "Keep it once."
    if len(said) > MOST_MODIFIERS:
        yield f"Line {line.number} has {len(said)} modifiers.", f"Keep at most {MOST_MODIFIERS}."
    for one, other in tables.modifiers.exclusive:
        if one in said and other in said:
            yield f"{one} and {other} contradict each other on one line.", "Keep the one the note supports."
    for family in tables.modifiers.families:
        sites = [one for one in dict.fromkeys(said) if one in family]
        if len(sites) > 1:
            yield (
                f"{' and '.join(sites)} name different sites on one line.",
                "Report each site on its own line.",
            )


def _is_known(modifier: str, day: int, tables: DayTables) -> bool:
    """Whether a modifier exists on a day; with no list of Level II modifiers loaded, its form has to do."""
    if modifier in tables.modifiers.level1:
        return True
    if tables.level2 is None:
        return True
    period = tables.level2.period(modifier)
    return period is not None and period[0] <= day <= period[1]


def check_25(of_day: DayLines) -> Iterator[Finding]:
    """Modifier 25 where it does not belong, and an E/M beside a procedure whose edit asks for it."""
    lines, lifting = of_day.lines, of_day.tables.modifiers.lifting
    for place, line in enumerate(lines):
        evaluation = of_day.facts[place].marks & EVALUATION
        if not evaluation:
            if "25" in line.modifiers:
                message = f"25 belongs on an E/M code; {line.code} is none."
                satisfy = "Move 25 to the E/M code, or use a modifier for procedures."
                yield _finding_25(line, ERROR, message, satisfy)
        elif "25" in line.modifiers:
            if len(lines) == 1:
                message = f"25 on {line.code}, and no other service stands on that day."
                satisfy = "Remove 25, or add the service it sets the E/M apart from."
                yield _finding_25(line, WARNING, message, satisfy)
        elif lifting.isdisjoint(line.modifiers):
            other = _bundling(of_day, place)
            if other is not None:
                message = (
                    f"{line.code} stands beside {other} without 25: it is part of the procedure "
                    "unless it was significant and separate."
                )
                satisfy = (
                    "Add 25 when the note holds a separate E/M with its own evidence, or remove the E/M."
                )
                yield _finding_25(line, WARNING, message, satisfy)


def _bundling(of_day: DayLines, place: int) -> str | None:
    """The procedure of that day whose PTP edit with an E/M (at `place`) a modifier would lift."""
    table, own = of_day.tables.ptp, of_day.facts[place]
    if table is None or own.number < 0:
        return None
    for line, facts in zip(of_day.lines, of_day.facts, strict=True):
        if facts.number < 0 or facts.number == own.number or facts.marks & EVALUATION:
            continue
        found = table.edit_of(facts.number, own.number, of_day.day)
        if found is not None and found[1].indicator == 1 and of_day.same_provider(line, of_day.lines[place]):
            return line.code
    return None


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


def check_pointers(claim: Claim) -> list[Finding]:
    """Professional lines that point at no diagnosis, and any pointer at one that is not there."""
    count, professional = len(claim.diagnoses), claim.setting == "practitioner"
    if claim.setting == "inpatient":
        return []
    # Most lines of a claim point alike: each way is looked at once.
    wrong = {}
    for pointers in {line.pointers for line in claim.lines}:
        problem = _pointer_problem(pointers, count, professional)
        if problem is not None:
            wrong[pointers] = problem
    found = []
    for line in claim.lines if wrong else ():
        if line.pointers in wrong:
            what, satisfy = wrong[line.pointers]
            message = f"Line {line.number} ({line.code}) {what}."
            found.append(
                Finding("pointer.missing", ERROR, (line.number,), (line.code,), message, POINTERS, satisfy)
            )
    return found


def _pointer_problem(pointers: tuple[int, ...], count: int, professional: bool) -> tuple[str, str] | None:
    if not pointers:
        what = "points at no diagnosis", "Point it at the diagnosis it was done for."
        return what if professional else None
    if min(pointers) < 1 or max(pointers) > count:
        missing = [str(one) for one in pointers if not 1 <= one <= count]
        return f"points at diagnosis {', '.join(missing)}, and there are {count}", "Correct the pointer."
    if len(pointers) > MOST_POINTERS and professional:
        return f"has {len(pointers)} pointers", f"Keep at most {MOST_POINTERS}."
    return None


def check_places(of_day: DayLines) -> Iterator[Finding]:
    """Places of service that the code set does not hold; lines that do not name one are passed over."""
    places = of_day.tables.places
    for line in of_day.lines if places is not None else ():
        if places is None or line.place is None or places.period(line.place) is not None:
            continue
        yield Finding(
            "pos.invalid",
            ERROR,
            (line.number,),
            (line.code,),
            f"{line.place} on line {line.number} is not a place of service.",
            f"CMS, place of service code set {edition(places)}",
            "Choose a code of two digits from the list.",
        )
