"""How many queries the pages of the programme's figures make: recorded, and the same however many audits."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from qa_audit.models import ReviewOrigin
from qa_audit.rules.review_states import LineVerb
from tests import cast
from tests.performance.test_query_counts import count
from tests.qa_audit.scene import team
from tests.qa_audit.test_quality_figures import delivered, said

BASELINE = Path(__file__).with_name("quality_query_counts.json")
QUALITY = "/c/cypress-ridge/quality/"


@pytest.mark.django_db(transaction=True)
def test_the_pages_of_figures_make_as_many_queries_as_recorded_whatever_the_number_of_audits() -> None:
    crew = team(cast.cypress())
    pages: dict[str, tuple[Any, str]] = {
        "programme": (crew.manager, QUALITY),
        "charts behind a number": (crew.manager, f"{QUALITY}rows/?origin=sample"),
        "accuracy of a coder": (crew.manager, f"{QUALITY}people/{crew.coder.pk}/"),
        "own accuracy": (crew.coder, "/work/accuracy/"),
        "replay": (crew.manager, f"{QUALITY}replay/?do=replay"),
    }
    measured: dict[str, list[int]] = {}
    for _ in range(2):
        with cast.opened(crew.place):
            said(crew, delivered(crew, wrong=True), crew.coder, LineVerb.ACCEPT)
            delivered(crew, wrong=False)
            delivered(crew, wrong=True, origin=ReviewOrigin.FOCUSED)
        for name, (who, url) in pages.items():
            measured.setdefault(name, []).append(count(who, url))
    growing = {name: counts for name, counts in measured.items() if len(set(counts)) > 1}
    assert not growing, f"the number of audits shows in the number of queries: {growing}"
    counts = {name: found[0] for name, found in measured.items()}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    assert counts == json.loads(BASELINE.read_text(encoding="utf-8"))
