"""What the demo's coders do, through the same actions as real ones, each at its moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from coding_ops.dev.demo.arrivals import receive, row_of
from coding_ops.dev.demo.clock import at
from coding_ops.dev.demo.plan import CODED, Fate, Visit
from coding_ops.dev.demo.sitting import Day, Sitting, encounter_of, take
from coding_ops.tenancy.models import Role
from coding_ops.tenancy.scope import client_transaction
from encounters.actions.coding import cite, remove_code
from encounters.actions.finalize import finalize, reopen
from encounters.actions.leases import skip_chart
from encounters.actions.pends import Hold, pend_encounter, resume_encounter
from encounters.models import (
    CodeAssignment,
    OwnerParty,
    PendReason,
    SkipReason,
)
from encounters.rules.encounter_states import ReopenReason

HOLDS: tuple[tuple[OwnerParty, PendReason, str], ...] = (
    (
        OwnerParty.CLIENT,
        PendReason.MISSING_RESULT,
        "The result named in the plan has not arrived with the note.",
    ),
    (
        OwnerParty.PROVIDER,
        PendReason.CLARIFICATION,
        "Please state the type and acuity of the main diagnosis.",
    ),
    (OwnerParty.PAYER, PendReason.AUTHORIZATION, "Authorization number is outstanding with the plan."),
    (OwnerParty.VENDOR, PendReason.SECOND_OPINION, "A lead coder looks at the modifier."),
)
ANSWER = "The missing page was sent with last night's export."
KEPT_IN_HAND = timedelta(hours=8)
Act = Callable[[Day, Visit], object]


def code_past_charts(day: Day, visits: Sequence[Visit], more: Mapping[Fate, Act]) -> None:
    """Everything that happened before now, in its order; ``more``: acts that are not coding alone."""
    acts: dict[Fate, Act] = {
        Fate.HELD_THEN_FINAL: _hold_then_finish,
        Fate.PENDED: _hold,
        Fate.SKIPPED: _skip,
        **dict.fromkeys(CODED - {Fate.HELD_THEN_FINAL}, _finish),
        **more,
    }
    for visit in sorted(visits, key=lambda visit: (visit.coded_at, visit.number)):
        act = acts.get(visit.fate)
        if act is not None:
            with client_transaction([day.places[visit.client.slug].client.pk]):
                act(day, visit)


def do_todays_acts(day: Day, visits: Sequence[Visit], now: datetime) -> None:
    """What is true at this very moment: charts in hand, codes opened again and revised, late notes."""
    for visit in visits:
        place = day.places[visit.client.slug]
        if visit.fate is Fate.LATE_NOTE:
            receive(place, now, [row_of(visit, text=visit.note.late_text)])
        elif visit.fate is Fate.CANCELLED:
            receive(place, now, [row_of(visit) | {"status": "cancelled"}])
        elif visit.fate in (Fate.IN_HAND, Fate.REOPENED, Fate.REVISED):
            with client_transaction([place.client.pk]):
                _todays_act(day, visit)


def _todays_act(day: Day, visit: Visit) -> None:
    if visit.fate is Fate.IN_HAND:
        coder = take(day, visit, timezone.now(), lease=KEPT_IN_HAND)
        for code in visit.entered[:2]:
            coder.assign(code)
        return
    reviewer = day.someone(Role.QA_REVIEWER, visit.client.slug)
    note = "The review of this week's sample found one code that the note does not carry."
    reopen(actor=reviewer, encounter=encounter_of(day, visit), reason=ReopenReason.AUDIT, note=note)
    if visit.fate is Fate.REVISED:
        _revise(take(day, visit, timezone.now()))


def _revise(coder: Sitting) -> None:
    """The last diagnosis goes, and the first is cited once more."""
    rows = CodeAssignment.objects.filter(client_id=coder.encounter.client_id, encounter=coder.encounter)
    last = rows.filter(kind="dx").order_by("-position").first()
    if last is not None and last.position > 1:
        remove_code(
            actor=coder.actor,
            encounter=coder.encounter,
            fence=coder.fence,
            assignment_id=last.pk,
            reason="Not documented",
        )
    else:
        words = coder.words(coder.version.text.strip().splitlines()[0])
        service = rows.order_by("-kind", "-position")[0]
        cite(
            actor=coder.actor,
            encounter=coder.encounter,
            fence=coder.fence,
            assignment_id=service.pk,
            words=words,
        )
    finalize(actor=coder.actor, encounter=coder.encounter, fence=coder.fence)


def _finish(day: Day, visit: Visit, start: datetime | None = None) -> None:
    """Take, code with evidence, finalize; about a minute goes into each code."""
    moment = start or day.begin(visit)
    with at(moment):
        coder = take(day, visit, moment)
    for number, code in enumerate(visit.entered):
        moment += timedelta(seconds=day.chance.randint(40, 85))
        with at(moment):
            if number % 2:  # two codes still lie within what counts as one stretch of work
                coder.beat()
            coder.assign(code)
    moment += timedelta(seconds=day.chance.randint(20, 60))
    with at(moment):
        coder.beat()
        finalize(actor=coder.actor, encounter=coder.encounter, fence=coder.fence)
    day.free_at[visit.coder.name] = moment + timedelta(minutes=1)


def _hold(day: Day, visit: Visit) -> datetime:
    """Take, read, enter the first code, and put it on hold for each party in turn."""
    moment = day.begin(visit)
    turn = day.held.get(visit.client.slug, 0)
    day.held[visit.client.slug] = turn + 1
    owner, reason, note = HOLDS[turn % len(HOLDS)]
    with at(moment):
        coder = take(day, visit, moment)
    moment += timedelta(seconds=150)
    with at(moment):
        coder.beat()
        coder.assign(visit.entered[0])
        hold = Hold(reason, owner, timezone.localdate() + timedelta(days=3), note)
        pend_encounter(actor=coder.actor, encounter=coder.encounter, fence=coder.fence, hold=hold)
    day.free_at[visit.coder.name] = moment + timedelta(minutes=1)
    return moment


def _hold_then_finish(day: Day, visit: Visit) -> None:
    """On hold, answered by the client two days later, coded the next morning."""
    turn = day.held.get(visit.client.slug, 0)
    day.held[visit.client.slug] = 0
    moment = _hold(day, visit)
    day.held[visit.client.slug] = turn
    answered_at = moment + timedelta(hours=50)
    with at(answered_at):
        client_person = day.someone(Role.CLIENT_ADMIN, visit.client.slug)
        resume_encounter(actor=client_person, encounter=encounter_of(day, visit), answer=ANSWER)
    rest = visit.entered[1:]
    start = answered_at + timedelta(hours=4)
    with at(start):
        coder = take(day, visit, start)
    for code in rest:
        start += timedelta(seconds=day.chance.randint(60, 170))
        with at(start):
            coder.beat()
            coder.assign(code)
    with at(start + timedelta(seconds=40)):
        finalize(actor=coder.actor, encounter=coder.encounter, fence=coder.fence)


def _skip(day: Day, visit: Visit) -> None:
    moment = day.begin(visit)
    with at(moment):
        coder = take(day, visit, moment)
        skip_chart(
            actor=coder.actor,
            encounter=coder.encounter,
            fence=coder.fence,
            reason=SkipReason.NEEDS_LEAD,
            note="",
            now=moment + timedelta(minutes=2),
        )
