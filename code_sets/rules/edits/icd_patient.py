"""Diagnoses against the patient, their place on the claim, and present on admission.

Sources: CMS, "Definitions of Medicare Code Edits" (edits 3 E-code as principal, 4 age: newborn 0, pediatric
0-17, maternity 9-64, adult 15-124, 5 sex, 6 manifestation as principal, 9 unacceptable principal, 20
unspecified code); ICD-10-CM Official Guidelines for Coding and Reporting: I.A.13, I.B.12, I.C.20.a.6, and
appendix I (present on admission: Y, N, U, W, exempt codes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from code_sets.rules.edits.claim import ERROR, WARNING, Claim, Finding, Severity
from code_sets.rules.edits.icd_common import lines_of
from code_sets.rules.edits.icd_table import IcdTable
from code_sets.rules.edits.lists import DatedTable, FlagTable
from code_sets.rules.edits.tables import DayTables, edition
from code_sets.rules.entries import with_dot

AGES = {"newborn": (0, 0), "pediatric": (0, 17), "maternity": (9, 64), "adult": (15, 124)}
SEXES = {"female": "F", "male": "M"}
GUIDELINES = "ICD-10-CM Official Guidelines"
EXTERNAL_CAUSES = ("V", "W", "X", "Y")
ANSWERS = ("Y", "N", "U", "W")
EXEMPT = "1"


def check_first(claim: Claim, flags: frozenset[str], tables: DayTables) -> Iterator[Finding]:
    """What never stands first; the principal diagnoses the Medicare Code Editor does not accept; doubles.

    `flags`: the editor's marks of the first diagnosis.
    """
    code, mce = claim.diagnoses[0], tables.mce
    source = f"CMS Medicare Code Editor {edition(mce)}, " if flags and mce is not None else ""
    if _is_manifestation(code, tables.icd) or "manifestation" in flags:
        told = source if "manifestation" in flags else ""
        yield Finding(
            "icd.manifestation_first",
            ERROR,
            lines_of(claim, 0),
            (code,),
            f"{with_dot(code)} is a manifestation: it never stands first.",
            f"{told}{GUIDELINES} I.A.13, etiology and manifestation",
            "Put the underlying condition first.",
        )
    elif code.startswith(EXTERNAL_CAUSES):
        yield _not_first(
            claim, f"{with_dot(code)} says how an injury came about: it never stands first.", "I.C.20.a.6"
        )
    elif "unacceptable" in flags and claim.setting == "inpatient":
        yield Finding(
            "icd.first_listed",
            ERROR,
            (),
            (code,),
            f"{with_dot(code)} is not accepted as the principal diagnosis of a stay.",
            f"{source}edit 9, unacceptable principal diagnosis",
            "Choose as principal the condition that, after study, occasioned the admission.",
        )
    if len(set(claim.diagnoses)) < len(claim.diagnoses):
        yield from _doubles(claim)


def _is_manifestation(code: str, table: IcdTable | None) -> bool:
    facts = table.facts(code) if table is not None else None
    return facts is not None and facts.billable and facts.manifestation


def _not_first(claim: Claim, message: str, section: str) -> Finding:
    citation, satisfy = f"{GUIDELINES} {section}", "Put the injury or condition itself first."
    return Finding(
        "icd.first_listed", ERROR, lines_of(claim, 0), (claim.diagnoses[0],), message, citation, satisfy
    )


def _doubles(claim: Claim) -> Iterator[Finding]:
    for position, code in enumerate(claim.diagnoses):
        first = claim.diagnoses.index(code)
        if first < position:
            yield Finding(
                "icd.duplicate",
                ERROR,
                lines_of(claim, first, position),
                (code,),
                f"{with_dot(code)} stands as diagnosis {first + 1} and again as diagnosis {position + 1}.",
                f"{GUIDELINES} I.B.12: a code is reported once for an encounter",
                "Keep it once.",
            )


def check_patient(
    claim: Claim, day: int, marked: Mapping[int, frozenset[str]], mce: FlagTable
) -> Iterator[Finding]:
    """Diagnoses that the Medicare Code Editor lists for another age or sex; `marked`: its marks, by place."""
    age = age_on(claim.birth_on, day) if claim.birth_on is not None else None
    if age is None and claim.sex is None:
        return
    for position, flags in marked.items():
        for flag in sorted(flags):
            if flag in AGES and age is not None and not AGES[flag][0] <= age <= AGES[flag][1]:
                yield _age(claim, position, flag, age, mce)
            elif flag in SEXES and claim.sex in SEXES.values() and SEXES[flag] != claim.sex:
                yield _sex(claim, position, flag, mce)


def age_on(birth_on: int, day: int) -> int:
    """Whole years on a day; both as YYYYMMDD, which differ by ten thousand a full year of age."""
    return (day - birth_on) // 10000


def _age(claim: Claim, position: int, flag: str, age: int, mce: FlagTable) -> Finding:
    code, (low, high) = claim.diagnoses[position], AGES[flag]
    return Finding(
        "icd.age",
        ERROR,
        lines_of(claim, position),
        (code,),
        f"{with_dot(code)} is a {flag} diagnosis (age {low} to {high}); the patient is {age}.",
        f"CMS Medicare Code Editor {edition(mce)}, age conflict: {flag} {low}-{high}",
        "Check the code and the date of birth.",
    )


def _sex(claim: Claim, position: int, flag: str, mce: FlagTable) -> Finding:
    code = claim.diagnoses[position]
    return Finding(
        "icd.sex",
        WARNING,
        lines_of(claim, position),
        (code,),
        f"{with_dot(code)} is listed for {flag} patients; the patient's sex is {claim.sex}.",
        f"CMS Medicare Code Editor {edition(mce)}, sex conflict: {flag}",
        "Check the code and the recorded sex, or document why both are right.",
    )


def check_stay(claim: Claim, marked: Mapping[int, frozenset[str]], tables: DayTables) -> Iterator[Finding]:
    """Inpatient only: unspecified codes of edit 20, and present on admission where the claim answers it."""
    mce = tables.mce
    for position, flags in marked.items():
        if mce is not None and "unspecified" in flags:
            code = claim.diagnoses[position]
            yield Finding(
                "icd.unspecified",
                WARNING,
                (),
                (code,),
                f"{with_dot(code)} does not say the side: Medicare returns the claim unless the record "
                "cannot tell it.",
                f"CMS Medicare Code Editor {edition(mce)}, edit 20, unspecified code; {GUIDELINES} I.B.13",
                "Code the side the record states, or query for it.",
            )
    if claim.poa:
        yield from _poa(claim, tables.poa_exempt)


def _poa(claim: Claim, exempt: DatedTable | None) -> Iterator[Finding]:
    for position, code in enumerate(claim.diagnoses):
        answer = claim.poa[position] if position < len(claim.poa) else None
        is_exempt = exempt is not None and exempt.period(code) is not None
        shown = with_dot(code)
        if answer is not None and answer not in (*ANSWERS, EXEMPT):
            yield _poa_finding("poa.invalid", ERROR, code, f"{answer} is no answer for {shown}.", exempt)
        elif is_exempt and answer in ANSWERS:
            told = f"{shown} is exempt from present on admission, and the claim says {answer}."
            yield _poa_finding("poa.exempt", ERROR, code, told, exempt)
        elif not is_exempt and answer is None:
            yield _poa_finding(
                "poa.missing", ERROR, code, f"{shown} has no answer for present on admission.", exempt
            )
        elif not is_exempt and answer == EXEMPT and exempt is not None:
            told = f"{shown} is not on the list of exempt codes."
            yield _poa_finding("poa.not_exempt", ERROR, code, told, exempt)
        elif answer == "U":
            told = f"{shown}: the record does not say whether it was present on admission."
            yield _poa_finding("poa.unclear", WARNING, code, told, exempt)


def _poa_finding(
    rule: str, severity: Severity, code: str, message: str, exempt: DatedTable | None
) -> Finding:
    listed = f"; POA-exempt list {edition(exempt)}" if exempt is not None else ""
    satisfy = {
        "poa.exempt": "Leave it blank (1 on older forms).",
        "poa.unclear": "Query the provider: U is paid as N.",
    }.get(rule, "Answer Y, N, U (not documented) or W (clinically undetermined).")
    return Finding(rule, severity, (), (code,), message, f"{GUIDELINES}, appendix I{listed}", satisfy)
