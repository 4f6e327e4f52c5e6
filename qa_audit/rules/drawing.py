"""A plan's draw from its stored parts: terms, frame and seed in, one list out, here and in `qa.sample`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qa_audit.rules.frame import ALWAYS, widened_strata
from qa_audit.rules.plan_terms import Method, PlanTerms
from qa_audit.rules.sampling import Draw, Plan, draw
from qa_audit.rules.sampling import Method as SampleMethod


def sample_plan(terms: PlanTerms, strata: Iterable[str]) -> Plan:
    """The part of a plan's terms that decides the draw; ``strata`` are those of the frame."""
    return Plan(
        method=SampleMethod.PERCENT if terms.method is Method.PERCENT else SampleMethod.COUNT,
        value=terms.value,
        floor_per_stratum=terms.floor_per_stratum,
        certainty_strata=frozenset(ALWAYS + reason.value for reason in terms.certainty),
        widened=widened_strata(strata),
    )


def draw_rows(rows: Sequence[tuple[str, str]], terms: PlanTerms, seed: int) -> Draw:
    """The draw of a frame of (chart, stratum).

    Raises:
        InvalidInput: a chart stands twice in the frame.
    """
    return draw(rows, sample_plan(terms, (stratum for _, stratum in rows)), seed)


def rule_request(rows: Sequence[tuple[str, str]], terms: PlanTerms, seed: int) -> dict[str, Any]:
    """What `manage.py rule qa.sample` is given to draw the same list on any machine."""
    plan = sample_plan(terms, (stratum for _, stratum in rows))
    return {
        "frame": [{"id": chart, "stratum": stratum} for chart, stratum in rows],
        "plan": {
            "method": plan.method.value,
            "value": str(plan.value),
            "floor_per_stratum": plan.floor_per_stratum,
            "certainty_strata": sorted(plan.certainty_strata),
            **({"widened": _texts(plan.widened)} if plan.widened else {}),
        },
        "seed": seed,
    }


def _texts(widened: Mapping[str, Any]) -> dict[str, str]:
    return {name: f"{factor.normalize():f}" for name, factor in widened.items()}
