"""Which encounters of a day are FQHC visits, how many, and under which payment code.

Sources: 42 CFR 405.2463 (practitioners, multiple visits on a day, telehealth for mental health), 405.2462(c)
(new patient: not treated by the organization within the previous three years); Medicare Claims Processing
Manual, chapter 9, section 60 (payment codes, modifier 59).  One visit of a kind a day; a mental health visit
and a later unrelated illness or injury (modifier 59) are further ones; a preventive visit (IPPE, AWV) takes
the place of the medical one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

PREVENTIVE: Final = "G0468"
MEDICAL: Final = ("G0466", "G0467")
MENTAL: Final = ("G0469", "G0470")


@dataclass(frozen=True, slots=True)
class Practitioner:
    """A kind of practitioner: what it may make a visit with, and since when."""

    scope: str
    first: date | None


@dataclass(frozen=True, slots=True)
class Encounter:
    """One meeting of the patient with a practitioner; ``mode`` is in_person, video or audio."""

    id: str
    practitioner_type: str
    mode: str
    hcpcs: tuple[str, ...]
    modifiers: tuple[str, ...] = ()
    new_illness: bool = False


@dataclass(frozen=True, slots=True)
class Tables:
    """The dated lists: qualifying services by payment code, practitioners by name, telehealth."""

    qualifying: Mapping[str, tuple[str, ...]]
    practitioners: Mapping[str, Practitioner]
    beside: frozenset[str]
    nutrition: frozenset[str]
    nurse: frozenset[str]
    why: Mapping[str, str]
    mental_telehealth_from: date
    audio_modifiers: frozenset[str]
    new_patient_years: int


@dataclass(frozen=True, slots=True)
class Visit:
    """A payable visit: kind, payment code with its modifiers, the service that qualifies, its encounters."""

    kind: str
    payment_code: str
    qualifying_code: str
    encounters: tuple[str, ...]
    modifiers: tuple[str, ...]
    why: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Qualified:
    """An encounter with its qualifying services by kind."""

    encounter: Encounter
    preventive: str
    medical: str
    mental: str


@dataclass(frozen=True, slots=True)
class Decision:
    """All visits of the day, and why the other encounters are none."""

    visits: tuple[Visit, ...]
    not_qualifying: tuple[tuple[str, str], ...]
    is_new: bool


def is_new_patient(service_on: date, last_seen_on: date | None, years: int) -> bool:
    """Whether nobody of the organization treated the patient in the years before the day.

    A visit exactly so many years ago lies within them.
    """
    if last_seen_on is None:
        return True
    try:
        start = service_on.replace(year=service_on.year - years)
    except ValueError:  # February 29
        start = service_on.replace(year=service_on.year - years, day=28)
    return last_seen_on < start


def decide(
    service_on: date, last_seen_on: date | None, encounters: Sequence[Encounter], tables: Tables
) -> Decision:
    """The day's visits in the order medical or preventive, subsequent, mental."""
    is_new = is_new_patient(service_on, last_seen_on, tables.new_patient_years)
    qualified: list[Qualified] = []
    refused: list[tuple[str, str]] = []
    for encounter in encounters:
        found, why = qualify(encounter, service_on, is_new, tables)
        if found is None:
            refused.append((encounter.id, why))
        else:
            qualified.append(found)
    visits = _medical(qualified, is_new, tables)
    visits += _mental(qualified, is_new, has_medical=bool(visits))
    return Decision(tuple(visits), tuple(refused), is_new)


def qualify(
    encounter: Encounter, service_on: date, is_new: bool, tables: Tables
) -> tuple[Qualified | None, str]:
    """An encounter's qualifying services, or None and the reason."""
    who = tables.practitioners.get(encounter.practitioner_type)
    if who is None:
        return None, f"{encounter.practitioner_type} is no practitioner of an FQHC visit (42 CFR 405.2463)"
    if who.first is not None and service_on < who.first:
        return None, f"{encounter.practitioner_type} makes a visit from {who.first} on"
    listed = [*tables.qualifying[MEDICAL[not is_new]], *tables.qualifying[MEDICAL[is_new]]]
    medical = _in(encounter, listed, tables.beside)
    preventive = _in(encounter, tables.qualifying[PREVENTIVE])
    mental = _in(encounter, tables.qualifying[MENTAL[not is_new]])
    if not (medical or preventive or mental):
        return None, _no_service(encounter, tables)
    if who.scope != "medical":
        allowed = {"nutrition": tables.nutrition, "nurse": tables.nurse}.get(who.scope, frozenset())
        medical = _in(encounter, [code for code in listed if code in allowed])
        preventive = ""
        mental = mental if who.scope == "mental" else ""
        if not (medical or mental):
            return None, f"{encounter.practitioner_type} makes no visit with {', '.join(encounter.hcpcs)}"
    if encounter.mode != "in_person":
        if not mental:
            return (
                None,
                f"a medical visit by {encounter.mode} is distant-site telehealth, outside the per diem",
            )
        if service_on < tables.mental_telehealth_from:
            return (
                None,
                f"mental health by {encounter.mode} is a visit from {tables.mental_telehealth_from} on",
            )
        medical = preventive = ""
    return Qualified(encounter, preventive, medical, mental), ""


def _medical(qualified: Sequence[Qualified], is_new: bool, tables: Tables) -> list[Visit]:
    """The medical or preventive visit, and a later one for an unrelated illness or injury."""
    medical = [one for one in qualified if one.medical or one.preventive]
    if not medical:
        return []
    first = next((one for one in medical if not one.encounter.new_illness), medical[0])
    later = [one for one in medical if one.encounter.new_illness and one is not first]
    group = [one for one in medical if one not in later]
    why = "several encounters of a kind are one visit" if len(group) > 1 else "the day's visit"
    preventive = [one for one in group if one.preventive]
    if preventive:
        if any(one.medical for one in group):
            why = "a preventive and a medical visit of one day are one"
        visits = [Visit("preventive", PREVENTIVE, preventive[0].preventive, _ids(group), (), why)]
    else:
        code = min((one.medical for one in group), key=lambda found: found in tables.beside)
        warning = _other_list(code, is_new, tables)
        visits = [Visit("medical", MEDICAL[not is_new], code, _ids(group), (), why, warning)]
    if later:
        code = later[0].medical or later[0].preventive
        why = "a later, unrelated illness or injury"
        visits.append(Visit("subsequent", MEDICAL[1], code, _ids(later), ("59",), why))
    return visits


def _mental(qualified: Sequence[Qualified], is_new: bool, *, has_medical: bool) -> list[Visit]:
    """One mental health visit; beside a medical one the patient is new only once (G0470)."""
    mental = [one for one in qualified if one.mental]
    if not mental:
        return []
    code = MENTAL[not is_new or has_medical]
    why = "a mental health visit stands beside a medical one" if has_medical else "the day's visit"
    return [Visit("mental", code, mental[0].mental, _ids(mental), (), why)]


def _in(encounter: Encounter, codes: Sequence[str], last: frozenset[str] = frozenset()) -> str:
    """The encounter's first service that is in the list, one of ``last`` only where there is no other."""
    found = [code for code in encounter.hcpcs if code in codes]
    return min(found, key=lambda code: code in last) if found else ""


def _no_service(encounter: Encounter, tables: Tables) -> str:
    for code in encounter.hcpcs:
        if code in tables.why:
            return tables.why[code]
    listed = ", ".join(encounter.hcpcs) or "no service"
    return f"{listed}: no service of the list makes a visit"


def _other_list(code: str, is_new: bool, tables: Tables) -> str:
    """The visit stands, but the claim would come back: the service is not of its payment code's list."""
    if code in tables.qualifying[MEDICAL[not is_new]]:
        return ""
    now, then = ("new", "established") if is_new else ("established", "new")
    return f"{code} is for {then} patients; the patient is {now} to the organization ({MEDICAL[not is_new]})"


def _ids(qualified: Sequence[Qualified]) -> tuple[str, ...]:
    return tuple(one.encounter.id for one in qualified)
