"""The clock of an overpayment through its actions: recorded decisions, and what cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from code_sets import selectors
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from coding_ops.core.overpayment import ClockVerb
from coding_ops.tenancy.actor import Actor
from qa_audit.actions.overpayments import Identified, move_clock, start_clock
from qa_audit.models import ClockStep, OverpaymentClock
from tests import cast
from tests.qa_audit.scene import Team, team

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@pytest.fixture
def crew() -> Team:
    return team(cast.cypress())


def clock_at(crew: Team, days_ago: int, **more: Any) -> OverpaymentClock:
    found = Identified(
        "Level of office visits",
        "Medicare",
        "medicare_ab",
        cast.today() - timedelta(days=days_ago),
        **more,
    )
    return start_clock(
        actor=crew.actor(crew.manager), client=crew.place.client, found=found, reason="Found in a review."
    )


def test_a_clock_moves_by_decisions_with_reasons_and_refuses_what_cannot_be(crew: Team) -> None:
    with cast.opened(crew.place):
        planner, today = crew.actor(crew.manager), cast.today()
        clock = clock_at(crew, 40)

        def move(verb: ClockVerb, actor: Actor = planner, **more: Any) -> OverpaymentClock:
            given: dict[str, Any] = {"on": today, "reason": "Decided by compliance."} | more
            return move_clock(actor=actor, clock=clock, verb=verb, **given)

        with pytest.raises(InvalidInput, match="Enter the amount"):
            move(ClockVerb.RETURN)
        with pytest.raises(Conflict):
            move(ClockVerb.QUANTIFY, amount=Decimal(10))
        with pytest.raises(NotAllowed):
            move(ClockVerb.INVESTIGATE, crew.actor(crew.reviewer))
        with pytest.raises(InvalidInput, match="not come"):
            move(ClockVerb.INVESTIGATE, on=today + timedelta(days=1))
        with pytest.raises(Refused):
            move(ClockVerb.INVESTIGATE, reason="x")
        clock.refresh_from_db()
        assert (clock.state, ClockStep.objects.filter(clock=clock).count()) == ("running", 1)
        move(ClockVerb.INVESTIGATE, on=today - timedelta(days=30))
        with pytest.raises(InvalidInput, match="Not before"):
            move(ClockVerb.QUANTIFY, on=today - timedelta(days=31), amount=Decimal(10))
        with pytest.raises(InvalidInput, match="above zero"):
            move(ClockVerb.QUANTIFY, amount=Decimal(0))
        move(ClockVerb.QUANTIFY, amount=Decimal("812.40"))
        done = move(ClockVerb.RETURN)
        assert (done.state, done.amount, done.ended_on) == ("returned", Decimal("812.40"), today)
        with pytest.raises(Conflict):
            move(ClockVerb.DISMISS)
        steps = ClockStep.objects.filter(clock=clock).values_list("number", "verb")
        assert list(steps) == [(1, "identify"), (2, "investigate"), (3, "quantify"), (4, "return")]


def test_an_investigation_that_began_after_the_deadline_is_refused(crew: Team) -> None:
    with cast.opened(crew.place):
        clock = clock_at(crew, 61)
        with pytest.raises(Refused, match="had passed"):
            move_clock(
                actor=crew.actor(crew.manager),
                clock=clock,
                verb=ClockVerb.INVESTIGATE,
                on=cast.today(),
                reason="Looking further.",
            )


def test_each_decision_is_an_event_without_a_name_in_it(crew: Team) -> None:
    with cast.opened(crew.place):
        clock = clock_at(crew, 3, amount=Decimal("19.90"))
        move_clock(
            actor=crew.actor(crew.manager),
            clock=clock,
            verb=ClockVerb.DISMISS,
            on=cast.today(),
            reason="It was paid once.",
        )
        events = AuditEvent.objects.filter(verb=Verb.OVERPAYMENT_STEPPED).order_by("seq")
        assert [event.facts["step"] for event in events] == ["identify", "dismiss"]
        assert (events[0].facts["amount"], events[1].reason) == ("19.90", "It was paid once.")


def test_the_database_refuses_an_amount_below_zero_and_a_changed_decision(crew: Team) -> None:
    with cast.opened(crew.place):
        clock = clock_at(crew, 3)
        for change in (
            lambda: OverpaymentClock.objects.filter(pk=clock.pk).update(amount=Decimal(-1)),
            lambda: OverpaymentClock.objects.filter(pk=clock.pk).update(state="returned"),
            lambda: ClockStep.objects.filter(clock=clock).update(reason="Another story"),
            lambda: ClockStep.objects.filter(clock=clock).delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()
