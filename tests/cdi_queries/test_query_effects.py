"""What a change of codes does to groups: derived when a query closes, and kept apart as an inside fact."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cdi_queries.selectors.effects import derived_shift
from encounters.models import Encounter, EncounterKind
from tests import cast
from tests.cdi_queries import scene

pytestmark = pytest.mark.django_db


def dx(*codes: str) -> list[dict[str, Any]]:
    return [
        {"kind": "dx", "system": "ICD-10-CM", "code": code, "position": n, "present_on_admission": "Y"}
        for n, code in enumerate(codes, start=1)
    ]


def stay(of: scene.Desk) -> Encounter:
    return scene.chart(
        of, kind=EncounterKind.INPATIENT, service_on=date(2026, 10, 5), discharge_on=date(2026, 10, 9)
    )


def test_a_more_specific_code_moves_the_group_of_a_stay() -> None:
    of = scene.desk(cast.cypress())
    with cast.opened(of.place):
        shift = derived_shift(stay(of), dx("I10", "J9600"), dx("I5023", "J9601"))
    assert shift.inside.drg is not None and shift.inside.drg[0] != shift.inside.drg[1]
    assert [pair.after.code for pair in shift.specified] == []
    assert [pair.after.code for pair in shift.replaced] == ["J9601"], "without titles nothing is vague"


def test_a_visit_has_no_group_and_a_stay_without_codes_no_before() -> None:
    of = scene.desk(cast.cypress())
    with cast.opened(of.place):
        assert derived_shift(scene.chart(of), dx("I10"), dx("I5023")).inside.drg is None
        assert derived_shift(stay(of), [], dx("I5023")).inside.drg is None


def test_categories_gained_and_lost_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    mapping = {"I5023": ("224",), "N1832": ("328",), "E1122": ("37",)}
    monkeypatch.setattr("cdi_queries.selectors.effects.main_mapping", lambda encounter: mapping)
    of = scene.desk(cast.cypress())
    with cast.opened(of.place):
        inside = derived_shift(scene.chart(of), dx("E1122", "N1832"), dx("E1122", "I5023")).inside
    assert (inside.hccs_gained, inside.hccs_lost) == (("224",), ("328",))
