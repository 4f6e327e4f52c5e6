"""Final charts to review, and the people of the QA programme."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.dev.demo.clock import at
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.actions.coding import Words, assign_code
from encounters.actions.finalize import finalize
from encounters.actions.leases import take_chart
from encounters.models import DocumentVersion, Encounter
from tests import cast

CODES = (("E1122", "Type 2 diabetes"), ("N1831", "stage 3a"), ("I129", "Hypertension"), ("Z794", "insulin"))


@dataclass(frozen=True, slots=True)
class Team:
    """A client with its coder, two reviewers and a manager; the scope is the test's to open."""

    place: cast.Place
    coder: User
    reviewer: User
    second: User
    manager: User

    def actor(self, user: User) -> Actor:
        roles = {self.coder: Role.CODER, self.manager: Role.MANAGER}
        return cast.actor_for(user, roles.get(user, Role.QA_REVIEWER))


def team(place: cast.Place) -> Team:
    cast.icd10cm()
    return Team(
        place,
        cast.coder("Rosalind Ames", place),
        cast.person("Quentin Drake", (place, Role.QA_REVIEWER)),
        cast.person("Wilhelmina Stroud", (place, Role.QA_REVIEWER)),
        cast.person("Marguerite Lowell", (place, Role.MANAGER)),
    )


def words_of(chart: Encounter, quote: str) -> Words:
    version = DocumentVersion.objects.get(client_id=chart.client_id, document__encounter=chart)
    start = version.text.index(quote)
    return Words(version.pk, start, start + len(quote))


def final_chart(of: Team, *, days_ago: int = 2, codes: Any = CODES, coder: User | None = None) -> Encounter:
    """A chart that the coder has finished; the client's scope must be open."""
    moment = timezone.now() - timedelta(days=days_ago)
    chart = cast.encounter(of.place, now=moment)
    actor = cast.actor_for(coder or of.coder, Role.CODER)
    with at(moment):
        taken = take_chart(actor=actor, item=cast.item_of(chart), now=moment)
        for code, quote in codes:
            assign_code(
                actor=actor,
                encounter=chart,
                fence=taken.fence,
                system="ICD-10-CM",
                code=code,
                evidence=[words_of(chart, quote)],
            )
        finalize(actor=actor, encounter=chart, fence=taken.fence)
    chart.refresh_from_db()
    return chart
