"""NCCI edits of the lines of one day: PTP pairs, MUE values, add-on codes.

Sources: CMS, "Medicare NCCI Coding Policy Manual", chapter I (PTP edits, modifier indicators, column one and
two; MUE adjudication indicators; add-on codes); the quarterly tables of the setting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from code_sets.rules.edits.claim import ERROR, WARNING, ClaimLine, Finding, Passed, Severity
from code_sets.rules.edits.lists import Mue
from code_sets.rules.edits.ptp import PtpRow
from code_sets.rules.edits.tables import DayTables, edition

NOT_APPLICABLE = 9
ADVICE = (
    "59 says the least: say XE (encounter), XP (practitioner), XS (structure) or XU (unusual) where it fits."
)


def same_provider(one: ClaimLine, other: ClaimLine) -> bool:
    """Whether two lines are of one provider; a line that does not say counts as the same."""
    return one.npi is None or other.npi is None or one.npi == other.npi


def check_ptp(
    lines: Sequence[ClaimLine], day: int, tables: DayTables, passed: list[Passed]
) -> Iterator[Finding]:
    """PTP edits between lines of one day; what a modifier lifts is added to `passed`."""
    table = tables.ptp
    if table is None:
        return
    for a, b in table.pairs([line.code for line in lines]):
        one, other = lines[a], lines[b]
        row = table.edit(one.code, other.code, day) if same_provider(one, other) else None
        if row is None or row.indicator == NOT_APPLICABLE:
            continue
        first, second = (one, other) if one.code == row.column1 else (other, one)
        modifier = _lifting(first, second, day, tables) if row.indicator == 1 else None
        if modifier is None:
            yield _ptp_finding(row, first, second, tables, edition(table))
        else:
            advice = ADVICE if modifier == "59" else ""
            passed.append(
                Passed("ncci.ptp", (first.number, second.number), (first.code, second.code), modifier, advice)
            )


def _lifting(first: ClaimLine, second: ClaimLine, day: int, tables: DayTables) -> str | None:
    """The modifier that lifts an edit with indicator 1, None when there is none."""
    facts = tables.modifiers
    for line in (second, first):
        for modifier in line.modifiers:
            if modifier not in facts.lifting:
                continue
            if modifier in facts.evaluation_only and not facts.is_evaluation(line.code):
                continue
            if modifier in facts.distinct and line is first and day < facts.either_column_from:
                continue
            return modifier
    return None


def _ptp_finding(
    row: PtpRow, first: ClaimLine, second: ClaimLine, tables: DayTables, release: str
) -> Finding:
    pair = f"{row.column2} (column 2) is not paid with {row.column1} (column 1) that day: {row.rationale}."
    facts = tables.modifiers
    bypass: tuple[str, ...] = ()
    if row.indicator == 0:
        message = f"{pair} Modifier indicator 0: no modifier lifts it."
        satisfy = f"Remove {row.column2}, or {row.column1} if it was not done."
    else:
        evaluation = facts.is_evaluation(row.column1) or facts.is_evaluation(row.column2)
        bypass = facts.bypass_evaluation if evaluation else facts.bypass
        message = f"{pair} Modifier indicator 1: a modifier lifts it when the note shows separate services."
        on = "25 on the E/M" if evaluation else f"{', '.join(facts.specific)} rather than 59"
        satisfy = f"Remove {row.column2}, or add a modifier the note supports ({on})."
    last = "" if row.deletion == 99991231 else f" to {row.deletion}"
    since = f" from {row.effective}" if row.effective else ""
    return Finding(
        "ncci.ptp",
        ERROR,
        (first.number, second.number),
        (row.column1, row.column2),
        message,
        f"CMS NCCI PTP edits {release}, {row.column1}/{row.column2}, indicator {row.indicator}{since}{last}",
        satisfy,
        bypass,
    )


def check_mue(lines: Sequence[ClaimLine], tables: DayTables) -> Iterator[Finding]:
    """Units over the MUE value: by line (MAI 1), or over the lines of one code and provider (MAI 2 and 3)."""
    table = tables.mue
    if table is None:
        return
    sums: dict[tuple[str, str | None], int] = {}
    for line in lines:
        key = (line.code, line.npi)
        sums[key] = sums.get(key, 0) + line.units
    limit = table.limit
    for (code, npi), units in sums.items():
        if -1 < limit(code) < units:
            mue = table.get(code)
            counted = [
                line for line in lines if (line.code, line.npi) == (code, npi) and _counts(line, tables)
            ]
            if mue is not None:
                yield from _mue_findings(mue, counted, tables, edition(table))


def _counts(line: ClaimLine, tables: DayTables) -> bool:
    return tables.modifiers.not_counted.isdisjoint(line.modifiers)


def _mue_findings(mue: Mue, lines: Sequence[ClaimLine], tables: DayTables, release: str) -> Iterator[Finding]:
    total = sum(line.units for line in lines)
    groups = [[line] for line in lines] if mue.mai == 1 else [list(lines)]
    for group in groups:
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
            f"{units if mue.mai == 1 else total} units of {code}, where at most {mue.value} is paid {where}.",
            f"CMS NCCI MUE {release}, {code}: value {mue.value}, MAI {mue.mai} ({mue.rationale})",
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


def check_addon(lines: Sequence[ClaimLine], tables: DayTables, denied: frozenset[int]) -> Iterator[Finding]:
    """Add-on codes without a primary code of the same day that is paid (`denied`: lines a PTP edit takes)."""
    table = tables.addon
    if table is None:
        return
    find = table.find
    for line in lines:
        addon = table.get(line.code) if find(line.code) >= 0 else None
        if addon is None:
            continue
        others = [
            one.code
            for one in lines
            if one is not line and one.number not in denied and same_provider(one, line)
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
