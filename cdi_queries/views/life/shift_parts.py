"""The codes before a question and after its answer, as a page tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cdi_queries.models import CdiQuery, QueryStatus
from cdi_queries.rules.shift import Line, Pair, Reason, Shift, from_json, shift_of
from cdi_queries.views.life import words
from cdi_queries.views.life.trail_dto import CodeRow, CodeShift
from code_sets.rules.entries import shown_code


def codes_inside(query: CdiQuery, standing: Sequence[Mapping[str, Any]]) -> CodeShift | None:
    """Both sets and what changed; while it is not closed, against the codes as they stand now.

    ``standing``: the code set of the chart, read only while the query is answered and not closed.
    """
    if query.codes_before is None:
        return None
    before = query.codes_before
    if query.state == QueryStatus.CLOSED and query.shift is not None:
        after, shift = query.codes_after or [], from_json(query.shift)
    elif query.state == QueryStatus.ANSWERED:
        after, shift = standing, shift_of(before, standing)
    else:
        return CodeShift((), (), before=_rows(before, {}), shows_sets=True)
    gone = {one.code for one in (*shift.removed, *(pair.before for pair in _pairs(shift)))}
    come = {one.code for one in (*shift.added, *(pair.after for pair in _pairs(shift)))}
    return CodeShift(
        sentences=sentences(shift),
        reasons=tuple(words.REASONS[one] for one in shift.reasons),
        before=_rows(before, dict.fromkeys(gone, "removed")),
        after=_rows(after, dict.fromkeys(come, "added")),
        shows_sets=True,
    )


def codes_outside(query: CdiQuery, *, is_released: bool) -> CodeShift | None:
    """What a client is told: changes of final codes that went out, and never the working set.

    Of a query sent while the codes were not final, only the codes that came with its answer.
    """
    if query.state != QueryStatus.CLOSED or query.shift is None or not is_released:
        return None
    shift = from_json(query.shift).outside()
    if query.is_retrospective:
        return CodeShift(sentences(shift), tuple(words.REASONS[one] for one in shift.reasons))
    come = (*shift.added, *(pair.after for pair in _pairs(shift)))
    told = tuple(f"Coded: {_name(one)}." for one in come)
    return CodeShift(told or ("No code changed.",), ())


def effect_of(query: CdiQuery) -> str:
    """What the change did to groups; for the vendor's people alone.  Empty where it is not known."""
    if query.shift is None:
        return ""
    inside = from_json(query.shift).inside
    told = [f"DRG {inside.drg[0]} to {inside.drg[1]}"] if inside.drg and not inside.is_empty else []
    told += [f"HCC gained: {', '.join(inside.hccs_gained)}"] if inside.hccs_gained else []
    told += [f"HCC lost: {', '.join(inside.hccs_lost)}"] if inside.hccs_lost else []
    return "; ".join(told)


def sentences(shift: Shift) -> tuple[str, ...]:
    """One sentence a change, the first-listed diagnosis first."""
    told = []
    if shift.principal is not None:
        before, after = shift.principal
        told.append(
            f"First-listed diagnosis: {_name(before) if before else 'none'} to"
            f" {_name(after) if after else 'none'}."
        )
    told += [f"More specific: {_name(one.before)} to {_name(one.after)}." for one in shift.specified]
    told += [f"In its place: {_name(one.before)} to {_name(one.after)}." for one in shift.replaced]
    told += [f"Added: {_name(one)}." for one in shift.added]
    told += [f"Removed: {_name(one)}." for one in shift.removed]
    told += [
        f"Present on admission, {_shown(one.after)}: {one.before.poa or 'none'} to {one.after.poa or 'none'}."
        for one in shift.poa
    ]
    return tuple(told) or (f"{words.REASONS[Reason.NONE]}.",)


def _pairs(shift: Shift) -> tuple[Pair, ...]:
    return (*shift.specified, *shift.replaced)


def _name(line: Line) -> str:
    return f"{_shown(line)} {line.title}".strip()


def _shown(line: Line) -> str:
    return shown_code(line.system, line.code)


def _rows(codes: Sequence[Mapping[str, Any]], marks: Mapping[str, str]) -> tuple[CodeRow, ...]:
    return tuple(
        CodeRow(shown_code(one["system"], one["code"]), one.get("title") or "", marks.get(one["code"], ""))
        for one in codes
    )
