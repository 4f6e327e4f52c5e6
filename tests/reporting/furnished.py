"""A client with a past, and who looks at its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.test import Client as Browser
from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Facility, Role
from encounters.models import Encounter, OwnerParty
from reporting.actions.snapshots import refresh_snapshots
from tests import cast
from tests.reporting import build


@dataclass
class Office:
    """A client with a past, and who looks at it."""

    here: cast.Place
    coder: User
    now: datetime

    def browser(self, name: str, role: Role) -> Browser:
        browser = Browser()
        browser.force_login(cast.person(name, (self.here, role)))
        return browser

    def refresh(self) -> None:
        self.now = timezone.now()
        with cast.opened(self.here):
            refresh_snapshots(
                actor=cast.SYSTEM, client=self.here.client, through=cast.day_of(self.now), now=self.now
            )

    @property
    def href(self) -> str:
        return f"/c/{self.here.client.slug}/"


def furnish(here: cast.Place, *, charts: int = 7) -> Office:
    """Finals, late and in time, of two specialties and facilities; accounts waiting on everybody."""
    coder = cast.coder("Rosalind Ames", here)
    office = Office(here, coder, timezone.now())
    now = office.now
    with cast.opened(here):
        sites = [Facility.objects.create(client=here.client, name=name) for name in ("Main Street", "Harbor")]
        for number in range(charts):
            keys = {"facility": sites[number % 2], "specialty": cast.specialty(("IM", "FM")[number % 2])}
            start = now - timedelta(days=3 + number % 4)
            build.finalized(here, coder, start, start + timedelta(hours=5 + 9 * (number % 7)), **keys)
            build.ready(here, now - timedelta(days=number % 9, hours=1), **keys)
        build.received(here, cast.day_of(now - timedelta(days=4)), now - timedelta(days=4))
        for owner in (OwnerParty.CLIENT, OwnerParty.PROVIDER, OwnerParty.PAYER, OwnerParty.VENDOR):
            made = build.ready(here, now - timedelta(days=6), specialty=cast.specialty("IM"))
            build.pended(made, coder, owner, now - timedelta(days=5))
        late = build.finalized(here, coder, now - timedelta(days=9), now - timedelta(days=8))
        Encounter.objects.filter(pk=late.pk).update(available_at=now - timedelta(days=7))
    office.refresh()
    return office
