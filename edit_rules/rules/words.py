"""Conditions in words: ``Payer is Aetna and any line has 99213–99215 with modifier 25``."""

from __future__ import annotations

from collections.abc import Sequence

from edit_rules.rules.conditions import About, Condition, Conditions, Group, Join
from edit_rules.rules.facts import FACTS, Kind, Op
from edit_rules.rules.patterns import code_pattern

MOST_SHOWN = 8
ALWAYS = "Always"
SUBJECTS = {About.ANY_LINE: "any line", About.EVERY_LINE: "every line", About.NO_LINE: "no line"}


def explain(conditions: Conditions, payer: str = "") -> str:
    """One sentence without a full stop. `payer`: of the rule itself, when it is for one payer."""
    many = len(conditions.groups) > 1
    parts = [_group(group, conditions.join, many) for group in conditions.groups]
    glue = " and " if conditions.join is Join.ALL else " or "
    told = glue.join(parts)
    if payer:
        if not told:
            told = f"payer is {payer}"
        elif many and conditions.join is Join.ANY:
            told = f"payer is {payer} and ({told})"
        else:
            told = f"payer is {payer} and {_bracketed_alone(conditions, told)}"
    if not told:
        return ALWAYS
    return told[0].upper() + told[1:]


def _bracketed_alone(conditions: Conditions, told: str) -> str:
    """A single group of alternatives about the claim, kept together behind the payer."""
    groups = conditions.groups
    loose = len(groups) == 1 and groups[0].about is About.CLAIM and groups[0].join is Join.ANY
    return f"({told})" if loose and len(groups[0].conditions) > 1 else told


def _group(group: Group, outer: Join, many: bool) -> str:
    if group.about is not About.CLAIM:
        return f"{SUBJECTS[group.about]} {_of_line(group)}"
    glue = " and " if group.join is Join.ALL else " or "
    told = glue.join(_of_claim(condition) for condition in group.conditions)
    if many and len(group.conditions) > 1 and group.join is not outer:
        return f"({told})"
    return told


def _of_claim(condition: Condition) -> str:
    fact = FACTS[condition.fact]
    if condition.fact == "diagnosis":
        return f"{'any' if condition.op is Op.HAS else 'no'} diagnosis is {_values(condition)}"
    if fact.kind is Kind.DATE:
        return f"{fact.words} is {_days(condition)}"
    return f"{fact.words} {_compared(condition)}"


def _of_line(group: Group) -> str:
    """``has 99213–99215 with modifier 25``: what one line is asked, the code first."""
    ordered = sorted(group.conditions, key=lambda one: one.fact != "code")
    first, *others = ordered
    told = _line_verb(first)
    if group.join is Join.ANY:
        return " or ".join([told, *(_line_verb(one) for one in others)])
    beside = [_line_with(one) for one in others]
    return " ".join([told, *_chained(beside)])


def _chained(parts: Sequence[str]) -> list[str]:
    return [part if place == 0 else f"and {part}" for place, part in enumerate(parts)]


def _line_verb(condition: Condition) -> str:
    if condition.fact == "code":
        verb = "has" if condition.op is Op.IS else "has a code other than"
        return f"{verb} {_values(condition)}"
    if condition.fact == "modifier":
        return f"has {'' if condition.op is Op.HAS else 'no '}modifier {_values(condition)}"
    if condition.fact == "units":
        return f"has units {_bounds(condition)}"
    if condition.fact == "pointed_diagnosis":
        verb = "points at" if condition.op is Op.HAS else "does not point at"
        return f"{verb} {_values(condition)}"
    if condition.fact == "line_npi":
        return f"has a rendering NPI that {_compared(condition)}"
    return f"is dated {_days(condition)}"


def _line_with(condition: Condition) -> str:
    if condition.fact == "code":
        start = "with" if condition.op is Op.IS else "with a code other than"
        return f"{start} {_values(condition)}"
    if condition.fact == "modifier":
        return f"{'with' if condition.op is Op.HAS else 'without'} modifier {_values(condition)}"
    if condition.fact == "units":
        return f"with units {_bounds(condition)}"
    if condition.fact == "pointed_diagnosis":
        return f"{'pointing' if condition.op is Op.HAS else 'not pointing'} at {_values(condition)}"
    if condition.fact == "line_npi":
        return f"with a rendering NPI that {_compared(condition)}"
    return f"dated {_days(condition)}"


def _compared(condition: Condition) -> str:
    if FACTS[condition.fact].kind is Kind.NUMBER:
        return f"is {_bounds(condition)}"
    verb = {Op.IS: "is", Op.IS_NOT: "is not", Op.STARTS_WITH: "starts with"}[condition.op]
    return f"{verb} {_values(condition)}"


def _bounds(condition: Condition) -> str:
    values = condition.values
    if condition.op is Op.BETWEEN:
        return f"from {values[0]} to {values[1]}"
    return {Op.IS: "", Op.AT_LEAST: "at least ", Op.AT_MOST: "at most "}[condition.op] + values[0]


def _days(condition: Condition) -> str:
    shown = [f"{day[5:7]}/{day[8:]}/{day[:4]}" for day in condition.values]
    if condition.op is Op.BETWEEN:
        return f"from {shown[0]} to {shown[1]}"
    return f"{'on or after' if condition.op is Op.AT_LEAST else 'on or before'} {shown[0]}"


def _values(condition: Condition) -> str:
    kind = FACTS[condition.fact].kind
    coded = kind in (Kind.CODE, Kind.DIAGNOSIS)
    shown = [code_pattern(one).words if coded else one for one in condition.values[:MOST_SHOWN]]
    rest = len(condition.values) - len(shown)
    if rest:
        return f"{', '.join(shown)} or {rest} more"
    if len(shown) == 1:
        return shown[0]
    return f"{', '.join(shown[:-1])} or {shown[-1]}"


TEST_WORDS = {
    ("diagnosis", Op.HAS): "any diagnosis is",
    ("diagnosis", Op.HAS_NOT): "no diagnosis is",
    ("modifier", Op.HAS): "modifier is present",
    ("modifier", Op.HAS_NOT): "modifier is absent",
    ("pointed_diagnosis", Op.HAS): "points at diagnosis",
    ("pointed_diagnosis", Op.HAS_NOT): "does not point at diagnosis",
}
OP_WORDS = {
    Op.IS: "is",
    Op.IS_NOT: "is not",
    Op.STARTS_WITH: "starts with",
    Op.AT_LEAST: "is at least",
    Op.AT_MOST: "is at most",
    Op.BETWEEN: "is between",
}
DAY_WORDS = {Op.AT_LEAST: "is on or after", Op.AT_MOST: "is on or before", Op.BETWEEN: "is between"}


def question(fact_key: str, op: Op) -> str:
    """A fact and a comparison as one choice of a list: ``Payer starts with``."""
    fact = FACTS[fact_key]
    verbs = DAY_WORDS if fact.kind is Kind.DATE else OP_WORDS
    words = TEST_WORDS.get((fact_key, op)) or f"{fact.words} {verbs[op]}"
    return words[0].upper() + words[1:]
