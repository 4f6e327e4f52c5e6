"""The programme's figures: kept beside each score, exact under corrections, and shown to whom they belong."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.utils import timezone

from code_sets import selectors
from coding_ops.accounts.models import User
from coding_ops.core.statistics import IntervalMethod
from coding_ops.tenancy.models import Role
from encounters.models import CodeRevision, Encounter
from qa_audit.actions.codes import remove_code
from qa_audit.actions.facts import rebuild_facts
from qa_audit.actions.findings import Answer, Judgement, answer_line, judge_line
from qa_audit.actions.reviews import ask_review, deliver, take_review
from qa_audit.actions.scores import scores_as_json
from qa_audit.editions import edition_named
from qa_audit.models import (
    AccuracyFact,
    AuditedChart,
    AuditLine,
    CoverageFact,
    FindingFact,
    Review,
    ReviewCode,
    ReviewOrigin,
    ReviewScore,
)
from qa_audit.rules.facts import parts_of
from qa_audit.rules.plan_terms import Mode, PlanTerms
from qa_audit.rules.replay import replayed
from qa_audit.rules.review_states import LineVerb
from qa_audit.rules.scoring import score
from qa_audit.selectors.worksheets import worksheets
from tests import cast, stay
from tests.qa_audit.scene import Team, final_chart, team

pytestmark = pytest.mark.django_db

CITED = Judgement("guideline_knowledge", "major", "over", "guideline", "I.C.4.a")
WHY = Answer("The note says so in the plan.", "guideline", "I.C.14.a.1")


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@pytest.fixture
def crew() -> Team:
    return team(cast.cypress())


def taken(crew: Team, *, origin: ReviewOrigin = ReviewOrigin.SAMPLE, weight: int | None = None) -> Review:
    """An open review of a chart of its own, in the reviewer's hands."""
    review = ask_review(
        actor=crew.actor(crew.manager),
        encounter=final_chart(crew),
        terms=PlanTerms(mode=Mode.OPEN),
        origin=origin,
        reason="Asked for in a test.",
    )
    Review.objects.filter(pk=review.pk).update(weight=weight)
    return take_review(actor=crew.actor(crew.reviewer), review=Review.objects.get(pk=review.pk))


def delivered(crew: Team, *, wrong: bool, **kind: Any) -> Review:
    """Without a finding it closes at once; with one, the coder's ``Z79.4`` is not supported."""
    review, reviewer = taken(crew, **kind), crew.actor(crew.reviewer)
    if wrong:
        last = ReviewCode.objects.get(review=review, code="Z794")
        remove_code(actor=reviewer, review=review, code_id=last.pk)
        line = AuditLine.objects.get(review=review, verdict="UN")
        judge_line(actor=reviewer, review=review, line_id=line.pk, judgement=CITED)
    return deliver(actor=reviewer, review=review)


def said(crew: Team, review: Review, who: User, verb: LineVerb) -> None:
    line = AuditLine.objects.get(review=review, verdict="UN")
    answer_line(actor=crew.actor(who), review=review, line_id=line.pk, verb=verb, answer=WHY)


def final_stay(crew: Team) -> Encounter:
    """A hip replaced after a fracture, with a major complication; written as rows, ready to review."""
    now = timezone.now()
    done = {"status": "final", "queued": False, "final_at": now, "revision_count": 1}
    chart = stay.encounter(crew.place, assigned_coder=crew.coder, **done)
    codes = [("dx", "ICD-10-CM", stay.FRACTURE, 1), ("dx", "ICD-10-CM", stay.FAILURE, 2)]
    CodeRevision.objects.create(
        client=crew.place.client,
        encounter=chart,
        number=1,
        finalized_by=crew.coder,
        finalized_at=now,
        codes=[
            {
                "kind": kind,
                "system": system,
                "code": code,
                "title": "",
                "position": position,
                "modifiers": [],
                "service_unit_quantity": 1,
                "present_on_admission": "Y" if kind == "dx" else "",
                "evidence": [{"state": "anchored"}],
            }
            for kind, system, code, position in [*codes, ("px", "ICD-10-PCS", stay.HIP, 1)]
        ],
    )
    return chart


def sums(score: str, **where: Any) -> list[tuple[Any, ...]]:
    rows = AccuracyFact.objects.filter(score=score, charts__gt=0, **where).order_by(
        "origin", "is_provisional"
    )
    return [(row.origin, row.is_provisional, row.numerator, row.denominator) for row in rows]


def test_a_finding_counts_provisionally_and_not_at_all_once_it_is_overturned(crew: Team) -> None:
    with cast.opened(crew.place):
        review = delivered(crew, wrong=True, weight=3)
        assert sums("code_level") == [("sample", True, 3, 4)]
        assert [(one.verdict, one.lines, one.is_provisional) for one in FindingFact.objects.all()] == [
            ("UN", 1, True)
        ]
        for who, verb in (
            (crew.coder, LineVerb.REBUT),
            (crew.reviewer, LineVerb.UPHOLD),
            (crew.coder, LineVerb.ESCALATE),
            (crew.second, LineVerb.OVERTURN),
        ):
            said(crew, review, who, verb)
        assert sums("code_level") == [("sample", False, 4, 4)]
        assert sums("encounter_clean") == sums("financial") == [("sample", False, 1, 1)]
        assert not FindingFact.objects.exclude(lines=0).exists()
        fact = AccuracyFact.objects.get(score="code_level", charts=1)
        assert [str(one.normalize()) for one in (fact.wn, fact.wd, fact.wwnd)] == ["12", "12", "144"]
        assert [one.audited for one in CoverageFact.objects.all()] == [1]
        assert rebuild_facts(crew.place.client, write=False).differences == ()


def test_an_accepted_finding_stands_in_every_score_with_its_cause(crew: Team) -> None:
    with cast.opened(crew.place):
        review = delivered(crew, wrong=True)
        said(crew, review, crew.coder, LineVerb.ACCEPT)
        assert sums("auditor_denominator") == [("sample", False, 3, 3)]
        assert sums("weighted") == [("sample", False, 3, 4)]
        assert sums("financial") == [("sample", False, 0, 1)]
        found = FindingFact.objects.get(lines=1)
        assert (found.verdict, found.cause, found.direction) == ("UN", "guideline_knowledge", "over")
        assert AuditedChart.objects.get().verdicts == ["UN", "guideline_knowledge"]


def test_gold_and_calibration_reviews_stand_in_no_figure(crew: Team) -> None:
    with cast.opened(crew.place):
        for origin in (ReviewOrigin.GOLD, ReviewOrigin.CALIBRATION):
            delivered(crew, wrong=False, origin=origin)
        assert not AuditedChart.objects.exists() and not AccuracyFact.objects.exists()
        assert rebuild_facts(crew.place.client, write=True).charts == 0


def test_a_chart_audited_twice_is_covered_once(crew: Team) -> None:
    with cast.opened(crew.place):
        first = delivered(crew, wrong=False)
        again = ask_review(
            actor=crew.actor(crew.manager),
            encounter=first.encounter,
            terms=PlanTerms(mode=Mode.OPEN),
            origin=ReviewOrigin.FOCUSED,
            reason="Asked for in a test.",
        )
        deliver(
            actor=crew.actor(crew.second), review=take_review(actor=crew.actor(crew.second), review=again)
        )
        assert sums("code_level") == [("focused", False, 4, 4), ("sample", False, 4, 4)]
        assert [one.audited for one in CoverageFact.objects.all()] == [1]
        assert rebuild_facts(crew.place.client, write=False).differences == ()


def test_the_rebuild_finds_what_was_changed_behind_the_scores_and_puts_it_right(crew: Team) -> None:
    with cast.opened(crew.place):
        delivered(crew, wrong=False)
        AccuracyFact.objects.filter(score="code_level").update(numerator=9)
        AuditedChart.objects.update(specialty_code="FM")
    with pytest.raises(CommandError, match="2 differences"):
        call_command("rebuild_quality_facts", client="cypress-ridge", stdout=StringIO())
    with cast.opened(crew.place):
        assert AccuracyFact.objects.get(score="code_level").numerator == 9
    out = StringIO()
    call_command("rebuild_quality_facts", client="cypress-ridge", write=True, stdout=out)
    call_command("rebuild_quality_facts", client="cypress-ridge", stdout=out)
    assert "2 differences put right" in out.getvalue() and "all as kept" in out.getvalue()
    with cast.opened(crew.place):
        assert sums("code_level") == [("sample", False, 4, 4)]


# --- pages ---


def page(user: User, url: str, status: int = 200) -> str:
    browser = Browser()
    browser.force_login(user)
    answer = browser.get(url)
    assert answer.status_code == status, (url, answer.status_code)
    return answer.content.decode()


@pytest.fixture
def shown(crew: Team) -> Team:
    """One random chart right, one with an accepted finding, one chosen and provisional."""
    with cast.opened(crew.place):
        delivered(crew, wrong=False)
        said(crew, delivered(crew, wrong=True), crew.coder, LineVerb.ACCEPT)
        delivered(crew, wrong=True, origin=ReviewOrigin.FOCUSED)
    return crew


def test_the_overview_shows_random_audits_apart_and_every_number_opens_its_charts(shown: Team) -> None:
    body = page(shown.manager, "/c/cypress-ridge/quality/")
    assert "87.5%" in body and "2 charts, 7 of 8 codes" in body
    assert "75.0%" not in body  # chosen and provisional: on the coder's page, in no rate of the programme
    assert "Too few to judge" in body and "Rosalind Ames" in body
    rows = page(
        shown.manager, "/c/cypress-ridge/quality/rows/?origin=sample&run=0&provisional=0&score=code_level"
    )
    assert "87.5%" in rows and rows.count('<tr class="row">') == 2
    chosen = page(shown.manager, "/c/cypress-ridge/quality/rows/?provisional=1")
    assert chosen.count('<tr class="row">') == 1 and "Unsupported" in chosen
    by_verdict = page(shown.manager, "/c/cypress-ridge/quality/rows/?verdict=UN&provisional=0")
    assert by_verdict.count('<tr class="row">') == 1


def test_a_client_and_an_auditor_see_closed_figures_without_a_coder(shown: Team) -> None:
    for name, role in (("Paul Whitaker", Role.CLIENT_ADMIN), ("Ellis Grant", Role.EXTERNAL_AUDITOR)):
        person = cast.person(name, (shown.place, role))
        body = page(person, "/c/cypress-ridge/quality/")
        assert "87.5%" in body and "75.0%" not in body
        assert "Rosalind Ames" not in body
        rows = page(person, "/c/cypress-ridge/quality/rows/")
        assert rows.count('<tr class="row">') == 2 and "Rosalind Ames" not in rows
        page(person, f"/c/cypress-ridge/quality/rows/?coder={shown.coder.pk}", 404)
        page(person, f"/c/cypress-ridge/quality/replay/?coder={shown.coder.pk}", 404)
        page(person, f"/c/cypress-ridge/quality/people/{shown.coder.pk}/", 404)


def test_a_coder_is_sent_to_their_own_accuracy_and_sees_nobody_elses(shown: Team) -> None:
    other = cast.coder("Marcus Bell", shown.place)
    browser = Browser()
    browser.force_login(shown.coder)
    assert browser.get("/c/cypress-ridge/quality/")["Location"] == "/work/accuracy/"
    body = page(shown.coder, "/work/accuracy/")
    assert body.count('<tr class="row">') >= 3 and "87.5%" in body and "Provisional" in body
    assert "87.5%" not in page(other, "/work/accuracy/")
    page(other, f"/c/cypress-ridge/quality/people/{shown.coder.pk}/", 404)
    page(shown.coder, f"/c/cypress-ridge/quality/people/{shown.coder.pk}/")
    page(shown.coder, "/c/cypress-ridge/quality/rows/", 404)
    page(shown.manager, "/work/accuracy/", 404)
    page(shown.manager, "/c/cypress-ridge/quality/people/999999/", 404)


# --- replay and DRG ---


def test_a_worksheet_replayed_under_its_own_edition_gives_the_scores_that_were_kept(shown: Team) -> None:
    with cast.opened(shown.place):
        kept = {one.review_id: one for one in ReviewScore.objects.order_by("number")}
        sheets = worksheets(shown.place.client.pk, list(kept))
        assert len(kept) == len(sheets) == 3
        for review_id, one in kept.items():
            rows = replayed(sheets[review_id], edition_named(one.definition))
            again = scores_as_json(score(rows, confidence=Decimal("0.95"), method=IntervalMethod.WILSON))
            for name in ("code_level", "auditor_denominator", "coder_denominator", "weighted", "counts"):
                assert again[name] == one.scores[name]
            assert parts_of(again)["weighted"] == parts_of(one.scores)["weighted"]
            assert again["encounter_clean"] == one.is_clean


def test_the_group_of_a_stay_is_judged_by_the_settled_codes_and_by_no_documentation_gap(crew: Team) -> None:
    """S72.011A with a hip replacement is MS-DRG 522, with the respiratory failure as an MCC 521."""
    with cast.opened(crew.place):
        for cause, agree in (("guideline_knowledge", False), ("documentation_gap", True)):
            review = take_review(
                actor=crew.actor(crew.reviewer),
                review=ask_review(
                    actor=crew.actor(crew.manager),
                    encounter=final_stay(crew),
                    terms=PlanTerms(mode=Mode.OPEN, counted_score="drg"),
                    origin=ReviewOrigin.FOCUSED,
                    reason="Asked for in a test.",
                ),
            )
            reviewer = crew.actor(crew.reviewer)
            failure = ReviewCode.objects.get(review=review, code=stay.FAILURE)
            remove_code(actor=reviewer, review=review, code_id=failure.pk)
            line = AuditLine.objects.get(review=review, verdict="UN")
            judgement = Judgement(cause, "major", "over", "guideline", "II.C")
            judge_line(actor=reviewer, review=review, line_id=line.pk, judgement=judgement)
            deliver(actor=reviewer, review=review)
            kept = ReviewScore.objects.filter(review=review).latest("number")
            drg = kept.scores["drg"]
            assert (drg["coder"], drg["audited"], drg["agree"]) == (521, 521 if agree else 522, agree)
            assert (kept.numerator, kept.denominator) == (int(agree), 1)
        assert sums("drg") == [("focused", True, 1, 2)]


def test_a_period_is_replayed_with_other_weights_and_nothing_of_what_counts_is_changed(shown: Team) -> None:
    url = "/c/cypress-ridge/quality/replay/?do=replay"
    with cast.opened(shown.place):
        before = list(AccuracyFact.objects.order_by("pk").values())
    same = page(shown.manager, url)
    assert "2 reviews closed in" in same and "Every chart scores the same." in same
    heavier = page(shown.manager, url + "&w-UN=3&score=weighted")
    # 8 lines: an unsupported code takes 1 off as kept, 3 with the contract's own weight.
    assert "87.5%" in heavier and "62.5%" in heavier and "−25.0 points" in heavier
    assert "1 chart of 2" in heavier and heavier.count('class="rowlk"') == 1
    wrong = page(shown.manager, url + "&first=13/2026&w-UN=-1&edition=1999", 422)
    assert "Write the month as MM/YYYY." in wrong and "Write a number from 0 to 100." in wrong
    assert "Choose an edition from the list." in wrong
    with cast.opened(shown.place):
        assert list(AccuracyFact.objects.order_by("pk").values()) == before


def test_a_coder_opens_the_charts_behind_each_of_their_own_numbers(shown: Team) -> None:
    own = page(shown.coder, "/work/accuracy/?origin=sample&run=0&provisional=0")
    assert own.count("Drawn at random</td>") == 2 and "Chosen by a person</td>" not in own
    provisional = page(shown.coder, "/work/accuracy/?origin=focused&provisional=1")
    assert provisional.count("Chosen by a person</td>") == 1
    assert "Chosen by a person, provisional" in provisional


def test_random_chosen_and_provisional_audits_are_never_added_up(shown: Team) -> None:
    body = page(shown.manager, f"/c/cypress-ridge/quality/people/{shown.coder.pk}/")
    for rate in ("87.5%", "75.0%"):
        assert rate in body
    # Ten right of twelve lines would be all of them together.
    assert "83.3%" not in body and "83.3%" not in page(shown.manager, "/c/cypress-ridge/quality/")


def test_the_clients_own_reviews_stand_beside_ours_and_in_none_of_our_rates(shown: Team) -> None:
    owner = cast.person("Paul Whitaker", (shown.place, Role.CLIENT_ADMIN))
    actor = cast.actor_for(owner, Role.CLIENT_ADMIN)
    with cast.opened(shown.place):
        review = ask_review(
            actor=actor,
            encounter=final_chart(shown),
            terms=PlanTerms(mode=Mode.OPEN),
            origin=ReviewOrigin.FOCUSED,
            reason="The payer denied it.",
        )
        deliver(actor=actor, review=take_review(actor=actor, review=review))
        assert sums("code_level", is_client_run=True) == [("client", False, 4, 4)]
        assert rebuild_facts(shown.place.client, write=False).differences == ()
    body = page(shown.manager, "/c/cypress-ridge/quality/")
    assert "2 charts, 7 of 8 codes" in body and "1 chart, 4 of 4 codes" in body
    # Eleven right of twelve lines would be both together.
    assert "91.7%" not in body
    rows = page(owner, "/c/cypress-ridge/quality/rows/?run=1")
    assert rows.count('<tr class="row">') == 1 and "The client&#39;s own" in rows


def test_who_codes_a_chart_blind_finds_its_earlier_audit_in_no_list_of_charts(shown: Team) -> None:
    with cast.opened(shown.place):
        audited = AuditedChart.objects.filter(origin="sample", findings=[]).get()
        again = ask_review(
            actor=shown.actor(shown.manager),
            encounter=Encounter.objects.get(pk=audited.encounter_id),
            terms=PlanTerms(mode=Mode.BLIND),
            origin=ReviewOrigin.FOCUSED,
            reason="Asked for in a test.",
        )
        take_review(actor=shown.actor(shown.second), review=again)
        visit = f"Visit {audited.encounter.external_id}"
    paths = ("rows/", f"people/{shown.coder.pk}/", "replay/?do=replay&w-UN=3&w-MS=3")
    for path in paths:
        assert visit not in page(shown.second, f"/c/cypress-ridge/quality/{path}")
    for path in paths[:2]:
        assert visit in page(shown.reviewer, f"/c/cypress-ridge/quality/{path}")
