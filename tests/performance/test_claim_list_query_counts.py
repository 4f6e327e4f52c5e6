"""Queries of the list of claims, of one claim and of its set-up: recorded, whatever they show."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.utils import timezone

from claims.models import Acknowledgement, Charge, ClaimStatus, ClaimStep
from tests import cast
from tests.claims import scene
from tests.performance.test_query_counts import count

BASELINE = Path(__file__).with_name("claim_list_query_counts.json")


@pytest.mark.django_db(transaction=True)
def test_the_pages_of_claims_make_as_many_queries_as_recorded_whatever_they_show() -> None:
    place = cast.cypress()
    with cast.opened(place):
        of = scene.desk(place)
        chart = scene.final_chart(of)
    base = f"/c/{place.client.slug}/claims/"
    measured: dict[str, set[int]] = {}
    for number in (1, 3):
        with cast.opened(place):
            made = scene.claim(
                of, chart, state=ClaimStatus.DENIED, version=number, adjudicated_at=timezone.now()
            )
            for at in range(number):
                scene.denial(of, made)
                scene.claim(of)
                ClaimStep.objects.create(client=place.client, claim=made, kind="paid", at=timezone.now())
                Acknowledgement.objects.create(
                    client=place.client, file=scene.payer_file(of, "277CA"), kind="277CA", position=1,
                    claim=made, outcome="accepted", posted_at=timezone.now(),
                )  # fmt: skip
                Charge.objects.create(
                    client=place.client, code=f"9920{number}", modifier=f"{at:02d}", amount=1,
                    starts_on=cast.today(),
                )  # fmt: skip
        for name, path in {
            "list": "", "claim": f"{made.pk}/", "set-up": "setup/", "charges": "setup/charges/",
            "payer": f"setup/payers/{of.payer.pk}/",
        }.items():  # fmt: skip
            measured.setdefault(name, set()).add(count(of.manager, f"{base}{path}"))
    growing = {name: counts for name, counts in measured.items() if len(counts) > 1}
    assert not growing, f"what is shown shows in the number of queries: {growing}"
    counts = {name: found.pop() for name, found in measured.items()}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    assert counts == json.loads(BASELINE.read_text(encoding="utf-8"))
