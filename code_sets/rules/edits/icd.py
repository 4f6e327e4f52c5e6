"""ICD-10-CM edits of the diagnoses of a claim, in the release of its day.

Sources: 45 CFR 162.1000(a) (the code set in force when the care is furnished); ICD-10-CM Official
Guidelines for Coding and Reporting: I.A.12 (Excludes1), I.A.13 (etiology and manifestation, code first),
I.A.4 to I.A.5 and I.B.2 (7th character, placeholder X, highest number of characters).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set

from code_sets.rules.edits.claim import ERROR, INFO, WARNING, Claim, Finding, Severity
from code_sets.rules.edits.icd_common import Known, lines_of
from code_sets.rules.edits.icd_patient import check_first, check_patient, check_stay
from code_sets.rules.edits.icd_sides import check_sides
from code_sets.rules.edits.icd_specific import check_unspecified
from code_sets.rules.edits.icd_table import FIRST_NEEDED, HEADING, SIDED, IcdFacts, IcdTable, within
from code_sets.rules.edits.tables import DayTables, edition
from code_sets.rules.entries import with_dot

MOST_TEXT = 160
SEVENTH = 7
NO_FLAGS: frozenset[str] = frozenset()


def check_diagnoses(claim: Claim, days: Set[int], tables_on: Callable[[int], DayTables]) -> list[Finding]:
    """All findings of the diagnoses of a claim; `days`: those of its lines."""
    day = claim.diagnosis_day_of(days)
    if not claim.diagnoses or day is None:
        return []
    tables = tables_on(day)
    found = _by_release(claim, day, days, tables.icd, tables_on) if tables.icd is not None else []
    flags = tables.mce.marked(claim.diagnoses, day) if tables.mce is not None else {}
    found.extend(check_first(claim, flags.get(0, NO_FLAGS), tables))
    if flags and tables.mce is not None:
        found.extend(check_patient(claim, day, flags, tables.mce))
    if claim.setting == "inpatient":
        found.extend(check_stay(claim, flags, tables))
    return found


def _by_release(
    claim: Claim, day: int, days: Set[int], table: IcdTable, tables_on: Callable[[int], DayTables]
) -> list[Finding]:
    found: list[Finding] = []
    read = table.facts_of(claim.diagnoses)
    marks, known = 0, Known()
    for position, facts in enumerate(read):
        marks |= facts.marks if facts is not None else HEADING
        if facts is not None and facts.billable:
            known.append((position, claim.diagnoses[position], facts))
    if marks & HEADING or (len(days) > 1 and claim.setting != "inpatient"):
        found.extend(_validity(claim, day, days, read, table, tables_on))
    hits = table.excludes1([facts for _, _, facts in known]) if len(known) > 1 else []
    if hits:
        found.extend(_excludes1(claim, known, table, hits))
    if marks & FIRST_NEEDED:
        found.extend(_sequence(claim, known, table))
    if marks & SIDED:
        found.extend(check_sides(claim, known, table))
    if claim.note:
        found.extend(check_unspecified(claim, known, table, claim.note))
    return found


def _validity(
    claim: Claim,
    day: int,
    days: Set[int],
    found: Sequence[IcdFacts | None],
    table: IcdTable,
    tables_on: Callable[[int], DayTables],
) -> Iterator[Finding]:
    """Each diagnosis in the release of the days of the lines that point at it; of the claim's day when none
    does. A claim over 1 October has two releases, and a code may be of one of them only."""
    of_day = {on: one for on in {*days, day} if (one := tables_on(on).icd) is not None}
    split = len({id(one) for one in of_day.values()}) > 1 and claim.setting != "inpatient"
    for position, code in enumerate(claim.diagnoses):
        pointing = {line.service_on for line in claim.lines if split and position + 1 in line.pointers}
        releases = {id(of_day[on]): (of_day[on], on) for on in sorted(pointing) if on in of_day}
        for other, on in releases.values() or ((table, None),):
            facts = found[position] if other is table else other.facts(code)
            if facts is None or not facts.billable:
                yield _not_valid(claim, position, facts, other, on)


def _not_valid(
    claim: Claim, position: int, facts: IcdFacts | None, table: IcdTable, on: int | None
) -> Finding:
    """`on`: the day of the lines it is wrong for, None when it is wrong for the whole claim."""
    code = claim.diagnoses[position]
    shown, release = with_dot(code), edition(table)
    when = "on the day of service" if on is None else f"on {on}, the day of a line that points at it"
    lines = tuple(
        line.number
        for line in claim.lines
        if position + 1 in line.pointers and (on is None or line.service_on == on)
    )
    split = "" if on is None else " Or split the claim where the release changes."
    if facts is None:
        padded = _padded(code, table)
        return Finding(
            "icd.invalid",
            ERROR,
            lines,
            (code,),
            f"{shown} is not a code of ICD-10-CM {release}, in force {when}.",
            f"ICD-10-CM {release}; 45 CFR 162.1000(a): the code set of the day the care was furnished",
            (f"Did you mean {with_dot(padded)}?" if padded else "Choose a code of this release.") + split,
        )
    below = table.below(facts.place)
    first = ", ".join(with_dot(one) for one in below[:6]) + (", …" if len(below) > 6 else "")
    seventh = bool(below) and len(below[0]) == SEVENTH and len({one[:-1] for one in below}) == 1
    needs = "a 7th character" if seventh else "more characters"
    section = (
        "I.A.4 to I.A.5, 7th characters" if seventh else "I.B.2: the highest number of characters available"
    )
    return Finding(
        "icd.not_billable",
        ERROR,
        lines,
        (code,),
        f"{shown} is a heading of ICD-10-CM {release}, not a code: it needs {needs}.",
        f"ICD-10-CM {release}; Official Guidelines {section}",
        f"Choose a code below it: {first}.{split}",
    )


def _padded(code: str, table: IcdTable) -> str | None:
    """The code whose 7th character was written without the placeholders before it; I.A.4."""
    if not 3 < len(code) < SEVENTH:
        return None
    meant = code[:-1].ljust(SEVENTH - 1, "X") + code[-1]
    facts = table.facts(meant)
    return meant if facts is not None and facts.billable else None


def _excludes1(
    claim: Claim, known: Known, table: IcdTable, hits: Sequence[tuple[int, int, int]]
) -> Iterator[Finding]:
    told: set[frozenset[int]] = set()
    for a, b, number in hits:
        (at, one, _), (other_at, other, _) = known[a], known[b]
        if one == other or frozenset((at, other_at)) in told:
            continue
        told.add(frozenset((at, other_at)))
        note = table.excludes1_note(number)
        yield Finding(
            "icd.excludes1",
            ERROR,
            lines_of(claim, at, other_at),
            (one, other),
            f"{with_dot(one)} and {with_dot(other)} exclude each other: at {with_dot(note.owner)}, "
            f"Excludes1: {note.text}.",
            f'ICD-10-CM {edition(table)}, tabular list, Excludes1 at {with_dot(note.owner)}: "{note.text}"; '
            "Official Guidelines I.A.12.a",
            "Keep one of them, or document that the two conditions are unrelated (I.A.12.a).",
        )


def _sequence(claim: Claim, known: Known, table: IcdTable) -> Iterator[Finding]:
    present = 0
    for _, _, facts in known:
        present |= facts.bit
    for position, code, facts in known:
        for first in table.code_first(facts) if facts.marks & FIRST_NEEDED else ():
            note, spans = first.note, first.spans
            others = [
                (at, other)
                for at, other, one in (known if first.reach & present else ())
                if at != position and within(spans, one.place)
            ]
            if any(at < position for at, _ in others):
                continue
            if others:
                yield _code_first(claim, table, (position, code), others[0], ERROR, note.owner, note.text)
            elif not note.optional and position == 0:
                yield _code_first(claim, table, (position, code), None, WARNING, note.owner, note.text)
            elif not note.optional and spans:
                yield _code_first(claim, table, (position, code), None, INFO, note.owner, note.text)


def _code_first(
    claim: Claim,
    table: IcdTable,
    own: tuple[int, str],
    other: tuple[int, str] | None,
    severity: Severity,
    owner: str,
    text: str,
) -> Finding:
    position, code = own
    positions: tuple[int, ...] = (position,)
    codes: tuple[str, ...] = (code,)
    # Some notes list dozens of conditions: the citation holds them all.
    shown = text if len(text) <= MOST_TEXT else text[:MOST_TEXT].rsplit(" ", 1)[0] + " …"
    if other is not None:
        message = f"{with_dot(other[1])} comes before {with_dot(code)}: code first {shown}."
        satisfy = f"Put {with_dot(other[1])} before {with_dot(code)}."
        positions, codes = (position, other[0]), (code, other[1])
    else:
        message = f"{with_dot(code)} needs the condition it comes from before it: code first {shown}."
        satisfy = "Add the underlying condition before it, as the note names it."
    citation = f'ICD-10-CM {edition(table)}, tabular list, code first at {with_dot(owner)}: "{text}"'
    lines = lines_of(claim, *positions)
    return Finding("icd.code_first", severity, lines, codes, message, citation, satisfy)
