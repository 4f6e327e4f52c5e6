"""What the demo's coders do, through the same actions as real ones, each at its moment."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.dev.demo.arrivals import receive, row_of
from coding_ops.dev.demo.clock import at
from coding_ops.dev.demo.notes import DemoCode
from coding_ops.dev.demo.people import PEOPLE
from coding_ops.dev.demo.plan import CODED, Fate, Visit
from coding_ops.dev.demo.setup import Place, acting
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.tenancy.scope import client_transaction
from encounters.actions.coding import Attributes, Words, assign_code, cite, remove_code
from encounters.actions.finalize import finalize, reopen
from encounters.actions.leases import LEASE, heartbeat, skip_chart, take_chart
from encounters.actions.pends import Hold, pend_encounter, resume_encounter
from encounters.models import (
    CodeAssignment,
    DocumentVersion,
    Encounter,
    OwnerParty,
    PendReason,
    SkipReason,
    WorkItem,
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


@dataclass(slots=True)
class Day:
    """Who is free from when: a coder works on one chart at a time."""

    places: dict[str, Place]
    users: dict[str, User]
    chance: random.Random
    free_at: dict[str, datetime] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)

    def actor(self, name: str, slug: str) -> Actor:
        """A person by name in their role at a client."""
        person = next(one for one in PEOPLE if one.name == name)
        return acting(person, self.users[name], slug)

    def someone(self, role: Role, slug: str) -> Actor:
        """Whoever holds a role at a client."""
        name = next(one.name for one in PEOPLE if (slug, role) in one.roles)
        return self.actor(name, slug)

    def begin(self, visit: Visit) -> datetime:
        """When the coder takes it: planned, or as soon as the chart before is done."""
        return max(visit.coded_at, self.free_at.get(visit.coder.name, visit.coded_at))


def code_past_charts(day: Day, visits: Sequence[Visit]) -> None:
    """Everything that happened before now, in the order in which it happened."""
    acts = {
        Fate.HELD_THEN_FINAL: _hold_then_finish,
        Fate.PENDED: _hold,
        Fate.SKIPPED: _skip,
    } | dict.fromkeys(CODED - {Fate.HELD_THEN_FINAL}, _finish)
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
        coder = _take(day, visit, timezone.now(), lease=KEPT_IN_HAND)
        for code in visit.entered[:2]:
            coder.assign(code)
        return
    reviewer = day.someone(Role.QA_REVIEWER, visit.client.slug)
    note = "The review of this week's sample found one code that the note does not carry."
    reopen(actor=reviewer, encounter=_encounter(visit, day), reason=ReopenReason.AUDIT, note=note)
    if visit.fate is Fate.REVISED:
        _revise(_take(day, visit, timezone.now()))


def _revise(coder: _Sitting) -> None:
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


# --- one chart in hand -------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Sitting:
    """A coder with a chart in hand."""

    actor: Actor
    encounter: Encounter
    version: DocumentVersion
    fence: int

    def words(self, quote: str) -> Words:
        start = self.version.text.index(quote)
        return Words(self.version.pk, start, start + len(quote))

    def assign(self, code: DemoCode) -> None:
        assign_code(
            actor=self.actor,
            encounter=self.encounter,
            fence=self.fence,
            system=code.system,
            code=code.code,
            evidence=[self.words(quote) for quote in code.quotes],
            attributes=Attributes(
                modifiers=code.modifiers or None,
                service_unit_quantity=code.units,
                present_on_admission=code.poa or None,
            ),
        )

    def beat(self) -> None:
        heartbeat(
            actor=self.actor, encounter=self.encounter, fence=self.fence, active=True, now=timezone.now()
        )


def _encounter(visit: Visit, day: Day) -> Encounter:
    client = day.places[visit.client.slug].client
    encounter: Encounter = Encounter.objects.select_related("client").get(
        client_id=client.pk, external_id=visit.number
    )
    return encounter


def _take(day: Day, visit: Visit, moment: datetime, *, lease: timedelta = LEASE) -> _Sitting:
    encounter = _encounter(visit, day)
    actor = day.actor(visit.coder.name, visit.client.slug)
    item = WorkItem.objects.get(client_id=encounter.client_id, encounter=encounter)
    taken = take_chart(actor=actor, item=item, now=moment, lease=lease)
    version = DocumentVersion.objects.filter(
        client_id=encounter.client_id, document__encounter=encounter
    ).latest("number")
    return _Sitting(actor, encounter, version, taken.fence)


def _finish(day: Day, visit: Visit, start: datetime | None = None) -> None:
    """Take, code with evidence, finalize; about a minute goes into each code."""
    moment = start or day.begin(visit)
    with at(moment):
        coder = _take(day, visit, moment)
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
        coder = _take(day, visit, moment)
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
        resume_encounter(actor=client_person, encounter=_encounter(visit, day), answer=ANSWER)
    rest = visit.entered[1:]
    start = answered_at + timedelta(hours=4)
    with at(start):
        coder = _take(day, visit, start)
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
        coder = _take(day, visit, moment)
        skip_chart(
            actor=coder.actor,
            encounter=coder.encounter,
            fence=coder.fence,
            reason=SkipReason.NEEDS_LEAD,
            note="",
            now=moment + timedelta(minutes=2),
        )
