"""Queries of the pages of calibration and gold charts: recorded, and the same for few rows as for many."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.utils import timezone

from qa_audit.models import CalibrationRound, GoldChart, GoldCheck
from tests import cast
from tests.performance.test_query_counts import count
from tests.qa_audit.scene import Team, final_chart, team
from tests.tenancy.full_calibration import BLIND, a_chart, a_reading, a_round

BASELINE = Path(__file__).with_name("calibration_query_counts.json")
BASE = "/c/cypress-ridge/quality/calibration/"
FEW, MANY = 2, 5


def grow(crew: Team, first: int, last: int) -> None:
    """Charts of the newest round that two have read, keys with a comparison each, and rounds to list."""
    common = {"client_id": crew.place.client.pk}
    now = timezone.now()
    with cast.opened(crew.place):
        found = CalibrationRound.objects.filter(name="0").first() or a_round("0", crew.manager, common)
        for number in range(first, last):
            a_round(f"{number + 1}", crew.manager, common)
            chart = final_chart(crew)
            row = a_chart(found, number + 1, chart, common)
            for reader in (crew.reviewer, crew.second):
                a_reading(row, reader, crew.coder, common)
            gold = GoldChart.objects.create(
                encounter=chart,
                source="key",
                state="checked",
                key=[{**BLIND[0], "evidence": []}],
                made_by=crew.manager,
                made_at=now,
                ready_at=now,
                **common,
            )
            GoldCheck.objects.create(
                gold=gold,
                side="coder",
                person=cast.coder(f"Coder Number{number}", crew.place),
                state="settled",
                numerator=9,
                denominator=10,
                made_at=now,
                compared_at=now,
                settled_at=now,
                **common,
            )


@pytest.mark.django_db(transaction=True)
def test_calibration_pages_make_as_many_queries_as_recorded_whatever_the_number_of_rows() -> None:
    crew = team(cast.cypress())
    grow(crew, 0, FEW)
    with cast.opened(crew.place):
        found = CalibrationRound.objects.get(name="0")
        chart, gold, check = found.charts.get(number=1), GoldChart.objects.first(), GoldCheck.objects.first()
    assert gold is not None and check is not None
    pages = {
        "calibration": "",
        "round": f"rounds/{found.pk}/",
        "chart of a round": f"charts/{chart.pk}/",
        "gold charts": "gold/",
        "gold key": f"gold/{gold.pk}/",
        "compared": "gold/checks/",
        "one comparison": f"gold/checks/{check.pk}/",
    }
    few = {name: count(crew.manager, BASE + path) for name, path in pages.items()}
    grow(crew, FEW, MANY)
    many = {name: count(crew.manager, BASE + path) for name, path in pages.items()}
    assert many == few, "the number of rows shows in the number of queries"
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(many, indent=2) + "\n", encoding="utf-8")
    assert many == json.loads(BASELINE.read_text(encoding="utf-8"))
