"""Condition categories of a working set: models side by side, support, adds and deletes, eligibility.

No factor, score or amount leaves this module: coders see which categories there are, not what they weigh.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from code_sets.hcc_tables import ModelYear, tables_of
from code_sets.rules.hcc import HccTables, Person, Score, score
from code_sets.rules.rxhcc import RxPerson, score_rx
from code_sets.rxhcc_commands import rx_releases, rx_tables
from encounters.models import (
    CodeAssignment,
    CodeKind,
    CodeRevision,
    EligibilityFact,
    Encounter,
    EvidenceState,
)
from encounters.rules.hcc_eligibility import Eligibility, Visit, eligibility
from encounters.rules.hcc_support import Changes, Judged, changes
from encounters.selectors.hcc_support import judged_of, main_mapping, payment_year
from encounters.selectors.hcc_tables import eligibility_tables, interaction_words, models_shown

AGED = 65


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """One category a diagnosis maps to.  ``above``: the category that takes its place, if one does;
    ``is_removed``: a rule of the model takes it out without putting another there."""

    number: int
    label: str
    codes: tuple[str, ...]
    above: int | None = None
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class ModelView:
    """One model.  ``year`` is the payment year of its tables, None where none are loaded."""

    name: str
    year: int | None
    categories: tuple[CategoryLine, ...] = ()
    interactions: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HccPanel:
    """Everything about the categories of one encounter.

    ``before``: diagnoses of the version before, None when there is none; ``age_known`` says whether the
    models' age edits were made.
    """

    payment_year: int
    models: tuple[ModelView, ...]
    judged: tuple[Judged, ...]
    changes: Changes
    has_version_before: bool
    age_known: bool


def panel_of(encounter: Encounter, rows: Sequence[CodeAssignment]) -> HccPanel:
    """The categories of the working set as it lies in ``rows``; two queries at most."""
    year = payment_year(encounter)
    mapped = main_mapping(encounter)
    judged = judged_of(encounter, rows, mapped)
    diagnoses = [row.code for row in rows if row.kind == CodeKind.DIAGNOSIS]
    age = _age(encounter.patient.birth_on, year)
    before = _before(encounter)
    return HccPanel(
        payment_year=year,
        models=tuple(_model(one, encounter, age, diagnoses, year) for one in models_shown(year)),
        judged=tuple(judged),
        changes=changes(before or (), judged, mapped),
        has_version_before=before is not None,
        age_known=age is not None,
    )


def eligibility_of(
    encounter: Encounter,
    rows: Sequence[CodeAssignment],
    documents: Sequence[str],
    facts: Sequence[EligibilityFact],
) -> Eligibility:
    """May the encounter support diagnoses?  ``documents``: the kinds of its documents."""
    provider, specialty = encounter.rendering_provider, encounter.specialty
    visit = Visit(
        on=encounter.coding_on,
        year=payment_year(encounter) - 1,
        kind=encounter.kind,
        place=encounter.place_of_service_code,
        credential=provider.professional_credential if provider else "",
        specialty=specialty.code if specialty else "",
        documents=tuple(documents),
        services=tuple((row.code, tuple(row.modifiers)) for row in rows if row.kind == CodeKind.SERVICE),
        # What rested on words that the newest version no longer has is not known again.
        confirmed={row.fact: row.value for row in facts if row.state != EvidenceState.LOST},
    )
    return eligibility(visit, eligibility_tables())


def facts_of(encounter: Encounter) -> list[EligibilityFact]:
    """The facts confirmed from the note: one query."""
    return list(
        EligibilityFact.objects.filter(client_id=encounter.client_id, encounter=encounter).select_related(
            "confirmed_by"
        )
    )


def _before(encounter: Encounter) -> tuple[str, ...] | None:
    """Diagnoses of the newest finished version."""
    if not encounter.revision_count:
        return None
    newest = (
        CodeRevision.objects.filter(client_id=encounter.client_id, encounter=encounter)
        .order_by("-number")
        .values_list("codes", flat=True)
        .first()
    )
    return tuple(row["code"] for row in newest or () if row["kind"] == CodeKind.DIAGNOSIS)


def _age(birth_on: str, year: int) -> int | None:
    """Age on February 1 of the payment year, as the models count it."""
    try:
        born = date.fromisoformat(birth_on)
    except ValueError:
        return None
    return year - born.year - ((born.month, born.day) > (2, 1))


def _model(
    shown: ModelYear | str, encounter: Encounter, age: int | None, diagnoses: Sequence[str], year: int
) -> ModelView:
    """One model's categories.  Segments are not known here, so none is chosen by money: the community."""
    person = Person(
        age=AGED if age is None else age,
        sex="F" if encounter.patient.sex == "F" else "M",
        dual="NA",
        original_entitlement="0" if age is None or age >= AGED else "1",
    )
    if isinstance(shown, ModelYear):
        tables = tables_of(shown)
        return _view(shown.model, shown.payment_year, tables, partial(score, tables, person), diagnoses)
    loaded = [one for one in rx_releases() if one.payment_year <= year]
    if not loaded:
        return ModelView(shown, None)
    tables = rx_tables(loaded[0])
    name = f"{tables.model} {loaded[0].calibration}"
    who = RxPerson(person, low_income=False)
    return _view(name, loaded[0].payment_year, tables, partial(score_rx, tables, who), diagnoses)


def _view(
    name: str,
    year: int,
    tables: HccTables,
    run: Callable[[Sequence[str]], Score],
    diagnoses: Sequence[str],
) -> ModelView:
    found = run(diagnoses)
    kept = [CategoryLine(one.number, one.label, one.diagnoses) for one in (*found.scored, *found.unscored)]
    gone = [
        CategoryLine(
            number,
            tables.labels.get((str(number), tables.model), ""),
            tuple(code for code in diagnoses if str(number) in tables.mapping.get(code, ())),
            above,
            is_removed=above is None,
        )
        for number, above in found.dropped.items()
    ]
    return ModelView(
        name=name,
        year=year,
        categories=tuple(sorted([*kept, *gone], key=lambda line: line.number)),
        interactions=interaction_words(name for name, _ in found.interactions),
        edited=tuple(found.edited),
    )
