"""Queries of the pages of education: recorded, whatever the providers, charts and letters."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from cdi_queries.actions.documentation import count_documentation
from cdi_queries.actions.letters import acknowledge_letter
from cdi_queries.models import EducationLetter
from cdi_queries.rules.education import month_before
from cdi_queries.selectors import examples
from coding_ops.accounts.models import User
from tests import cast
from tests.cdi_queries import letter_scene as letters
from tests.cdi_queries import scene
from tests.performance.test_query_counts import count

BASELINE = Path(__file__).with_name("education_query_counts.json")


@pytest.mark.django_db(transaction=True)
def test_the_pages_of_education_make_as_many_queries_as_recorded_whatever_they_show() -> None:
    of = scene.desk(cast.cypress())
    base = f"/c/{of.place.client.slug}"
    month = month_before(timezone.localdate())
    with cast.opened(of.place):
        letters.heart_failure_codes()
        doctor = letters.provider(of, 1, "N. Okafor")
        doctor.user = of.doctor
        doctor.save(update_fields=["user"])
    measured: dict[str, set[int]] = {}
    for number in (1, 3):
        with cast.opened(of.place):
            last = month + timedelta(days=27)
            others = [letters.provider(of, 10 * number + one, f"Peer {number}{one}") for one in range(number)]
            for who in (doctor, *others):
                letters.final_charts(of, who, exact=20, left_open=number, on=last)
            count_documentation(client_id=doctor.client_id, today=last)
            for _ in range(number):
                letters.written(of, month + timedelta(days=40))
                month = month_before(month)
            own = EducationLetter.objects.filter(client_id=doctor.client_id, provider=doctor)
            for letter in own.select_related("provider"):
                acknowledge_letter(actor=of.actor(of.doctor), letter=letter)
        asked: tuple[tuple[str, User, str], ...] = (
            ("providers", of.cdi, f"{base}/queries/education/"),
            ("provider", of.cdi, f"{base}/queries/education/providers/{doctor.pk}/"),
            ("charts of a provider", of.cdi, f"{base}/queries/education/providers/{doctor.pk}/charts/"),
            ("own letters", of.doctor, f"{base}/letters/"),
            ("letter", of.doctor, f"{base}/letters/{letter.pk}/"),
        )
        for name, user, href in asked:
            examples._siblings.cache_clear()
            measured.setdefault(name, set()).add(count(user, href))
    growing = {name: counts for name, counts in measured.items() if len(counts) > 1}
    assert not growing, f"what is shown shows in the number of queries: {growing}"
    counts = {name: counts.pop() for name, counts in measured.items()}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    assert counts == json.loads(BASELINE.read_text(encoding="utf-8"))
