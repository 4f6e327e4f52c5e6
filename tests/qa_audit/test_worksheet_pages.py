"""The worksheet's pages: blindness that is real, coding, comparing, judging, delivering, asking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser

from code_sets import selectors
from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.models import Encounter
from qa_audit.actions.codes import remove_code
from qa_audit.actions.findings import Judgement, judge_line
from qa_audit.actions.reviews import ask_review, deliver, take_next_review
from qa_audit.models import AuditLine, Review, ReviewCode, ReviewEvidence, ReviewOrigin
from qa_audit.rules.plan_terms import Mode, PlanTerms
from qa_audit.rules.review_states import ReviewState
from tests import cast
from tests.qa_audit.scene import Team, final_chart, team, words_of

pytestmark = pytest.mark.django_db
CODERS_CODES = ("E11.22", "N18.31", "I12.9", "Z79.4")
SCRIPT = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@pytest.fixture
def crew() -> Team:
    return team(cast.cypress())


def browser_of(user: User) -> Browser:
    made = Browser()
    made.force_login(user, backend="coding_ops.tenancy.backends.ReachBackend")
    return made


def asked(of: Team, chart: Encounter, mode: Mode = Mode.BLIND) -> Review:
    return ask_review(
        actor=of.actor(of.manager),
        encounter=chart,
        terms=PlanTerms(mode=mode),
        origin=ReviewOrigin.FOCUSED,
        reason="Asked for in a test.",
    )


def base_of(of: Team) -> str:
    return f"/c/{of.place.client.slug}/"


def address(of: Team, review: Review) -> str:
    return f"{base_of(of)}quality/reviews/{review.pk}/"


def taken_blind(of: Team) -> tuple[Review, Encounter]:
    with cast.opened(of.place):
        chart = final_chart(of)
        asked(of, chart)
        review = take_next_review(actor=of.actor(of.reviewer), client_id=chart.client_id)
        assert review is not None
        return review, chart


def evidence_of(of: Team, chart: Encounter, quote: str) -> dict[str, str]:
    with cast.opened(of.place):
        words = words_of(chart, quote)
    return {"evidence": f"{words.version_id}:{words.start}:{words.end}", "quote": quote}


# --- blindness ---


def test_while_a_chart_is_coded_blind_nothing_shows_its_reviewer_the_coders_codes(crew: Team) -> None:
    review, chart = taken_blind(crew)
    blind, other = browser_of(crew.reviewer), browser_of(crew.second)
    chart_page = f"{base_of(crew)}encounters/{chart.pk}/"
    api = f"/api/v1/clients/{crew.place.client.slug}/encounters/{chart.pk}/"
    closed = (
        chart_page,
        f"{chart_page}history/",
        f"{chart_page}compare/",
        f"{chart_page}hcc/",
        api,
        f"{api}revisions/",
    )
    assert {path: blind.get(path).status_code for path in closed} == dict.fromkeys(closed, 404)
    assert other.get(chart_page).status_code == 200, "closed to its blind reviewer alone"
    assert chart.external_id not in blind.get(f"{base_of(crew)}encounters/").content.decode()

    page = blind.get(address(crew, review)).content.decode()
    assert "Type 2 diabetes with diabetic chronic kidney disease" in page
    assert [code for code in CODERS_CODES if code in page] == []
    assert crew.coder.full_name not in page and "Chosen by a person" not in page

    for code in ("E1122", "N1832"):
        blind.post(f"{address(crew, review)}codes/", {"system": "ICD-10-CM", "code": code}, headers=SCRIPT)
    assert blind.post(f"{address(crew, review)}reveal/").status_code == 303
    assert blind.get(chart_page).status_code == 200
    assert all(code in blind.get(address(crew, review)).content.decode() for code in CODERS_CODES)


def test_another_review_of_the_chart_is_closed_to_its_blind_reviewer_too(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = final_chart(crew)
        first = asked(crew, chart, Mode.OPEN)
        take_next_review(actor=crew.actor(crew.second), client_id=chart.client_id)
        deliver(actor=crew.actor(crew.second), review=first)
        asked(crew, chart)
        taken = take_next_review(actor=crew.actor(crew.reviewer), client_id=chart.client_id)
        assert taken is not None
    assert browser_of(crew.reviewer).get(address(crew, first)).status_code == 404
    assert browser_of(crew.manager).get(address(crew, first)).status_code == 200


def test_a_blind_review_that_waits_does_not_say_which_chart_it_is(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = final_chart(crew)
        review = asked(crew, chart)
    browser = browser_of(crew.reviewer)
    for path in (address(crew, review), f"{base_of(crew)}quality/reviews/", "/work/reviews/"):
        page = browser.get(path).content.decode()
        assert chart.external_id not in page and crew.coder.full_name not in page, path
    by_coder = browser.get(f"{base_of(crew)}quality/reviews/?coder={crew.coder.pk}").content.decode()
    assert str(review.pk) not in by_coder, "the filter would tell whose chart it is"
    leader = browser_of(crew.manager).get(f"{base_of(crew)}quality/reviews/?coder={crew.coder.pk}")
    assert str(review.pk) in leader.content.decode()


# --- coding blind ---


def test_the_reviewer_codes_with_words_moves_uncites_and_removes(crew: Team) -> None:
    review, chart = taken_blind(crew)
    browser, here = browser_of(crew.reviewer), address(crew, review)
    for code, quote in (("N1831", "stage 3a"), ("E1122", "Type 2 diabetes")):
        answer = browser.post(
            f"{here}codes/",
            {"system": "ICD-10-CM", "code": code, **evidence_of(crew, chart, quote)},
            headers=SCRIPT,
        )
        assert answer.status_code == 200 and b'id="cp-list"' in answer.content
    with cast.opened(crew.place):
        first = ReviewCode.objects.get(code="N1831")
        assert [one.quote for one in ReviewEvidence.objects.order_by("code__position")] == [
            "stage 3a",
            "Type 2 diabetes",
        ]
        link = ReviewEvidence.objects.get(code=first)
    again = browser.post(f"{here}codes/", {"system": "ICD-10-CM", "code": "E1122"}, headers=SCRIPT)
    assert again.status_code == 422 and b"is there already" in again.content
    found = browser.post(f"{here}codes/search/", {"q": "e1122"}, headers=SCRIPT).content.decode()
    assert "On the chart: cites it" in found

    browser.post(f"{here}codes/{first.pk}/move/", {"to": "down"}, headers=SCRIPT)
    browser.post(f"{here}evidence/{link.pk}/remove/", headers=SCRIPT)
    with cast.opened(crew.place):
        assert [(one.code, one.position) for one in ReviewCode.objects.order_by("position")] == [
            ("E1122", 1),
            ("N1831", 2),
        ]
        assert not ReviewEvidence.objects.filter(code=first).exists()
    browser.post(f"{here}codes/{first.pk}/remove/", headers=SCRIPT)
    with cast.opened(crew.place):
        assert [one.code for one in ReviewCode.objects.all()] == ["E1122"]


def test_words_that_do_not_stand_there_are_refused_and_nothing_is_kept(crew: Team) -> None:
    review, chart = taken_blind(crew)
    sent = {
        "system": "ICD-10-CM",
        "code": "I10",
        **evidence_of(crew, chart, "Hypertension"),
        "quote": "Anaemia",
    }
    answer = browser_of(crew.reviewer).post(f"{address(crew, review)}codes/", sent, headers=SCRIPT)
    assert answer.status_code == 422
    with cast.opened(crew.place):
        assert not ReviewCode.objects.exists()


def test_nobody_else_changes_or_reads_the_set_of_a_review_under_way(crew: Team) -> None:
    review, _ = taken_blind(crew)
    here = address(crew, review)
    with cast.opened(crew.place):
        code = ReviewCode.objects.create(
            client_id=review.client_id, review=review, kind="dx", system="ICD-10-CM", code="I10", position=1
        )
    for person in (crew.second, crew.manager, crew.coder):
        browser = browser_of(person)
        assert browser.get(f"{here}codes/{code.pk}/").status_code == 404
        assert browser.post(f"{here}codes/", {"system": "ICD-10-CM", "code": "E119"}).status_code == 404
        assert browser.post(f"{here}codes/{code.pk}/remove/").status_code == 404
        assert browser.post(f"{here}reveal/").status_code in (403, 404)
    with cast.opened(crew.place):
        assert [one.code for one in ReviewCode.objects.all()] == ["I10"]
        assert Review.objects.get().state == ReviewState.CODING


# --- comparing ---


def compared(of: Team) -> tuple[Review, str, Browser]:
    """Three codes of the reviewer's beside the coder's four: N18.32 for N18.31, no Z79.4."""
    review, chart = taken_blind(of)
    browser, here = browser_of(of.reviewer), address(of, review)
    for code, quote in (("E1122", "Type 2 diabetes"), ("N1832", "stage 3a"), ("I129", "Hypertension")):
        sent = {"system": "ICD-10-CM", "code": code, **evidence_of(of, chart, quote)}
        browser.post(f"{here}codes/", sent, headers=SCRIPT)
    browser.post(f"{here}reveal/")
    return review, here, browser


def lines_of(of: Team) -> dict[str, AuditLine]:
    with cast.opened(of.place):
        return {line.verdict: line for line in AuditLine.objects.exclude(verdict="AG")}


GAP: dict[str, Any] = {
    "cause": "documentation_read",
    "severity": "minor",
    "direction": "neutral",
    "citation_kind": "guideline",
    "citation": "I.C.14.a.1",
    "note": "",
}


def test_the_comparison_shows_both_sides_words_on_the_note(crew: Team) -> None:
    _, here, browser = compared(crew)
    page = browser.get(here).content.decode()
    line = lines_of(crew)["WS"]
    with cast.opened(crew.place):
        pairs = dict(AuditLine.objects.values_list("verdict", "number"))
    assert f'data-marks="{line.number} {line.number}c"' in page
    both = page[page.index(f'id="code-{line.number}"') :].split("</li>")[0]
    assert "N18.31" in both and "N18.32" in both and "Wrong specificity" in both
    assert f'data-code="{pairs["UN"]}c"' in page, "the coder's words of the line that the reviewer has not"


def test_a_judged_line_is_kept_and_the_next_finding_is_named(crew: Team) -> None:
    _, here, browser = compared(crew)
    found = lines_of(crew)
    answer = browser.post(f"{here}lines/{found['WS'].pk}/", GAP, headers=SCRIPT)
    assert answer.status_code == 200
    assert f'data-active="{found["UN"].number}"' in answer.content.decode()
    bare = browser.post(f"{here}lines/{found['UN'].pk}/", {**GAP, "citation": " "}, headers=SCRIPT)
    assert bare.status_code == 422 and b"Name the section" in bare.content
    with cast.opened(crew.place):
        assert AuditLine.objects.get(pk=found["WS"].pk).citation == "I.C.14.a.1"
        assert AuditLine.objects.get(pk=found["UN"].pk).cause == ""


def test_the_form_starts_from_the_verdict_and_the_key_pressed(crew: Team) -> None:
    _, here, browser = compared(crew)
    form = browser.get(f"{here}lines/{lines_of(crew)['UN'].pk}/?cause=2", headers=SCRIPT).content.decode()
    chosen = [
        part.split('"')[0]
        for part in form.split('<option value="')[1:]
        if " selected>" in part.split("\n")[0][:60]
    ]
    assert chosen == ["documentation_read", "major", "over", "guideline"]


def test_when_the_coder_is_right_their_code_is_taken_and_the_line_agrees(crew: Team) -> None:
    review, here, browser = compared(crew)
    for verdict in ("WS", "UN"):
        assert browser.post(f"{here}lines/{lines_of(crew)[verdict].pk}/agree/").status_code == 303
    with cast.opened(crew.place):
        assert {line.verdict for line in AuditLine.objects.all()} == {"AG"}
        kept = Review.objects.get(pk=review.pk).blind_codes or ()
        assert [one["code"] for one in kept] == ["E1122", "N1832", "I129"], "what was coded blind stays"
        assert ReviewEvidence.objects.get(code__code="Z794").quote == "insulin"


def test_findings_about_the_work_follow_the_pairs_and_can_be_taken_back(crew: Team) -> None:
    _, here, browser = compared(crew)
    with cast.opened(crew.place):
        agreed = AuditLine.objects.filter(verdict="AG")[0]
    browser.post(f"{here}lines/{agreed.pk}/process/", {"verdict": "OB"})
    wrong = browser.post(f"{here}lines/{lines_of(crew)['WS'].pk}/process/", {"verdict": "WC"}, headers=SCRIPT)
    assert wrong.status_code == 422
    browser.post(f"{here}codes/", {"system": "ICD-10-CM", "code": "I10"}, headers=SCRIPT)
    with cast.opened(crew.place):
        assert list(AuditLine.objects.order_by("number").values_list("number", "is_process")) == [
            (1, False), (2, False), (3, False), (4, False), (5, False), (6, True),
        ]  # fmt: skip
    assert browser.post(f"{here}lines/{lines_of(crew)['WS'].pk}/remove/", headers=SCRIPT).status_code == 422
    assert browser.post(f"{here}lines/{lines_of(crew)['OB'].pk}/remove/").status_code == 303
    assert "OB" not in lines_of(crew)


def test_a_judgement_stays_with_its_line_when_its_code_gets_another_place(crew: Team) -> None:
    _, here, browser = compared(crew)
    browser.post(f"{here}lines/{lines_of(crew)['WS'].pk}/", GAP)
    with cast.opened(crew.place):
        moved = ReviewCode.objects.get(code="N1832")
    browser.post(f"{here}codes/{moved.pk}/move/", {"to": "down"})
    with cast.opened(crew.place):
        assert ReviewCode.objects.get(code="N1832").position == 3
    assert lines_of(crew)["WS"].citation == "I.C.14.a.1"


def test_delivery_names_the_lines_that_are_not_judged_and_keeps_the_review_open(crew: Team) -> None:
    review, here, browser = compared(crew)
    answer = browser.post(f"{here}deliver/", headers=SCRIPT)
    assert answer.status_code == 422 and b"2 to judge" in answer.content
    with cast.opened(crew.place):
        assert Review.objects.get().state == ReviewState.COMPARING
    for line in lines_of(crew).values():
        browser.post(f"{here}lines/{line.pk}/", GAP)
    assert (
        browser.post(f"{here}deliver/", {"summary": "One stage, one status."}).headers["Location"]
        == "/work/reviews/"
    )
    with cast.opened(crew.place):
        done = Review.objects.get(pk=review.pk)
        assert (done.state, done.summary) == (ReviewState.ANSWERING, "One stage, one status.")
        assert {line.state for line in AuditLine.objects.exclude(verdict="AG")} == {"open"}


def test_the_page_says_when_the_chart_has_a_newer_version(crew: Team) -> None:
    review, here, browser = compared(crew)
    with cast.opened(crew.place):
        Encounter.objects.filter(pk=review.encounter_id).update(revision_count=2)
    assert "The chart has version 2 by now" in browser.get(here).content.decode()


# --- the queue, asking, giving back, cancelling ---


def test_the_queue_hands_out_the_longest_wait_and_shows_what_is_in_hand(crew: Team) -> None:
    with cast.opened(crew.place):
        charts = [final_chart(crew) for _ in range(2)]
        reviews = [asked(crew, chart, Mode.OPEN) for chart in charts]
    browser = browser_of(crew.reviewer)
    assert "2 waiting, 0 in hand" in browser.get("/work/reviews/").content.decode()
    assert browser.post("/work/reviews/next/").headers["Location"] == address(crew, reviews[0])
    page = browser.get("/work/reviews/").content.decode()
    assert "1 waiting, 1 in hand" in page and charts[0].external_id in page
    assert browser_of(crew.coder).get("/work/reviews/").status_code == 404


def test_a_prebill_review_is_handed_out_only_to_who_may_do_it(crew: Team) -> None:
    both = cast.coder("Marcus Bell", crew.place)
    with cast.opened(crew.place):
        asked(crew, final_chart(crew, coder=both))
        mine = cast.actor_for(both, Role.QA_REVIEWER)
        assert take_next_review(actor=mine, client_id=crew.place.client.pk) is None


def test_a_review_is_asked_for_by_visit_number_with_a_reason(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = final_chart(crew)
    browser, here = browser_of(crew.reviewer), f"{base_of(crew)}quality/reviews/"
    sent = {"visit": chart.external_id, "mode": "open", "reason": "A denial was announced."}
    for field, wrong in (("visit", "V-none"), ("reason", "no"), ("mode", "shut")):
        answer = browser.post(f"{here}ask/", {**sent, field: wrong})
        assert answer.status_code == 422 and f'id="{field}-err"' in answer.content.decode(), field
    with cast.opened(crew.place):
        assert not Review.objects.exists()
    assert browser.post(f"{here}ask/", sent).status_code == 303
    assert "under review already" in browser.post(f"{here}ask/", sent).content.decode()
    with cast.opened(crew.place):
        made = Review.objects.get()
        assert (made.mode, made.origin, made.encounter_id) == ("open", "focused", chart.pk)


def test_given_back_the_review_waits_again_and_the_chart_is_open_again(crew: Team) -> None:
    review, chart = taken_blind(crew)
    browser = browser_of(crew.reviewer)
    browser.post(f"{address(crew, review)}codes/", {"system": "ICD-10-CM", "code": "I10"})
    assert browser.post(f"{address(crew, review)}give-back/").status_code == 303
    assert browser.get(f"{base_of(crew)}encounters/{chart.pk}/").status_code == 200
    with cast.opened(crew.place):
        assert (Review.objects.get().state, ReviewCode.objects.count()) == (ReviewState.WAITING, 0)


def test_cancelling_asks_for_a_reason_beside_the_field(crew: Team) -> None:
    review, _ = taken_blind(crew)
    browser = browser_of(crew.manager)
    refused = browser.post(f"{address(crew, review)}cancel/", {"reason": "no"})
    assert refused.status_code == 422 and b'id="reason-err"' in refused.content
    assert browser.post(f"{address(crew, review)}cancel/", {"reason": "Drawn by mistake"}).status_code == 303
    with cast.opened(crew.place):
        assert Review.objects.get().cancel_reason == "Drawn by mistake"


def test_the_list_is_filtered_by_state_coder_verdict_and_draw(crew: Team) -> None:
    newcomer = cast.coder("Ines Calderon", crew.place)
    with cast.opened(crew.place):
        reviewer = crew.actor(crew.reviewer)
        kept = asked(crew, final_chart(crew), Mode.OPEN)
        take_next_review(actor=reviewer, client_id=kept.client_id)
        last = ReviewCode.objects.get(review=kept, code="Z794")
        remove_code(actor=reviewer, review=kept, code_id=last.pk)
        line = AuditLine.objects.get(verdict="UN")
        judge_line(actor=reviewer, review=kept, line_id=line.pk, judgement=Judgement(**GAP))
        deliver(actor=reviewer, review=kept)
        other = asked(crew, final_chart(crew, coder=newcomer), Mode.OPEN)
    browser, here = browser_of(crew.manager), f"{base_of(crew)}quality/reviews/"

    def shown(query: str) -> set[str]:
        page = browser.get(here + query).content.decode()
        return {str(one.pk) for one in (kept, other) if f"/reviews/{one.pk}/" in page}

    assert shown("") == {str(kept.pk), str(other.pk)}
    assert shown("?state=waiting") == {str(other.pk)}
    assert shown(f"?coder={newcomer.pk}") == {str(other.pk)}
    assert shown("?verdict=UN") == {str(kept.pk)} and shown("?verdict=MS") == set()
    assert browser.get(f"{here}?draw={kept.pk}").status_code == 404
    assert "3 of 4, provisional" in browser.get(here).content.decode()


def test_a_client_administrator_reviews_and_sees_no_name_of_the_vendors(crew: Team) -> None:
    admin = cast.person("Paul Whitaker", (crew.place, Role.CLIENT_ADMIN))
    with cast.opened(crew.place):
        chart = final_chart(crew)
    browser, here = browser_of(admin), f"{base_of(crew)}quality/reviews/"
    browser.post(
        f"{here}ask/", {"visit": chart.external_id, "mode": "open", "reason": "We sample ourselves."}
    )
    with cast.opened(crew.place):
        review = Review.objects.get()
        assert (review.is_client_run, review.origin) == (True, ReviewOrigin.CLIENT)
    assert browser_of(crew.reviewer).post(f"{here}{review.pk}/take/").status_code == 403
    assert (
        browser_of(crew.reviewer).post(f"{here}{review.pk}/cancel/", {"reason": "Not ours"}).status_code
        == 403
    )
    assert browser.post(f"{here}{review.pk}/take/").status_code == 303
    for path in (here, f"{here}{review.pk}/"):
        page = browser.get(path).content.decode()
        assert "N18.31" in page or path == here
        assert crew.coder.full_name not in page
