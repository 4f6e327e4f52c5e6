"""Findings of the edits turned into what the code list draws: words, links, and buttons that act."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence

from code_sets.edit_tables import modifier_facts
from code_sets.rules.entries import with_dot
from encounters.models import CodeAssignment, CodeKind, OverrideReason
from encounters.rules.edit_bypass import SEPARATE
from encounters.rules.edit_findings import EditFinding
from encounters.rules.readiness import Finding, Readiness
from encounters.selectors.edits import LiveEdits, policy
from encounters.views.dto import ReadyItem
from encounters.views.edit_dto import FindingAct, FindingLink, FindingRow

WORDS = {"error": ("bad", "Blocks"), "warning": ("warn", "Warning"), "info": ("line", "Note")}
STANDS = ("ok", "Overridden")
SHOWN = ("ok", "Shown")
MOST_MODIFIERS = 4
Placed = Callable[[str], FindingLink | None]
"""Where words of a document lie, of ``<version>:<start>:<end>``."""


def finding_rows(
    edits: LiveEdits,
    assignment: CodeAssignment | None,
    rows: Sequence[CodeAssignment],
    keys: Mapping[uuid.UUID, str],
    href: str,
    *,
    can_edit: bool,
    placed: Placed,
) -> tuple[FindingRow, ...]:
    """What stands beside a code; ``None``: what concerns no code of the chart."""
    found = (
        edits.of(str(assignment.pk))
        if assignment is not None
        else tuple(one for one in edits.findings if not one.assignments)
    )
    by_id = {str(row.pk): row for row in rows}
    return tuple(_row(one, by_id, keys, href, can_edit, placed) for one in found)


def _row(
    one: EditFinding,
    by_id: Mapping[str, CodeAssignment],
    keys: Mapping[uuid.UUID, str],
    href: str,
    can_edit: bool,
    placed: Placed,
) -> FindingRow:
    tone, word = WORDS[one.level]
    if one.is_let_stand:
        tone, word = SHOWN if one.rule == SEPARATE else STANDS
    may_stand = can_edit and one.blocks and one.terms.may_stand
    said = one.stands
    return FindingRow(
        key=one.key,
        tone=tone,
        word=word,
        message=one.message,
        satisfy="" if one.is_let_stand else one.satisfy,
        source=" · ".join(part for part in (one.rule, one.citation, one.decided_by) if part),
        also=tuple(
            FindingLink(keys[by_id[other].pk], f"#code-{keys[by_id[other].pk]}")
            for other in one.assignments[1:]
            if other in by_id
        ),
        acts=tuple(_acts(one, by_id, href)) if can_edit and one.is_open else (),
        edit_href=f"{href}codes/{one.assignments[0]}/"
        if can_edit and one.is_open and one.assignments
        else "",
        override_href=f"{href}edits/{one.key}/override/" if may_stand else "",
        override_label="Record the words that show it" if one.rule == SEPARATE else "Override with a reason",
        stands=stands_words(said.reason, said.note, said.by, is_lost=said.is_lost) if said else "",
        withdraw_href=f"{href}edits/overrides/{said.override_id}/withdraw/" if said and can_edit else "",
        evidence=placed(said.evidence) if said and said.evidence else None,
    )


def stands_words(reason: str, note: str, by: str, *, is_lost: bool = False) -> str:
    """``The two conditions are unrelated. Two injuries of different dates. R. Ames``"""
    told = [f"{OverrideReason(reason).label}.", note, f"({by})" if by else ""]
    if is_lost:
        told.insert(0, "Its words are not in the newest version of the document:")
    return " ".join(part for part in told if part)


# --- acts ---------------------------------------------------------------------------------------------


def _acts(one: EditFinding, by_id: Mapping[str, CodeAssignment], href: str) -> Iterator[FindingAct]:
    concerned = [by_id[key] for key in one.assignments if key in by_id]
    if one.rule in ("ncci.ptp", "modifier.25"):
        yield from _modifier_acts(one, concerned, href)
    if one.rule in ("ncci.ptp", "icd.excludes1", "icd.laterality"):
        reason = "Part of another code" if one.rule == "ncci.ptp" else "Wrong code"
        for row in concerned[: 1 if one.rule == "ncci.ptp" else 2]:
            yield FindingAct(f"Remove {_shown(row)}", f"{href}codes/{row.pk}/remove/", "reason", reason)
    if one.rule == "icd.code_first" and one.level == "error" and len(concerned) == 2:
        own, first = concerned
        yield FindingAct(
            f"Move {_shown(first)} before it", f"{href}codes/{first.pk}/move/", "to", str(own.position)
        )
    if one.rule == "icd.manifestation_first" and concerned and _has_second(by_id):
        yield FindingAct("Move it down", f"{href}codes/{concerned[0].pk}/move/", "to", "down")


def _modifier_acts(one: EditFinding, concerned: Sequence[CodeAssignment], href: str) -> Iterator[FindingAct]:
    facts = modifier_facts()
    visit = next((row for row in concerned if facts.is_evaluation(row.code)), None)
    if "25" in one.bypass and visit is not None:
        yield from _add(visit, ("25",), href)
    elif one.rule == "ncci.ptp" and concerned:
        offered = [modifier for modifier in policy().separate if modifier in one.bypass]
        yield from _add(concerned[0], offered, href)


def _add(row: CodeAssignment, modifiers: Sequence[str], href: str) -> Iterator[FindingAct]:
    if len(row.modifiers) >= MOST_MODIFIERS:
        return
    for modifier in modifiers:
        if modifier not in row.modifiers:
            value = " ".join([*row.modifiers, modifier])
            label = f"Add {modifier} to {row.code}" if len(modifiers) == 1 else f"Add {modifier}"
            yield FindingAct(label, f"{href}codes/{row.pk}/", "modifiers", value)


def _has_second(by_id: Mapping[str, CodeAssignment]) -> bool:
    return sum(row.kind == CodeKind.DIAGNOSIS for row in by_id.values()) > 1


def _shown(row: CodeAssignment) -> str:
    return with_dot(row.code) if row.kind == CodeKind.DIAGNOSIS else row.code


# --- the strip ----------------------------------------------------------------------------------------


def strip(found: Readiness, place: Callable[[Finding], str]) -> tuple[ReadyItem, ...]:
    """How many are cited, how much blocks, warns and is undecided; each leads to the first of its kind.

    What stands beside no code is said in words, since it is shown nowhere else.
    """
    done = found.cited_count + found.excepted_count
    items = []
    if found.total_count:
        tone = "ok" if done == found.total_count else "bad"
        items.append(ReadyItem(f"{done} of {found.total_count} cited", tone))
    if found.blocking:
        items.append(_counted(found.blocking, "blocking", "blocking", "bad", place))
    else:
        items.append(ReadyItem("Nothing blocks", "ok"))
    if found.warnings:
        items.append(_counted(found.warnings, "warning", "warnings", "warn", place))
    if found.undecided_count:
        items.append(ReadyItem(f"{found.undecided_count} undecided", "warn", "#suggestions"))
    return tuple(items)


def _counted(
    findings: Sequence[Finding], one: str, many: str, tone: str, place: Callable[[Finding], str]
) -> ReadyItem:
    said = next((finding.message for finding in findings if not finding.edit_key), "")
    count = f"{len(findings)} {one if len(findings) == 1 else many}"
    return ReadyItem(f"{count}: {said}" if said else count, tone, place(findings[0]))


def said_aloud(found: Readiness) -> str:
    """What the edits say after a change, for the live region: ``1 edit blocks. Press F to go to it.``"""
    blocking = sum(1 for finding in found.blocking if finding.edit_key)
    warning = sum(1 for finding in found.warnings if finding.edit_key)
    told = []
    if blocking:
        told.append(f"{blocking} edit{' blocks' if blocking == 1 else 's block'}")
    if warning:
        told.append(f"{warning} warn{'s' if warning == 1 else ''}")
    return f"{', '.join(told).capitalize()}." if told else ""
