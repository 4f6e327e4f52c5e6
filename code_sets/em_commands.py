"""`codes.em_level`: JSON in, the level of an evaluation and management service out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from code_sets.rule_input import Fields
from code_sets.rules.em_level import (
    RISKS,
    CodeRow,
    DataReviewed,
    DataRule,
    Decision,
    Edition,
    Level,
    Problem,
    edition_on,
    em_level,
)
from coding_ops.core.errors import Refused

TABLES = Path(__file__).resolve().parent / "data" / "em_levels.toml"
MOST_MINUTES = 24 * 60
MOST_ITEMS = 1000


def level(request: Mapping[str, Any]) -> dict[str, Any]:
    """`codes.em_level`: category, service_on, minutes, problems, data and risk to the code and its reasons.

    {"category", "service_on", "minutes": 25 or null, "problems": [{"kind", "count"}], "data": {"items",
    "independent_historian", "independent_interpretation", "external_discussion"}, "risk": "moderate" or null}
    -> {"code", "by", "mdm": {"problems", "data", "risk", "level"}, "other_path": {"code", "by"}, "trace"};
    a code is null where no level is reached. Kinds of problem: see `code_sets.rules.em_level`.
    Raises InvalidInput with the path of the field, and Refused for a day no edition of the category covers.
    """
    fields = Fields(request)
    edition = _edition(fields)
    category = fields.choice("category", edition.categories)
    problems = [
        Problem(one.choice("kind", edition.problems), one.whole("count", 0, MOST_ITEMS))
        for one in fields.objects("problems")
    ]
    data = _data(fields.inner("data"))
    minutes = fields.whole_or_none("minutes", 0, MOST_MINUTES)
    decision = em_level(edition, category, problems, data, _risk(fields), minutes)
    return {
        "code": decision.code,
        "by": decision.by,
        "mdm": {
            "problems": decision.problems.level.word,
            "data": decision.data.level.word,
            "risk": "none" if not decision.risk.level else _risk_word(decision.risk.level),
            "level": decision.level.word,
        },
        "other_path": _other_path(decision),
        "trace": _trace(edition, category, decision),
    }


@cache
def editions() -> tuple[Edition, ...]:
    """The dated tables of levels, read once a process."""
    tables = tomllib.loads(TABLES.read_text("utf-8"))
    problems = {
        kind: {Level[word.upper()]: least for word, least in needs.items()}
        for kind, needs in tables["problem"].items()
    }
    return tuple(
        Edition(
            name=one["id"],
            first=one["from"],
            last=one.get("through"),
            source=one["source"],
            categories={name: _rows(tables["category"][name]) for name in one["categories"]},
            problems={kind: problems[kind] for kind in one["problems"]},
            data=DataRule(**tables["data"]),
        )
        for one in tables["edition"]
    )


def _rows(category: Mapping[str, Any]) -> tuple[CodeRow, ...]:
    return tuple(
        CodeRow(one["code"], tuple(Level[word.upper()] for word in one["levels"]), one.get("minutes"))
        for one in category["codes"]
    )


def _edition(fields: Fields) -> Edition:
    on = fields.day("service_on")
    known = list(dict.fromkeys(name for one in editions() for name in one.categories))
    category = fields.choice("category", known)
    edition = edition_on(editions(), on)
    if edition is None or category not in edition.categories:
        first = min(one.first for one in editions() if category in one.categories)
        raise Refused(
            f"Levels of {category} are known from {first} on; on {on} they followed the guidelines of 1995 "
            "and 1997.",
            code="em.no_edition",
            details={"path": "service_on"},
        )
    return edition


def _data(fields: Fields) -> DataReviewed:
    items = fields.whole_or_none("items", 0, MOST_ITEMS)
    return DataReviewed(
        items=items or 0,
        independent_historian=fields.flag("independent_historian"),
        independent_interpretation=fields.flag("independent_interpretation"),
        external_discussion=fields.flag("external_discussion"),
    )


def _risk(fields: Fields) -> Level:
    if fields.values.get("risk") is None:
        return Level.NONE
    return RISKS[fields.choice("risk", RISKS)]


def _risk_word(level: Level) -> str:
    return next(word for word, one in RISKS.items() if one is level)


def _other_path(decision: Decision) -> dict[str, Any]:
    """The path that did not decide; its code is null where it reaches none."""
    if decision.by == "time":
        return {"code": decision.mdm_code, "by": "mdm"}
    return {"code": decision.time_code, "by": "time"}


def _trace(edition: Edition, category: str, decision: Decision) -> list[dict[str, Any]]:
    cite = {"edition": edition.name, "citation": edition.source}
    elements = {"problems": decision.problems, "data": decision.data, "risk": decision.risk}
    steps: list[dict[str, Any]] = [
        {"rule": f"em.{name}", "level": element.level.word, "why": element.why, **cite}
        for name, element in elements.items()
    ]
    meets = [name for name, element in elements.items() if element.level >= max(decision.level, 1)]
    why = f"met by {', '.join(meets)}; two of three decide"
    if not decision.level:
        why = f"fewer than two of three reach a level: {', '.join(meets)}"
    steps.append(
        {"rule": "em.mdm", "level": decision.level.word, "code": decision.mdm_code, "why": why, **cite}
    )
    steps.append({"rule": "em.time", "code": decision.time_code, "why": decision.time_why, **cite})
    chosen = f"the higher of the two paths in {category}; decision making where they are equal"
    steps.append({"rule": "em.level", "code": decision.code, "by": decision.by, "why": chosen, **cite})
    return steps
