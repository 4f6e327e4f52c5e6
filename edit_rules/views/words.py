"""How rules are told on pages."""

from __future__ import annotations

from datetime import date

from edit_rules.forms import shown_day
from edit_rules.models import EditRuleVersion, LevelChoice
from edit_rules.rules.builtin import BUILT_IN, BuiltIn
from edit_rules.rules.conditions import parse_conditions
from edit_rules.rules.content import Content
from edit_rules.rules.words import explain
from edit_rules.selectors.listing import Kind, Standing
from edit_rules.selectors.overlays import cited
from edit_rules.views.dto import Change

TONES = {"error": "bad", "warning": "warn", "info": "query", "off": ""}
STANDINGS = {
    Standing.ON: "In force",
    Standing.OFF: "Off",
    Standing.LATER: "Not begun",
    Standing.ENDED: "Ended",
}

KINDS = {Kind.FIRED: "Fired", Kind.OVERRIDDEN: "Overridden", Kind.DENIED: "Denied later"}


def level(value: str) -> str:
    """``Warning``."""
    return str(LevelChoice(value).label)


def default_level(edit: BuiltIn) -> str:
    """``Error or Warning``: the engine decides by the case."""
    names = [level(one.value) for one in edit.levels]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def what(builtin: str) -> str:
    """``ncci.ptp: Two services that are not paid together``, or that it is a check of its own."""
    edit = BUILT_IN.get(builtin)
    if edit is not None:
        return f"Level of {builtin}: {edit.words}"
    return f"Level of {builtin}" if builtin else "Own check"


def days(begins: date, ends: date | None) -> str:
    """``From 01/01/2026``, ``01/01/2026 to 06/30/2026``."""
    return f"{shown_day(begins)} to {shown_day(ends)}" if ends else f"From {shown_day(begins)}"


def applies(version: EditRuleVersion) -> str:
    """The conditions of a version in words, its payer first."""
    return explain(parse_conditions(version.conditions), version.rule.payer_name)


def differences(before: Content, after: Content, payer: str) -> tuple[Change, ...]:
    """The fields that differ, in the order of the form; nothing for nothing is told as ``none``."""

    def told(content: Content) -> list[tuple[str, str]]:
        return [
            ("Name", content.name),
            ("Level", level(content.level.value)),
            ("Applies when", explain(content.conditions, payer)),
            ("Line by line", "Yes" if content.per_line else "No"),
            ("Message", content.message),
            ("What would put it right", content.satisfy),
            ("Modifiers that lift it", ", ".join(content.bypass)),
            ("Source", cited(content.citation, content.citation_on)),
            ("Days of service", days(content.effective_from, content.effective_to)),
        ]

    pairs = zip(told(before), told(after), strict=True)
    found = [Change(name, old or "none", new or "none") for (name, old), (_, new) in pairs if old != new]
    if before.conditions != after.conditions and not any(one.field == "Applies when" for one in found):
        # A long list is told by its first values.
        found.append(Change("Applies when", "other values, or another order", "as above"))
    return tuple(found)
