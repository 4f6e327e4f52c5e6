"""When a rule applies: groups of conditions, joined by AND or OR, read from JSON.

``{"join": "all", "groups": [{"about": "claim", "join": "all", "conditions": [{"fact": "payer", "op": "is",
"values": ["Aetna"]}]}]}``.  A group is about the claim, or about any, every or no service line; the
conditions of a group about lines are asked of one line together.  No group at all: the rule always applies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from coding_ops.core.errors import InvalidInput
from edit_rules.rules.facts import FACTS, OPS, Fact, Kind, Op, folded
from edit_rules.rules.patterns import CodePattern, code_pattern

MOST_GROUPS = 10
MOST_CONDITIONS = 20
MOST_VALUES = 200
MOST_TEXT = 120
MOST_NUMBER = 999_999
MODIFIER = re.compile(r"[A-Z0-9]{2}")
WHOLE = re.compile(r"[0-9]{1,6}")
SHOWN_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_Choice = TypeVar("_Choice", bound=StrEnum)


class Join(StrEnum):
    """AND or OR."""

    ALL = "all"
    ANY = "any"


class About(StrEnum):
    """What a group asks: the claim, or its lines."""

    CLAIM = "claim"
    ANY_LINE = "any_line"
    EVERY_LINE = "every_line"
    NO_LINE = "no_line"

    @property
    def of_line(self) -> bool:
        return self is not About.CLAIM


@dataclass(frozen=True, slots=True)
class Condition:
    """One question. `values` are in their stored form: patterns without dots, days as ISO dates.

    `patterns`, `names` and `numbers` are the same values as they are compared, by the kind of the fact.
    """

    fact: str
    op: Op
    values: tuple[str, ...]
    patterns: tuple[CodePattern, ...] = field(init=False, compare=False, repr=False, default=())
    names: tuple[str, ...] = field(init=False, compare=False, repr=False, default=())
    numbers: tuple[int, ...] = field(init=False, compare=False, repr=False, default=())

    def __post_init__(self) -> None:
        # Read once: a claim asks the same conditions of each of its lines.
        kind = FACTS[self.fact].kind
        if kind in (Kind.CODE, Kind.DIAGNOSIS):
            object.__setattr__(self, "patterns", tuple(code_pattern(one) for one in self.values))
        elif kind in (Kind.TEXT, Kind.CHOICE):
            object.__setattr__(self, "names", tuple(folded(one) for one in self.values))
        elif kind in (Kind.NUMBER, Kind.DATE):
            object.__setattr__(self, "numbers", tuple(_order(one) for one in self.values))

    def body(self) -> dict[str, Any]:
        return {"fact": self.fact, "op": self.op.value, "values": list(self.values)}


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions that are asked together."""

    about: About
    join: Join
    conditions: tuple[Condition, ...]

    def body(self) -> dict[str, Any]:
        return {
            "about": self.about.value,
            "join": self.join.value,
            "conditions": [condition.body() for condition in self.conditions],
        }


@dataclass(frozen=True, slots=True)
class Conditions:
    """When a rule applies. Without groups: always."""

    join: Join = Join.ALL
    groups: tuple[Group, ...] = ()

    def body(self) -> dict[str, Any]:
        """The stored form; ``parse_conditions`` of it gives the same conditions."""
        return {"join": self.join.value, "groups": [group.body() for group in self.groups]}

    @property
    def asks_lines(self) -> bool:
        """Whether some group can name the lines it matched."""
        return any(group.about in (About.ANY_LINE, About.EVERY_LINE) for group in self.groups)


@dataclass(slots=True)
class _Problems:
    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, path: str, message: str) -> None:
        self.found.append((path, message))


def parse_conditions(value: Any) -> Conditions:
    """Reads conditions from JSON.

    Raises:
        InvalidInput: with ``details["path"]`` of the first problem and ``details["problems"]``: all of them,
            each as ``[path, message]``.
    """
    problems = _Problems()
    conditions = _conditions(value, problems)
    if problems.found:
        path, message = problems.found[0]
        where = f"{path}: " if path else ""
        raise InvalidInput(
            f"{where}{message}",
            code="conditions.invalid",
            details={"path": path, "problems": [list(problem) for problem in problems.found]},
        )
    return conditions


def _conditions(value: Any, problems: _Problems) -> Conditions:
    if not isinstance(value, Mapping):
        problems.add("", "Conditions must be an object with “join” and “groups”.")
        return Conditions()
    _known(value, ("join", "groups"), "", problems)
    join = _choice(value.get("join", "all"), Join, "join", problems) or Join.ALL
    groups = value.get("groups", [])
    if not isinstance(groups, list):
        problems.add("groups", "Must be a list.")
        return Conditions()
    if len(groups) > MOST_GROUPS:
        problems.add("groups", f"Keep at most {MOST_GROUPS} groups.")
        return Conditions()
    read = [_group(group, f"groups[{place}]", problems) for place, group in enumerate(groups)]
    return Conditions(join, tuple(group for group in read if group is not None))


def _group(value: Any, path: str, problems: _Problems) -> Group | None:
    if not isinstance(value, Mapping):
        problems.add(path, "A group must be an object.")
        return None
    _known(value, ("about", "join", "conditions"), path, problems)
    about = _choice(value.get("about", "claim"), About, f"{path}.about", problems)
    join = _choice(value.get("join", "all"), Join, f"{path}.join", problems)
    rows = value.get("conditions")
    if not isinstance(rows, list) or not rows:
        problems.add(path, "Add a condition, or remove the group.")
        return None
    if len(rows) > MOST_CONDITIONS:
        problems.add(path, f"Keep at most {MOST_CONDITIONS} conditions in a group.")
        return None
    read = [_condition(row, about, f"{path}.conditions[{place}]", problems) for place, row in enumerate(rows)]
    kept = tuple(condition for condition in read if condition is not None)
    return Group(about, join, kept) if about is not None and join is not None and kept else None


def _condition(value: Any, about: About | None, path: str, problems: _Problems) -> Condition | None:
    if not isinstance(value, Mapping):
        problems.add(path, "A condition must be an object.")
        return None
    _known(value, ("fact", "op", "values"), path, problems)
    key = value.get("fact")
    fact = FACTS.get(key) if isinstance(key, str) else None
    if fact is None:
        problems.add(f"{path}.fact", "Choose what is asked.")
        return None
    if about is not None and fact.of_line != about.of_line:
        where = "a group about lines" if fact.of_line else "a group about the claim"
        problems.add(f"{path}.fact", f"“{fact.words.capitalize()}” belongs in {where}.")
        return None
    op = _choice(value.get("op"), Op, f"{path}.op", problems)
    if op is None:
        return None
    if op not in OPS[fact.kind]:
        problems.add(f"{path}.op", f"“{fact.words.capitalize()}” cannot be compared like that.")
        return None
    values = _values(value.get("values"), fact, op, f"{path}.values", problems)
    return Condition(fact.key, op, values) if values else None


def _values(value: Any, fact: Fact, op: Op, path: str, problems: _Problems) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        problems.add(path, "Give a value.")
        return ()
    if len(value) > MOST_VALUES:
        problems.add(path, f"Keep at most {MOST_VALUES} values.")
        return ()
    wanted = 2 if op is Op.BETWEEN else 1 if fact.kind in (Kind.NUMBER, Kind.DATE) else None
    if wanted is not None and len(value) != wanted:
        words = "Give two values, the lower first." if wanted == 2 else "Give one value."
        problems.add(path, words)
        return ()
    read = []
    for place, one in enumerate(value):
        try:
            read.append(_value(one, fact, op))
        except InvalidInput as error:
            problems.add(f"{path}[{place}]", error.message)
            return ()
    if op is Op.BETWEEN and _order(read[0]) > _order(read[1]):
        problems.add(path, "Give the lower value first.")
        return ()
    return tuple(dict.fromkeys(read)) if op is not Op.BETWEEN else tuple(read)


def _order(value: str) -> int:
    return int(value.replace("-", ""))


def _value(text: str, fact: Fact, op: Op) -> str:
    """One value in its stored form. Raises InvalidInput with what is wrong with it."""
    kind, cleaned = fact.kind, " ".join(text.split())
    if not cleaned or len(cleaned) > MOST_TEXT:
        raise InvalidInput(f"Give a value of 1 to {MOST_TEXT} characters.", code="value")
    if kind in (Kind.CODE, Kind.DIAGNOSIS):
        return code_pattern(cleaned).written
    if kind is Kind.MODIFIER:
        if not MODIFIER.fullmatch(cleaned.upper()):
            raise InvalidInput(f"“{cleaned}” is not a modifier of two characters.", code="value")
        return cleaned.upper()
    if kind is Kind.NUMBER:
        if not WHOLE.fullmatch(cleaned):
            raise InvalidInput(f"“{cleaned}” is not a whole number up to {MOST_NUMBER}.", code="value")
        return str(int(cleaned))
    if kind is Kind.DATE:
        return _day(cleaned)
    return _name(cleaned, fact, op)


def _name(text: str, fact: Fact, op: Op) -> str:
    """A text as it is, or one of the few a closed fact can have."""
    if fact.choices:
        for choice in fact.choices:
            if choice.casefold() == text.casefold():
                return choice
        raise InvalidInput(f"“{text}” is not one of {', '.join(fact.choices)}.", code="value")
    if (
        fact.digits
        and op is not Op.STARTS_WITH
        and not (text.isascii() and text.isdecimal() and len(text) == fact.digits)
    ):
        raise InvalidInput(f"“{text}” is not a {fact.words} of {fact.digits} digits.", code="value")
    return text


def _day(text: str) -> str:
    shown = SHOWN_DAY.fullmatch(text)
    iso = f"{shown[3]}-{int(shown[1]):02}-{int(shown[2]):02}" if shown else text
    try:
        return date.fromisoformat(iso).isoformat()
    except ValueError as error:
        raise InvalidInput(f"“{text}” is not a date such as 11/01/2026.", code="value") from error


def _known(value: Mapping[str, Any], names: tuple[str, ...], path: str, problems: _Problems) -> None:
    for name in value:
        if name not in names:
            problems.add(f"{path}.{name}" if path else str(name), "Is not known here.")


def _choice(value: Any, kind: type[_Choice], path: str, problems: _Problems) -> _Choice | None:
    for one in kind:
        if value == one.value:
            return one
    problems.add(path, f"Choose one of: {', '.join(kind)}.")
    return None
