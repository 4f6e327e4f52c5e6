"""The composer beside the note: words become indicators, a draft is linted, sent, or kept as asked."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from cdi_queries.models import CdiQuery, ProviderContact, QueryAnswer
from cdi_queries.rules.content import from_json
from cdi_queries.rules.diagnoses import mentions
from cdi_queries.selectors.templates import library
from cdi_queries.terms.lint import lexicon
from coding_ops.tenancy.models import Role
from encounters.models import EvidenceLink, Pend, Provider, WorkItem
from tests import cast
from tests.cdi_queries import scene
from tests.cdi_queries.compose_scene import PARTIAL, Seat, html, seat

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@pytest.fixture
def of() -> scene.Desk:
    return scene.desk(cast.cypress())


@pytest.fixture
def coder(of: scene.Desk) -> Seat:
    return seat(of, of.coder)


@pytest.fixture
def cdi(of: scene.Desk) -> Seat:
    return seat(of, of.cdi)


def test_selected_words_become_dated_quoted_indicators_of_a_draft(coder: Seat) -> None:
    coder.begin("BNP 1,840 on arrival")
    page = html(coder.post("start/", **coder.cited("ejection fraction 30%")))
    assert "Progress note, 09/15/2026, L4" in page
    found = coder.content().indicators
    assert [one.quote for one in found] == ["BNP 1,840 on arrival", "ejection fraction 30%"]
    assert {(one.document_on, one.lines, one.is_prior) for one in found} == {(date(2026, 9, 15), "L4", False)}
    assert coder.query().provider_id == coder.made.rendering_provider_id
    again = html(coder.post("start/", **coder.cited("ejection fraction 30%")))
    assert "indicator already" in again
    assert len(coder.content().indicators) == 2


def test_words_that_are_not_there_are_refused_and_nothing_begins(coder: Seat) -> None:
    wrong = {"evidence": f"{coder.version.pk}:0:5", "quote": "sepsis"}
    text = html(coder.post("start/", **wrong), 422)
    assert "not what stands at that place" in text
    other = seat(coder.of, coder.of.cdi)
    piece = {"evidence": f"{other.version.pk}:0:15", "quote": other.version.text[0:15]}
    assert "not in a document of this chart" in html(coder.post("start/", **piece), 422)
    with cast.opened(coder.of.place):
        assert not CdiQuery.objects.exists()


def test_a_draft_is_begun_and_sent_without_a_script(coder: Seat) -> None:
    answer = coder.post("start/", partial=False, lines="4")
    assert answer.status_code == 303
    assert "<title>" in html(coder.browser.get(answer["Location"]))
    answer = coder.act("preview", partial=False)
    assert answer.status_code == 303 and "step=preview" in answer["Location"]
    page = html(coder.browser.get(answer["Location"].partition("#")[0]))
    assert "As the provider sees it" in page and "Theriot" in page
    assert coder.act("send", partial=False)["Location"] == "/work/"
    assert coder.query().state == "sent"


def test_answers_are_put_in_order_and_the_two_last_are_always_there(coder: Seat) -> None:
    coder.begin("BNP 1,840 on arrival")
    coder.act("save", **{"oid": ["o1", "o2", "o3"], "text-o3": "None of these"})
    assert [one.text for one in coder.content().options] == [
        "Acute systolic heart failure", "Chronic systolic heart failure", "None of these",
        "Other (please specify)", "Unable to determine",
    ]  # fmt: skip
    coder.act("save", oid=["other", "unable"])
    assert [one.id for one in coder.content().options] == ["other", "unable"]
    coder.act("save", kind="yes_no", oid=[])
    assert [one.text for one in coder.content().options][:2] == ["Yes", "No"]
    coder.act("save", kind="open")
    assert coder.content().options == ()


def test_an_indicator_that_is_taken_out_loses_its_links(coder: Seat) -> None:
    coder.begin("BNP 1,840 on arrival", "ejection fraction 30%")
    coder.act("save")
    coder.act("drop:i1")
    kept = coder.content()
    assert [one.id for one in kept.indicators] == ["i2"]
    assert {link for one in kept.options for link in one.indicator_ids} == {"i2"}


def test_an_indicator_can_support_every_diagnosis_at_once(coder: Seat) -> None:
    coder.begin("BNP 1,840 on arrival", "ejection fraction 30%")
    coder.act("link:i2", **{"for-o1": ["i1"], "for-o2": []})
    links = {one.id: one.indicator_ids for one in coder.content().options}
    assert links == {"o2": ("i2",), "o1": ("i1", "i2"), "other": (), "unable": ()}


def test_the_lint_answers_as_one_types_and_stores_nothing(coder: Seat) -> None:
    draft = coder.begin("BNP 1,840 on arrival")
    body = "Would you agree that the patient has sepsis?"
    page = html(coder.post(f"{draft.pk}/lint/", **coder.written(body=body)))
    assert "leads the answer" in page and 'data-target="q-body"' in page
    assert "<form" not in page
    assert coder.content().body == "" and coder.query().state == "draft"
    clean = html(coder.post(f"{draft.pk}/lint/", **coder.written()))
    assert "Ready to send." in clean


def test_errors_block_sending_and_what_was_typed_stays(coder: Seat) -> None:
    coder.begin("BNP 1,840 on arrival")
    page = html(coder.act("send", body="Please document sepsis."), 422)
    assert "Not sent." in page and "Please document sepsis.</textarea>" in page
    query = coder.query()
    assert query.state == "draft" and from_json(query.content).body == "Please document sepsis."
    with cast.opened(coder.of.place):
        assert not Pend.objects.exists()


def test_a_warning_needs_a_reason_and_the_reason_is_kept(coder: Seat) -> None:
    coder.begin("BNP 1,840 on arrival")
    single: dict[str, Any] = {"oid": ["o1"]}
    page = html(coder.act("send", **single), 422)
    assert 'name="reason-R5"' in page
    assert coder.query().state == "draft"
    answer = coder.act("send", **single, **{"reason-R5": "No other type is reasonable here."})
    assert answer.status_code == 204
    query = coder.query()
    assert query.state == "sent" and query.lint_warnings == ["R5"]
    assert "No other type is reasonable here." in (query.lint or "")


def test_sending_ends_the_lease_and_holds_the_chart(coder: Seat) -> None:
    coder.begin("BNP 1,840 on arrival")
    answer = coder.act("send", impact=["drg"], internal_note="Watch the type.")
    assert answer.status_code == 204 and answer["HX-Redirect"] == "/work/"
    query = coder.query()
    assert query.impacts == ["drg"] and query.internal_note == "Watch the type."
    assert "Watch the type." not in query.content
    with cast.opened(coder.of.place):
        assert Pend.objects.get().reason == "query"
        assert WorkItem.objects.get(encounter=coder.made).holder_id is None
    assert coder.browser.get(coder.href).status_code == 200  # whoever put it on hold may read it
    assert coder.post("start/").status_code == 403


def test_a_cdi_specialist_asks_about_a_chart_nobody_holds(cdi: Seat) -> None:
    cdi.begin("BNP 1,840 on arrival")
    answer = cdi.act("send")
    assert answer["HX-Redirect"] == cdi.href
    page = html(cdi.browser.get(cdi.href))
    assert "Waiting for the provider" in page and "Clarification: heart failure" in page


def test_a_chart_in_hand_is_put_on_hold_for_a_query_sent_meanwhile(coder: Seat) -> None:
    with cast.opened(coder.of.place):
        query = scene.sent(coder.of, coder.made)
        assert query.pend is None
    page = html(coder.browser.get(coder.href))
    href = f"{coder.href}{query.pk}/hold/"
    assert f'action="{href}"' in page
    answer = coder.browser.post(href, {"fence": coder.fence})
    assert (answer.status_code, answer["Location"]) == (303, "/work/")
    with cast.opened(coder.of.place):
        query.refresh_from_db()
        assert query.pend is not None and query.pend.reason == "query"
        coder.made.refresh_from_db()
        assert coder.made.status == "pended"
        scene.answered(coder.of, query)
        coder.made.refresh_from_db()
        assert coder.made.status == "ready"


def test_who_holds_a_stale_lease_sends_nothing(coder: Seat) -> None:
    coder.begin("BNP 1,840 on arrival")
    coder.fence += 1
    assert coder.act("send").status_code == 409
    assert coder.query().state == "draft"


def test_a_template_fills_the_draft_and_its_fields_its_words(coder: Seat) -> None:
    coder.begin("BNP 1,840 on arrival", "ejection fraction 30%")
    html(coder.act("template", template="heart-failure-type-acuity"))
    query = coder.query()
    assert query.template_key == "heart-failure-type-acuity" and query.template_version
    body = coder.content().body
    html(coder.act("save", body="My own words."))
    assert coder.content().body == body
    html(coder.act("freely"))
    html(coder.act("save", body="My own words."))
    assert coder.content().body == "My own words." and coder.query().template_key == ""


def test_a_template_about_what_the_record_lacks_is_refused(coder: Seat) -> None:
    coder.begin("BNP 1,840 on arrival")

    absent = next(
        one[-1]
        for one in library().values()
        if any(mentions(term, lexicon()) for term in one[-1].documented)
        and "heart failure" not in one[-1].documented
        and "hypertension" not in " ".join(one[-1].documented).casefold()
    )
    page = html(coder.act("template", template=absent.key), 422)
    assert "does not document" in page
    assert coder.query().template_key == ""


def test_asked_by_word_of_mouth_is_kept_in_the_same_fields(coder: Seat) -> None:
    coder.begin("BNP 1,840 on arrival")
    spoken = {"verbal": "1", "asked_by": "Rosalind Ames", "asked_of": "N. Okafor", "answer_option": "o2"}
    page = html(coder.act("verbal", **spoken, asked_on="yesterday"), 422)
    assert "Write the day as MM/DD/YYYY" in page
    assert coder.query().state == "draft"
    coder.act("send", **spoken, asked_on="11/20/2026")  # never sent: it was asked already
    query = coder.query()
    assert (query.state, query.channel, query.outcome) == ("answered", "verbal", "agreed")
    verbal = from_json(query.content).verbal
    assert verbal and (verbal.asked_by, verbal.asked_of, verbal.asked_on) == (
        "Rosalind Ames", "N. Okafor", date(2026, 11, 20),
    )  # fmt: skip
    with cast.opened(coder.of.place):
        assert QueryAnswer.objects.get().option_text == "Acute systolic heart failure"


def test_who_has_left_is_not_offered(coder: Seat) -> None:
    with cast.opened(coder.of.place):
        gone = Provider.objects.create(client=coder.of.place.client, npi="1999999992", name="P. Gone")
        ProviderContact.objects.create(client=coder.of.place.client, provider=gone, left_on=date(2026, 1, 31))
        Provider.objects.create(client=coder.of.place.client, npi="1777777770", name="P. Here")
    coder.begin("BNP 1,840 on arrival")
    page = html(coder.browser.get(coder.href))
    assert "P. Here" in page and "P. Gone" not in page
    assert "P. Here" not in html(coder.act("provider", provider_words="Okafor"))
    page = html(coder.act("send", provider=str(gone.pk)), 422)
    assert "left on 01/31/2026" in page and coder.query().state == "draft"


def test_words_of_an_earlier_visit_are_marked_with_why_they_matter(cdi: Seat) -> None:
    cdi.begin("BNP 1,840 on arrival")
    with cast.opened(cdi.of.place):
        earlier = scene.chart(cdi.of, patient=cdi.made.patient, service_on=date(2026, 3, 2))
        stranger = scene.chart(cdi.of)
    assert f"/encounters/{earlier.pk}/" in html(cdi.browser.get(cdi.href))
    before = seat(cdi.of, cdi.of.cdi, earlier)
    assert "Your draft about the visit of 09/15/2026" in html(before.browser.get(before.href))
    draft = str(cdi.query().pk)
    why = "Same ejection fraction six months ago."
    html(before.post("prior/", draft=draft, relevance=why, **before.cited("ejection fraction 30%")))
    last = cdi.content().indicators[-1]
    assert (last.is_prior, last.relevance, last.version_id) == (True, why, str(before.version.pk))
    assert "Earlier visit" in html(cdi.browser.get(cdi.href))
    other = seat(cdi.of, cdi.of.cdi, stranger)
    assert other.post("prior/", draft=draft, **other.cited("BNP 1,840 on arrival")).status_code == 404
    assert len(cdi.content().indicators) == 2


def test_another_persons_draft_is_not_written_on(cdi: Seat, coder: Seat) -> None:
    draft = cdi.begin("BNP 1,840 on arrival")
    with cast.opened(cdi.of.place):
        second = cast.person("Sunita Second", (cdi.of.place, Role.CDI_SPECIALIST))
    hers = seat(cdi.of, second, cdi.made)
    assert hers.browser.get(f"{hers.href}{draft.pk}/").status_code == 403
    assert hers.act("save", body="Changed").status_code == 403
    assert cdi.content().body == ""
    assert coder.browser.get(f"{coder.href}{draft.pk}/").status_code == 404


@pytest.mark.parametrize("role", [Role.CLIENT_ADMIN, Role.PROVIDER, Role.QA_REVIEWER])
def test_who_does_not_write_queries(cdi: Seat, role: Role) -> None:
    with cast.opened(cdi.of.place):
        person = cast.person("Paul Other", (cdi.of.place, role))
    theirs = seat(cdi.of, person, cdi.made)
    answer = theirs.browser.get(theirs.href)
    if role == Role.QA_REVIEWER:
        assert "Only coders and CDI specialists write queries." in html(answer)
        assert theirs.post("start/").status_code == 403
    else:
        assert answer.status_code == 404 and theirs.post("start/").status_code == 404
    with cast.opened(cdi.of.place):
        assert not CdiQuery.objects.exists()


def test_a_sent_query_takes_no_more_changes_from_an_old_page(cdi: Seat) -> None:
    cdi.begin("BNP 1,840 on arrival")
    cdi.act("send")
    assert cdi.act("save", body="Other words").status_code == 409
    assert cdi.content().body.startswith("Please clarify")
    assert cdi.post(f"{cdi.query().pk}/lint/", **cdi.written()).status_code == 409


def test_the_answer_stands_beside_the_note_and_can_be_cited(cdi: Seat) -> None:
    with cast.opened(cdi.of.place):
        query = scene.sent(cdi.of, cdi.made)
        scene.answered(cdi.of, query, words="Ejection fraction 30%, symptoms for two days.")
    page = html(cdi.browser.get(cdi.href))
    assert "Acute systolic heart failure" in page and "symptoms for two days." in page
    assert f"?version={query.answer_document_id}#at-" in page


def test_codes_are_proposed_from_the_answer_and_added_only_by_who_codes(cdi: Seat) -> None:
    of, made = cdi.of, cdi.made
    with cast.opened(of.place):
        query = scene.sent(of, made, hold=False)
        scene.answered(of, query, "o4", "Hypertension is essential and primary.")
    coder = seat(of, of.coder, made)
    page = html(coder.browser.get(coder.href))
    assert "Codes to look at" in page and "I10" in page and 'value="I10"' in page
    assert 'value="I10"' not in html(cdi.browser.get(cdi.href))  # who does not hold the chart adds none
    form = page[page.index('name="code" value="I10"') :]
    piece, quote = (re.search(rf'name="{name}" value="([^"]*)"', form) for name in ("evidence", "quote"))
    assert piece and quote
    data = {"fence": coder.fence, "system": "ICD-10-CM", "code": "I10"}
    data |= {"evidence": piece[1], "quote": quote[1]}
    html(coder.browser.post(f"{coder.href[: -len('query/')]}codes/", data, headers=PARTIAL))
    with cast.opened(of.place):
        link = EvidenceLink.objects.get(assignment__code="I10")
        assert link.document_version_id == query.answer_document_id
        assert link.quote == "Hypertension is essential and primary."
    assert 'value="I10"' not in html(coder.browser.get(coder.href))


def test_the_words_of_a_question_are_no_indicator_but_those_of_its_answer_are(cdi: Seat) -> None:
    with cast.opened(cdi.of.place):
        query = scene.sent(cdi.of, cdi.made, hold=False)
        scene.answered(cdi.of, query, words="Ejection fraction 30% at rest.")
        assert query.answer_document is not None
        cdi.version = query.answer_document
    asked = html(cdi.post("start/", **cdi.cited("clarify the type and acuity")), 422)
    assert "words of a question are no indicator" in asked
    cdi.begin("Ejection fraction 30% at rest.")
    assert [one.document_title for one in cdi.content().indicators] == ["Query and answer"]


def test_a_draft_can_be_discarded(coder: Seat) -> None:
    coder.begin("BNP 1,840 on arrival")
    html(coder.act("discard"))
    assert coder.query().state == "cancelled"
    assert "Begin a query" in html(coder.browser.get(coder.href))


def test_the_key_is_offered_to_those_who_have_the_tool(cdi: Seat) -> None:
    with cast.opened(cdi.of.place):
        viewer = cast.person("Nora Vance", (cdi.of.place, Role.CLIENT_VIEWER))
    theirs = seat(cdi.of, viewer, cdi.made)
    chart = cdi.href.removesuffix("query/")
    hint = "<kbd>Q</kbd></span> query</span>"
    shown = html(cdi.browser.get(chart))
    assert 'data-cmd-tool="query"' in shown and hint in shown
    shown = html(theirs.browser.get(chart))
    assert 'data-cmd-tool="query"' not in shown and hint not in shown
