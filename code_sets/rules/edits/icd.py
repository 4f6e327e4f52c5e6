"""ICD-10-CM edits of the diagnoses of a claim, in the release of its day.

Sources: ICD-10-CM Official Guidelines for Coding and Reporting: I.A.12 (Excludes1), I.A.13 (etiology and
manifestation, code first), I.B.2 (highest number of characters), I.B.13 (laterality), I.B.18 (unspecified
codes); CMS, "Definitions of Medicare Code Edits" (age: newborn 0, pediatric 0-17, maternity 9-64, adult
15-124; sex; manifestation as principal).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from code_sets.rules.edits.claim import ERROR, INFO, WARNING, Claim, Finding, Severity
from code_sets.rules.edits.icd_table import IcdFacts, IcdTable
from code_sets.rules.edits.lists import FlagTable
from code_sets.rules.edits.tables import DayTables, edition
from code_sets.rules.entries import with_dot

AGES = {"newborn": (0, 0), "pediatric": (0, 17), "maternity": (9, 64), "adult": (15, 124)}
MOST_TEXT = 160
SEXES = {"female": "F", "male": "M"}
WORD = re.compile(r"[a-z0-9]+")
PLAIN_WORDS = frozenset(
    ("a", "an", "and", "at", "by", "for", "from", "in", "not", "of", "on", "or", "other", "the", "to", "with")
)

Known = list[tuple[int, str, IcdFacts]]
"""Position of a diagnosis from 0, its code, its facts."""


def check_diagnoses(claim: Claim, day: int, tables: DayTables) -> Iterator[Finding]:
    """All findings of the diagnoses of a claim."""
    if not claim.diagnoses:
        return
    table, mce = tables.icd, tables.mce
    if table is not None:
        known: Known = []
        for position, code in enumerate(claim.diagnoses):
            facts = table.facts(code)
            if facts is not None and facts.billable:
                known.append((position, code, facts))
            else:
                yield _not_valid(claim, position, facts, table)
        yield from _excludes1(claim, known, table)
        yield from _sequence(claim, known, table)
        yield from _laterality(claim, known, table)
        if claim.note:
            yield from _unspecified(claim, known, table, claim.note)
    yield from _manifestation_first(claim, day, table, mce)
    if mce is not None:
        yield from _age_and_sex(claim, day, mce)


def lines_of(claim: Claim, *positions: int) -> tuple[int, ...]:
    """The lines that point at any of these diagnoses (positions from 0)."""
    return tuple(
        line.number for line in claim.lines if any(position + 1 in line.pointers for position in positions)
    )


def _not_valid(claim: Claim, position: int, facts: IcdFacts | None, table: IcdTable) -> Finding:
    code = claim.diagnoses[position]
    shown, release = with_dot(code), edition(table)
    if facts is None:
        return Finding(
            "icd.invalid",
            ERROR,
            lines_of(claim, position),
            (code,),
            f"{shown} is not a code of ICD-10-CM {release}, in force on the day of service.",
            f"ICD-10-CM {release}; 45 CFR 162.1000(a): the code set of the day the care was furnished",
            "Choose a code of this release.",
        )
    below = table.below(facts.place)
    first = ", ".join(with_dot(one) for one in below[:6]) + (", …" if len(below) > 6 else "")
    return Finding(
        "icd.not_billable",
        ERROR,
        lines_of(claim, position),
        (code,),
        f"{shown} is a heading of ICD-10-CM {release}, not a code: it needs more characters.",
        f"ICD-10-CM {release}; Official Guidelines I.B.2: the highest number of characters available",
        f"Choose a code below it: {first}.",
    )


def _excludes1(claim: Claim, known: Known, table: IcdTable) -> Iterator[Finding]:
    told: set[frozenset[int]] = set()
    for a, b, number in table.excludes1([facts for _, _, facts in known]):
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
    for position, code, facts in known:
        for note, spans in table.code_first(facts):
            others = [
                (at, other)
                for at, other, one in known
                if at != position and any(first <= one.place < stop for first, stop in spans)
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


def _manifestation_first(
    claim: Claim, day: int, table: IcdTable | None, mce: FlagTable | None
) -> Iterator[Finding]:
    code = claim.diagnoses[0]
    facts = table.facts(code) if table is not None else None
    by_title = facts is not None and facts.billable and facts.manifestation
    by_mce = mce is not None and "manifestation" in mce.flags(code, day)
    if not by_title and not by_mce:
        return
    source = f"CMS Medicare Code Editor {edition(mce)}, " if mce is not None and by_mce else ""
    yield Finding(
        "icd.manifestation_first",
        ERROR,
        lines_of(claim, 0),
        (code,),
        f"{with_dot(code)} is a manifestation: it never stands first.",
        f"{source}ICD-10-CM Official Guidelines I.A.13, etiology and manifestation",
        "Put the underlying condition first.",
    )


def _age_and_sex(claim: Claim, day: int, mce: FlagTable) -> Iterator[Finding]:
    # Dates as YYYYMMDD differ by ten thousand a full year of age.
    age = (day - claim.birth_on) // 10000 if claim.birth_on is not None else None
    if age is None and claim.sex is None:
        return
    source = f"CMS Medicare Code Editor {edition(mce)}"
    for position, code in enumerate(claim.diagnoses):
        for flag in sorted(mce.flags(code, day)):
            low, high = AGES.get(flag, (0, 0))
            if flag in AGES and age is not None and not low <= age <= high:
                yield Finding(
                    "icd.age",
                    ERROR,
                    lines_of(claim, position),
                    (code,),
                    f"{with_dot(code)} is a {flag} diagnosis (age {low} to {high}); the patient is {age}.",
                    f"{source}, age conflict: {flag} {low}-{high}",
                    "Check the code and the date of birth.",
                )
            if flag in SEXES and claim.sex in SEXES.values() and SEXES[flag] != claim.sex:
                yield Finding(
                    "icd.sex",
                    WARNING,
                    lines_of(claim, position),
                    (code,),
                    f"{with_dot(code)} is listed for {flag} patients; the patient's sex is {claim.sex}.",
                    f"{source}, sex conflict: {flag}",
                    "Check the code and the recorded sex, or document why both are right.",
                )


def _laterality(claim: Claim, known: Known, table: IcdTable) -> Iterator[Finding]:
    sided_only = [one for one in known if one[2].group]
    if not sided_only:
        return
    groups: dict[int, dict[str, tuple[int, str, IcdFacts]]] = {}
    for one in sided_only:
        groups.setdefault(one[2].group, {}).setdefault(one[2].side, one)
    citation = f"ICD-10-CM {edition(table)}; Official Guidelines I.B.13, laterality"
    for group, sides in groups.items():
        right, left = sides.get("right"), sides.get("left")
        both = table.bilateral_of(group, right[2].place) if right and left else None
        if right and left and both is not None:
            yield Finding(
                "icd.laterality",
                WARNING,
                lines_of(claim, right[0], left[0]),
                (right[1], left[1]),
                f"{with_dot(right[1])} and {with_dot(left[1])} are the two sides of {with_dot(both)}.",
                citation,
                f"Report {with_dot(both)} in place of the two.",
            )
        sided = right or left
        for general in ("bilateral", "unspecified"):
            if general in sides and sided is not None:
                wide = sides[general]
                yield Finding(
                    "icd.laterality",
                    ERROR if general == "bilateral" else WARNING,
                    lines_of(claim, wide[0], sided[0]),
                    (wide[1], sided[1]),
                    f"{with_dot(wide[1])} ({general}) and {with_dot(sided[1])} ({sided[2].side}) name one "
                    "condition with sides that do not agree.",
                    citation,
                    "Keep the code whose side the note states.",
                )
    yield from _side_of_line(claim, known, citation)


def _side_of_line(claim: Claim, known: Known, citation: str) -> Iterator[Finding]:
    """A line with LT or RT whose diagnoses all have the other side."""
    sides = {position + 1: (code, facts.side) for position, code, facts in known}
    for line in claim.lines:
        if not line.modifiers:
            continue
        for modifier, wrong in (("LT", "right"), ("RT", "left")):
            if modifier not in line.modifiers:
                continue
            pointed = [sides[pointer] for pointer in line.pointers if pointer in sides]
            sided = [one for one in pointed if one[1] in ("right", "left", "bilateral")]
            if sided and all(side == wrong for _, side in sided):
                code = sided[0][0]
                yield Finding(
                    "icd.laterality",
                    ERROR,
                    (line.number,),
                    (code, line.code),
                    f"Line {line.number} has {modifier}, and its diagnosis {with_dot(code)} is {wrong}.",
                    citation,
                    "Correct the modifier or the diagnosis, as the note states the side.",
                )


def _unspecified(claim: Claim, known: Known, table: IcdTable, note: str) -> Iterator[Finding]:
    words = frozenset(WORD.findall(note.lower()))
    for position, code, facts in known:
        title = _words(table.title(facts.place))
        if "unspecified" not in title:
            continue
        found = _named_sibling(table, facts.place, title, words)
        if found is not None:
            place, named = found
            yield Finding(
                "icd.unspecified",
                WARNING,
                lines_of(claim, position),
                (code, table.code(place)),
                f"{with_dot(code)} is unspecified; the note has the words of {with_dot(table.code(place))}: "
                f"{', '.join(sorted(named))}.",
                f"ICD-10-CM {edition(table)}; Official Guidelines I.B.18, use of unspecified codes",
                f"Use {with_dot(table.code(place))} if the note states it of this condition.",
            )


def _named_sibling(
    table: IcdTable, place: int, title: frozenset[str], words: frozenset[str]
) -> tuple[int, frozenset[str]] | None:
    """The sibling most of whose own words, all of them, stand in the note."""
    best: tuple[int, frozenset[str]] | None = None
    for sibling in table.siblings(place):
        theirs = _words(table.title(sibling))
        own = theirs - title - PLAIN_WORDS
        if "unspecified" in theirs or not own or not own <= words:
            continue
        if best is None or len(own) > len(best[1]):
            best = (sibling, own)
    return best


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text.lower()))
