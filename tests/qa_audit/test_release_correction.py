"""What a review before release found wrong stays held until it is corrected, or a manager lets it go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from code_sets import selectors
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import Conflict, NotAllowed, Refused
from coding_ops.tenancy.models import Role
from encounters.actions.coding import remove_code as remove_final_code
from encounters.actions.finalize import finalize, reopen
from encounters.actions.leases import take_chart
from encounters.models import CodeAssignment, Encounter, HoldStage, LiftReason, ReleaseHold
from encounters.rules.encounter_states import ReopenReason
from encounters.selectors.release import released_revisions
from qa_audit.actions.codes import remove_code
from qa_audit.actions.draws import draw_sample
from qa_audit.actions.findings import Answer, Judgement, add_process_line, answer_line, judge_line
from qa_audit.actions.gate import release_as_it_is
from qa_audit.actions.plans import create_plan, switch_plan
from qa_audit.actions.reviews import cancel_review, deliver, take_review
from qa_audit.models import AuditLine, Review, ReviewCode, SamplingPlan
from qa_audit.rules.review_states import LineVerb, ReviewState
from tests import cast
from tests.qa_audit.scene import Team, final_chart, team

pytestmark = pytest.mark.django_db
WHY = Answer("The plan names the insulin.", "guideline", "I.C.4.a.3")
HELD = "Final, held from release"


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@pytest.fixture
def crew() -> Team:
    return team(cast.cypress())


def browser(user: User) -> Browser:
    asked = Browser()
    asked.force_login(user, backend="coding_ops.tenancy.backends.ReachBackend")
    return asked


def gate(crew: Team, name: str = "Before billing") -> SamplingPlan:
    terms = {"value": 100, "gate": "prebill", "mode": "open", "strata": [], "schedule": "daily"}
    return create_plan(actor=crew.actor(crew.manager), client=crew.place.client, name=name, terms=terms)


def reviews_of(crew: Team, *plans: SamplingPlan) -> list[Review]:
    """Each plan's draw of the days before today, taken by the reviewer."""
    today, found = cast.today(), []
    for seed, plan in enumerate(plans):
        days = {"first": today - timedelta(days=9), "last": today - timedelta(days=1)}
        drawn = draw_sample(actor=crew.actor(crew.manager), plan=plan, **days, seed=seed)
        found += [take_review(actor=crew.actor(crew.reviewer), review=one) for one in drawn.reviews.all()]
    return found


def find(crew: Team, review: Review, cause: str = "guideline_knowledge") -> AuditLine:
    """Delivers with one finding: the reviewer leaves out a code."""
    reviewer = crew.actor(crew.reviewer)
    remove_code(actor=reviewer, review=review, code_id=ReviewCode.objects.get(review=review, code="Z794").pk)
    line = AuditLine.objects.get(review=review, verdict="UN")
    judged = Judgement(cause, "major", "neutral", "guideline", "I.C.4.a")
    judge_line(actor=reviewer, review=review, line_id=line.pk, judgement=judged)
    deliver(actor=reviewer, review=review)
    return line


def answer(crew: Team, user: User, line: AuditLine, verb: LineVerb) -> None:
    answer_line(actor=crew.actor(user), review=line.review, line_id=line.pk, verb=verb, answer=WHY)


def found_wrong(crew: Team) -> Encounter:
    """A chart whose review before release closed with an accepted finding."""
    plan = gate(crew)
    chart = final_chart(crew)
    (review,) = reviews_of(crew, plan)
    answer(crew, crew.coder, find(crew, review), LineVerb.ACCEPT)
    assert Review.objects.get().state == ReviewState.CLOSED
    return chart


def open_again(crew: Team, chart: Encounter) -> None:
    reopen(
        actor=crew.actor(crew.manager),
        encounter=chart,
        reason=ReopenReason.AUDIT,
        note="The review found a code too many.",
    )


def correct(crew: Team, chart: Encounter) -> None:
    """The reopened chart is finished again without the code that was found wrong."""
    coder = crew.actor(crew.coder)
    chart.refresh_from_db()
    fence = take_chart(actor=coder, item=cast.item_of(chart), now=timezone.now()).fence
    wrong = CodeAssignment.objects.get(encounter=chart, code="Z794")
    remove_final_code(
        actor=coder, encounter=chart, fence=fence, assignment_id=wrong.pk, reason="Found in review"
    )
    finalize(actor=coder, encounter=chart, fence=fence)


def out(chart: Encounter) -> list[int]:
    return [one.number for one in released_revisions(chart)]


def standing_holds() -> list[tuple[int, str]]:
    rows = ReleaseHold.objects.filter(lifted_at__isnull=True).order_by("revision_number", "stage")
    return [(one.revision_number, one.stage) for one in rows]


# --- what holds ---


def test_a_version_with_a_standing_finding_goes_out_only_corrected(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = found_wrong(crew)
        assert standing_holds() == [(1, HoldStage.CORRECTION)] and out(chart) == []
        open_again(crew, chart)
        assert standing_holds() == [(1, HoldStage.CORRECTION)] and out(chart) == []
        correct(crew, chart)
        assert standing_holds() == [] and out(chart) == [2], "the wrong version goes to nobody, ever"
        assert ReleaseHold.objects.get().lift_reason == LiftReason.CORRECTED
        told = AuditEvent.objects.filter(subject_id=str(chart.pk), verb__startswith="release.")
        assert [one.verb for one in told.order_by("seq")] == [Verb.RELEASE_HELD, Verb.RELEASE_LIFTED]
        assert told.order_by("-seq")[0].facts["because"] == LiftReason.CORRECTED


def test_the_end_of_its_plan_lets_no_wrong_version_go(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = found_wrong(crew)
        plan = SamplingPlan.objects.get()
        switch_plan(actor=crew.actor(crew.manager), plan=plan, is_active=False, reason="It ended.")
        assert standing_holds() == [(1, HoldStage.CORRECTION)] and out(chart) == []


def test_the_correction_waits_for_whoever_else_holds_it(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = found_wrong(crew)
        gate(crew, "A second gate")
        open_again(crew, chart)
        correct(crew, chart)
        assert standing_holds() == [(2, HoldStage.DECISION)] and out(chart) == []


def test_a_version_opened_again_before_its_review_never_goes_out_either(crew: Team) -> None:
    viewer = browser(cast.person("Nora Vance", (crew.place, Role.CLIENT_VIEWER)))
    with cast.opened(crew.place):
        gate(crew)
        chart = final_chart(crew)
        open_again(crew, chart)
        assert standing_holds() == [] and out(chart) == []
    base = f"/c/{crew.place.client.slug}/encounters/{chart.pk}/"
    for page in (base, f"{base}history/"):
        assert "E11.22" not in viewer.get(page).content.decode()
    with cast.opened(crew.place):
        correct(crew, chart)
        assert standing_holds() == [(2, HoldStage.DECISION)] and out(chart) == []


@pytest.mark.parametrize("cause", ["documentation_gap", "policy_difference"])
def test_a_finding_that_leaves_the_codes_as_they_are_holds_nothing(crew: Team, cause: str) -> None:
    with cast.opened(crew.place):
        plan = gate(crew)
        chart = final_chart(crew)
        (review,) = reviews_of(crew, plan)
        answer(crew, crew.coder, find(crew, review, cause), LineVerb.ACCEPT)
        assert standing_holds() == [] and out(chart) == [1]
        assert ReleaseHold.objects.get().lift_reason == LiftReason.REVIEWED


def test_a_finding_about_the_work_or_one_that_fell_holds_nothing(crew: Team) -> None:
    reviewer = crew.actor(crew.reviewer)
    with cast.opened(crew.place):
        plan = gate(crew)
        charts = [final_chart(crew), final_chart(crew)]
        about_work, fallen = reviews_of(crew, plan)
        line = AuditLine.objects.filter(review=about_work)[0]
        process = add_process_line(actor=reviewer, review=about_work, line_id=line.pk, verdict="QM")
        judged = Judgement("guideline_knowledge", "minor", "neutral", "guideline", "I.B.14")
        judge_line(actor=reviewer, review=about_work, line_id=process.pk, judgement=judged)
        deliver(actor=reviewer, review=about_work)
        answer(crew, crew.coder, process, LineVerb.ACCEPT)
        wrong = find(crew, fallen)
        answer(crew, crew.coder, wrong, LineVerb.REBUT)
        assert standing_holds() == [(1, HoldStage.REVIEW)]
        answer(crew, crew.reviewer, wrong, LineVerb.WITHDRAW)
        assert standing_holds() == [] and [out(one) for one in charts] == [[1], [1]]


def test_another_plans_clean_or_cancelled_review_does_not_outweigh_a_finding(crew: Team) -> None:
    with cast.opened(crew.place):
        plans = [gate(crew), gate(crew, "A second gate"), gate(crew, "A third gate")]
        chart = final_chart(crew)
        first, second, third = reviews_of(crew, *plans)
        answer(crew, crew.coder, find(crew, first), LineVerb.ACCEPT)
        deliver(actor=crew.actor(crew.reviewer), review=second)
        assert len(standing_holds()) == 3 and out(chart) == []
        cancel_review(actor=crew.actor(crew.manager), review=third, reason="Reviewed twice already")
        assert standing_holds() == [(1, HoldStage.CORRECTION)] * 3 and out(chart) == []
        open_again(crew, chart)
        correct(crew, chart)
        assert standing_holds() == [] and out(chart) == [2]


# --- what people are told ---


def test_everybody_is_told_that_it_is_held_and_the_list_says_so_too(crew: Team) -> None:
    viewer = browser(cast.person("Nora Vance", (crew.place, Role.CLIENT_VIEWER)))
    with cast.opened(crew.place):
        chart = found_wrong(crew)
    slug = crew.place.client.slug
    page, api = f"/c/{slug}/encounters/{chart.pk}/", f"/api/v1/clients/{slug}/encounters/{chart.pk}/"
    shown = viewer.get(page).content.decode()
    assert HELD in shown and "It waits for its correction." in shown and "E11.22" not in shown
    told = viewer.get(api).json()
    assert told["codes"] == [] and told["held_back"]["revision"] == 1
    for one in (viewer, browser(crew.manager)):
        assert HELD in one.get(f"/c/{slug}/encounters/").content.decode()
    with cast.opened(crew.place):
        open_again(crew, chart)
    assert viewer.get(api).json()["codes"] == []
    assert HELD not in viewer.get(f"/c/{slug}/encounters/").content.decode()
    with cast.opened(crew.place):
        correct(crew, chart)
    codes = [one["code"] for one in viewer.get(api).json()["codes"]]
    assert "E1122" in codes and "Z794" not in codes
    shown = viewer.get(page).content.decode() + viewer.get(f"{page}history/").content.decode()
    assert "E11.22" in shown and "Z79.4" not in shown
    assert HELD not in viewer.get(f"/c/{slug}/encounters/").content.decode()


# --- the manager's word ---


def test_a_manager_lets_it_go_with_a_reason_that_the_ledger_keeps(crew: Team) -> None:
    manager = crew.actor(crew.manager)
    with cast.opened(crew.place):
        chart = found_wrong(crew)
        hold = ReleaseHold.objects.get()
        for unfit in (" ok ", "no " * 101):
            with pytest.raises(Refused, match="Say in a few words why"):
                release_as_it_is(actor=manager, hold=hold, reason=unfit)
        assert standing_holds() == [(1, HoldStage.CORRECTION)] and out(chart) == []
        release_as_it_is(actor=manager, hold=hold, reason="The payer's deadline is today.")
        assert standing_holds() == [] and out(chart) == [1]
        hold.refresh_from_db()
        assert hold.lift_reason == LiftReason.AS_IT_IS
        event = AuditEvent.objects.get(verb=Verb.RELEASED_AS_IT_IS)
        assert (event.subject_id, event.reason) == (str(chart.pk), "The payer's deadline is today.")
        assert (event.actor_id, event.facts) == (crew.manager.pk, {"revision": 1})
        with pytest.raises(Conflict, match="any more"):
            release_as_it_is(actor=manager, hold=hold, reason="Once more, please.")


def test_nothing_goes_while_it_is_corrected_or_while_its_review_is_under_way(crew: Team) -> None:
    manager = crew.actor(crew.manager)
    with cast.opened(crew.place):
        chart = found_wrong(crew)
        open_again(crew, chart)
        with pytest.raises(Conflict, match="open for their correction"):
            release_as_it_is(actor=manager, hold=ReleaseHold.objects.get(), reason="The deadline is today.")
        under_review = final_chart(crew)
        with pytest.raises(Conflict, match="does not wait"):
            release_as_it_is(
                actor=manager,
                hold=ReleaseHold.objects.get(encounter=under_review),
                reason="The deadline is today.",
            )
        assert standing_holds() == [(1, HoldStage.CORRECTION), (1, HoldStage.DECISION)]
        assert not AuditEvent.objects.filter(verb=Verb.RELEASED_AS_IT_IS).exists()


def test_reviewers_coders_and_the_clients_administrator_let_nothing_go(crew: Team) -> None:
    administrator = cast.person("Ines Moreau", (crew.place, Role.CLIENT_ADMIN))
    people = ((crew.reviewer, Role.QA_REVIEWER), (crew.coder, Role.CODER), (administrator, Role.CLIENT_ADMIN))
    with cast.opened(crew.place):
        chart = found_wrong(crew)
        hold = ReleaseHold.objects.get()
        for user, role in people:
            with pytest.raises(NotAllowed):
                release_as_it_is(actor=cast.actor_for(user, role), hold=hold, reason="The deadline is today.")
    sent: dict[str, Any] = {"hold": str(hold.pk), "reason": "The deadline is today."}
    href = f"/c/{crew.place.client.slug}/quality/held/"
    for user, _ in people:
        assert browser(user).post(href, sent).status_code in (403, 404)
    assert "Release as it is" not in browser(administrator).get(href).content.decode()
    with cast.opened(crew.place):
        assert standing_holds() == [(1, HoldStage.CORRECTION)] and out(chart) == []
        assert not AuditEvent.objects.filter(verb=Verb.RELEASED_AS_IT_IS).exists()


def test_the_page_of_held_charts_asks_for_the_reason_beside_its_field(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = found_wrong(crew)
        hold = ReleaseHold.objects.get()
    manager, href = browser(crew.manager), f"/c/{crew.place.client.slug}/quality/held/"
    listed = manager.get(f"{href}?stage=correct").content.decode()
    assert chart.external_id in listed and f"?release={hold.pk}" in listed
    assert f'name="hold" value="{hold.pk}"' in manager.get(f"{href}?release={hold.pk}").content.decode()
    refused = manager.post(href, {"hold": str(hold.pk), "reason": ""})
    assert refused.status_code == 422 and "Say in a few words why" in refused.content.decode()
    for unknown in ("", "nonsense", str(chart.pk)):
        assert manager.post(href, {"hold": unknown, "reason": "The deadline is today."}).status_code == 404
    with cast.opened(crew.place):
        assert standing_holds() == [(1, HoldStage.CORRECTION)]
    done = manager.post(href, {"hold": str(hold.pk), "reason": "The deadline is today."}, follow=True)
    assert done.redirect_chain == [(href, 303)] and "is released as it is" in done.content.decode()
    with cast.opened(crew.place):
        assert standing_holds() == [] and out(chart) == [1]
