"""The addenda of an order file (icd10cm_order_addenda_YYYY.txt): what a new release changes in the last one.

Each change is a line with a label, 0 or 1 (header or valid code), the code, its short title (60 columns) and
its long title: "Add:", "Delete:", "Revise from:" followed by "Revise to:". Below stand totals of headers and
of codes before and after, which the file is checked against. The release before must be loaded: the changes
are applied to it, and refused where one of them does not fit it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from code_sets.loaders.base import LoadError, ParsedRelease, Progress, SourceFile
from code_sets.loaders.icd10cm import published_period
from code_sets.rules.entries import CodeEntry, EntryKind
from code_sets.rules.forms import PATTERNS

CHANGE = re.compile(
    r"(?P<label>Add|Delete|Revise from|Revise to): +(?P<valid>[01]) (?P<code>[A-Z0-9]{3,7}) *(?P<rest>.*)"
)
TOTAL = re.compile(r"\s*(?P<count>\d+) (?P<kind>headers|codes) in \S*order_(?P<year>20\d\d)\S*")
CHANGED = re.compile(r"\s*(?P<count>\d+) (?P<what>additions|deletions|revisions)")
SHORT_TITLE = 60
CODE_AT, TITLE_AT = 15, 23
WHAT = {"Add": "additions", "Delete": "deletions", "Revise from": "revisions"}


@dataclass(frozen=True, slots=True)
class Change:
    """One line: what happens to a code (or header) of this long title."""

    line: int
    label: str
    valid: bool
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Addenda:
    """The changes, the years of the releases before and after, and the codes each of them has."""

    changes: tuple[Change, ...]
    year_before: str
    year: str
    codes_before: int
    codes_after: int


def is_addenda(source: SourceFile) -> bool:
    """Whether the first line is a change of an order file."""
    return CHANGE.match(source.data[:200].split(b"\n", 1)[0].decode("utf-8", "replace")) is not None


def read_addenda(source: SourceFile) -> Addenda:
    """Read the changes and hold them against the totals. Raises LoadError with the line."""
    lines = source.text_lines()
    if not source.data.endswith(b"\n"):
        raise LoadError(source.name, len(lines), "the last line has no end: the file is cut")
    changes: list[Change] = []
    end = 0
    for number, line in enumerate(lines, 1):
        match = CHANGE.match(line)
        if match is None:
            end = number
            break
        changes.append(_change(source, number, line, match))
    if not end:
        raise LoadError(source.name, len(lines), "no totals stand below the changes: the file is cut")
    _refuse_half_revisions(source, changes)
    totals = _totals(source, lines[end - 1 :], end)
    _hold_against(source, changes, totals)
    (before, first), (after, last) = sorted(totals.codes.items())
    return Addenda(tuple(changes), before, after, first, last)


@dataclass(slots=True)
class _Totals:
    codes: dict[str, int]
    changed: dict[tuple[bool, str], int]


def _change(source: SourceFile, number: int, line: str, match: re.Match[str]) -> Change:
    # Columns are fixed below the label, which is 13 wide: valid, blank, code in 8, short title in 61.
    title = line[TITLE_AT + SHORT_TITLE + 1 :].strip()
    if line[CODE_AT : CODE_AT + 7].strip() != match["code"] or not title:
        raise LoadError(source.name, number, "this line is not 0 or 1, a code, a short and a long title")
    return Change(number, match["label"], match["valid"] == "1", match["code"], title)


def _refuse_half_revisions(source: SourceFile, changes: Sequence[Change]) -> None:
    for one, following in zip(changes, [*changes[1:], None], strict=True):
        if one.label == "Revise from":
            same = following is not None and (following.label, following.code, following.valid) == (
                "Revise to", one.code, one.valid,
            )  # fmt: skip
            if not same:
                raise LoadError(source.name, one.line, f"no line says what {one.code} is revised to")


def _totals(source: SourceFile, lines: Sequence[str], first: int) -> _Totals:
    totals = _Totals({}, {})
    codes = False
    details = False
    for number, line in enumerate(lines, first):
        if match := TOTAL.fullmatch(line):
            codes, details = match["kind"] == "codes", False
            if codes:
                totals.codes[match["year"]] = int(match["count"])
        elif line.strip() == "of which":
            details = True
        elif (match := CHANGED.fullmatch(line)) and not details:
            totals.changed[codes, match["what"]] = int(match["count"])
        elif line.strip() and not details and line.strip() not in ("Headers", "Codes"):
            raise LoadError(source.name, number, "this is neither a change nor a total")
    if len(totals.codes) != 2 or len(totals.changed) != 6:
        raise LoadError(source.name, first + len(lines) - 1, "the totals are not whole: the file is cut")
    return totals


def _hold_against(source: SourceFile, changes: Sequence[Change], totals: _Totals) -> None:
    for (valid, what), expected in totals.changed.items():
        found = sum(change.valid == valid and WHAT.get(change.label) == what for change in changes)
        if found != expected:
            kind = "codes" if valid else "headers"
            reason = f"{found} {what} of {kind}, where its totals say {expected}: the file is cut or changed"
            raise LoadError(source.name, 0, reason)


def apply_addenda(
    system: str, source: SourceFile, addenda: Addenda, before: Sequence[CodeEntry], progress: Progress
) -> ParsedRelease:
    """The new release: `before` with the changes. Raises LoadError with the line that does not fit.

    Notes are not taken over: they belong to the tabular list of their own release.
    """
    listed = [entry for entry in before if entry.kind not in (EntryKind.CHAPTER, EntryKind.BLOCK)]
    # Of ICD-10-PCS the sections are ours; chapters of ICD-10-CM are the tabular list's.
    sections = [entry for entry in before if entry.kind == EntryKind.CHAPTER and system == "ICD-10-PCS"]
    found = sum(entry.billable for entry in listed)
    if found != addenda.codes_before:
        raise LoadError(
            source.name, 0,
            f"it changes a release of {addenda.codes_before:,} codes, and the one loaded has {found:,}",
        )  # fmt: skip
    known = {(entry.billable, entry.code): entry.title for entry in listed}
    headed = any(not entry.billable for entry in listed)
    for change in addenda.changes:
        if headed or change.valid or change.label == "Add":
            _apply(system, source, change, known)
    progress("applying", len(addenda.changes), len(addenda.changes))
    codes = sum(valid for valid, _ in known)
    if codes != addenda.codes_after:
        raise LoadError(
            source.name, 0, f"it leads to {codes:,} codes, not to {addenda.codes_after:,} as it says"
        )
    first, last = published_period(addenda.year)
    entries = (*sections, *_placed(known, frozenset(entry.code for entry in sections)))
    placed = tuple(sorted(entries, key=lambda entry: entry.code))
    return ParsedRelease(
        system, addenda.year, f"{system} {addenda.year}", first, last, placed,
        note=f"Release {addenda.year_before} with the changes of {source.name}.",
    )  # fmt: skip


def _apply(system: str, source: SourceFile, change: Change, known: dict[tuple[bool, str], str]) -> None:
    key = (change.valid, change.code)
    what = f"{'code' if change.valid else 'header'} {change.code}"
    if change.valid and PATTERNS[system].fullmatch(change.code) is None:
        raise LoadError(source.name, change.line, f"{change.code!r} does not have the form of {system}")
    if change.label == "Add":
        if key in known:
            raise LoadError(source.name, change.line, f"{what} is to be added and is there already")
        known[key] = change.title
        return
    if change.label == "Revise to":
        known[key] = change.title
        return
    held = known.get(key)
    if held is None:
        raise LoadError(source.name, change.line, f"{what} is to be changed and is not in the release before")
    if _plain(held) != _plain(change.title):
        raise LoadError(source.name, change.line, f"{what} is called {held!r} in the release before")
    if change.label == "Delete":
        del known[key]


def _plain(title: str) -> str:
    return " ".join(title.casefold().split())


def _placed(known: dict[tuple[bool, str], str], sections: frozenset[str]) -> Iterator[CodeEntry]:
    headers = {code for valid, code in known if not valid} | sections
    for (valid, code), title in known.items():
        above = (code[:size] for size in range(len(code) - 1, 0, -1))
        parent = next((start for start in above if start in headers), None)
        kind = EntryKind.CATEGORY if len(code) == 3 else EntryKind.SUBCATEGORY
        yield CodeEntry(code, title, valid, kind, parent)
