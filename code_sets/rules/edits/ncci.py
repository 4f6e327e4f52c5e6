"""NCCI edits of the lines of one day: PTP pairs, MUE values, add-on codes.

Sources: CMS, "Medicare NCCI Coding Policy Manual", chapter I (PTP edits, modifier indicators, column one and
two; MUE adjudication indicators; add-on codes); the quarterly tables of the setting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from code_sets.rules.edits.claim import ERROR, WARNING, Claim, ClaimLine, Finding, Passed, Severity
from code_sets.rules.edits.code_facts import ADDON, EVALUATION, CodeFacts
from code_sets.rules.edits.lists import Mue, MueTable
from code_sets.rules.edits.ptp import PtpKind, PtpTable
from code_sets.rules.edits.tables import DayTables, edition

NOT_APPLICABLE = 9
ADVICE = (
    "59 says the least: say XE (encounter), XP (practitioner), XS (structure) or XU (unusual) where it fits."
)


class DayLines(NamedTuple):
    """The lines of one day with the facts of their codes. `distinct`: how many codes they have;
    `one_provider`: a facility bills as one, whoever rendered the line."""

    day: int
    lines: Sequence[ClaimLine]
    facts: Sequence[CodeFacts]
    tables: DayTables
    distinct: int
    one_provider: bool = False

    def same_provider(self, one: ClaimLine, other: ClaimLine) -> bool:
        """Whether two lines are of one provider; a line that does not say counts as the same."""
        return self.one_provider or one.npi is None or other.npi is None or one.npi == other.npi


def days_of(claim: Claim, tables_on: Callable[[int], DayTables]) -> list[DayLines]:
    """The lines of a claim by day, in the order of the days."""
    distinct = {line.service_on for line in claim.lines}
    facility = claim.setting == "outpatient"
    found = []
    for day in sorted(distinct):
        lines = claim.lines
        if len(distinct) > 1:
            lines = tuple(line for line in lines if line.service_on == day)
        tables = tables_on(day)
        codes = [line.code for line in lines]
        found.append(DayLines(day, lines, tables.book.of_codes(codes), tables, len(set(codes)), facility))
    return found


def pairs_in_force(of_day: DayLines, table: PtpTable) -> list[tuple[int, int, PtpKind]]:
    """Places of lines of one provider whose codes have an edit that day, column 1 first, and its kind."""
    numbers = [one.number for one in of_day.facts]
    return edits_of_pairs(of_day, table, numbers, table.pairs_of(numbers))


def edits_of_pairs(
    of_day: DayLines, table: PtpTable, numbers: Sequence[int], pairs: Sequence[tuple[int, int]]
) -> list[tuple[int, int, PtpKind]]:
    """The same of pairs that may have an edit; `numbers`: places of the codes in the table."""
    lines, day, edit_of = of_day.lines, of_day.day, table.edit_of
    found = []
    for a, b in pairs:
        edit = edit_of(numbers[a], numbers[b], day)
        if edit is None or edit[1].indicator == NOT_APPLICABLE:
            continue
        if lines[a].npi == lines[b].npi or of_day.same_provider(lines[a], lines[b]):
            found.append((a, b, edit[1]) if edit[0] else (b, a, edit[1]))
    return found


def check_ptp(of_day: DayLines, passed: list[Passed]) -> list[Finding]:
    """PTP edits between lines of one day; what a modifier lifts is added to `passed`."""
    table = of_day.tables.ptp
    found: list[Finding] = []
    release = table.release if table is not None else ""
    for first, second, kind in pairs_in_force(of_day, table) if table is not None else ():
        modifier = lifting_modifier(of_day, first, second) if kind.indicator == 1 else None
        if modifier is None:
            found.append(_ptp_finding(of_day, first, second, kind, release))
            continue
        one, other = of_day.lines[first], of_day.lines[second]
        advice = ADVICE if modifier == "59" else ""
        passed.append(
            Passed("ncci.ptp", (one.number, other.number), (one.code, other.code), modifier, advice)
        )
    return found


def lifting_modifier(of_day: DayLines, first: int, second: int) -> str | None:
    """The modifier that lifts an edit with indicator 1, None when there is none.

    Of an E/M and a procedure the E/M has to say it: a site on the procedure says nothing about the visit
    (NCCI manual, chapter I, D and E: 24, 25, 57).
    """
    known, facts = of_day.tables.modifiers, of_day.facts
    places = [place for place in (second, first) if facts[place].marks & EVALUATION] or [second, first]
    for place in places:
        evaluation = facts[place].marks & EVALUATION
        for modifier in of_day.lines[place].modifiers:
            if modifier not in known.lifting or (modifier in known.evaluation_only and not evaluation):
                continue
            if modifier in known.distinct and place == first and of_day.day < known.either_column_from:
                continue
            return modifier
    return None


def _ptp_finding(of_day: DayLines, first: int, second: int, kind: PtpKind, release: str) -> Finding:
    one, two = of_day.lines[first], of_day.lines[second]
    bypass: tuple[str, ...] = ()
    if kind.indicator == 0:
        satisfy = f"Remove {two.code}, or {one.code} if it was not done."
    else:
        known = of_day.tables.modifiers
        evaluation = (of_day.facts[first].marks | of_day.facts[second].marks) & EVALUATION
        bypass = known.bypass
        if evaluation:
            bypass = (*known.bypass_evaluation, "27") if of_day.one_provider else known.bypass_evaluation
        on = "25 on the E/M" if evaluation else known.rather_than_59
        satisfy = f"Remove {two.code}, or add a modifier the note supports ({on})."
    return Finding(
        "ncci.ptp",
        ERROR,
        (one.number, two.number),
        (one.code, two.code),
        f"{two.code} (column 2) is not paid with {one.code} {kind.told}",
        f"CMS NCCI PTP edits {release}, {one.code}/{two.code}, {kind.dates}",
        satisfy,
        bypass,
    )


def check_mue(of_day: DayLines) -> Iterator[Finding]:
    """Units over the MUE value: by line (MAI 1), or over the lines of one code and provider (MAI 2 and 3)."""
    table = of_day.tables.mue
    if table is None:
        return
    sums: dict[str, int] = {}
    over: dict[str, None] = {}
    for line, facts in zip(of_day.lines, of_day.facts, strict=True):
        units = sums[line.code] = sums.get(line.code, 0) + line.units
        if units > facts.most:
            over[line.code] = None
    for code in over:
        mue = table.get(code)
        if mue is not None:
            for lines in _by_provider(of_day, code):
                yield from _mue_findings(mue, lines, of_day.tables, table)


def _by_provider(of_day: DayLines, code: str) -> list[list[ClaimLine]]:
    """The counted lines of a code, by provider; one that does not say may be any: all go together then."""
    not_counted = of_day.tables.modifiers.not_counted
    lines = [one for one in of_day.lines if one.code == code and not_counted.isdisjoint(one.modifiers)]
    if of_day.one_provider or any(one.npi is None for one in lines):
        return [lines]
    groups: dict[str | None, list[ClaimLine]] = {}
    for one in lines:
        groups.setdefault(one.npi, []).append(one)
    return list(groups.values())


def _mue_findings(
    mue: Mue, lines: Sequence[ClaimLine], tables: DayTables, table: MueTable
) -> Iterator[Finding]:
    for group in [[line] for line in lines] if mue.mai == 1 else [list(lines)]:
        units = sum(line.units for line in group)
        if units <= mue.value:
            continue
        code = group[0].code
        severity, where, satisfy, bypass = _mue_answer(mue, tables)
        yield Finding(
            "ncci.mue",
            severity,
            tuple(line.number for line in group),
            (code,),
            f"{units} units of {code}, where at most {mue.value} is paid {where}.",
            f"CMS NCCI MUE {edition(table)}, {code}: value {mue.value}, MAI {mue.mai} ({mue.rationale})",
            satisfy,
            bypass,
        )


def _mue_answer(mue: Mue, tables: DayTables) -> tuple[Severity, str, str, tuple[str, ...]]:
    """Severity, what the value holds for, what would satisfy it, the modifiers that split units."""
    if mue.mai == 1:
        satisfy = "Report the units over it on another line with a modifier the note supports."
        return ERROR, "on one line", satisfy, tables.modifiers.split
    if mue.mai == 2:
        return ERROR, "on one day, which is absolute", f"Report no more than {mue.value}.", ()
    satisfy = f"Report no more than {mue.value}, or keep documentation of need for an appeal."
    return WARNING, "on one day", satisfy, ()


def check_addon(of_day: DayLines, denied: frozenset[int]) -> Iterator[Finding]:
    """Add-on codes without a primary code of the same day that is paid (`denied`: lines a PTP edit takes)."""
    table, lines = of_day.tables.addon, of_day.lines
    if table is None:
        return
    for line, facts in zip(lines, of_day.facts, strict=True):
        addon = table.get(line.code) if facts.marks & ADDON else None
        if addon is None:
            continue
        others = [
            other.code
            for other in lines
            if other is not line and other.number not in denied and of_day.same_provider(other, line)
        ]
        met = not set(others).isdisjoint(addon.primaries)
        if addon.type == 2:
            met = any(table.get(code) is None for code in others)
        if met:
            continue
        severity: Severity = ERROR if addon.type == 1 or not others else WARNING
        listed = ", ".join(addon.primaries[:8]) + (", …" if len(addon.primaries) > 8 else "")
        need = f"one of {listed}" if listed else "a primary procedure"
        yield Finding(
            "ncci.addon",
            severity,
            (line.number,),
            (line.code,),
            f"{line.code} is an add-on code and needs {need} on the same day.",
            f"CMS NCCI add-on code edits {edition(table)}, {line.code}, type {addon.type}",
            f"Add the primary procedure ({listed or 'as the contractor lists it'}), or remove {line.code}.",
        )
