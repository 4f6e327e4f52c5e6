"""The gate before release: who holds final codes, what people outside see, and what lets the codes go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from code_sets import selectors
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.models import Role
from encounters.actions.finalize import reopen
from encounters.models import CodeRevision, Encounter, LiftReason, ReleaseHold
from encounters.rules.encounter_states import ReopenReason
from qa_audit.actions.draws import draw_sample
from qa_audit.actions.plans import create_plan, revise_plan, switch_plan
from qa_audit.actions.reviews import cancel_review, deliver, take_review
from qa_audit.models import Review, SamplingPlan
from tests import cast
from tests.qa_audit.scene import Team, final_chart, team

pytestmark = pytest.mark.django_db
PREBILL = {"gate": "prebill", "mode": "open", "strata": [], "schedule": "daily"}


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


def gate(crew: Team, name: str = "Before billing", **terms: Any) -> SamplingPlan:
    given = {"value": 50, **PREBILL, **terms}
    return create_plan(actor=crew.actor(crew.manager), client=crew.place.client, name=name, terms=given)


def draw(crew: Team, plan: SamplingPlan) -> None:
    today = cast.today()
    draw_sample(
        actor=crew.actor(crew.manager),
        plan=plan,
        first=today - timedelta(days=9),
        last=today - timedelta(days=1),
        seed=1,
    )


def open_ones() -> set[Any]:
    return set(ReleaseHold.objects.filter(lifted_at__isnull=True).values_list("encounter_id", flat=True))


def test_a_final_chart_is_held_until_the_draw_lets_it_go_or_its_review_is_closed(crew: Team) -> None:
    with cast.opened(crew.place):
        before = final_chart(crew)
        plan = gate(crew)
        first, second = final_chart(crew), final_chart(crew)
        assert open_ones() == {first.pk, second.pk}, "what was final before the plan was made went out"
        draw(crew, plan)
        drawn = Review.objects.filter(encounter__in=[first.pk, second.pk])
        assert Review.objects.count() == 2  # 50% of three, rounded up
        assert open_ones() == {one.encounter_id for one in drawn}
        let_go = ReleaseHold.objects.filter(lifted_at__isnull=False)
        assert {one.lift_reason for one in let_go} <= {LiftReason.NOT_CHOSEN}
        assert len(let_go) + len(open_ones()) == 2 and before.pk not in open_ones()
        review = drawn[0]
        taken = take_review(actor=crew.actor(crew.reviewer), review=review)
        assert review.encounter_id in open_ones()
        deliver(actor=crew.actor(crew.reviewer), review=taken)
        assert review.encounter_id not in open_ones()
        hold = ReleaseHold.objects.get(encounter_id=review.encounter_id)
        assert hold.lift_reason == LiftReason.REVIEWED
        told = AuditEvent.objects.filter(subject_id=str(review.encounter_id), verb__startswith="release.")
        assert [one.verb for one in told.order_by("seq")] == [Verb.RELEASE_HELD, Verb.RELEASE_LIFTED]


def test_outside_nobody_reads_held_codes_on_any_page_or_by_the_api_and_all_are_told_why(crew: Team) -> None:
    viewer = browser(cast.person("Nora Vance", (crew.place, Role.CLIENT_VIEWER)))
    auditor = browser(cast.person("Ellis Grant", (crew.place, Role.EXTERNAL_AUDITOR)))
    with cast.opened(crew.place):
        plan = gate(crew, value=100)
        chart = final_chart(crew)
    slug = crew.place.client.slug
    page, api = f"/c/{slug}/encounters/{chart.pk}/", f"/api/v1/clients/{slug}/encounters/{chart.pk}/"
    for who in (viewer, auditor):
        shown = who.get(page).content.decode()
        assert "Version 1 is final and held from release since" in shown
        assert "Second-level review: Before billing." in shown and "E11.22" not in shown
        told = who.get(api).json()
        assert told["codes"] == [] and told["held_back"]["by"] == "Second-level review: Before billing"
        assert who.get(f"{api}revisions/").json() == {"results": []}
        assert who.get(f"{api}revisions/compare/?before=1&after=1").status_code == 404
        assert who.get(f"{page}compare/").status_code == 404
        story = who.get(f"{page}history/").content.decode() + str(who.get(f"{api}history/").json())
        assert "E1122" not in story and "E11.22" not in story and "compare/" not in story
    inside = browser(crew.manager)
    assert "held from release since" in inside.get(page).content.decode()
    assert inside.get(api).json()["held_back"]["revision"] == 1
    listed = inside.get(f"/c/{slug}/quality/held/").content.decode()
    assert chart.external_id in listed and "Waiting to be chosen or let go" in listed
    assert browser(crew.reviewer).get(f"/c/{slug}/quality/held/").status_code == 404
    with cast.opened(crew.place):
        switch_plan(actor=crew.actor(crew.manager), plan=plan, is_active=False, reason="The contract ended.")
        assert ReleaseHold.objects.get().lift_reason == LiftReason.ENDED
    assert "E11.22" in viewer.get(page).content.decode()
    assert viewer.get(api).json()["codes"][0]["code"] == "E1122"
    assert viewer.get(api).json()["held_back"] is None


def test_while_a_new_version_is_held_the_released_one_stays_to_be_read(crew: Team) -> None:
    viewer = browser(cast.person("Nora Vance", (crew.place, Role.CLIENT_VIEWER)))
    with cast.opened(crew.place):
        chart = final_chart(crew)
        newer = CodeRevision.objects.get(encounter=chart)
        ReleaseHold.objects.create(
            client_id=chart.client_id,
            encounter=chart,
            revision_number=2,
            holder_id=chart.pk,
            words="Second-level review: Test",
            held_at=timezone.now(),
        )
        CodeRevision.objects.create(
            client_id=chart.client_id,
            encounter=chart,
            number=2,
            codes=newer.codes[:1],
            reason="coder_correction",
            note="The others were not documented.",
            finalized_by=crew.coder,
            credential="CPC",
            finalized_at=timezone.now(),
        )
        Encounter.objects.filter(pk=chart.pk).update(revision_count=2)
    slug = crew.place.client.slug
    codes = viewer.get(f"/api/v1/clients/{slug}/encounters/{chart.pk}/").json()["codes"]
    assert len(codes) == 4
    shown = viewer.get(f"/c/{slug}/encounters/{chart.pk}/").content.decode()
    assert "Version 1, final" in shown and "Version 2 is final and held from release" in shown


def test_a_reopened_version_is_held_no_more_and_waits_for_no_draw(crew: Team) -> None:
    with cast.opened(crew.place):
        plan = gate(crew, value=100)
        chart, other = final_chart(crew), final_chart(crew)
        reopen(
            actor=crew.actor(crew.manager),
            encounter=chart,
            reason=ReopenReason.CODER_CORRECTION,
            note="The stage was read from an old report.",
        )
        assert ReleaseHold.objects.get(encounter=chart).lift_reason == LiftReason.REOPENED
        draw(crew, plan)
        assert open_ones() == {other.pk} == set(Review.objects.values_list("encounter_id", flat=True))


def test_a_cancelled_review_lets_the_chart_go_unless_another_is_under_way(crew: Team) -> None:
    manager = crew.actor(crew.manager)
    with cast.opened(crew.place):
        one, two = gate(crew, value=100), gate(crew, "A second gate", value=100)
        chart = final_chart(crew)
        assert ReleaseHold.objects.filter(encounter=chart).count() == 2
        draw(crew, one)
        draw(crew, two)
        first, second = Review.objects.order_by("created_at")
        cancel_review(actor=manager, review=first, reason="Drawn by the other plan too")
        assert open_ones() == {chart.pk}
        cancel_review(actor=manager, review=second, reason="The client needs it today")
        assert open_ones() == set()
        assert set(ReleaseHold.objects.values_list("lift_reason", flat=True)) == {LiftReason.CANCELLED}


def test_a_plan_holds_only_its_scope_and_lets_go_what_its_new_terms_leave_out(crew: Team) -> None:
    with cast.opened(crew.place):
        plan = gate(crew, kinds=["office"])
        inside = final_chart(crew)
        assert inside.kind == "office" and open_ones() == {inside.pk}
        gate(crew, "Stays", kinds=["inpatient"])
        gate(crew, "Afterwards", gate="retrospective")
        another = final_chart(crew)
        assert ReleaseHold.objects.filter(encounter=another).count() == 1
        change = partial(revise_plan, actor=crew.actor(crew.manager), plan=plan, reason="Another scope")
        change(seen_version=1, terms={**PREBILL, "value": 50, "kinds": ["office"], "rebuttal_days": 3})
        assert open_ones() == {inside.pk, another.pk}
        change(seen_version=2, terms={**PREBILL, "value": 50, "kinds": ["surgery"]})
        assert open_ones() == set()
        assert set(ReleaseHold.objects.values_list("lift_reason", flat=True)) == {LiftReason.ENDED}
