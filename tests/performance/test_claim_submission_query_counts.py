"""Queries of the pages of files of claims: recorded, and the same for few rows as for many."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.utils import timezone

from claims.models import Submission, SubmittedClaim
from tests import cast
from tests.claims import scene
from tests.performance.test_query_counts import count

BASELINE = Path(__file__).with_name("claim_submission_query_counts.json")
BASE = "/c/cypress-ridge/claims/submissions/"
FEW, MANY = 1, 4


def grow(of: scene.Desk, number: int, first: int) -> Submission:
    """Files with several claims each, and claims that wait."""
    with cast.opened(of.place):
        for one in range(first, first + number):
            file: Submission = Submission.objects.create(
                client=of.place.client,
                form="837P",
                receiver_id="CLEARTEST",
                receiver_name="Test Clearinghouse",
                interchange_number=one,
                state="ready",
                content="ISA",
                content_sha256=b"\1" * 32,
                asked_by=of.manager,
                asked_at=timezone.now(),
            )
            for position in range(1, number + 1):
                SubmittedClaim.objects.create(
                    client=of.place.client,
                    submission=file,
                    claim=scene.claim(of),
                    transaction_number="0001",
                    position=position,
                )
            scene.claim(of)
    return file


@pytest.mark.django_db(transaction=True)
def test_pages_of_submissions_make_as_many_queries_as_recorded_whatever_the_number_of_rows() -> None:
    place = cast.cypress()
    with cast.opened(place):
        of = scene.desk(place)
    few_file = grow(of, FEW, 1)
    few = {
        "list": count(of.manager, BASE),
        "file": count(of.manager, f"{BASE}{few_file.pk}/"),
    }
    file = grow(of, MANY, 2)
    many = {
        "list": count(of.manager, BASE),
        "file": count(of.manager, f"{BASE}{file.pk}/"),
    }
    assert many == few, "the number of rows shows in the number of queries"
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(many, indent=2) + "\n", encoding="utf-8")
    assert many == json.loads(BASELINE.read_text(encoding="utf-8"))
