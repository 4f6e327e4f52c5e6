"""`claims.classify`: an adjustment of a remittance in, the kind of denial out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from claims.rules.classify import CATEGORIES, GROUPS, Edition, edition_on
from claims.rules.classify import classify as classify_adjustment
from code_sets.rule_input import Fields, invalid
from coding_ops.core.errors import Refused

TABLES = Path(__file__).resolve().parent / "data" / "carc_map.toml"
LONGEST_CODE = 8


def classify(request: Mapping[str, Any]) -> dict[str, Any]:
    """`claims.classify`: group, reason and remarks of one adjustment, to its category.

    {"group": "CO" | "PR" | "OA" | "PI" | "CR", "carc": "16", "rarcs": ["M76"], "on": "2026-11-01"} and, where
    known, "amount" (negative: money added) -> {"category", "trace"}. Categories: coding, medical_necessity,
    eligibility, registration, authorization, cob, enrolment, submission, timely, duplicate, documentation,
    benefit, not_a_denial, unmapped. A code that no map knows is unmapped, not an error.
    Raises InvalidInput with the path of a field that cannot be read, Refused for a day before the map.
    """
    fields = Fields(request)
    group = fields.choice("group", GROUPS)
    carc = _code(fields.text("carc"), "carc")
    rarcs = [_code(one, f"rarcs[{place}]") for place, one in enumerate(fields.texts("rarcs"))]
    amount = fields.number_or_none("amount", "-1000000000", "1000000000", 2)
    on = fields.day("on")
    edition = edition_on(editions(), on)
    if edition is None:
        first = min(one.first for one in editions())
        raise Refused(
            f"Reasons are mapped from {first} on.", code="claims.no_edition", details={"path": "on"}
        )
    decision = classify_adjustment(
        edition, on, carc, list(dict.fromkeys(rarcs)), is_negative=amount is not None and amount < 0
    )
    return {
        "category": decision.category,
        "trace": [
            {
                "rule": "claims.classify",
                "group": group,
                "carc": carc,
                "rarcs": rarcs,
                "decided_by": decision.decided_by,
                "why": decision.why,
                "status": decision.status,
                "edition": edition.id,
                "citation": edition.source,
            }
        ],
    }


@cache
def editions() -> tuple[Edition, ...]:
    """The dated maps, read once a process. A category that the rule does not know is a fault of the data."""
    tables = tomllib.loads(TABLES.read_text("utf-8"))
    return tuple(
        Edition(
            id=one["id"],
            first=one["from"],
            last=one.get("through"),
            source=one["source"],
            carc=_inverted(one["carc"]),
            rarc=_inverted(one["rarc"]),
            secondary=frozenset(one["rarc_status"]["secondary"]),
            by_remark=frozenset(one["by_remark"]),
            added_when_negative=frozenset(one["added_when_negative"]),
            started=one["started"],
            retired=one["retired"],
        )
        for one in tables["edition"]
    )


def _inverted(lists: Mapping[str, list[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for category, codes in lists.items():
        if category not in CATEGORIES:
            raise ValueError(f"The map names an unknown category: {category}.")
        for code in codes:
            if code in found:
                raise ValueError(f"The map holds {code} twice.")
            found[code] = category
    return found


def _code(text: str, path: str) -> str:
    """Upper case, without leading zeros: some payers write 045."""
    code = text.upper().lstrip("0") or "0"
    if len(code) > LONGEST_CODE or not code.isalnum():
        raise invalid(path, "must be the number of a code, such as 16 or M76")
    return code
