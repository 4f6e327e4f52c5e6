"""Present on admission: a letter a diagnosis of a stay, none for those CMS lists as exempt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from coding_ops.core.errors import InvalidInput
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.actions.coding import Attributes, Words, assign_code, change_code
from encounters.actions.finalize import NotReady, finalize
from encounters.actions.leases import take_chart
from encounters.models import CodeAssignment, Encounter
from encounters.selectors.readiness import is_poa_exempt, readiness_of
from tests import cast, stay

pytestmark = pytest.mark.django_db


class Stay:
    """A stay in the coder's hands."""

    def __init__(self, here: cast.Place, **attributes: Any) -> None:
        self.actor: Actor = cast.actor_for(cast.coder("Rosalind Ames", here), Role.CODER)
        self.encounter: Encounter = stay.encounter(here, **attributes)
        item = cast.item_of(self.encounter)
        self.fence = take_chart(actor=self.actor, item=item, now=timezone.now()).fence

    def add(self, code: str, poa: str = "", system: str = "ICD-10-CM") -> CodeAssignment:
        version = self.encounter.documents.get().versions.get()
        start = version.text.index(stay.QUOTES[code])
        return assign_code(
            actor=self.actor,
            encounter=self.encounter,
            fence=self.fence,
            system=system,
            code=code,
            evidence=[Words(version.pk, start, start + len(stay.QUOTES[code]))],
            attributes=Attributes(present_on_admission=poa),
        )

    def rules(self) -> tuple[list[str], list[str]]:
        """What blocks; and what warns about present on admission, whatever else warns."""
        found = readiness_of(self.encounter)
        warned = [one.rule for one in found.warnings if one.rule.startswith("poa.")]
        return [one.rule for one in found.blocking], warned


@pytest.fixture
def here(settings: Any, tmp_path: Path) -> Any:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    stay.code_sets(tmp_path)
    here = cast.cypress()
    with cast.opened(here):
        yield here


def test_a_missing_answer_blocks_and_an_exempt_diagnosis_needs_none(here: cast.Place) -> None:
    """UB-04 form locator 67: exempt diagnoses are left blank; "1" is taken as the same."""
    chart = Stay(here)
    chart.add(stay.FRACTURE, "Y")
    exempt = chart.add(stay.INSULIN)
    assert chart.rules() == ([], [])
    assert is_poa_exempt(chart.encounter, exempt)
    missing = chart.add(stay.FAILURE)
    assert chart.rules() == (["poa.missing"], [])
    with pytest.raises(NotReady) as refused:
        finalize(actor=chart.actor, encounter=chart.encounter, fence=chart.fence)
    assert refused.value.code == "poa.missing"
    chart.encounter.refresh_from_db()
    assert chart.encounter.revision_count == 0
    change_code(
        actor=chart.actor,
        encounter=chart.encounter,
        fence=chart.fence,
        assignment_id=missing.pk,
        attributes=Attributes(present_on_admission="n"),
    )
    assert chart.rules() == ([], [])
    missing.refresh_from_db()
    assert missing.present_on_admission == "N"


def test_a_letter_on_an_exempt_diagnosis_warns_and_a_one_does_not(here: cast.Place) -> None:
    chart = Stay(here)
    chart.add(stay.FRACTURE, "Y")
    row = chart.add(stay.INSULIN, "Y")
    assert chart.rules() == ([], ["poa.exempt"])
    row.present_on_admission = "1"
    row.save()
    assert chart.rules() == ([], [])


def test_a_one_on_a_diagnosis_that_is_not_exempt_blocks(here: cast.Place) -> None:
    chart = Stay(here)
    chart.add(stay.FRACTURE, "1")
    assert chart.rules() == (["poa.missing"], [])


def test_without_a_list_a_one_stands_with_a_warning_and_a_blank_blocks(
    here: cast.Place, tmp_path: Path
) -> None:
    stay.tables(tmp_path, exempt=False)
    chart = Stay(here)
    chart.add(stay.INSULIN, "1")
    assert chart.rules() == ([], ["poa.unchecked"])
    chart.add(stay.HYPERTENSION)
    assert chart.rules() == (["poa.missing"], ["poa.unchecked"])


def test_a_procedure_takes_no_answer(here: cast.Place) -> None:
    chart = Stay(here)
    with pytest.raises(InvalidInput) as refused:
        chart.add(stay.HIP, "Y", system="ICD-10-PCS")
    assert refused.value.code == "poa.not_a_diagnosis"
    assert not CodeAssignment.objects.filter(client_id=here.client.pk).exists()
