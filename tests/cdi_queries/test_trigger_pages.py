"""Pages of gaps: a list without words, one gap with them, what one does about it, rules and their switch."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from cdi_queries.actions.triggers import dismiss_hit, look_at, switch_rule
from cdi_queries.models import CdiQuery, HitState, TriggerHit
from cdi_queries.rules.content import from_json
from cdi_queries.selectors.triggers import Counts
from cdi_queries.views.compose.template_use import template_groups
from cdi_queries.views.triggers import words
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from encounters.models import CodeAssignment, Encounter
from tests import cast
from tests.cdi_queries import scene

pytestmark = pytest.mark.django_db
BASE = "/c/cypress-ridge/queries/opportunities/"
SODIUM, POTASSIUM = "finding.sodium_low", "finding.potassium_low"
LABS = "Na 124 (L), K 2.8.\n\nAssessment:\nFatigue, for further tests.\n"


@pytest.fixture
def desk() -> scene.Desk:
    return scene.desk(cast.cypress())


def browser(user: User) -> Browser:
    made = Browser()
    made.force_login(user)
    return made


def found(desk: scene.Desk, note: str = LABS, **attributes: Any) -> dict[str, TriggerHit]:
    """The gaps of a new chart by their rule."""
    with cast.opened(desk.place):
        made: Encounter = cast.encounter(desk.place, note=note, **attributes)
        look_at(
            actor=cast.SYSTEM, client=desk.place.client, encounter=made, off=frozenset(), now=timezone.now()
        )
        return {one.rule_key: one for one in TriggerHit.objects.filter(encounter=made)}


def fresh(desk: scene.Desk, hit: TriggerHit) -> TriggerHit:
    with cast.opened(desk.place):
        return TriggerHit.objects.get(pk=hit.pk)


def text_of(response: Any) -> str:
    assert response.status_code in (200, 422), response.status_code
    bare = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(html.unescape(bare).split())


def rows_of(response: Any) -> int:
    return int(response.content.decode().count('<tr class="row">'))


def test_the_list_shows_visits_and_rules_and_no_word_of_a_chart(desk: scene.Desk) -> None:
    hits = found(desk)
    page = browser(desk.cdi).get(BASE)
    text = text_of(page)
    assert rows_of(page) == 2
    assert "Sodium below the limit" in text and "N. Okafor" in text and "2 gaps" in text
    assert "Na 124" not in text
    with cast.opened(desk.place):
        assert not AuditEvent.objects.filter(verb=Verb.CHART_VIEWED).exists()
    assert str(hits[SODIUM].pk) in page.content.decode()


def test_filters_cut_the_list_and_unknown_ones_are_no_address(desk: scene.Desk) -> None:
    found(desk)
    found(desk, "Pneumonia.", specialty=cast.specialty("CARD"))
    old = found(desk, "Na 120", specialty=cast.specialty("CARD"))[SODIUM]
    with cast.opened(desk.place):
        TriggerHit.objects.filter(pk=old.pk).update(found_at=timezone.now() - timedelta(days=10))
    cdi = browser(desk.cdi)
    cuts = {
        "": 3,
        f"?rule={SODIUM}": 2,
        "?family=conflict": 0,
        "?family=finding": 3,
        f"?specialty={cast.specialty('CARD').pk}": 1,
        f"?provider={old.provider_id}": 3,
        "?age=7": 1,
        "?last=7": 2,
        "?state=dismissed": 0,
        "?state=all": 3,
    }
    assert {query: rows_of(cdi.get(BASE + query)) for query in cuts} == cuts
    for wrong in ("?state=lost", "?family=x", "?rule=x", "?provider=x", "?specialty=x", "?age=-1"):
        assert cdi.get(BASE + wrong).status_code == 404, wrong


def test_the_list_is_paged_by_keyset(desk: scene.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("encounters.selectors.paging.page_of.__kwdefaults__", {"limit": 2}, raising=False)
    for _ in range(2):
        found(desk)
    cdi = browser(desk.cdi)
    first = cdi.get(BASE)
    assert rows_of(first) == 2
    after = re.search(r'href="(\?[^"]*after=[^"]+)" rel="next"', first.content.decode())
    assert after is not None
    second = cdi.get(BASE + html.unescape(after[1]))
    assert rows_of(second) == 2
    ids = [re.findall(r'class="rowlk" href="([^"]+)"', one.content.decode()) for one in (first, second)]
    assert len({*ids[0], *ids[1]}) == 4


def test_a_gap_shows_its_words_with_their_source_and_notes_the_read(desk: scene.Desk) -> None:
    hit = found(desk)[SODIUM]
    page = browser(desk.cdi).get(f"{BASE}{hit.pk}/")
    text = text_of(page)
    assert "Na 124" in text and "Progress note, 09/15/2026" in text and "Write the query" in text
    assert "the limit of 133 is ours" in text
    assert "Theriot" not in text
    with cast.opened(desk.place):
        event = AuditEvent.objects.get(verb=Verb.CHART_VIEWED)
        assert event.subject_id == str(hit.encounter_id)


def test_writing_the_query_begins_a_draft_at_the_words_with_the_template(desk: scene.Desk) -> None:
    hit = found(desk)[SODIUM]
    cdi = browser(desk.cdi)
    answer = cdi.post(f"{BASE}{hit.pk}/write/")
    with cast.opened(desk.place):
        query = CdiQuery.objects.get()
        content = from_json(query.content)
    assert answer.status_code == 303
    assert answer["Location"] == f"/c/cypress-ridge/encounters/{hit.encounter_id}/query/{query.pk}/"
    assert (query.trigger_key, query.template_key, query.state) == (SODIUM, "sodium-value", "draft")
    assert [one.quote for one in content.indicators] == ["Na 124"]
    kept = fresh(desk, hit)
    assert (kept.state, kept.query_id, kept.decided_by_id) == (HitState.ACCEPTED, query.pk, desk.cdi.pk)
    assert "Open the query that was written" in text_of(cdi.get(f"{BASE}{hit.pk}/"))
    assert cdi.post(f"{BASE}{hit.pk}/write/").status_code == 409
    with cast.opened(desk.place):
        assert CdiQuery.objects.count() == 1


def test_a_template_that_the_record_does_not_carry_is_left_out(desk: scene.Desk) -> None:
    with cast.opened(desk.place):
        made = cast.encounter(desk.place, note="Muddy brown casts on microscopy.\n")
        CodeAssignment.objects.create(
            client_id=made.client_id, encounter=made, kind="dx", system="ICD-10-CM", code="N179",
            title="Acute kidney failure, unspecified", position=1, created_by=desk.coder,
        )  # fmt: skip
        look_at(
            actor=cast.SYSTEM, client=desk.place.client, encounter=made, off=frozenset(), now=timezone.now()
        )
        hit = TriggerHit.objects.get()
    answer = browser(desk.cdi).post(f"{BASE}{hit.pk}/write/")
    assert answer.status_code == 303
    with cast.opened(desk.place):
        query = CdiQuery.objects.get()
        content = from_json(query.content)
    assert (query.template_key, query.trigger_key) == ("", "unspecified.kidney_injury_cause")
    assert [one.quote for one in content.indicators] == ["Muddy brown casts"]
    assert fresh(desk, hit).query_id == query.pk


def test_the_composer_offers_the_rules_template_first(desk: scene.Desk) -> None:
    hit = found(desk)[SODIUM]
    cdi = browser(desk.cdi)
    cdi.post(f"{BASE}{hit.pk}/write/")
    with cast.opened(desk.place):
        query = CdiQuery.objects.get()
        (suggested, *_) = template_groups(query, from_json(query.content))
    assert suggested.label == "Suggested"
    assert suggested.choices[0].value == "sodium-value"


def test_dismissing_needs_a_reason_and_can_be_taken_back(desk: scene.Desk) -> None:
    hit = found(desk)[SODIUM]
    cdi = browser(desk.cdi)
    refused = cdi.post(f"{BASE}{hit.pk}/dismiss/", {"reason": "other", "note": ""})
    assert refused.status_code == 422
    assert "Say the reason in words." in text_of(refused)
    assert 'value="other" checked' in refused.content.decode()
    assert fresh(desk, hit).state == HitState.OPEN
    assert cdi.post(f"{BASE}{hit.pk}/dismiss/", {"reason": "misread"}).status_code == 303
    assert rows_of(cdi.get(BASE)) == 1
    assert "The rule misread the words" in text_of(cdi.get(f"{BASE}{hit.pk}/"))
    assert cdi.post(f"{BASE}{hit.pk}/put-back/").status_code == 303
    assert rows_of(cdi.get(BASE)) == 2


def test_only_who_keeps_queries_opens_the_pages(desk: scene.Desk) -> None:
    hit = found(desk)[SODIUM]
    for path in ("", "rules/", f"{hit.pk}/"):
        assert browser(desk.manager).get(BASE + path).status_code == 200
        assert browser(desk.coder).get(BASE + path).status_code == 403
        assert browser(desk.doctor).get(BASE + path).status_code == 404
    for path in ("write/", "dismiss/", "put-back/"):
        assert browser(desk.coder).post(f"{BASE}{hit.pk}/{path}", {"reason": "misread"}).status_code == 403
    assert fresh(desk, hit).state == HitState.OPEN


def test_rules_are_switched_and_their_findings_leave_the_list(desk: scene.Desk) -> None:
    found(desk)
    cdi = browser(desk.cdi)
    page = cdi.get(BASE + "rules/?family=finding")
    assert rows_of(page) >= 15
    assert "too few to judge" in text_of(page)
    assert f"?rule={SODIUM}&amp;state=open&amp;last=90" in page.content.decode()
    assert cdi.post(f"{BASE}rules/{SODIUM}/switch/", {"to": "off"}).status_code == 303
    assert rows_of(cdi.get(BASE)) == 1
    assert rows_of(cdi.get(f"{BASE}?rule={SODIUM}&state=open&last=90")) == 1
    assert cdi.post(f"{BASE}rules/{SODIUM}/switch/", {"to": "on"}).status_code == 303
    assert rows_of(cdi.get(BASE)) == 2
    assert cdi.post(f"{BASE}rules/{SODIUM}/switch/", {"to": "maybe"}).status_code == 422
    assert cdi.post(f"{BASE}rules/finding.nothing/switch/", {"to": "on"}).status_code == 404
    assert cdi.get(BASE + "rules/?family=x").status_code == 404


def test_a_rate_is_told_with_its_interval_and_only_from_enough_decisions() -> None:
    assert words.rate(Counts(accepted=3, dismissed=2)) == ("", "n 5: too few to judge")
    rate, detail = words.rate(Counts(open=9, accepted=15, dismissed=15, settled=4))
    assert (rate, detail) == ("50.0%", "33.2 to 66.8%, n 30")


def test_the_rules_page_counts_what_people_decided(desk: scene.Desk) -> None:
    hits = found(desk)
    with cast.opened(desk.place):
        actor = desk.actor(desk.cdi)
        dismiss_hit(actor=actor, hit=hits[POTASSIUM], reason="not_significant")
        switch_rule(actor=actor, client_id=desk.place.client.pk, key=SODIUM, is_on=False)
    page = browser(desk.cdi).get(BASE + "rules/?family=finding").content.decode()
    assert f"?rule={POTASSIUM}&amp;state=dismissed" in page
    assert page.count("Switch on") == 1
