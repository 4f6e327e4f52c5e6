"""How facts of a chart are written on pages: dates in the client's zone, ages, waiting times."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from encounters.models import Encounter, EncounterKind, HoldStage, ReleaseHold

MRN_TAIL = 4


def day(value: date | None) -> str:
    """``11/19/2026``; empty for none."""
    return f"{value:%m/%d/%Y}" if value else ""


def clock(value: datetime, zone: str) -> str:
    """``2:46 PM`` in the client's zone."""
    return f"{value.astimezone(ZoneInfo(zone)):%I:%M %p}".lstrip("0")


def moment(value: datetime, zone: str) -> str:
    """``11/19/2026 4:42 PM CST``."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{local:%m/%d/%Y} {clock(value, zone)} {local:%Z}"


def held(hold: ReleaseHold | None, zone: str) -> str:
    """Which final version is kept back, by whom and since when; empty for none."""
    if hold is None:
        return ""
    waits = " It waits for its correction." if hold.stage == HoldStage.CORRECTION else ""
    return (
        f"Version {hold.revision_number} is final and held from release since {moment(hold.held_at, zone)}."
        f" {hold.words}.{waits}"
    )


def waiting(due_at: datetime, now: datetime) -> tuple[str, str]:
    """Time left and its tone: ``("1h 12m", "warn")`` below two hours, ``("3h over", "bad")`` when past."""
    left = due_at - now
    if left < timedelta(0):
        return f"{_span(-left)} over", "bad"
    return _span(left), "warn" if left < timedelta(hours=2) else ""


def age(since: datetime, now: datetime) -> str:
    """``2d`` or ``5h``."""
    return _span(max(now - since, timedelta(0)))


def _span(delta: timedelta) -> str:
    minutes = int(delta.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes}m"
    hours, rest = divmod(minutes, 60)
    return f"{hours}h {rest:02d}m" if hours < 24 else f"{hours // 24}d {hours % 24}h"


def years(birth_on: str, on: date) -> str:
    """Age in whole years on a day; empty when the source did not say."""
    try:
        born = date.fromisoformat(birth_on)
    except ValueError:
        return ""
    return str(on.year - born.year - ((on.month, on.day) < (born.month, born.day)))


def patient_facts(encounter: Encounter) -> str:
    """``67 F · DOB 03/14/1959 · MRN ••4417``: what tells two patients apart, the number by its tail."""
    patient = encounter.patient
    born = patient.birth_on
    parts = [
        " ".join(part for part in (years(born, encounter.service_on), patient.sex) if part),
        f"DOB {day(date.fromisoformat(born))}" if years(born, encounter.service_on) else "",
        f"MRN ••{patient.mrn[-MRN_TAIL:]}",
    ]
    return " · ".join(part for part in parts if part)


def visit_facts(encounter: Encounter) -> tuple[str, ...]:
    """Dates, kind, who rendered, who pays, and the visit number."""
    provider = encounter.rendering_provider
    dates = f"Visit {day(encounter.service_on)}"
    if encounter.discharge_on:
        dates += f" to {day(encounter.discharge_on)}"
    rendered = f"{provider.name}, {provider.professional_credential}".rstrip(", ") if provider else ""
    payer = encounter.coverage.payer_name if encounter.coverage else ""
    kind = str(EncounterKind(encounter.kind).label)
    return tuple(part for part in (dates, kind, rendered, payer, f"No. {encounter.external_id}") if part)
