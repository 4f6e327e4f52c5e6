"""Whom an outside auditor could draw: by discharge, payer, model, and in which stratum."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from code_sets import selectors
from coding_ops.tenancy import crypto
from encounters.models import Coverage, Encounter, EncounterKind
from qa_audit.actions.rehearsals import stratified
from qa_audit.rules.rehearsal import RehearsalKind
from qa_audit.selectors.rehearsal_frame import Population, population_of
from tests import cast
from tests.qa_audit.scene import Team, final_chart, team

pytestmark = pytest.mark.django_db

DIABETES = (("E1122", "Type 2 diabetes"), ("N1831", "stage 3a"))


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@pytest.fixture
def crew() -> Iterator[Team]:
    crew = team(cast.cypress())
    with cast.opened(crew.place):
        yield crew


def changed(chart: Encounter, **columns: Any) -> Encounter:
    Encounter.objects.filter(pk=chart.pk).update(**columns)
    chart.refresh_from_db()
    return chart


def units(crew: Team, kind: RehearsalKind = RehearsalKind.RADV, **more: Any) -> list[Any]:
    given: dict[str, Any] = {
        "first_on": date(2026, 1, 1),
        "last_on": date(2026, 10, 31),
        "model": "CMS-HCC V28",
    } | more
    return population_of(crew.place.client.pk, Population(kind, **given))


def test_a_stay_counts_in_the_year_of_its_discharge(crew: Team) -> None:
    stay = changed(
        final_chart(crew, codes=DIABETES),
        kind=EncounterKind.INPATIENT,
        service_on=date(2025, 12, 30),
        discharge_on=date(2026, 1, 3),
    )
    before = changed(final_chart(crew, codes=DIABETES), service_on=date(2025, 12, 31))
    after = changed(final_chart(crew, codes=DIABETES), service_on=date(2026, 11, 1))
    found = {unit.patient_id for unit in units(crew)}
    assert stay.patient_id in found
    assert not found & {before.patient_id, after.patient_id}


def test_only_the_payer_asked_for(crew: Team) -> None:
    ours, other = final_chart(crew, codes=DIABETES), final_chart(crew, codes=DIABETES)
    for chart, name in ((ours, "Bayou Advantage"), (other, "Gulf Plan")):
        plan = Coverage.objects.create(
            client=crew.place.client,
            patient=chart.patient,
            payer_name=name,
            member_index=crypto.blind_index(chart.client_id, "member", name),
        )
        changed(chart, coverage=plan)
    assert [unit.patient_id for unit in units(crew, payer="Bayou Advantage")] == [ours.patient_id]
    claims = units(crew, RehearsalKind.PAYER, payer="Gulf Plan")
    assert [unit.encounter_id for unit in claims] == [other.pk]
    assert units(crew, payer="Nobody") == []


def test_a_category_that_a_higher_one_replaces_is_not_asked_to_be_proved(crew: Team) -> None:
    """N18.31 is HCC 329 and N18.32 HCC 328, which takes its place (V28)."""
    chart = final_chart(crew, codes=DIABETES)
    final = final_chart(crew, codes=(("N1832", "stage 3a"),))
    changed(final, patient=chart.patient)
    (unit,) = units(crew)
    assert [item.hcc for item in unit.items] == [37, 328]
    assert [code for item in unit.items for code, _ in item.carried] == ["E1122", "N1832"]


def test_members_with_more_disease_stand_in_the_higher_stratum(crew: Team) -> None:
    one = final_chart(crew, codes=(("N1831", "stage 3a"),))
    both = final_chart(crew, codes=DIABETES)
    found = dict(stratified(units(crew), 2))
    assert found == {str(both.patient_id): "1 higher", str(one.patient_id): "2 lower"}
    sizes = {unit.patient_id: unit.size for unit in units(crew)}
    assert sizes[both.patient_id] > sizes[one.patient_id] > 0


def test_claims_are_ranked_by_their_charge(crew: Team) -> None:
    small = changed(final_chart(crew), charge_amount=Decimal("80.00"))
    large = changed(final_chart(crew), charge_amount=Decimal("900.00"))
    found = dict(stratified(units(crew, RehearsalKind.PAYER), 2))
    assert found == {str(large.pk): "1 higher", str(small.pk): "2 lower"}
