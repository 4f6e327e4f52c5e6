"""Queries of the review queue, the list, the worksheet and the comparison: recorded, whatever the rows."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.utils import timezone

from qa_audit.actions.codes import CodeWords, add_code
from qa_audit.actions.reviews import ask_review, reveal, take_review
from qa_audit.models import Review, ReviewOrigin
from qa_audit.rules.plan_terms import Mode, PlanTerms
from tests import cast
from tests.performance.test_query_counts import count
from tests.qa_audit.scene import CODES, Team, final_chart, team, words_of

BASELINE = Path(__file__).with_name("review_query_counts.json")
BASE = "/c/cypress-ridge/quality/reviews/"
MORE = (*CODES, ("J069", "losartan"), ("M1711", "eGFR 52"))


def under_way(crew: Team, codes: int, *, revealed: bool) -> Review:
    """A review in the reviewer's hands with so many codes of both sides."""
    reviewer = crew.actor(crew.reviewer)
    chart = final_chart(crew, codes=MORE[:codes])
    review = ask_review(
        actor=crew.actor(crew.manager),
        encounter=chart,
        terms=PlanTerms(),
        origin=ReviewOrigin.FOCUSED,
        reason="Asked for in a test.",
    )
    taken = take_review(actor=reviewer, review=review)
    for code, quote in MORE[:codes]:
        words = [words_of(chart, quote)]
        add_code(actor=reviewer, review=taken, entry=CodeWords("ICD-10-CM", code), evidence=words)
    return reveal(actor=reviewer, review=taken) if revealed else taken


def waiting(like: Review, number: int) -> None:
    """More of the same chart, waiting, under way and delivered: what the lists show."""
    names = ("client_id", "encounter_id", "revision_id", "coder_id", "origin", "gate", "counted_score")
    common = {name: getattr(like, name) for name in names} | {"rebuttal_days": 7, "mode": Mode.OPEN.value}
    for state, reviewer in (("waiting", None), ("comparing", like.reviewer_id)):
        for _ in range(number):
            now = timezone.now()
            Review.objects.create(
                **common,
                state=state,
                reviewer_id=reviewer,
                created_at=now,
                taken_at=now if reviewer else None,
            )


@pytest.mark.django_db(transaction=True)
def test_review_pages_make_as_many_queries_as_recorded_whatever_the_number_of_rows() -> None:
    crew = team(cast.cypress())
    measured: dict[str, set[int]] = {}
    for codes, rows in ((3, 2), (6, 6)):
        with cast.opened(crew.place):
            blind = under_way(crew, codes, revealed=False)
            compared = under_way(crew, codes, revealed=True)
            waiting(compared, rows)
        for name, url in (
            ("queue", "/work/reviews/"),
            ("reviews", BASE),
            ("worksheet", f"{BASE}{blind.pk}/"),
            ("comparison", f"{BASE}{compared.pk}/"),
        ):
            measured.setdefault(name, set()).add(count(crew.reviewer, url))
    growing = {name: counts for name, counts in measured.items() if len(counts) > 1}
    assert not growing, f"the number of rows shows in the number of queries: {growing}"
    counts = {name: counts.pop() for name, counts in measured.items()}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    assert counts == json.loads(BASELINE.read_text(encoding="utf-8"))
