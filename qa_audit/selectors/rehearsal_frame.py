"""Whom an outside auditor could draw: members with a category in a year, or charts of a payer's period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from code_sets.hcc_tables import ModelYear, model_years, tables_of
from code_sets.rules.hcc import HccTables, Person
from code_sets.rules.hcc_roster import Roster
from coding_ops.core.errors import InvalidInput
from encounters.models import CodeKind, CodeRevision, Coverage, Encounter, EncounterKind, EncounterStatus
from qa_audit.rules.rehearsal import RehearsalKind

AGED = 65
"""Members are ranked as if all were of this age: the design opens no birth date."""
CHUNK = 2000
"""Finished versions held in memory at once."""


@dataclass(frozen=True, slots=True)
class Population:
    """Which charts the audit is about.  ``model`` only for RADV; ``payer`` empty: every payer."""

    kind: RehearsalKind
    first_on: date
    last_on: date
    payer: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class ItemFound:
    """What will be judged of one unit: a category with the codes that carried it, or the claim."""

    hcc: int | None
    label: str
    carried: tuple[tuple[str, UUID], ...]


@dataclass(frozen=True, slots=True)
class UnitFound:
    """One unit that could be drawn.  ``size`` ranks it: the disease score, or the charge in dollars."""

    id: str
    patient_id: UUID
    encounter_id: UUID | None
    size: Decimal
    items: tuple[ItemFound, ...]


def model_year_for(model: str, last_on: date) -> ModelYear:
    """The tables that the diagnoses of a year are paid by: those of the year after.

    Raises:
        InvalidInput: none are there.
    """
    for one in model_years():
        if one.model == model and one.payment_year == last_on.year + 1:
            return one
    raise InvalidInput(
        f"No tables of {model} for payment year {last_on.year + 1}.",
        code="rehearsal.model",
        details={"path": "model"},
    )


def payers(client_id: int) -> list[str]:
    """Names of payers that charts of the client are billed to."""
    names = Coverage.objects.filter(client_id=client_id).values_list("payer_name", flat=True)
    return sorted(set(names.distinct()))


def population_of(client_id: int, wanted: Population) -> list[UnitFound]:
    """Every unit that could be drawn, in the order of their ids.

    Final charts only; what was coded counts as what was sent, because no claim is read here.  Members of
    RADV have at least one category after the model's hierarchies.

    Raises:
        InvalidInput: no tables of the model for the year.
    """
    charts = _charts(client_id, wanted)
    if wanted.kind is RehearsalKind.PAYER:
        return _charts_as_units(charts)
    return _members(client_id, charts, model_year_for(wanted.model, wanted.last_on))


def _charts(client_id: int, wanted: Population) -> QuerySet[Encounter]:
    days = (wanted.first_on, wanted.last_on)
    by_discharge = Q(kind=EncounterKind.INPATIENT, discharge_on__isnull=False)
    charts: QuerySet[Encounter] = Encounter.objects.filter(
        Q(by_discharge, discharge_on__range=days) | (~by_discharge & Q(service_on__range=days)),
        client_id=client_id,
        status=EncounterStatus.FINAL,
    )
    return charts.filter(coverage__payer_name=wanted.payer) if wanted.payer else charts


def _charts_as_units(charts: QuerySet[Encounter]) -> list[UnitFound]:
    rows = charts.order_by("pk").values_list("pk", "patient_id", "charge_amount", "external_id")
    return [
        UnitFound(
            str(pk), patient, pk, charge or Decimal(0), (ItemFound(None, f"Claim of visit {visit}", ()),)
        )
        for pk, patient, charge, visit in rows
    ]


def _members(client_id: int, charts: QuerySet[Encounter], year: ModelYear) -> list[UnitFound]:
    rows = (
        CodeRevision.objects.filter(client_id=client_id, encounter__in=charts)
        .order_by("encounter_id", "-number")
        .distinct("encounter_id")
        .values_list("encounter_id", "encounter__patient_id", "encounter__patient__sex", "codes")
    )
    by_member: dict[UUID, list[tuple[str, UUID]]] = {}
    sexes: dict[UUID, str] = {}
    tables = tables_of(year)
    for encounter, patient, sex, codes in rows.iterator(chunk_size=CHUNK):
        mapped = [code for code in _diagnoses(codes) if code in tables.mapping]
        if mapped:
            by_member.setdefault(patient, []).extend((code, encounter) for code in mapped)
            sexes[patient] = sex
    roster = _roster(year, tables)
    found = [
        _member(roster, tables, patient, sexes[patient], carried) for patient, carried in by_member.items()
    ]
    return sorted((one for one in found if one.items), key=lambda one: one.id)


def _member(
    roster: Roster, tables: HccTables, patient: UUID, sex: str, carried: Sequence[tuple[str, UUID]]
) -> UnitFound:
    person = Person(age=AGED, sex="F" if sex == "F" else "M", dual="NA", original_entitlement="0")
    score = roster.score(person, {code for code, _ in carried})
    items = tuple(
        ItemFound(
            number,
            tables.labels.get((str(number), tables.model), ""),
            tuple(sorted((one for one in carried if str(number) in tables.mapping[one[0]]), key=str)),
        )
        for number in score.hccs
    )
    disease = score.raw - roster.score(person, ()).raw
    return UnitFound(str(patient), patient, None, disease, items)


def _diagnoses(codes: Sequence[Mapping[str, Any]]) -> list[str]:
    return [row["code"] for row in codes if row["kind"] == CodeKind.DIAGNOSIS]


# Building one takes about a second; kept with the tables it was built from, which a release may replace.
_rosters: dict[ModelYear, tuple[HccTables, Roster]] = {}


def _roster(year: ModelYear, tables: HccTables) -> Roster:
    known = _rosters.get(year)
    if known is None or known[0] is not tables:
        known = _rosters[year] = (tables, Roster(tables))
    return known[1]
