"""The rules of an edition from their tables (``cdi_queries/data/triggers.toml``).

Patterns are Python regular expressions, any case unless a test's abbreviations are given apart; ``{{name}}``
stands for the fragment of that name in ``[words]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from cdi_queries.rules.triggers import shapes
from cdi_queries.rules.triggers.shapes import Analyte, Book, Cues, Family, Limit, Rule, Step, Test

_FRAGMENT = re.compile(r"\{\{(\w+)\}\}")
_NEVER = re.compile(r"(?!)")
#: Cue tables that are no pattern.
_PLAIN_CUES = frozenset({"gap", "not_units"})


def book_of(tables: Mapping[str, Any]) -> Book:
    """An edition.  Numbers must have been read as ``Decimal``.

    Raises:
        KeyError: a fragment or an analyte that no table holds.
        ValueError: an unknown family.
    """
    words: Mapping[str, str] = tables["words"]
    analytes = {one["key"]: _analyte(one) for one in tables["analyte"]}
    rules = tuple(_rule(one, tables["source"], words) for one in tables["rule"])
    for rule in rules:
        for used in _used(rule.test):
            analytes[used]
    return Book(tables["edition"], tables["source"], rules, analytes, _cues(tables["cues"]))


def _rule(one: Mapping[str, Any], source: str, words: Mapping[str, str]) -> Rule:
    family = Family(one["key"].partition(".")[0])
    return Rule(
        key=one["key"],
        family=family,
        name=one["name"],
        looks_at=one["looks_at"],
        template=one["template"],
        source=one.get("source", source),
        test=_test(one, family, words),
    )


def _test(one: Mapping[str, Any], family: Family, words: Mapping[str, str]) -> Test:
    if "parts" in one:
        return shapes.UnspecifiedSide({name: _pattern(part, words) for name, part in one["parts"].items()})
    if family is Family.UNSPECIFIED:
        return shapes.Unspecified(
            codes=_codes(one["codes"]),
            says=tuple(_pattern(text, words) for text in one.get("says", [])),
            limits=_limits(one),
            unless_codes=_codes(one["unless_codes"]) if "unless_codes" in one else None,
            reads_past_history=one.get("reads_past_history", False),
        )
    if family is Family.FINDING:
        return _finding(one, words)
    if family is Family.SUPPORT:
        return shapes.Chronic(_codes(one["codes"]), _pattern(one["says"], words))
    return _conflict(one, words)


def _finding(one: Mapping[str, Any], words: Mapping[str, str]) -> Test:
    codes, says = _codes(one["unless_codes"]), _pattern(one["unless_says"], words)
    if "limits" in one:
        return shapes.Limits(_limits(one), codes, says)
    steps = tuple(
        Step(step["within_days"], step.get("ratio"), step.get("difference")) for step in one["steps"]
    )
    return shapes.Change(one["analyte"], one["falls"], steps, codes, says)


def _conflict(one: Mapping[str, Any], words: Mapping[str, str]) -> Test:
    says = _pattern(one["says"], words)
    if "values" in one:
        return shapes.Differing(says, one["values"])
    if one.get("sides", False):
        return shapes.OppositeSides(says)
    return shapes.Denied(says, one.get("reads_imaging", False))


def _limits(one: Mapping[str, Any]) -> tuple[Limit, ...]:
    return tuple(
        Limit(limit["analyte"], _decimal(limit.get("below")), _decimal(limit.get("above")))
        for limit in one.get("limits", [])
    )


def _used(test: Test) -> Iterable[str]:
    match test:
        case shapes.Limits() | shapes.Unspecified():
            return [limit.analyte for limit in test.limits]
        case shapes.Change():
            return [test.analyte]
        case _:
            return []


def _analyte(one: Mapping[str, Any]) -> Analyte:
    names = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in one.get("names", []))
    short = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in one.get("abbreviations", []))
    parts = [*([f"(?i:{names})"] if names else []), *([short] if short else [])]
    before, behind = one.get("not_after", ""), one.get("not_before", "")
    return Analyte(
        key=one["key"],
        names=re.compile(rf"{before}(?<![\w-])(?:{'|'.join(parts)})(?![\w+]){behind}"),
        words=tuple(
            {name.lower().split()[0] for name in [*one.get("names", []), *one.get("abbreviations", [])]}
        ),
        unit=one["unit"],
        units={one["unit"].lower(): Decimal(1)} | {name: Decimal(by) for name, by in one["units"].items()},
        least=Decimal(one["least"]),
        most=Decimal(one["most"]),
        takes_ranges=one.get("takes_ranges", False),
        needs_decimals=one.get("needs_decimals", False),
        counts_thousands=one.get("counts_thousands", False),
    )


def _cues(tables: Mapping[str, Any]) -> Cues:
    return Cues(
        **{name: _pattern(text, {}) for name, text in tables.items() if name not in _PLAIN_CUES},
        gap=tables["gap"],
        not_units=frozenset(tables["not_units"]),
    )


def _pattern(text: str, words: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(_FRAGMENT.sub(lambda hit: f"(?:{words[hit[1]]})", text), re.IGNORECASE)


def _codes(text: str) -> re.Pattern[str]:
    return re.compile(text) if text else _NEVER


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)
