"""Queries of the pages where denials are answered: recorded, whatever they show."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from claims.models import Appeal, ClaimStatus, CreditProposal, OverpaymentNotice, PayerKind
from tests import cast
from tests.claims import scene
from tests.performance.test_query_counts import count

BASELINE = Path(__file__).with_name("claim_answer_query_counts.json")


@pytest.mark.django_db(transaction=True)
def test_the_pages_of_answers_make_as_many_queries_as_recorded_whatever_they_show() -> None:
    place = cast.cypress()
    with cast.opened(place):
        of = scene.desk(place)
        of.payer.kind = PayerKind.MEDICARE
        of.payer.save(update_fields=["kind"])
    base = f"/c/{place.client.slug}/claims/"
    now, common = timezone.now(), {"client": place.client}
    measured: dict[str, set[int]] = {}
    for number in (1, 3):
        for _ in range(number):
            with cast.opened(place):
                made = scene.claim(of, state=ClaimStatus.DENIED)
                denial = scene.denial(of, made, is_vendor_error=True, root_cause="coding")
                scene.denial(of, made, is_vendor_error=True, root_cause="coding")
                appeal = Appeal.objects.create(
                    denial=denial, level=1, letter="Please pay.\n", requested_amount=Decimal("1.00"),
                    made_by=of.coder, made_at=now, **common,
                )  # fmt: skip
                credit = CreditProposal.objects.create(
                    denial=denial, amount=Decimal("1.00"), basis="Fee", proposed_by=of.manager,
                    proposed_at=now, **common,
                )  # fmt: skip
                notice = OverpaymentNotice.objects.create(
                    claim=made, amount=Decimal("1.00"), identified_on=cast.today(), made_at=now, **common
                )
        for name, path in {
            "appeals": "appeals/", "appeal": f"appeals/{appeal.pk}/", "credits": "credits/",
            "credit": f"credits/{credit.pk}/", "return": f"credits/returns/{notice.pk}/",
            "rework": f"denials/{denial.pk}/rework/", "correct": f"{made.pk}/correct/",
        }.items():  # fmt: skip
            measured.setdefault(name, set()).add(count(of.manager, f"{base}{path}"))
    growing = {name: counts for name, counts in measured.items() if len(counts) > 1}
    assert not growing, f"what is shown shows in the number of queries: {growing}"
    counts = {name: found.pop() for name, found in measured.items()}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    assert counts == json.loads(BASELINE.read_text(encoding="utf-8"))
