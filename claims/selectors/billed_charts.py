"""Which of our charts a claim that a client sent itself is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from claims.rules.content import ClaimContent
from claims.rules.drift import days_of
from coding_ops.tenancy import crypto
from encounters.models import Encounter, IntakeConnection


def charts_of(client_id: int, claims: Sequence[ClaimContent]) -> dict[str, Encounter]:
    """The chart of each claim, by control number; those for which none or more than one fits are left out.

    By the visit number when it is the claim's control number, as most systems write it; else by member id
    and day of service, of which the patient's birth day must agree too, since a family shares one id.
    Three queries at most.
    """
    found = _by_visit_number(client_id, {one.control_number for one in claims})
    rest = [one for one in claims if one.control_number not in found]
    return found | _by_member(client_id, rest)


def _by_visit_number(client_id: int, numbers: set[str]) -> dict[str, Encounter]:
    connections = list(IntakeConnection.objects.filter(client_id=client_id).values_list("pk", flat=True))
    rows = Encounter.objects.filter(
        client_id=client_id, connection_id__in=connections, external_id__in=numbers
    )
    named: dict[str, list[Encounter]] = defaultdict(list)
    for row in rows:
        named[row.external_id].append(row)
    return {number: found[0] for number, found in named.items() if len(found) == 1}


def _by_member(client_id: int, claims: Sequence[ClaimContent]) -> dict[str, Encounter]:
    wanted: dict[str, tuple[bytes, date]] = {}
    for one in claims:
        first = days_of(one)[0]
        if one.subscriber.identifier and first is not None:
            index = crypto.blind_index(client_id, "member", one.subscriber.identifier)
            wanted[one.control_number] = (index, first)
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
    by_number = {one.control_number: one for one in claims}
    found = {}
    for number, key in wanted.items():
        chart = _only(by_number[number], visits.get(key, []))
        if chart is not None:
            found[number] = chart
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
