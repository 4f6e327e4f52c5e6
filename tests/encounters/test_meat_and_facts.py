"""MEAT tags on evidence, and facts confirmed for risk adjustment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from coding_ops.audit.models import AuditEvent
from coding_ops.core.errors import Conflict, InvalidInput, NotFound, Refused
from encounters.actions.changes import code_set, undo
from encounters.actions.coding import remove_code
from encounters.actions.finalize import finalize
from encounters.actions.hcc_facts import confirm_fact, withdraw_fact
from encounters.actions.meat import tag_meat
from encounters.models import EligibilityFact, EvidenceLink
from tests import cast
from tests.encounters.leveling import Bench, bench

pytestmark = pytest.mark.django_db


@pytest.fixture
def chart() -> Iterator[Bench]:
    cast.icd10cm()
    here = cast.cypress()
    with cast.opened(here):
        yield bench(here)


def link_of(chart: Bench) -> EvidenceLink:
    return EvidenceLink.objects.get(assignment=chart.add("E1122", "eGFR 52 reviewed"))


def _history(link: Any) -> Any:
    """The tags as the row's history has them, oldest first."""
    return link.history.order_by("pgh_id").values_list("meat", flat=True)


def test_a_tag_is_kept_in_history_undo_and_the_final_version(chart: Bench) -> None:
    link = link_of(chart)
    tag_meat(**chart.act(evidence_id=link.pk, letter="M"))
    tag_meat(**chart.act(evidence_id=link.pk, letter="A"))
    assert code_set(chart.encounter)[0]["evidence"][0]["meat"] == "A"
    undo(**chart.act())
    link.refresh_from_db()
    assert link.meat == "M"
    assert list(_history(link)) == ["", "M", "A", "M"]
    event = AuditEvent.objects.filter(verb="meat.tagged").order_by("seq")[0]
    assert event.facts["code"] == "E1122" and event.facts["meat"] == "M"
    revision = finalize(**chart.act())
    assert revision.codes[0]["evidence"][0]["meat"] == "M"


def test_a_removed_code_comes_back_with_its_tags(chart: Bench) -> None:
    link = link_of(chart)
    tag_meat(**chart.act(evidence_id=link.pk, letter="T"))
    remove_code(**chart.act(assignment_id=link.assignment_id))
    undo(**chart.act())
    assert EvidenceLink.objects.get(pk=link.pk).meat == "T"


def test_nothing_is_tagged_by_itself(chart: Bench) -> None:
    assert link_of(chart).meat == ""


def test_refused_tags_change_nothing(chart: Bench) -> None:
    link = link_of(chart)
    visit = EvidenceLink.objects.get(assignment=chart.add("99213", "Continue losartan", system="CPT"))
    before = chart.stored()
    attempts: list[tuple[type[Exception], dict[str, Any]]] = [
        (InvalidInput, {"evidence_id": link.pk, "letter": "X"}),
        (Refused, {"evidence_id": visit.pk, "letter": "M"}),
        (NotFound, {"evidence_id": chart.version.pk, "letter": "M"}),
        (Conflict, {"evidence_id": link.pk, "letter": "M", "fence": chart.fence + 1}),
    ]
    for kind, wrong in attempts:
        with pytest.raises(kind):
            tag_meat(**chart.act() | wrong)
        assert chart.stored() == before


def test_a_fact_is_confirmed_with_its_words_and_replaced(chart: Bench) -> None:
    signed = chart.words("Electronically signed: N. Okafor, MD")
    row = confirm_fact(**chart.act(fact="signature", value="yes", words=signed))
    assert row.quote == "Electronically signed: N. Okafor, MD" and row.confirmed_by_id == chart.actor.user_id
    confirm_fact(**chart.act(fact="signature", value="no"))
    kept = EligibilityFact.objects.get()
    assert kept.value == "no" and not kept.is_cited and not kept.quote
    undo(**chart.act())
    again = EligibilityFact.objects.get()
    assert (again.value, again.quote) == ("yes", "Electronically signed: N. Okafor, MD")
    assert again.confirmed_at == row.confirmed_at
    undo(**chart.act())
    assert EligibilityFact.objects.count() == 0


def test_a_fact_withdrawn_is_not_known_again(chart: Bench) -> None:
    confirm_fact(**chart.act(fact="face_to_face", value="video"))
    withdraw_fact(**chart.act(fact="face_to_face"))
    assert EligibilityFact.objects.count() == 0
    events = list(AuditEvent.objects.filter(verb__startswith="eligibility.").values_list("verb", flat=True))
    assert events == ["eligibility.confirmed", "eligibility.withdrawn"]
    undo(**chart.act())
    assert EligibilityFact.objects.get().value == "video"


def test_refused_facts_change_nothing(chart: Bench) -> None:
    confirm_fact(**chart.act(fact="face_to_face", value="video"))
    before = chart.stored()
    attempts: list[tuple[type[Exception], dict[str, Any]]] = [
        (InvalidInput, {"fact": "signature", "value": "yes"}),
        (InvalidInput, {"fact": "face_to_face", "value": "maybe"}),
        (InvalidInput, {"fact": "mood", "value": "yes"}),
        (Conflict, {"fact": "signature", "value": "no", "fence": chart.fence + 1}),
    ]
    for kind, wrong in attempts:
        with pytest.raises(kind):
            confirm_fact(**chart.act() | wrong)
        assert chart.stored() == before
    with pytest.raises(NotFound):
        withdraw_fact(**chart.act(fact="signature"))
    assert chart.stored() == before
