"""The form of a rule: rows and groups that are added and removed one request at a time, script or not.

A draft holds exactly what was typed, so that a page can be shown again with it, whatever is wrong in it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from coding_ops.core.errors import InvalidInput
from edit_rules.rules.apply import Level
from edit_rules.rules.conditions import (
    MOST_CONDITIONS,
    MOST_GROUPS,
    About,
    Conditions,
    Join,
    parse_conditions,
)
from edit_rules.rules.content import Content, problems_of

SHOWN_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
PATH = re.compile(r"groups\[(\d+)\](?:\.conditions\[(\d+)\])?(?:\.(\w+))?")
ADD = re.compile(r"(add|remove)-(row|group):(\w+)(?::(\d{1,3}))?")


@dataclass(frozen=True, slots=True)
class RowDraft:
    """One condition as typed. `test`: ``payer:starts_with``."""

    test: str = ""
    values: str = ""


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """One group as typed; a group is of the claim or of lines for good."""

    about: About
    join: Join = Join.ALL
    rows: tuple[RowDraft, ...] = (RowDraft(),)


@dataclass(frozen=True, slots=True)
class Draft:
    """A version as typed."""

    base_version: int = 0
    builtin: str = ""
    payer: str = ""
    name: str = ""
    level: str = Level.WARNING.value
    join: Join = Join.ALL
    groups: tuple[GroupDraft, ...] = ()
    per_line: bool = False
    message: str = ""
    satisfy: str = ""
    citation: str = ""
    citation_on: str = ""
    bypass: str = ""
    effective_from: str = ""
    effective_to: str = ""
    reason: str = ""

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Every field by name, as the form posts them: to send a draft again as it is."""
        plain = ("builtin", "payer", "name", "level", "message", "satisfy", "citation", "citation_on",
                 "bypass", "effective_from", "effective_to", "reason")  # fmt: skip
        rows = [(name, str(getattr(self, name))) for name in plain]
        rows += [("join", self.join.value), *([("per_line", "1")] if self.per_line else [])]
        for at, group in enumerate(self.groups):
            rows += [(f"g{at}-about", group.about.value), (f"g{at}-join", group.join.value)]
            for place, row in enumerate(group.rows):
                rows += [(f"g{at}-r{place}-test", row.test), (f"g{at}-r{place}-values", row.values)]
        return rows


@dataclass(slots=True)
class ReadDraft:
    """A draft turned into content, or what is wrong in it, by the id of the field."""

    content: Content | None
    errors: dict[str, str] = field(default_factory=dict)


def draft_from(post: Mapping[str, str]) -> Draft:
    """The form as posted; what was not posted is empty."""

    def text(name: str) -> str:
        return " ".join(post.get(name, "").split())

    base = post.get("base_version", "0")
    return Draft(
        base_version=int(base) if base.isdecimal() and len(base) < 9 else 0,
        builtin=text("builtin"),
        payer=text("payer"),
        name=text("name"),
        level=text("level"),
        join=Join.ANY if post.get("join") == Join.ANY else Join.ALL,
        groups=tuple(_groups(post)),
        per_line=bool(post.get("per_line")),
        message=text("message"),
        satisfy=text("satisfy"),
        citation=text("citation"),
        citation_on=text("citation_on"),
        bypass=text("bypass"),
        effective_from=text("effective_from"),
        effective_to=text("effective_to"),
        reason=text("reason"),
    )


def _groups(post: Mapping[str, str]) -> list[GroupDraft]:
    found = []
    for at in range(MOST_GROUPS + 1):
        about = next((one for one in About if one == post.get(f"g{at}-about")), None)
        if about is None:
            break
        rows = []
        for place in range(MOST_CONDITIONS + 1):
            if f"g{at}-r{place}-values" not in post:
                break
            rows.append(
                RowDraft(post.get(f"g{at}-r{place}-test", ""), post[f"g{at}-r{place}-values"].strip())
            )
        join = Join.ANY if post.get(f"g{at}-join") == Join.ANY else Join.ALL
        found.append(GroupDraft(about, join, tuple(rows)))
    return found


def draft_of(content: Content, *, builtin: str, payer: str, base_version: int) -> Draft:
    """A stored version, to be changed."""
    return Draft(
        base_version=base_version,
        builtin=builtin,
        payer=payer,
        name=content.name,
        level=content.level.value,
        join=content.conditions.join,
        groups=tuple(
            GroupDraft(
                group.about,
                group.join,
                tuple(
                    RowDraft(
                        f"{one.fact}:{one.op.value}",
                        joined_values([shown_value(value) for value in one.values]),
                    )
                    for one in group.conditions
                ),
            )
            for group in content.conditions.groups
        ),
        per_line=content.per_line,
        message=content.message,
        satisfy=content.satisfy,
        citation=content.citation,
        citation_on=shown_day(content.citation_on),
        bypass=", ".join(content.bypass),
        effective_from=shown_day(content.effective_from),
        effective_to=shown_day(content.effective_to),
    )


def changed(draft: Draft, act: str) -> tuple[Draft, str]:
    """The draft after ``add-group:claim``, ``add-row:0``, ``remove-row:0:1`` or ``remove-group:1``.

    Gives the id of the field that should have the focus next; an act that fits nothing changes nothing.
    """
    found = ADD.fullmatch(act)
    if found is None:
        return draft, ""
    verb, what, where, place = found.groups()
    groups = list(draft.groups)
    if (verb, what) == ("add", "group"):
        about = About.CLAIM if where == "claim" else About.ANY_LINE
        if len(groups) < MOST_GROUPS:
            groups.append(GroupDraft(about))
        return replace(draft, groups=tuple(groups)), f"g{len(groups) - 1}-r0-test"
    at = int(where) if where.isdecimal() else len(groups)
    if at >= len(groups):
        return draft, ""
    if what == "group":
        del groups[at]
        return replace(draft, groups=tuple(groups)), f"g{at}-r0-test" if at < len(groups) else "add-claim"
    rows = list(groups[at].rows)
    if verb == "add" and len(rows) < MOST_CONDITIONS:
        rows.append(RowDraft())
    elif verb == "remove" and place is not None and int(place) < len(rows):
        del rows[int(place)]
    groups[at] = replace(groups[at], rows=tuple(rows))
    focus = f"g{at}-r{len(rows) - 1}-test" if rows else f"g{at}-add"
    return replace(draft, groups=tuple(groups)), focus


def read_conditions(draft: Draft) -> tuple[Conditions | None, dict[str, str]]:
    """The conditions of a draft, or what is wrong in them, by the id of the field."""
    body = {
        "join": draft.join.value,
        "groups": [
            {
                "about": group.about.value,
                "join": group.join.value,
                "conditions": [_row_body(row) for row in group.rows],
            }
            for group in draft.groups
        ],
    }
    try:
        return parse_conditions(body), {}
    except InvalidInput as error:
        problems: Sequence[Sequence[str]] = error.details["problems"]
        return None, {_field_of(path): message for path, message in reversed(problems)}


def read_draft(draft: Draft) -> ReadDraft:
    """A draft as content; what only the rule as a whole can refuse is left to the action."""
    conditions, errors = read_conditions(draft)
    level = next((one for one in Level if one == draft.level), None)
    if level is None:
        errors["level"] = "Choose a level."
    days: dict[str, date | None] = {}
    for name in ("effective_from", "effective_to", "citation_on"):
        try:
            days[name] = day_of(getattr(draft, name))
        except InvalidInput as error:
            errors[name] = error.message
    begins = days.get("effective_from")
    if begins is None and "effective_from" not in errors:
        errors["effective_from"] = "Give the first day of service the rule is for."
    own = not draft.builtin
    content = Content(
        name=draft.name,
        level=level or Level.WARNING,
        conditions=conditions or Conditions(),
        effective_from=begins or date.min,
        effective_to=days.get("effective_to"),
        per_line=draft.per_line,
        message=draft.message if own else "",
        satisfy=draft.satisfy if own else "",
        citation=draft.citation,
        citation_on=days.get("citation_on"),
        bypass=tuple(dict.fromkeys(draft.bypass.upper().replace(",", " ").split())) if own else (),
    )
    if not errors:
        return ReadDraft(content)
    # All that is wrong at once, without what only follows from a field that could not be read.
    found = problems_of(content, builtin=draft.builtin, payer=draft.payer, reason=draft.reason)
    unread = {"conditions", "per_line"} if conditions is None else set()
    return ReadDraft(
        None, errors | {name: told for name, told in found.items() if name not in unread | set(errors)}
    )


def day_of(text: str) -> date | None:
    """``11/01/2026`` or ``2026-11-01``; None for an empty text.

    Raises:
        InvalidInput: no such day.
    """
    if not text:
        return None
    shown = SHOWN_DAY.fullmatch(text)
    try:
        if shown:
            return date(int(shown[3]), int(shown[1]), int(shown[2]))
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"“{text}” is not a date such as 11/01/2026.", code="date") from error


def shown_day(day: date | None) -> str:
    """``11/01/2026``; empty for none."""
    return f"{day:%m/%d/%Y}" if day else ""


def shown_value(value: str) -> str:
    """A stored value as it is typed: days in their usual form."""
    return shown_day(date.fromisoformat(value)) if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else value


def split_values(text: str) -> list[str]:
    """Values between commas; a name that holds a comma stands in quotes: ``"Blue Cross, Inc.", UMR``."""
    found = next(csv.reader([" ".join(text.split())], skipinitialspace=True), [])
    return [one.strip() for one in found if one.strip()]


def joined_values(values: Sequence[str]) -> str:
    """Values as they are typed; ``split_values`` gives them back."""
    return ", ".join(f'"{one}"' if "," in one else one for one in values)


def _row_body(row: RowDraft) -> dict[str, Any]:
    fact, _, op = row.test.partition(":")
    return {"fact": fact, "op": op, "values": split_values(row.values)}


def _field_of(path: str) -> str:
    found = PATH.match(path)
    if found is None:
        return "conditions"
    group, row, name = found.groups()
    if row is None:
        return f"g{group}"
    return f"g{group}-r{row}-{'values' if name == 'values' else 'test'}"
