"""`qa.sample`: a frame, a plan and a seed in, the sample with its weights and hashes out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from code_sets.rule_input import Fields, invalid
from coding_ops.core.statistics import SIX_PLACES
from qa_audit.rules.sampling import ALGORITHM, MOST_WIDENED, Draw, Method, Plan, draw

MOST_UNITS = 100_000_000
LARGEST_SEED = 2**63 - 1


def sample(request: Mapping[str, Any]) -> dict[str, Any]:
    """`qa.sample`: draw again what was drawn before.

    {"frame": [{"id", "stratum"}], "plan": {"method": "count" | "percent", "value", "floor_per_stratum",
    "certainty_strata", "widened": {stratum: factor}}, "seed": whole number} -> {"sample": [{"id", "stratum",
    "weight"}], "strata": [{"stratum", "population", "sampled", "weight", "certainty"}], "frame_sha256",
    "plan_sha256", "trace"}.
    Ids are texts or whole numbers; a stratum may be null. The sample is in the order drawn, strata by name.
    A weight is N/n of the stratum, six decimals. An empty frame gives an empty sample.
    Raises InvalidInput with the path: an id twice, a percentage beyond 100, a count that is not whole.
    """
    fields = Fields(request)
    given: dict[str, Any] = {}
    strata: dict[str, Any] = {}
    frame = []
    for unit in fields.listed("frame"):
        key, stratum = _name(unit, "id"), _name_or_empty(unit, "stratum")
        given[key] = unit.values["id"]
        strata[stratum] = unit.values.get("stratum")
        frame.append((key, stratum))
    seed = fields.whole("seed", -LARGEST_SEED, LARGEST_SEED)
    plan = _plan(fields.inner("plan"))
    drawn = draw(frame, plan, seed)
    return {
        "sample": [
            {"id": given[unit], "stratum": strata[one.name], "weight": _six(one.weight)}
            for one in drawn.strata
            for unit in one.drawn
        ],
        "strata": [
            {
                "stratum": strata[one.name],
                "population": one.population,
                "sampled": len(one.drawn),
                "weight": _six(one.weight),
                "certainty": one.certainty,
            }
            for one in drawn.strata
        ],
        "frame_sha256": drawn.frame_sha256,
        "plan_sha256": drawn.plan_sha256,
        "trace": _trace(drawn, plan, seed, len(frame)),
    }


def _plan(fields: Fields) -> Plan:
    method = Method(fields.choice("method", [one.value for one in Method]))
    if method is Method.COUNT:
        value = fields.number("value", "0", str(MOST_UNITS), 0)
    else:
        value = fields.number("value", "0", "100", 6)
    floor = fields.whole_or_none("floor_per_stratum", 0, MOST_UNITS)
    return Plan(method, value, floor or 0, frozenset(fields.texts("certainty_strata")), _widened(fields))


def _widened(fields: Fields) -> dict[str, Decimal]:
    if fields.values.get("widened") is None:
        return {}
    inner = fields.inner("widened")
    return {name: inner.number(name, "1", str(MOST_WIDENED), 6) for name in inner.values}


def _name(fields: Fields, name: str) -> str:
    value = fields.values.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise invalid(fields.at(name), "must be a text or a whole number")
    return str(value)


def _name_or_empty(fields: Fields, name: str) -> str:
    return "" if fields.values.get(name) is None else _name(fields, name)


def _six(weight: Fraction | None) -> str | None:
    if weight is None:
        return None
    value = Decimal(weight.numerator) / weight.denominator
    return str(value.quantize(SIX_PLACES, rounding=ROUND_HALF_UP))


def _trace(drawn: Draw, plan: Plan, seed: int, units: int) -> list[dict[str, Any]]:
    present = {one.name for one in drawn.strata}
    citation = "SHA-256 in counter mode, Fisher-Yates from the front: qa_audit/rules/sampling.py"
    return [
        {
            "rule": "qa.sample",
            "algorithm": ALGORITHM,
            "seed": seed,
            "units": units,
            "sampled": sum(len(one.drawn) for one in drawn.strata),
            "certainty_strata_absent": sorted(plan.certainty_strata - present),
            "citation": citation,
        }
    ]
