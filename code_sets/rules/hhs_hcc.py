"""The HHS-HCC models of the individual and small group market: categories and risk score of one enrollee.

Source: HHS, "HHS-Developed Risk Adjustment Model Algorithm: Do It Yourself (DIY) Software" (instructions and
tables of the benefit year): adults from 21, children 2 to 20, infants 0 and 1; categories after hierarchies;
groups of categories that count once; interactions of a severe or transplant category with the number of
payment categories; months of enrollment for adults; infants by maturity and severity; all by metal level.
What the tables say is data (`loaders/hhs_hcc.py`); drug categories (RXC) need drug claims and are not scored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from code_sets.rules.hcc import THOUSANDTH, Factors, Hcc, HccTables, Person, Score, categories
from code_sets.rules.hcc_model_table import HccModel

METALS: Final = ("platinum", "gold", "silver", "bronze", "catastrophic")
ADULT_FROM: Final = 21
CHILD_FROM: Final = 2
AGE_BAND: Final = re.compile(r"(?P<sex>[MF])AGE_LAST_(?P<low>\d+)_(?P<high>\d+|GT)")
#: Maturity of an infant at birth, the most immature first; AGE1: one year old, or none of these is known.
MATURITIES: Final = ("EXTREMELY_IMMATURE", "IMMATURE", "PREMATURE_MULTIPLES", "TERM")
AGE_ONE: Final = "AGE1"
MILDEST: Final = 1
LAST_WHOLE: Final = 299


def shown_category(number: int) -> int | str:
    """A category as HHS writes it. Some have a part (35.1), which is kept as its last digit (351): whole
    categories end at 254."""
    return number if number <= LAST_WHOLE else f"{number // 10}.{number % 10}"


@dataclass(frozen=True, slots=True)
class Enrollee:
    """Who is scored: `age` at the last day of enrollment in years, `sex` "F" or "M", the plan's metal level,
    months of enrollment in the benefit year (1 to 12), and the cost-sharing variant, "" for none."""

    age: int
    sex: str
    metal: str
    months: int = 12
    cost_sharing: str = ""

    @property
    def model(self) -> str:
        """The model of the age: "adult", "child" or "infant"."""
        return "adult" if self.age >= ADULT_FROM else "child" if self.age >= CHILD_FROM else "infant"


def score_hhs(model: HccModel, who: Enrollee, diagnoses: Sequence[str]) -> Score:
    """Score one enrollee's diagnoses (codes without the dot, upper case). Nothing passed in is changed."""
    facts = model.facts
    factors = {
        name: Decimal(by_metal[who.metal])
        for name, by_metal in facts["factors"].get(who.model, {}).items()
        if by_metal.get(who.metal)
    }
    found, edited, unmapped = _found(model, who, diagnoses)
    dropped = _dropped(facts["hierarchies"], found)
    kept = sorted((one for one in found if one not in dropped), key=int)
    base = _demographic(who, factors)
    infant = who.model == "infant"
    grouped = {} if infant else _groups(facts, who.model, kept)
    hccs = [
        Hcc(
            int(one),
            facts["labels"].get(one, ""),
            None if infant or one in grouped else factors.get(f"HHS_HCC{one}"),
            tuple(sorted(found[one])),
        )
        for one in kept
    ]
    scored = tuple(one for one in hccs if one.coefficient is not None)
    names = _infant(facts, who, kept) if infant else _variables(facts, who, kept, grouped, scored)
    others = tuple((name, factors[name]) for name in names if name in factors)
    raw = factors.get(base, Decimal(0))
    raw += sum((one.coefficient for one in scored if one.coefficient), Decimal(0))
    raw += sum((value for _, value in others), Decimal(0))
    share = facts["cost_sharing"].get(who.cost_sharing)
    return Score(
        segment=f"{who.model} {who.metal}",
        demographic_name=base,
        demographic=factors.get(base, Decimal(0)),
        scored=scored,
        unscored=tuple(one for one in hccs if one.coefficient is None),
        interactions=others,
        raw=raw,
        normalized=None,
        payment=None if share is None else (raw * Decimal(share)).quantize(THOUSANDTH, ROUND_HALF_UP),
        unmapped=tuple(unmapped),
        edited=edited,
        dropped={int(one): int(dropped[one]) for one in sorted(dropped, key=int)},
    )


def _found(
    model: HccModel, who: Enrollee, diagnoses: Sequence[str]
) -> tuple[dict[str, set[str]], dict[str, str | None], list[str]]:
    tables = HccTables("HHS-HCC", model.mapping, model.edits, {}, {}, {}, Factors(None, None))
    return categories(tables, Person(who.age, who.sex, "NA", "0"), diagnoses)


def _dropped(hierarchies: Mapping[str, Sequence[str]], found: Mapping[str, set[str]]) -> dict[str, str]:
    dropped: dict[str, str] = {}
    for above in sorted(found, key=int):
        for one in hierarchies.get(above, ()):
            if one in found:
                dropped.setdefault(one, above)
    return dropped


def _demographic(who: Enrollee, factors: Mapping[str, Decimal]) -> str:
    """The variable of age and sex; infants have one for boys only."""
    if who.model == "infant":
        return f"AGE{who.age}_MALE" if who.sex == "M" else ""
    for name in factors:
        match = AGE_BAND.fullmatch(name)
        if match is None or match["sex"] != who.sex or int(match["low"]) > who.age:
            continue
        if match["high"] == "GT" or who.age <= int(match["high"]):
            return name
    return ""


def _groups(facts: Mapping[str, Any], model: str, kept: Sequence[str]) -> dict[str, str]:
    """The group of each category that is in one: the group counts once, its categories not at all."""
    listed: Mapping[str, str] = facts["groups"].get(model, {})
    return {one: listed[one] for one in kept if one in listed}


def _variables(
    facts: Mapping[str, Any],
    who: Enrollee,
    kept: Sequence[str],
    grouped: Mapping[str, str],
    scored: Sequence[Hcc],
) -> list[str]:
    """Groups, counts of payment categories beside one of a set, and months of enrollment."""
    groups = sorted(set(grouped.values()))
    count = len(groups) + len(scored)
    names = list(groups)
    for one in facts["variables"].get(who.model, ()):
        number = count if one["kind"] == "count" else who.months
        members = facts["sets"].get(one["set"]) if one["set"] else None
        present = count > 0 if members is None else any(category in members for category in kept)
        if present and one["low"] <= number <= one["high"]:
            names.append(one["variable"])
    return names


def _infant(facts: Mapping[str, Any], who: Enrollee, kept: Sequence[str]) -> list[str]:
    """The one variable of maturity and severity."""
    maturity = next(
        (
            name
            for name in MATURITIES
            if who.age == 0 and any(facts["maturity"].get(one) == name for one in kept)
        ),
        AGE_ONE,
    )
    severity = max((facts["severity"].get(one, MILDEST) for one in kept), default=MILDEST)
    return [f"{maturity}_X_SEVERITY{severity}"]
