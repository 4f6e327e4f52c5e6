"""How many messages to the database the provider's pages cost: recorded, and the same for any list."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from encounters.models import Provider
from tests import cast
from tests.cdi_queries import scene
from tests.performance.test_query_counts import count

BASELINE = Path(__file__).with_name("provider_query_counts.json")


@pytest.mark.django_db(transaction=True)
def test_providers_pages_make_as_many_queries_as_recorded_whatever_the_number_of_questions() -> None:
    desk = scene.desk(cast.cypress())
    with cast.opened(desk.place):
        first = scene.sent(desk, scene.chart(desk))
    base = "/c/cypress-ridge/"
    pages: dict[str, tuple[Any, str]] = {
        "questions": (desk.doctor, f"{base}asked/"),
        "question": (desk.doctor, f"{base}asked/{first.pk}/"),
        "providers": (desk.cdi, f"{base}queries/setup/providers/"),
    }
    measured: dict[str, list[int]] = {}
    for number in range(2):
        with cast.opened(desk.place):
            scene.answered(desk, scene.sent(desk, scene.chart(desk)))
            scene.sent(desk, scene.chart(desk))
            Provider.objects.create(client=desk.place.client, name=f"L. Reyes {number}")
        for name, (who, url) in pages.items():
            measured.setdefault(name, []).append(count(who, url))
    growing = {name: counts for name, counts in measured.items() if len(set(counts)) > 1}
    assert not growing, f"the number of rows shows in the number of queries: {growing}"
    counts = {name: found[0] for name, found in measured.items()}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    assert counts == json.loads(BASELINE.read_text(encoding="utf-8"))
