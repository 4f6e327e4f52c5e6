"""The RxHCC model of Part D (V08): categories and raw score of one person, by tables that were loaded.

Source: CMS, RxHCC model software in Python, payment year 2026 (V08, calibrations T and X): segments by
institution, low income and age; one factor of age and sex; M65OD/F65OD and OD65 for those entitled first by
disability; NONAGED_RXHCCn below 65; new enrollees by age, sex, ESRD and disability alone, where 64 with
entitlement by age counts as 65.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from code_sets.rules.hcc import Factors, Hcc, HccTables, Person, Score, adjust, categories
from code_sets.rules.hcc_model_table import HccModel

AGED: Final = 65
ESRD: Final = ("2", "3")
OPEN_END: Final = "GT"
CONTINUING: Final = (
    "0_34", "35_44", "45_54", "55_59", "60_64", "65_69", "70_74", "75_79", "80_84", "85_89", "90_94", "95_GT",
)  # fmt: skip
NEW: Final = (
    "0_34", "35_44", "45_54", "55_59", "60_64", "65", "66", "67", "68", "69",
    "70_74", "75_79", "80_84", "85_89", "90_94", "95_GT",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RxPerson:
    """Who is scored; `low_income`: with the low-income subsidy of Part D."""

    person: Person
    low_income: bool


def tables_from(model: HccModel, factors: Factors) -> HccTables:
    """The loaded model in the form of the other models (coefficients by (variable, segment))."""
    facts = model.facts
    return HccTables(
        model="RxHCC V08",
        mapping=model.mapping,
        edits=model.edits,
        hierarchies={(one, "RxHCC V08"): set(dropped) for one, dropped in facts["hierarchies"].items()},
        coefficients={
            (name, segment): Decimal(value)
            for segment, named in facts["factors"].items()
            for name, value in named.items()
        },
        labels={(name, "RxHCC V08"): text for name, text in facts["labels"].items()},
        factors=factors,
    )


def score_rx(tables: HccTables, who: RxPerson, diagnoses: Sequence[str]) -> Score:
    """Score one person's diagnoses (codes without the dot, upper case). Nothing passed in is changed."""
    person = who.person
    segment = segment_of(who)
    found, edited, unmapped = categories(tables, person, diagnoses)
    dropped = _dropped(tables, found)
    kept = sorted((one for one in found if one not in dropped), key=int)
    hccs = [
        Hcc(
            int(one),
            tables.labels.get((one, tables.model), ""),
            tables.coefficients.get((f"RXHCC{one}", segment)),
            tuple(sorted(found[one])),
        )
        for one in kept
    ]
    base = demographic_variable(person)
    others = [(name, tables.coefficients.get((name, segment))) for name in _interactions(person, kept)]
    interactions = tuple((name, value) for name, value in others if value)
    demographic = tables.coefficients.get((base, segment), Decimal(0))
    scored = tuple(one for one in hccs if one.coefficient is not None)
    raw = sum((one.coefficient for one in scored if one.coefficient), demographic)
    raw += sum((value for _, value in interactions), Decimal(0))
    normalized, payment = adjust(raw, tables.factors)
    return Score(
        segment=segment,
        demographic_name=base,
        demographic=demographic,
        scored=scored,
        unscored=tuple(one for one in hccs if one.coefficient is None),
        interactions=interactions,
        raw=raw,
        normalized=normalized,
        payment=payment,
        unmapped=tuple(unmapped),
        edited=edited,
        dropped={
            int(one): int(above) for one, above in sorted(dropped.items(), key=lambda pair: int(pair[0]))
        },
    )


def segment_of(who: RxPerson) -> str:
    """The column of factors of a person."""
    person = who.person
    income = "Low" if who.low_income else "NonLow"
    if person.new_enrollee:
        return "NE_LTI" if person.institutional else f"NE_{income}_Community"
    if person.institutional:
        return "CE_LTI"
    return f"CE_{income}_{'Aged' if person.age >= AGED else 'NonAged'}"


def demographic_variable(person: Person) -> str:
    """The name of the factor of age and sex."""
    sex = "F" if person.sex == "F" else "M"
    if not person.new_enrollee:
        return f"{sex}{_band(person.age, CONTINUING)}"
    age = AGED if person.age == AGED - 1 and person.original_entitlement == "0" else person.age
    esrd = person.original_entitlement in ESRD or person.current_entitlement in ESRD
    first = "ESRD" if esrd else "NESRD"
    second = "ORIGDIS" if _originally_disabled(person) else "NORIGDIS"
    return f"{first}_{second}_X_{sex}{_band(age, NEW)}"


def _originally_disabled(person: Person) -> bool:
    return person.age >= AGED and person.original_entitlement == "1"


def _interactions(person: Person, kept: Sequence[str]) -> list[str]:
    if person.new_enrollee:
        return []
    names = []
    if _originally_disabled(person):
        names += [f"{'F' if person.sex == 'F' else 'M'}65OD", "OD65"]
    if person.age < AGED:
        names += [f"NONAGED_RXHCC{one}" for one in kept]
    return names


def _dropped(tables: HccTables, found: Mapping[str, set[str]]) -> dict[str, str]:
    """Categories that one above them removes, and which (the lowest number where several do)."""
    dropped: dict[str, str] = {}
    for above in sorted(found, key=int):
        for one in tables.hierarchies.get((above, tables.model), ()):
            if one in found:
                dropped.setdefault(one, above)
    return dropped


def _band(age: int, bands: Sequence[str]) -> str:
    for band in bands:
        low, _, high = band.partition("_")
        if int(low) <= age and (high == OPEN_END or age <= int(high or low)):
            return band
    raise ValueError(f"no band holds the age {age}")
