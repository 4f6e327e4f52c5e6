"""The exchange about findings: last days, who has left, what counts, and the pages it is held on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from code_sets import selectors
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Membership, Role
from qa_audit.access import reviews_in_reach
from qa_audit.actions.codes import remove_code
from qa_audit.actions.exchange import extend_answers, lapse_answers, settle_for_absent
from qa_audit.actions.findings import Answer, Judgement, add_process_line, answer_line, judge_line
from qa_audit.actions.reviews import ask_review, deliver, take_review
from qa_audit.models import AuditLine, LineStep, Review, ReviewCode, ReviewOrigin, ReviewScore
from qa_audit.rules.exchange import Part, Turn, Verdict, fallen, open_verbs, turn_of, verdict
from qa_audit.rules.plan_terms import Mode, PlanTerms
from qa_audit.rules.review_states import FALLEN, LINE_STEPS, SETTLED, LineState, LineVerb, ReviewState
from qa_audit.selectors.findings import Asked, findings_in, reviewers_of
from tests import cast
from tests.qa_audit.scene import Team, final_chart, team

CITED = Judgement("guideline_knowledge", "major", "neutral", "guideline", "I.C.4.a")
WHY = Answer("The note says so in its plan.", "guideline", "I.C.4.a.3")


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@dataclass(frozen=True, slots=True)
class Delivered:
    """A review with one finding that its coder has not answered."""

    crew: Team
    review: Review
    line: AuditLine

    def say(self, user: object, verb: LineVerb, answer: Answer = WHY) -> AuditLine:
        actor = self.crew.actor(user)  # type: ignore[arg-type]
        return answer_line(actor=actor, review=self.review, line_id=self.line.pk, verb=verb, answer=answer)

    def again(self) -> tuple[str, str]:
        """State of review and finding as they are stored."""
        self.review.refresh_from_db()
        self.line.refresh_from_db()
        return self.review.state, self.line.state

    def scores(self) -> list[tuple[int, int, bool]]:
        rows = ReviewScore.objects.filter(review=self.review).order_by("number")
        return [(row.numerator, row.denominator, row.is_provisional) for row in rows]


def delivered(crew: Team, *, process: bool = False) -> Delivered:
    """The reviewer leaves out a code; ``process``: and notes a query that was missed beside another line."""
    chart = final_chart(crew)
    terms = PlanTerms(mode=Mode.OPEN)
    review = ask_review(
        actor=crew.actor(crew.manager), encounter=chart, terms=terms, origin=ReviewOrigin.FOCUSED,
        reason="Asked for in a test.",
    )  # fmt: skip
    reviewer = crew.actor(crew.reviewer)
    take_review(actor=reviewer, review=review)
    remove_code(actor=reviewer, review=review, code_id=ReviewCode.objects.get(review=review, code="Z794").pk)
    if process:
        beside = AuditLine.objects.filter(review=review, verdict="AG")[0]
        for kind in ("EV", "QM"):
            add_process_line(actor=reviewer, review=review, line_id=beside.pk, verdict=kind)
    for line in AuditLine.objects.filter(review=review).exclude(verdict="AG"):
        judge_line(actor=reviewer, review=review, line_id=line.pk, judgement=CITED)
    return Delivered(
        crew, deliver(actor=reviewer, review=review), AuditLine.objects.get(review=review, verdict="UN")
    )


@pytest.fixture
def crew(db: None) -> Team:
    return team(cast.cypress())


def browser(user: object) -> Browser:
    found = Browser()
    found.force_login(user)  # type: ignore[arg-type]
    return found


# --- rules -----------------------------------------------------------------------------------------------


def test_every_path_ends_settled_and_no_settled_finding_moves_again() -> None:
    reached, new = {LineState.OPEN}, {LineState.OPEN}
    while new:
        new = {
            LINE_STEPS[one, verb] for one in new for verb in LineVerb if (one, verb) in LINE_STEPS
        } - reached
        reached |= new
    assert reached == set(LineState) - {LineState.DRAFT}
    for state in reached:
        moves = {verb for verb in LineVerb if (state, verb) in LINE_STEPS}
        assert (not moves) == (state in SETTLED) == (turn_of(state) is Turn.NOBODY), state
    assert FALLEN < SETTLED and LineState.LAPSED in SETTLED - FALLEN


def test_each_turn_offers_what_its_person_can_say_and_nothing_to_the_others() -> None:
    coder, reviewer = Part(is_coder=True), Part(is_reviewer=True, may_decide=True)
    third, manager = Part(may_decide=True), Part(may_decide=True, may_settle=True)
    here = {"has_left": False, "is_late": False}
    verb = LineVerb
    assert open_verbs(LineState.OPEN, coder, **here) == (verb.ACCEPT, verb.REBUT)
    assert open_verbs(LineState.UPHELD, coder, **here) == (verb.ACCEPT, verb.ESCALATE)
    assert open_verbs(LineState.UPHELD, coder, has_left=False, is_late=True) == (verb.ACCEPT,)
    assert open_verbs(LineState.REBUTTED, reviewer, **here) == (verb.UPHOLD, verb.WITHDRAW)
    assert open_verbs(LineState.ESCALATED, third, **here) == (verb.CONFIRM, verb.OVERTURN)
    assert open_verbs(LineState.ESCALATED, reviewer, **here) == ()
    assert open_verbs(LineState.OPEN, manager, **here) == ()
    assert open_verbs(LineState.OPEN, manager, has_left=True, is_late=False) == (verb.SETTLE, verb.DISMISS)
    both = Part(is_reviewer=True, may_decide=True, may_settle=True)
    assert open_verbs(LineState.OPEN, both, has_left=True, is_late=False) == ()


@pytest.mark.parametrize(
    ("states", "settled", "overturned", "expected"),
    [
        ({"accepted": 100}, 100, 0, Verdict.MET),
        ({"accepted": 60, "overturned": 40}, 100, 40, Verdict.MISSED),
        ({"lapsed": 57, "overturned": 3}, 60, 3, Verdict.TOO_CLOSE),
        ({"confirmed": 10, "withdrawn": 10, "open": 50}, 20, 0, Verdict.TOO_FEW),
    ],
)
def test_an_overturn_rate_is_judged_by_its_whole_interval(
    states: dict[str, int], settled: int, overturned: int, expected: Verdict
) -> None:
    found = fallen(states.items(), confidence=Decimal("0.95"))
    assert (found.settled, found.overturned) == (settled, overturned)
    assert verdict(found, at_most=Decimal("0.05"), minimum_n=30) is expected


# --- last days -------------------------------------------------------------------------------------------


def test_a_finding_nobody_answered_stands_after_its_last_day_and_is_told_from_an_accepted_one(
    crew: Team,
) -> None:
    with cast.opened(crew.place):
        made = delivered(crew)
        client, system = crew.place.client, system_actor("last day of answers")
        assert lapse_answers(actor=system, client=client) == 0
        assert made.again() == (ReviewState.ANSWERING, LineState.OPEN)
        Review.objects.filter(pk=made.review.pk).update(respond_by=timezone.localdate() - timedelta(days=2))
        assert lapse_answers(actor=system, client=client) == 1
        assert made.again() == (ReviewState.CLOSED, LineState.LAPSED)
        assert made.scores() == [(3, 4, True), (3, 4, False)]
        step = LineStep.objects.get(line=made.line)
        assert (step.verb, step.said_by_id) == (LineVerb.LAPSE, None)
        assert lapse_answers(actor=system, client=client) == 0
    page = f"/c/{crew.place.client.slug}/quality/reviews/{made.review.pk}/"
    shown = browser(crew.coder).get(page).content.decode()
    assert "Stands, not answered in time" in shown and "The last day passed without an answer" in shown


def test_a_rebuttal_that_waits_for_the_reviewer_never_lapses_and_an_upheld_one_has_days_of_its_own(
    crew: Team,
) -> None:
    with cast.opened(crew.place):
        made = delivered(crew)
        made.say(crew.coder, LineVerb.REBUT)
        long_ago = timezone.localdate() - timedelta(days=2)
        Review.objects.filter(pk=made.review.pk).update(respond_by=long_ago)
        system = system_actor("last day of answers")
        assert lapse_answers(actor=system, client=crew.place.client) == 0
        made.say(crew.reviewer, LineVerb.UPHOLD)
        made.line.refresh_from_db()
        assert made.line.answer_by is not None and made.line.answer_by > timezone.localdate()
        assert lapse_answers(actor=system, client=crew.place.client) == 0
        AuditLine.objects.filter(pk=made.line.pk).update(answer_by=long_ago)
        with pytest.raises(Refused, match="last day"):
            made.say(crew.coder, LineVerb.ESCALATE)
        assert made.again() == (ReviewState.ANSWERING, LineState.UPHELD)
        made.say(crew.coder, LineVerb.ACCEPT, Answer())
        assert made.again() == (ReviewState.CLOSED, LineState.ACCEPTED)


def test_a_manager_moves_the_last_day_with_a_reason_and_nobody_else(crew: Team) -> None:
    with cast.opened(crew.place):
        made = delivered(crew)
        passed, later = (timezone.localdate() + timedelta(days=days) for days in (-2, 10))
        Review.objects.filter(pk=made.review.pk).update(respond_by=passed)
        change = {"review": made.review, "until": later, "reason": "On leave for two weeks."}
        for person in (crew.coder, crew.reviewer):
            with pytest.raises(NotAllowed):
                extend_answers(actor=crew.actor(person), **change)  # type: ignore[arg-type]
        manager = crew.actor(crew.manager)
        with pytest.raises(Refused, match="Say why"):
            extend_answers(actor=manager, review=made.review, until=later, reason="Leave")
        for day in (passed, timezone.localdate() + timedelta(days=200)):
            with pytest.raises(InvalidInput, match="Choose a day"):
                extend_answers(actor=manager, review=made.review, until=day, reason="On leave for long.")
        made.review.refresh_from_db()
        assert made.review.respond_by == passed
        extend_answers(actor=manager, **change)  # type: ignore[arg-type]
        made.say(crew.coder, LineVerb.REBUT)
        with pytest.raises(Refused, match="waits for the coder"):
            extend_answers(actor=manager, review=made.review, until=later, reason="Another week of leave.")
        made.review.refresh_from_db()
        assert made.review.respond_by == later


# --- who has left ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "state", "score"),
    [
        (LineVerb.SETTLE, LineState.CONFIRMED, (3, 4, False)),
        (LineVerb.DISMISS, LineState.OVERTURNED, (4, 4, False)),
    ],
)
def test_a_manager_answers_for_a_coder_who_has_left(
    crew: Team, verb: LineVerb, state: LineState, score: tuple[int, int, bool]
) -> None:
    with cast.opened(crew.place):
        made = delivered(crew)
        change = {"review": made.review, "line_id": made.line.pk, "verb": verb, "reason": "Left on Friday."}
        with pytest.raises(Refused, match="still works here"):
            settle_for_absent(actor=crew.actor(crew.manager), **change)  # type: ignore[arg-type]
        Membership.objects.filter(user=crew.coder).update(revoked_at=timezone.now())
        for person in (crew.reviewer, crew.second):
            with pytest.raises(NotAllowed):
                settle_for_absent(actor=crew.actor(person), **change)  # type: ignore[arg-type]
        assert made.again() == (ReviewState.ANSWERING, LineState.OPEN)
        settle_for_absent(actor=crew.actor(crew.manager), **change)  # type: ignore[arg-type]
        assert made.again() == (ReviewState.CLOSED, state)
        assert made.scores()[-1] == score
        assert LineStep.objects.get(line=made.line).verb == verb
        with pytest.raises(Conflict):  # it is over
            settle_for_absent(actor=crew.actor(crew.manager), **change)  # type: ignore[arg-type]


# --- what counts -----------------------------------------------------------------------------------------


def test_a_finding_about_the_work_is_in_no_denominator_whether_it_stands_or_falls(crew: Team) -> None:
    with cast.opened(crew.place):
        made = delivered(crew, process=True)
        assert made.scores() == [(3, 4, True)]
        kept = ReviewScore.objects.get(review=made.review).scores
        assert (kept["process_weight"], kept["counts"]["EV"]) == ("0.750", 1)
        for line in AuditLine.objects.filter(review=made.review, is_process=True):
            for user, verb in ((crew.coder, LineVerb.REBUT), (crew.reviewer, LineVerb.WITHDRAW)):
                answer_line(
                    actor=crew.actor(user), review=made.review, line_id=line.pk, verb=verb, answer=WHY
                )
        made.say(crew.coder, LineVerb.ACCEPT, Answer())
        assert made.scores() == [(3, 4, True), (3, 4, False)]
        newest = ReviewScore.objects.filter(review=made.review).order_by("-number")[0].scores
        assert Decimal(newest["process_weight"]) == 0 and "EV" not in newest["counts"]


def test_an_overturn_counts_against_the_reviewer_and_a_withdrawal_does_not(crew: Team) -> None:
    with cast.opened(crew.place):
        overturned, withdrawn, accepted = (delivered(crew) for _ in range(3))
        for made in (overturned, withdrawn):
            made.say(crew.coder, LineVerb.REBUT)
        withdrawn.say(crew.reviewer, LineVerb.WITHDRAW)
        accepted.say(crew.coder, LineVerb.ACCEPT, Answer())
        overturned.say(crew.reviewer, LineVerb.UPHOLD)
        overturned.say(crew.coder, LineVerb.ESCALATE)
        reach = reviews_in_reach(crew.actor(crew.manager), crew.place.client.pk)
        waiting = findings_in(reach, [crew.place.client.pk], Asked(turn="third"))
        assert [line.pk for line in waiting] == [overturned.line.pk]
        overturned.say(crew.second, LineVerb.OVERTURN)
        since = timezone.now() - timedelta(days=1)
        rows = reviewers_of(reach, crew.place.client.pk, since=since, confidence=Decimal("0.95"))
        assert [
            (row.name, row.fallen.settled, row.fallen.overturned, row.fallen.withdrawn) for row in rows
        ] == [("Quentin Drake", 3, 1, 1)]


# --- pages -----------------------------------------------------------------------------------------------


def test_a_coder_answers_on_the_page_and_what_was_refused_stays_typed(crew: Team) -> None:
    with cast.opened(crew.place):
        made = delivered(crew)
    me, slug = browser(crew.coder), crew.place.client.slug
    listed = me.get("/work/findings/").content.decode()
    page = f"/c/{slug}/quality/reviews/{made.review.pk}/"
    assert f'href="{page}#f{made.line.number}"' in listed
    post = f"/c/{slug}/quality/findings/{made.line.pk}/answer/"
    typed = {
        "verb": "rebut",
        "words": "The plan names insulin.",
        "citation_kind": "guideline",
        "citation": "",
    }
    refused = me.post(post, typed)
    assert refused.status_code == 422
    assert "A rebuttal cites" in refused.content.decode() and typed["words"] in refused.content.decode()
    with cast.opened(crew.place):
        assert made.again() == (ReviewState.ANSWERING, LineState.OPEN)
    kept = me.post(post, typed | {"citation": "I.C.4.a.3"})
    assert (kept.status_code, kept["Location"]) == (303, f"{page}#f{made.line.number}")
    shown = me.get(page).content.decode()
    assert "I.C.4.a.3" in shown and "waits for the reviewer" in shown and 'value="rebut"' not in shown
    assert "No finding waits for you." in me.get("/work/findings/").content.decode()
    theirs = browser(crew.reviewer).get(page).content.decode()
    assert 'value="uphold"' in theirs and 'value="withdraw"' in theirs


def test_a_client_reads_a_closed_review_without_a_name_of_the_vendors(crew: Team) -> None:
    admin = cast.person("Odette Fontenot", (crew.place, Role.CLIENT_ADMIN))
    with cast.opened(crew.place):
        made = delivered(crew)
    me, slug = browser(admin), crew.place.client.slug
    page = f"/c/{slug}/quality/reviews/{made.review.pk}/"
    assert me.get(page).status_code == 404
    with cast.opened(crew.place):
        made.say(crew.coder, LineVerb.ACCEPT, Answer())
    for url in (page, f"/c/{slug}/quality/findings/"):
        answer = me.get(url)
        assert answer.status_code == 200
        for person in (crew.coder, crew.reviewer):
            assert person.full_name not in answer.content.decode(), url
    assert me.get(f"/c/{slug}/quality/findings/reviewers/").status_code == 404


def test_lists_are_filtered_by_turn_verdict_and_person_and_refuse_what_no_list_has(crew: Team) -> None:
    with cast.opened(crew.place):
        made = delivered(crew)
        made.say(crew.coder, LineVerb.REBUT)
    me, room = browser(crew.manager), f"/c/{crew.place.client.slug}/quality/findings/"
    visit = made.review.encounter.external_id
    for query, found in (
        ("turn=reviewer", True), ("turn=coder", False), ("turn=third", False), ("verdict=UN", True),
        ("verdict=WC", False), ("cause=guideline_knowledge", True), ("state=rebutted", True),
        (f"coder={crew.coder.pk}", True), (f"reviewer={crew.coder.pk}", False),
    ):  # fmt: skip
        assert (visit in me.get(f"{room}?{query}").content.decode()) is found, query
    for query in ("turn=mine", "verdict=XX", "state=gone", "coder=me", "reviewer=9999999999999"):
        assert me.get(f"{room}?{query}").status_code == 404, query
    assert "Quentin Drake" not in me.get(f"{room}reviewers/").content.decode()


def test_a_manager_gives_days_on_the_page_and_a_day_that_cannot_be_read_is_said(crew: Team) -> None:
    with cast.opened(crew.place):
        made = delivered(crew)
    me, slug = browser(crew.manager), crew.place.client.slug
    post = f"/c/{slug}/quality/findings/{made.line.pk}/extend/"
    wrong = me.post(post, {"until": "next week", "reason": "On leave for a week."})
    assert wrong.status_code == 422 and "On leave for a week." in wrong.content.decode()
    until: date = timezone.localdate() + timedelta(days=20)
    assert me.post(post, {"until": f"{until:%m/%d/%Y}", "reason": "On leave for a week."}).status_code == 303
    with cast.opened(crew.place):
        made.review.refresh_from_db()
        assert made.review.respond_by == until
    assert (
        browser(crew.coder).post(post, {"until": "12/31/2026", "reason": "I ask for it."}).status_code == 403
    )


def test_the_pages_make_as_many_queries_for_three_findings_as_for_one(crew: Team) -> None:
    me, slug = browser(crew.manager), crew.place.client.slug

    def counted(url: str) -> int:
        assert me.get(url).status_code == 200
        with CaptureQueriesContext(connection) as queries:
            me.get(url)
        return len(queries)

    with cast.opened(crew.place):
        one = delivered(crew)
    room = f"/c/{slug}/quality/findings/"
    page = f"/c/{slug}/quality/reviews/{one.review.pk}/"
    few = [counted(url) for url in (room, f"{room}?turn=coder", f"{room}reviewers/", page)]
    with cast.opened(crew.place):
        three = delivered(crew, process=True)
        delivered(crew)
        three.say(crew.coder, LineVerb.REBUT)
    page = f"/c/{slug}/quality/reviews/{three.review.pk}/"
    assert [counted(url) for url in (room, f"{room}?turn=coder", f"{room}reviewers/", page)] == few


def test_a_manager_is_offered_to_decide_only_once_who_is_awaited_has_left(crew: Team) -> None:
    with cast.opened(crew.place):
        made = delivered(crew)
    me, slug = browser(crew.manager), crew.place.client.slug
    page = f"/c/{slug}/quality/reviews/{made.review.pk}/"
    assert 'value="settle"' not in me.get(page).content.decode()
    with cast.opened(crew.place):
        Membership.objects.filter(user=crew.coder).update(revoked_at=timezone.now())
    shown = me.get(page).content.decode()
    assert 'value="settle"' in shown and 'value="dismiss"' in shown and "a manager decides" in shown
    post = f"/c/{slug}/quality/findings/{made.line.pk}/answer/"
    assert me.post(post, {"verb": "dismiss", "words": "Left"}).status_code == 422
    assert me.post(post, {"verb": "dismiss", "words": "Left on Friday."}).status_code == 303
    with cast.opened(crew.place):
        assert made.again() == (ReviewState.CLOSED, LineState.OVERTURNED)
