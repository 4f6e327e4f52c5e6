"""Queries of the pages of files of payers: recorded, and the same for few rows as for many."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.utils import timezone

from claims.models import FileProblem, PayerFile
from tests import cast
from tests.claims import scene
from tests.performance.test_query_counts import count

BASELINE = Path(__file__).with_name("claim_files_query_counts.json")
BASE = "/c/cypress-ridge/claims/files/"
FEW, MANY = 1, 4


def grow(of: scene.Desk, number: int) -> PayerFile:
    """Files with problems, each with a payment whose claim is not known."""
    with cast.opened(of.place):
        for _ in range(number):
            file: PayerFile = scene.remitted(of, None).remittance.file
            PayerFile.objects.filter(pk=file.pk).update(received_by=of.administrator, state="problems")
            for code in ("envelope.count", "balance.claim"):
                FileProblem.objects.create(
                    client=of.place.client,
                    file=file,
                    place="x",
                    code=code,
                    message="y",
                    made_at=timezone.now(),
                )
    return file


@pytest.mark.django_db(transaction=True)
def test_pages_of_files_make_as_many_queries_as_recorded_whatever_the_number_of_rows() -> None:
    place = cast.cypress()
    with cast.opened(place):
        of = scene.desk(place)
    file = grow(of, FEW)
    pages = {
        "list": (of.manager, BASE),
        "file": (of.manager, f"{BASE}{file.pk}/"),
        "unmatched": (of.manager, f"{BASE}unmatched/"),
        "api list of files": (of.manager, "/api/v1/clients/cypress-ridge/claim-files/"),
        "api list of claims": (of.manager, "/api/v1/clients/cypress-ridge/claims/"),
    }
    few = {name: count(*page) for name, page in pages.items()}
    grow(of, MANY)
    many = {name: count(*page) for name, page in pages.items()}
    assert many == few, "the number of rows shows in the number of queries"
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(many, indent=2) + "\n", encoding="utf-8")
    assert many == json.loads(BASELINE.read_text(encoding="utf-8"))
