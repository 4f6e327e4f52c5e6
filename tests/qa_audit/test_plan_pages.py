"""Plans and draws on their pages, and what the schedule draws."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from code_sets import selectors
from coding_ops.accounts.models import User
from coding_ops.administration.clients import grant_membership
from coding_ops.core.errors import NotAllowed
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Membership, Role
from encounters.models import CodeRevision, Encounter, EncounterKind
from qa_audit.actions.draws import draw_due, draw_sample
from qa_audit.actions.plans import create_plan, revise_plan, switch_plan
from qa_audit.actions.reviews import cancel_review
from qa_audit.models import Draw, PlanVersion, Review, ReviewScore, SampleWidening, SamplingPlan
from qa_audit.rules.frame import pack_frame, unpack_frame
from qa_audit.rules.plan_terms import PlanTerms, Schedule
from qa_audit.sample_command import sample
from qa_audit.selectors.plans import draw_again
from qa_audit.tasks import draw_samples
from qa_audit.views.plans import words as plan_words
from tests import cast
from tests.qa_audit.scene import Team, final_chart, team

pytestmark = pytest.mark.django_db
TERMS = {
    "method": "percent",
    "value": "50",
    "floor_per_stratum": "0",
    "strata": ["coder"],
    "new_coder_charts": "30",
    "mode": "blind",
    "gate": "retrospective",
    "schedule": "manual",
    "counted_score": "encounter_clean",
    "rebuttal_days": "7",
    "target": "95",
    "precision": "5",
    "confidence": "95",
}


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


def base(crew: Team) -> str:
    return f"/c/{crew.place.client.slug}/quality/"


def plan_of(crew: Team, **terms: Any) -> SamplingPlan:
    given = {"value": 50, "strata": ["coder"], "schedule": "manual", **terms}
    return create_plan(actor=crew.actor(crew.manager), client=crew.place.client, name="Monthly", terms=given)


def days() -> dict[str, Any]:
    today = cast.today()
    return {"first": today - timedelta(days=10), "last": today - timedelta(days=1)}


def sent_days() -> dict[str, str]:
    return {name: f"{day:%m/%d/%Y}" for name, day in days().items()}


def charts(crew: Team, count: int, **given: Any) -> list[Encounter]:
    """Final charts of the same codes; one is coded, the others are copies of it with a revision each."""
    first = final_chart(crew, **given)
    revision = CodeRevision.objects.get(encounter=first)
    found = [first]
    for number in range(1, count):
        copy = Encounter(
            **{
                one.attname: getattr(found[0], one.attname)
                for one in Encounter._meta.concrete_fields
                if one.name not in ("id", "external_id")
            },
            external_id=f"{found[0].external_id}-{number}",
        )
        copy.save()
        CodeRevision.objects.create(
            **{
                one.attname: getattr(revision, one.attname)
                for one in CodeRevision._meta.concrete_fields
                if one.name not in ("id", "encounter")
            },
            encounter=copy,
        )
        found.append(copy)
    return found


# --- the form -------------------------------------------------------------------------------------------


def test_a_preview_counts_the_frame_and_saves_nothing_until_it_is_saved(crew: Team) -> None:
    with cast.opened(crew.place):
        charts(crew, 4)
    manager = browser(crew.manager)
    sent = {**TERMS, "name": "Half", "schedule": "daily", "do": "preview"}
    with cast.opened(crew.place):
        Encounter.objects.update(final_at=timezone.now() - timedelta(days=1))
    shown = manager.post(f"{base(crew)}plans/new/", sent)
    page = shown.content.decode()
    assert shown.status_code == 200 and "4 charts in scope" in page and "Rosalind Ames" in page
    assert "2 of 2: 15.8 to 100%" in page  # Clopper-Pearson of 2 of 2
    with cast.opened(crew.place):
        assert not SamplingPlan.objects.exists()
    saved = manager.post(f"{base(crew)}plans/new/", {**sent, "do": "save"})
    assert saved.status_code == 303
    with cast.opened(crew.place):
        terms = PlanVersion.objects.get(plan__name="Half").terms
    assert (terms["value"], terms["strata"], terms["schedule"], terms["target"]) == (
        "50",
        ["coder"],
        "daily",
        "0.95",
    )
    assert "Half" in manager.get(saved["Location"]).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("value", "120", "How many must be more than 0 and at most 100 percent."),
        ("value", "many", "How many must be a number."),
        ("target", "100", "Target: give a percentage above 0 and below 100."),
        ("floor_per_stratum", "-1", "At least from each stratum: give a whole number."),
        ("kinds", "spaceship", "Kinds of visit: choose from the list."),
        ("coders", "x", "Coders: choose from the list."),
        ("rebuttal_days", "400", "Days to answer a finding must be a whole number from 1 to 90."),
        ("name", " ", "Give the plan a name."),
    ],
)
def test_a_wrong_term_is_told_at_its_field_and_nothing_is_saved(
    crew: Team, field: str, value: str, told: str
) -> None:
    answer = browser(crew.manager).post(
        f"{base(crew)}plans/new/", {**TERMS, "name": "Half", "do": "save", field: value}
    )
    page = answer.content.decode()
    assert answer.status_code == 422 and told in page and f'href="#{field}"' in page
    with cast.opened(crew.place):
        assert not SamplingPlan.objects.exists()


def test_two_who_change_a_plan_at_once_do_not_overwrite_each_other(crew: Team) -> None:
    with cast.opened(crew.place):
        plan = plan_of(crew)
    manager, href = browser(crew.manager), f"{base(crew)}plans/{plan.pk}/change/"
    change = {**TERMS, "seen_version": "1", "reason": "The contract changed.", "do": "save"}
    assert manager.post(href, {**change, "value": "20"}).status_code == 303
    late = manager.post(href, {**change, "value": "30"})
    assert late.status_code == 409 and "has version 2 by now" in late.content.decode()
    same = manager.post(href, {**change, "value": "20", "seen_version": "2"})
    assert same.status_code == 422 and "These are the terms the plan has." in same.content.decode()
    with cast.opened(crew.place):
        assert [one.terms["value"] for one in PlanVersion.objects.order_by("number")] == ["50", "20"]
    page = manager.get(f"{base(crew)}plans/{plan.pk}/").content.decode()
    assert "50% of the charts, by coder" in page and "20% of the charts, by coder" in page


def test_each_side_steers_its_own_plans_and_a_client_is_not_told_who_codes(crew: Team) -> None:
    admin = cast.person("Paul Whitaker", (crew.place, Role.CLIENT_ADMIN))
    with cast.opened(crew.place):
        charts(crew, 2)
        ours = plan_of(crew)
        drawn = draw_sample(actor=crew.actor(crew.manager), plan=ours, **days(), seed=3)
    theirs = browser(admin)
    made = theirs.post(f"{base(crew)}plans/new/", {**TERMS, "name": "Our own look", "do": "save"})
    with cast.opened(crew.place):
        own = SamplingPlan.objects.get(name="Our own look")
        assert own.is_client_run
        for user, role, plan in ((admin, Role.CLIENT_ADMIN, ours), (crew.manager, Role.MANAGER, own)):
            with pytest.raises(NotAllowed, match="only they change it"):
                switch_plan(
                    actor=cast.actor_for(user, role), plan=plan, is_active=False, reason="Not ours to do."
                )
    assert theirs.post(f"{base(crew)}plans/{ours.pk}/draw/", sent_days()).status_code == 403
    draw_made = theirs.post(f"{made['Location']}draw/", sent_days())
    with cast.opened(crew.place):
        assert Review.objects.filter(draw__version__plan=own, is_client_run=True).count() == 1
        assert Draw.objects.count() == 2
    for href in (f"{base(crew)}draws/{drawn.pk}/", draw_made["Location"]):
        page = theirs.get(href).content.decode()
        assert f"Coder {crew.coder.pk}" in page and crew.coder.full_name not in page


# --- draws ----------------------------------------------------------------------------------------------


def test_the_file_of_a_draw_gives_its_list_to_the_rule_command_with_what_was_widened(crew: Team) -> None:
    other = cast.coder("Marcus Bell", crew.place)
    today = cast.today()
    with cast.opened(crew.place):
        charts(crew, 8)
        charts(crew, 8, coder=other)
        SampleWidening.objects.create(
            client=crew.place.client,
            coder=crew.coder,
            factor=Decimal(3),
            starts_on=today - timedelta(days=5),
            ends_on=today + timedelta(days=5),
            reason="A signal of the chart.",
            made_by=crew.manager,
            made_at=timezone.now(),
        )
        plan = plan_of(crew, value=25)
        drawn = draw_sample(actor=crew.actor(crew.manager), plan=plan, **days(), seed=20261123)
        stratum = f"coder={crew.coder.pk}|widened=3"
        assert drawn.widened == {stratum: "3"}
        assert {name: told["sample"] for name, told in drawn.strata.items()} == {
            stratum: 6,
            f"coder={other.pk}": 2,
        }
        weights = dict(Review.objects.filter(draw=drawn).values_list("stratum", "weight"))
        assert weights == {stratum: Decimal("1.333333"), f"coder={other.pk}": Decimal(4)}
        reviewed = {str(one) for one in Review.objects.values_list("encounter_id", flat=True)}
        # Ended since: the draw keeps what held when it was made.
        SampleWidening.objects.update(ends_on=today - timedelta(days=4))
        assert draw_again(Draw.objects.get()).repeats
    asked = browser(crew.manager).get(f"{base(crew)}draws/{drawn.pk}/qa-sample.json")
    answer = sample(json.loads(asked.content))
    assert {one["id"] for one in answer["sample"]} == reviewed
    assert (answer["frame_sha256"], answer["plan_sha256"]) == (drawn.frame_sha256, drawn.plan_sha256)
    lines = browser(crew.manager).get(f"{base(crew)}draws/{drawn.pk}/frame.csv").content.decode().splitlines()
    assert len(lines) == 17 and lines[0] == "FRAME_NUMBER,CHART,STRATUM"
    assert browser(crew.reviewer).get(f"{base(crew)}draws/{drawn.pk}/qa-sample.json").status_code == 404


def test_drawing_again_tells_a_changed_frame_plan_or_list_and_what_moved_since(crew: Team) -> None:
    with cast.opened(crew.place):
        final = charts(crew, 4)
        plan = plan_of(crew)
        draw_sample(actor=crew.actor(crew.manager), plan=plan, **days(), seed=8)
        assert draw_again(Draw.objects.get()).repeats
        shorter = Draw.objects.get()
        shorter.frame = pack_frame(unpack_frame(bytes(shorter.frame))[1:])
        assert not draw_again(shorter).frame_holds and not draw_again(shorter).repeats
        other = Draw.objects.get()
        other.version.terms = {**other.version.terms, "value": "100"}
        found = draw_again(other)
        assert not found.plan_holds and len(found.missing) == 2
        # The charts move on; the draw does not.
        Encounter.objects.filter(pk=final[0].pk).update(status="reopened")
        since = draw_again(Draw.objects.get())
        assert since.repeats and (since.gone, since.come) == (1, 0)
    page = browser(crew.manager).get(f"{base(crew)}draws/{shorter.pk}/again/").content.decode()
    assert "The same 2 charts, from the stored frame, plan and seed." in page
    assert "1 chart of the frame would not be in it today" in page


def test_what_a_draw_cannot_take_is_refused_and_what_it_leaves_out_is_told(crew: Team) -> None:
    with cast.opened(crew.place):
        first, second, third = charts(crew, 3)
        Encounter.objects.filter(pk=second.pk).update(status="reopened")
        Encounter.objects.filter(pk=third.pk).update(kind=EncounterKind.SURGERY)
        plan = plan_of(crew, kinds=[first.kind])
    manager, href = browser(crew.manager), f"{base(crew)}plans/{plan.pk}/"
    today = cast.today()
    for sent, told in (
        ({"first": "soon", "last": f"{today:%m/%d/%Y}"}, "First day: write the day as MM/DD/YYYY."),
        ({"first": "t-3", "last": "t"}, "The period has not ended"),
        ({"first": "t-2", "last": "t-4"}, "The period ends before it begins."),
        ({"first": "t-90", "last": "t-80"}, "No final chart of this period is in the plan"),
        ({"first": "t-9", "last": "t-1", "seed": "1e9"}, "Seed: a whole number"),
    ):
        refused = manager.post(f"{href}draw/", sent)
        assert refused.status_code == 422 and told in refused.content.decode(), told
    with cast.opened(crew.place):
        assert not Draw.objects.exists()
    made = manager.post(f"{href}draw/", {"first": "t-9", "last": "t-1", "seed": "77"})
    page = manager.get(made["Location"]).content.decode()
    assert "1 final then, opened again since; 1 outside the plan’s scope" in page and ">77<" in page
    again = manager.post(f"{href}draw/", {"first": "t-9", "last": "t-1", "seed": "77"})
    assert again.status_code == 422 and "drawn with this seed before" in again.content.decode()


def test_a_draw_tells_of_coders_who_left_or_review_now(crew: Team) -> None:
    gone, moved = cast.coder("Ines Calderon", crew.place), cast.coder("Marcus Bell", crew.place)
    with cast.opened(crew.place):
        charts(crew, 2, coder=gone)
        charts(crew, 2, coder=moved)
        drawn = draw_sample(actor=crew.actor(crew.manager), plan=plan_of(crew, value=100), **days(), seed=4)
        Membership.objects.filter(user__in=[gone, moved]).update(revoked_at=timezone.now())
        grant_membership(
            actor=cast.SYSTEM, client=crew.place.client, user=moved, role=Role.QA_REVIEWER, ends_on=None
        )
        plan = create_plan(
            actor=crew.actor(crew.manager),
            client=crew.place.client,
            name="Of one who left",
            terms={"coders": [gone.pk]},
        )
    manager = browser(crew.manager)
    page = manager.get(f"{base(crew)}draws/{drawn.pk}/").content.decode()
    assert "2 charts to review by people who no longer code here" in page
    assert "2 charts to review by people who review here now: somebody else takes those." in page
    form = manager.get(f"{base(crew)}plans/{plan.pk}/change/").content.decode()
    assert "Ines Calderon (has left)" in form and "Marcus Bell (has left)" not in form


def test_a_draws_page_estimates_from_closed_reviews_and_says_what_is_missing(crew: Team) -> None:
    with cast.opened(crew.place):
        charts(crew, 6)
        plan = plan_of(crew, value=50, counted_score="encounter_clean")
        drawn = draw_sample(actor=crew.actor(crew.manager), plan=plan, **days(), seed=4)
        reviews = list(Review.objects.filter(draw=drawn))
        _close(crew, reviews[0], clean=True)
        _close(crew, reviews[1], clean=False)
        cancel_review(actor=crew.actor(crew.manager), review=reviews[2], reason="Coded twice by mistake")
    page = browser(crew.manager).get(f"{base(crew)}draws/{drawn.pk}/").content.decode()
    assert "1 of 2: 1.3 to 98.7%" in page and "50%" in page
    assert "Too few to judge" in page and "1 chart taken out of review" in page
    assert "2 closed, 1 cancelled" in page


def _close(crew: Team, review: Review, *, clean: bool) -> None:
    """As closed with its score; how a review comes there is other tests' matter."""
    reviews, now = Review.objects.filter(pk=review.pk), timezone.now()
    reviews.update(state="coding", reviewer_id=crew.reviewer.pk)
    for state in ("comparing", "answering"):
        reviews.update(state=state)
    reviews.update(state="closed", closed_at=now)
    ReviewScore.objects.create(
        client_id=review.client_id,
        review=review,
        number=1,
        definition="2026-11",
        scores={},
        numerator=int(clean),
        denominator=1,
        is_clean=clean,
        is_provisional=False,
        scored_at=now,
    )


def test_a_stay_whose_group_hangs_on_a_single_mcc_is_always_reviewed(crew: Team) -> None:
    """MS-DRG 521 falls to 522 without the respiratory failure, its only MCC (Definitions Manual v43.1)."""
    carried = {"drg": 521, "cc_mcc": [{"code": "J9601", "level": "MCC", "excluded_by": None}]}
    stays = {
        "one MCC": carried | {"drivers": [{"code": "J9601", "without": 522, "spans": 2}]},
        "two CCs": carried
        | {
            "cc_mcc": [{"code": code, "level": "CC", "excluded_by": None} for code in ("N179", "D62")],
            "drivers": [],
        },
        "no group": {"drg": None, "reason": "The stay has no discharge date yet."},
    }
    with cast.opened(crew.place):
        finals = dict(zip(stays, charts(crew, 3), strict=True))
        for name, chart in finals.items():
            Encounter.objects.filter(pk=chart.pk).update(kind="inpatient", revision_count=2)
            first = CodeRevision.objects.get(encounter=chart)
            CodeRevision.objects.create(
                client_id=chart.client_id,
                encounter=chart,
                number=2,
                codes=first.codes,
                edits={"drg": stays[name]},
                reason="coder_correction",
                note="Grouped anew.",
                finalized_by=crew.coder,
                credential="CPC",
                finalized_at=timezone.now(),
            )
        plan = plan_of(crew, certainty=["single_cc_mcc"], value=50, strata=[])
        draw_sample(actor=crew.actor(crew.manager), plan=plan, **days(), seed=1)
        always = Review.objects.get(stratum="always:single_cc_mcc")
        assert (always.encounter_id, always.origin) == (finals["one MCC"].pk, "certainty")
        assert Review.objects.count() == 2


# --- the schedule ---------------------------------------------------------------------------------------


def test_a_schedule_draws_each_ended_period_once_by_the_newest_terms(crew: Team) -> None:
    system, client = system_actor("schedule"), crew.place.client
    with cast.opened(crew.place):
        charts(crew, 4, days_ago=2)
        plan = plan_of(crew, schedule="daily")
        SamplingPlan.objects.update(active_since=timezone.now() - timedelta(days=6))
        manual = create_plan(
            actor=crew.actor(crew.manager), client=client, name="By hand", terms={"schedule": "manual"}
        )
        today = cast.today()
        made = draw_due(actor=system, client=client, today=today)
        assert [(one.period_from, one.version.plan_id, one.drawn_by_id) for one in made] == [
            (today - timedelta(days=2), plan.pk, None)
        ]
        revise_plan(
            actor=crew.actor(crew.manager),
            plan=plan,
            seen_version=1,
            terms={"value": 100, "schedule": "daily"},
            reason="More of them",
        )
        assert draw_due(actor=system, client=client, today=today) == []
        switch_plan(actor=crew.actor(crew.manager), plan=plan, is_active=False, reason="The contract ended.")
        charts(crew, 1, days_ago=1)
        assert draw_due(actor=system, client=client, today=today) == []
        # Switched on again: what passed while it was off is not made up for.
        switch_plan(actor=crew.actor(crew.manager), plan=plan, is_active=True, reason="It goes on after all.")
        assert draw_due(actor=system, client=client, today=today) == []
        assert Draw.objects.exclude(version__plan=manual).count() == Draw.objects.count() == 1


def test_the_task_draws_for_its_client_and_a_second_run_finds_nothing_owed(crew: Team) -> None:
    with cast.opened(crew.place):
        charts(crew, 2, days_ago=2)
        plan_of(crew, schedule="daily")
        SamplingPlan.objects.update(active_since=timezone.now() - timedelta(days=6))
    assert draw_samples(client_id=crew.place.client.pk) == 1
    assert draw_samples(client_id=crew.place.client.pk) == 0
    with cast.opened(crew.place):
        assert (Draw.objects.get().sample_count, Review.objects.count()) == (1, 1)


def test_every_schedule_has_its_words() -> None:
    assert set(plan_words.SCHEDULES) == set(plan_words.SHORT_SCHEDULES) == set(Schedule)
    assert plan_words.share(PlanTerms(floor_per_stratum=2)) == "5% of the charts, at least 2 of each stratum"
