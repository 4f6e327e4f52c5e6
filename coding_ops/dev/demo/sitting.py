"""The demo's people at work: who is free when, and a coder with a chart in hand."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.dev.demo.notes import DemoCode
from coding_ops.dev.demo.people import PEOPLE
from coding_ops.dev.demo.plan import Visit
from coding_ops.dev.demo.setup import Place, acting
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.actions.coding import Attributes, Words, assign_code
from encounters.actions.leases import LEASE, heartbeat, release_chart, take_chart
from encounters.models import Document, DocumentVersion, Encounter, WorkItem


@dataclass(slots=True)
class Day:
    """Who is free from when: a coder works on one chart at a time."""

    places: dict[str, Place]
    users: dict[str, User]
    chance: random.Random
    free_at: dict[str, datetime] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)

    def actor(self, name: str, slug: str) -> Actor:
        """A person by name in their role at a client."""
        person = next(one for one in PEOPLE if one.name == name)
        return acting(person, self.users[name], slug)

    def someone(self, role: Role, slug: str) -> Actor:
        """Whoever holds a role at a client."""
        name = next(one.name for one in PEOPLE if (slug, role) in one.roles)
        return self.actor(name, slug)

    def turn(self, what: str) -> int:
        """0, 1, 2 … for each kind of thing."""
        self.turns[what] = self.turns.get(what, -1) + 1
        return self.turns[what]

    def begin(self, visit: Visit) -> datetime:
        """When the coder takes it: planned, or as soon as the chart before is done."""
        return max(visit.coded_at, self.free_at.get(visit.coder.name, visit.coded_at))


@dataclass(slots=True)
class Sitting:
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
            attributes=attributes_of(code),
        )

    def beat(self) -> None:
        heartbeat(
            actor=self.actor, encounter=self.encounter, fence=self.fence, active=True, now=timezone.now()
        )

    def give_back(self) -> None:
        release_chart(actor=self.actor, encounter=self.encounter, fence=self.fence, now=timezone.now())


def attributes_of(code: DemoCode) -> Attributes:
    """What is entered beside a code."""
    return Attributes(
        modifiers=code.modifiers or None,
        service_unit_quantity=code.units,
        present_on_admission=code.poa or None,
    )


def encounter_of(day: Day, visit: Visit) -> Encounter:
    """The visit's encounter; its client must be open."""
    client = day.places[visit.client.slug].client
    encounter: Encounter = Encounter.objects.select_related("client").get(
        client_id=client.pk, external_id=visit.number
    )
    return encounter


def take(day: Day, visit: Visit, moment: datetime, *, lease: timedelta = LEASE) -> Sitting:
    """The chart in its coder\'s hands from ``moment``."""
    encounter = encounter_of(day, visit)
    actor = day.actor(visit.coder.name, visit.client.slug)
    item = WorkItem.objects.get(client_id=encounter.client_id, encounter=encounter)
    taken = take_chart(actor=actor, item=item, now=moment, lease=lease)
    version = (
        DocumentVersion.objects.filter(client_id=encounter.client_id, document__encounter=encounter)
        .exclude(document__kind=Document.Kind.QUERY)
        .latest("number")
    )
    return Sitting(actor, encounter, version, taken.fence)
