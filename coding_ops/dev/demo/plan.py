"""What happens to each demo visit, decided before anything is written: the same seed gives the same demo.

Days are counted back from the day of filling in, so the demo never ages.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from coding_ops.dev.demo.notes import DemoCode, DemoNote, Template, templates
from coding_ops.dev.demo.people import CLIENTS, FAMILY, GIVEN, PEOPLE, DemoClient, DemoPerson, DemoProvider
from coding_ops.tenancy.models import Role

OPENS, CLOSES, FEED_AT = time(8), time(17), time(18, 30)
FEED_HOURS, FEED_DAYS, DAILY_FEEDS = 6, 4, 5
LONGEST_CHART = timedelta(minutes=25)
SLIPS = 0.2


class Fate(StrEnum):
    """How far a visit has come."""

    FINAL = "final"
    HELD_THEN_FINAL = "held_then_final"
    REVISED = "revised"
    REOPENED = "reopened"
    LATE_NOTE = "late_note"
    WAITING = "waiting"
    OVERDUE = "overdue"
    SKIPPED = "skipped"
    PENDED = "pended"
    IN_HAND = "in_hand"
    NO_NOTE = "no_note"
    CANCELLED = "cancelled"
    QUERIED = "queried"
    ASKED = "asked"


# For each client, and how long ago in hours the visit came in: from, to.
FATES: tuple[tuple[Fate, int, tuple[int, int]], ...] = (
    (Fate.FINAL, 25, (60, 60 * 24)),
    (Fate.HELD_THEN_FINAL, 2, (12 * 24, 40 * 24)),
    (Fate.REVISED, 2, (10 * 24, 30 * 24)),
    (Fate.REOPENED, 1, (8 * 24, 20 * 24)),
    (Fate.LATE_NOTE, 1, (6 * 24, 15 * 24)),
    (Fate.WAITING, 11, (1, 30)),
    # Late also for a contract that counts business hours, after a weekend and a holiday.
    (Fate.OVERDUE, 3, (180, 230)),
    (Fate.SKIPPED, 1, (20, 30)),
    (Fate.PENDED, 4, (3 * 24, 14 * 24)),
    (Fate.IN_HAND, 1, (10, 30)),
    (Fate.NO_NOTE, 3, (12, 9 * 24)),
    (Fate.CANCELLED, 1, (24, 72)),
    # A provider was asked and has answered; one is being asked now.
    (Fate.QUERIED, 7, (7 * 24, 40 * 24)),
    (Fate.ASKED, 5, (17 * 24, 20 * 24)),
)
CODED = frozenset({Fate.FINAL, Fate.HELD_THEN_FINAL, Fate.REVISED, Fate.REOPENED, Fate.LATE_NOTE})
# Nobody's sign-in should open on a chart already in hand but these.
HOLDS_A_CHART = {
    "cypress-ridge": "Marcus Bell",
    "harbor-light": "Ines Calderon",
    "st-brannoc": "Hollis Tremaine",
}


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """An invented person."""

    mrn: str
    family_name: str
    given_name: str
    sex: str
    birth_on: date

    def age(self, on: date) -> int:
        """Whole years."""
        return on.year - self.birth_on.year - ((on.month, on.day) < (self.birth_on.month, self.birth_on.day))


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit and its course; ``coded_at`` is when its coder takes it, where one does."""

    number: str
    client: DemoClient
    template: Template
    note: DemoNote
    patient: DemoPatient
    provider: DemoProvider
    facility: str
    payer: tuple[str, str]
    member_id: str
    charge: int
    service_on: date
    discharge_on: date | None
    received_at: datetime
    fate: Fate
    coder: DemoPerson
    coded_at: datetime
    entered: tuple[DemoCode, ...]
    """What its coder enters: the codes of the note but for a slip now and then, for reviewers to find."""


def plan(now: datetime, seed: int) -> list[Visit]:
    """Every visit of the demo, in the order in which they come in.

    ``now``: aware; nothing that is planned lies after it.
    """
    visits: list[Visit] = []
    for client in CLIENTS:
        chance = random.Random(f"{seed} {client.slug}")  # noqa: S311 - nothing secret is drawn
        visits += _visits(client, now, chance)
    return sorted(visits, key=lambda visit: (visit.received_at, visit.number))


#: Notes about which a provider can be asked: those of `queries.toml`.
ASKED_ABOUT = ("awv", "im_followup", "fqhc_adult", "pneumonia", "gallbladder")


def _visits(client: DemoClient, now: datetime, chance: random.Random) -> Iterator[Visit]:
    known = templates()
    names = [name for name, weight in client.visits for _ in range(weight)]
    patients: list[DemoPatient] = []
    number = 0
    for fate, count, (nearest, farthest) in FATES:
        for place in range(count):
            template = known[names[number % len(names)]]
            if fate is Fate.IN_HAND:
                template = next(
                    known[name] for name in names if _may_code(_holder(client), known[name].specialty)
                )
            if fate in (Fate.QUERIED, Fate.ASKED):
                about = [name for name in dict.fromkeys(names) if name in ASKED_ABOUT]
                template = known[about[place % len(about)]]
            number += 1
            hours = nearest + (farthest - nearest) * (place + chance.random()) / count
            received_at = _arrival(client, now, hours, recent=fate is Fate.WAITING)
            yield _visit(
                client,
                template,
                patients,
                f"{client.prefix}-{10_400 + number}",
                fate,
                received_at,
                now,
                chance,
            )


def _arrival(client: DemoClient, now: datetime, hours: float, *, recent: bool) -> datetime:
    """Feeds come in the evening, older ones gathered into one every few days; lately, several a day."""
    moment = now - timedelta(hours=hours)
    if recent:
        return now - timedelta(hours=max(1, round(hours / FEED_HOURS) * FEED_HOURS))
    zone = ZoneInfo(client.zone)
    days_ago = (now - moment).days
    if days_ago > DAILY_FEEDS:
        moment = now - timedelta(days=-(-days_ago // FEED_DAYS) * FEED_DAYS)
    evening = datetime.combine(moment.astimezone(zone).date(), FEED_AT, zone).astimezone(UTC)
    return evening if evening <= moment else evening - timedelta(days=1)


def _visit(
    client: DemoClient,
    template: Template,
    patients: list[DemoPatient],
    number: str,
    fate: Fate,
    received_at: datetime,
    now: datetime,
    chance: random.Random,
) -> Visit:
    zone = ZoneInfo(client.zone)
    seen_on = received_at.astimezone(zone).date() - timedelta(days=chance.choice((0, 0, 1, 1, 2)))
    service_on = seen_on - timedelta(days=chance.randint(*template.stay)) if template.stay else seen_on
    discharge_on = seen_on if template.stay else None
    patient = _patient(template, patients, client, service_on, chance)
    fitting = [one for one in client.providers if template.specialty in one.specialties]
    # Who can sign in is asked now: the page of questions is not to be empty.
    provider = fitting[0] if fate is Fate.ASKED else chance.choice(fitting)
    coder = _coder(client, template.specialty, fate, chance)
    note = template.fill(_facts(patient, provider, service_on, discharge_on), chance)
    return Visit(
        number=number,
        client=client,
        template=template,
        note=note,
        patient=patient,
        provider=provider,
        facility=chance.choice(client.facilities),
        payer=chance.choice(client.payers),
        member_id=f"{client.prefix}{chance.randint(10**8, 10**9 - 1)}",
        charge=chance.randint(*template.charge),
        service_on=service_on,
        discharge_on=discharge_on,
        received_at=received_at,
        fate=fate,
        coder=coder,
        coded_at=_coded_at(received_at, now, zone, chance),
        entered=_entered(note, number),
    )


def _entered(note: DemoNote, number: str) -> tuple[DemoCode, ...]:
    """The note's codes, or in one chart of five with one slip.  By the visit's number: the rest of the demo
    does not hang on it."""
    chance = random.Random(number)  # noqa: S311 - nothing secret is drawn
    loose = [code for code in note.codes if code.slip is not None]
    if not loose or chance.random() >= SLIPS:
        return note.codes
    wrong = chance.choice(loose)
    instead = () if wrong.slip == "" else (replace(wrong, code=wrong.slip or ""),)
    at = note.codes.index(wrong)
    return (*note.codes[:at], *instead, *note.codes[at + 1 :])


def _patient(
    template: Template, patients: list[DemoPatient], client: DemoClient, on: date, chance: random.Random
) -> DemoPatient:
    """Somebody who was seen before, one time in four, or a new face of fitting age and sex."""
    low, high = template.age
    fitting = [p for p in patients if low <= p.age(on) <= high and template.sex in ("any", p.sex)]
    if fitting and chance.random() < 0.25:
        return chance.choice(fitting)
    sex = template.sex if template.sex != "any" else chance.choice("FM")
    born = on - timedelta(days=int(365.25 * chance.uniform(low + 0.1, high + 0.8)))
    made = DemoPatient(
        mrn=f"{client.prefix}{410_000 + 37 * len(patients) + chance.randint(0, 36)}",
        family_name=chance.choice(FAMILY),
        given_name=chance.choice(GIVEN[sex]),
        sex=sex,
        birth_on=born,
    )
    patients.append(made)
    return made


def _facts(
    patient: DemoPatient, provider: DemoProvider, service_on: date, discharge_on: date | None
) -> dict[str, str]:
    """What every note says of its patient and visit."""
    woman = patient.sex == "F"
    adult = patient.age(service_on) >= 18
    title = "Ms." if woman else "Mr."
    return {
        "patient": f"{patient.given_name} {patient.family_name}",
        "Name": f"{title} {patient.family_name}" if adult else patient.given_name,
        "age": str(patient.age(service_on)),
        "sex_word": ("woman" if woman else "man") if adult else ("girl" if woman else "boy"),
        "He": "She" if woman else "He",
        "born": f"{patient.birth_on:%m/%d/%Y}",
        "service_on": f"{service_on:%m/%d/%Y}",
        "discharge_on": f"{discharge_on:%m/%d/%Y}" if discharge_on else "",
        "provider": f"{provider.name}, MD",
    }


def _may_code(person: DemoPerson, specialty: str) -> bool:
    return specialty in person.specialties


def _holder(client: DemoClient) -> DemoPerson:
    return next(person for person in PEOPLE if person.name == HOLDS_A_CHART[client.slug])


def _coder(client: DemoClient, specialty: str, fate: Fate, chance: random.Random) -> DemoPerson:
    if fate is Fate.IN_HAND:
        return _holder(client)
    fitting = [p for p in PEOPLE if (client.slug, Role.CODER) in p.roles and _may_code(p, specialty)]
    return chance.choice(fitting)


def _coded_at(received_at: datetime, now: datetime, zone: ZoneInfo, chance: random.Random) -> datetime:
    """Most within two days, some late; in office hours, and always before now."""
    hours = chance.uniform(12, 40) if chance.random() < 0.85 else chance.uniform(55, 100)
    local = (received_at + timedelta(hours=hours)).astimezone(zone)
    if local.time() < OPENS:
        local = datetime.combine(local.date(), OPENS, zone)
    elif local.time() >= CLOSES:
        local = datetime.combine(local.date() + timedelta(days=1), OPENS, zone)
    local += timedelta(minutes=chance.randint(0, 50))
    while local.weekday() >= 5:
        local += timedelta(days=1)
    latest = now - LONGEST_CHART - timedelta(minutes=chance.randint(5, 300))
    return max(min(local.astimezone(UTC), latest), received_at + timedelta(minutes=30))
