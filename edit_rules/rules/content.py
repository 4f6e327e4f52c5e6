"""What a version of a rule says, and what is wrong with it before it is saved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from edit_rules.rules.apply import Level
from edit_rules.rules.builtin import BUILT_IN
from edit_rules.rules.conditions import MODIFIER, Conditions

MOST_NAME = 120
MOST_SENTENCE = 300
MOST_CITATION = 200
MOST_BYPASS = 20
LEAST_REASON = 3
BRACED = re.compile(r"\{([^{}]*)\}?")
FILLED = frozenset({"line", "code", "payer"})


@dataclass(frozen=True, slots=True)
class Content:
    """One version. Of a rule that sets a built-in edit's level, `message`, `satisfy`, `bypass` are empty."""

    name: str
    level: Level
    conditions: Conditions
    effective_from: date
    effective_to: date | None = None
    per_line: bool = False
    message: str = ""
    satisfy: str = ""
    citation: str = ""
    citation_on: date | None = None
    bypass: tuple[str, ...] = ()


def problems_of(content: Content, *, builtin: str, payer: str, reason: str) -> dict[str, str]:
    """What must be put right, by field; empty when the version may be saved."""
    found: dict[str, str] = {}
    if not 1 <= len(content.name) <= MOST_NAME:
        found["name"] = f"Give the rule a name of up to {MOST_NAME} characters."
    if builtin and builtin not in BUILT_IN:
        found["builtin"] = "Choose an edit of the list."
    if len(payer) > MOST_NAME:
        found["payer"] = f"Keep the payer's name within {MOST_NAME} characters."
    if content.effective_to is not None and content.effective_to < content.effective_from:
        found["effective_to"] = "The last day must not lie before the first."
    if content.per_line and not content.conditions.asks_lines:
        found["per_line"] = "Line by line needs a group about any line or every line."
    if not LEAST_REASON <= len(reason) <= MOST_SENTENCE:
        found["reason"] = f"Say in up to {MOST_SENTENCE} characters why the rule is saved."
    found |= _own_check(content) if not builtin else _level_change(content, payer)
    if len(content.citation) > MOST_CITATION:
        found["citation"] = f"Keep it within {MOST_CITATION} characters."
    return found


def _own_check(content: Content) -> dict[str, str]:
    found: dict[str, str] = {}
    if not content.conditions.groups:
        found["conditions"] = "Add a condition: without one the check would fire on every claim."
    for name, text in (("message", content.message), ("satisfy", content.satisfy)):
        if not 1 <= len(text) <= MOST_SENTENCE:
            what = "is wrong" if name == "message" else "would put it right"
            found[name] = f"Say in one sentence of up to {MOST_SENTENCE} characters what {what}."
        elif unknown := [word for word in BRACED.findall(text) if word not in FILLED]:
            found[name] = f"{{{unknown[0]}}} is not filled in. Use {{line}}, {{code}} or {{payer}}."
    if not content.citation:
        found["citation"] = "Name the policy or guideline the check follows."
    elif content.citation_on is None:
        found["citation_on"] = "Give the date of the policy document."
    if len(content.bypass) > MOST_BYPASS or not all(MODIFIER.fullmatch(one) for one in content.bypass):
        found["bypass"] = f"Give up to {MOST_BYPASS} modifiers of two characters."
    return found


def _level_change(content: Content, payer: str) -> dict[str, str]:
    if content.level is Level.OFF and payer and not content.citation:
        return {"citation": f"Name the policy of {payer} that switches this edit off."}
    if content.level is Level.OFF and payer and content.citation_on is None:
        return {"citation_on": "Give the date of the policy document."}
    return {}
