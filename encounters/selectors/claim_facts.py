"""A chart as a client's rules ask about it."""

from __future__ import annotations

from datetime import date

from edit_rules.rules.facts import ClaimFacts
from encounters.models import Encounter


def facts_of(encounter: Encounter) -> ClaimFacts:
    """What a client's rules may ask of a chart.

    ``patient``, ``coverage``, ``specialty`` and ``rendering_provider`` should be loaded with it.
    """
    coverage, provider, specialty = encounter.coverage, encounter.rendering_provider, encounter.specialty
    patient = encounter.patient
    return ClaimFacts(
        payer_name=coverage.payer_name if coverage else "",
        plan_kind=coverage.plan_type if coverage else "",
        specialty=specialty.code if specialty else "",
        visit_kind=encounter.kind,
        place_of_service=encounter.place_of_service_code,
        provider_npi=provider.npi if provider else "",
        age=_age(patient.birth_on, encounter.service_on),
        sex=patient.sex if patient.sex in ("F", "M") else "",
        service_on=day_number(encounter.service_on),
    )


def _age(birth_on: str, on: date) -> int | None:
    """Full years; None when the date of birth was not sent or lies after the visit."""
    if not birth_on:
        return None
    born = date.fromisoformat(birth_on)
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return years if years >= 0 else None


def day_number(day: date) -> int:
    """A day as claims count it, YYYYMMDD."""
    return day.year * 10000 + day.month * 100 + day.day
