"""The add-code box over the systems of a chart: which it asks, what it lists, and what it says of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from code_sets import selectors
from code_sets.actions.official import load_official
from coding_ops.tenancy.models import Role
from encounters.actions.leases import take_chart
from encounters.models import EncounterKind
from tests import cast
from tests.rules.code_sets.official_samples import HCPCS_FIXED, pcs_order

pytestmark = pytest.mark.django_db(transaction=True)
PARTIAL = {"HX-Request": "true"}
Ask = Callable[[str], str]


def unwatched(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture(autouse=True)
def _plain(settings: Any, tmp_path: Path) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    settings.CODE_INDEX_DIR = tmp_path / "indexes"


def chart(tmp_path: Path, **attributes: Any) -> Ask:
    """A coder at a chart with ICD-10-CM, PCS and HCPCS loaded: asks the box, answers what it lists."""
    cast.icd10cm()
    for system, name, text in (
        ("ICD-10-PCS", "icd10pcs_order_2026.txt", pcs_order()),
        ("HCPCS", "HCPC2026_JUL_ANWEB.txt", HCPCS_FIXED),
    ):
        (tmp_path / name).write_text(text)
        load_official(system=system, path=tmp_path / name, release=None, progress=unwatched)
    selectors.forget_releases()
    here = cast.cypress()
    user = cast.coder("Nora Quick", here)
    with cast.opened(here):
        made = cast.encounter(here, **attributes)
        fence = take_chart(
            actor=cast.actor_for(user, Role.CODER), item=cast.item_of(made), now=timezone.now()
        ).fence
    browser = Browser()
    browser.force_login(user)
    address = f"/c/{here.client.slug}/encounters/{made.pk}/codes/search/"

    def ask(typed: str) -> str:
        answer = browser.post(address, {"q": typed, "fence": fence}, headers=PARTIAL)
        assert answer.status_code == 200
        return answer.content.decode()

    return ask


def test_a_visit_finds_diagnoses_and_supplies_each_with_its_system(tmp_path: Path) -> None:
    ask = chart(tmp_path, service_on=date(2026, 8, 15))
    supply = ask("made up drug")
    assert 'data-system="HCPCS" data-code="J0001"' in supply
    assert '<small class="sys">HCPCS</small>' in supply
    assert "valid until 08/31/2026" in supply
    assert 'data-system="ICD-10-CM" data-code="I10"' in ask("hypertension")
    assert "ICD-10-PCS" not in ask("appendectomy")


def test_a_code_past_its_last_day_is_shown_and_cannot_be_chosen(tmp_path: Path) -> None:
    ask = chart(tmp_path, service_on=date(2026, 9, 15))
    ended = ask("j0001")
    assert 'data-code="J0001"' in ended and 'aria-disabled="true"' in ended
    assert "J0001 was valid until 08/31/2026" in ended
    assert "J0001" not in ask("made up drug")


def test_a_stay_finds_diagnoses_and_procedures_of_its_discharge(tmp_path: Path) -> None:
    ask = chart(
        tmp_path,
        kind=EncounterKind.INPATIENT,
        service_on=date(2025, 9, 28),
        discharge_on=date(2025, 10, 3),
    )
    found = ask("laparoscopic appendectomy")
    assert 'data-system="ICD-10-PCS" data-code="0DTJ4ZZ"' in found
    assert "/code-sets/ICD-10-PCS/0DTJ4ZZ/?on=2025-10-03" in found
    assert "HCPCS" not in ask("hearing screening")


def test_choosing_a_heading_lists_what_stands_below_it(tmp_path: Path) -> None:
    ask = chart(tmp_path, service_on=date(2026, 8, 15))
    assert 'data-expand="E11-"' in ask("e11")
    below = ask("E11-")
    assert 'data-code="E1122"' in below and 'data-code="E119"' in below
    assert 'data-code="I10"' not in below
    assert "matches" in ask("I10-") or "modifier" in ask("I10-")
