"""Which of our charts a claim that a client sent itself is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from claims.rules.content import ClaimContent
from claims.rules.drift import days_of
from coding_ops.tenancy import crypto
from encounters.models import Encounter, IntakeConnection

ClaimKey = tuple[str, date | None]
"""Control number and first day of service: clients use a number again."""


def key_of(claim: ClaimContent) -> ClaimKey:
    """What tells a claim from others of its file."""
    return claim.control_number, days_of(claim)[0]


def charts_of(client_id: int, claims: Sequence[ClaimContent]) -> dict[ClaimKey, Encounter]:
    """The chart of each claim, by its key; those for which none or more than one fits are left out.

    By the visit number when it is the claim's control number, as most systems write it; else by member id
    and day of service, of which the patient's birth day must agree too, since a family shares one id.
    Three queries at most.
    """
    visits = _by_visit_number(client_id, {one.control_number for one in claims})
    found = {key_of(one): visits[one.control_number] for one in claims if one.control_number in visits}
    return found | _by_member(client_id, [one for one in claims if one.control_number not in visits])


def _by_visit_number(client_id: int, numbers: set[str]) -> dict[str, Encounter]:
    connections = list(IntakeConnection.objects.filter(client_id=client_id).values_list("pk", flat=True))
    rows = Encounter.objects.filter(
        client_id=client_id, connection_id__in=connections, external_id__in=numbers
    )
    named: dict[str, list[Encounter]] = defaultdict(list)
    for row in rows:
        named[row.external_id].append(row)
    return {number: found[0] for number, found in named.items() if len(found) == 1}


def _by_member(client_id: int, claims: Sequence[ClaimContent]) -> dict[ClaimKey, Encounter]:
    wanted: dict[ClaimKey, tuple[bytes, date]] = {}
    for one in claims:
        first = days_of(one)[0]
        if one.subscriber.identifier and first is not None:
            index = crypto.blind_index(client_id, "member", one.subscriber.identifier)
            wanted[key_of(one)] = (index, first)
    if not wanted:
        return {}
    rows = Encounter.objects.filter(
        client_id=client_id,
        coverage__member_index__in={index for index, _ in wanted.values()},
        service_on__in={day for _, day in wanted.values()},
    ).select_related("coverage", "patient", "rendering_provider")
    visits: dict[tuple[bytes, date], list[Encounter]] = defaultdict(list)
    for row in rows:
        if row.coverage is not None:
            visits[bytes(row.coverage.member_index), row.service_on].append(row)
    by_key = {key_of(one): one for one in claims}
    found = {}
    for key, visit in wanted.items():
        chart = _only(by_key[key], visits.get(visit, []))
        if chart is not None:
            found[key] = chart
    return found


def _only(claim: ClaimContent, visits: Sequence[Encounter]) -> Encounter | None:
    """The one visit that fits the patient and, where there are several that day, who rendered it."""
    born = (claim.patient or claim.subscriber).birth_on
    fitting = [one for one in visits if born is not None and one.patient.birth_on == born.isoformat()]
    if len(fitting) > 1:
        person = claim.rendering or claim.attending
        fitting = [
            one
            for one in fitting
            if person and one.rendering_provider and one.rendering_provider.npi == person.identifier
        ]
    return fitting[0] if len(fitting) == 1 else None
