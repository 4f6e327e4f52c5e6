"""Drift: what a client billed against what we finalized, each difference with its place and its class.

A line that was split or joined is no difference, nor is what we never say (admitting diagnosis, reason for
the visit, charges).  A claim of a stay is compared by diagnoses, procedures and DRG: its lines are rooms and
supplies, which nobody codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from claims.rules.content import ClaimContent, ClaimForm, Diagnosis


class Kind(StrEnum):
    """What differs; the values are stored with the claim."""

    CODE_CHANGED = "code_changed"
    CODE_LEFT_OUT = "code_left_out"
    CODE_ADDED = "code_added"
    FIRST_DIAGNOSIS = "first_diagnosis"
    ORDER = "order"
    POA = "poa"
    MODIFIERS = "modifiers"
    UNITS = "units"
    POINTERS = "pointers"
    DRG = "drg"
    PROVIDER = "provider"
    PLACE = "place"
    DATES = "dates"


WORDS = {
    Kind.CODE_CHANGED: "Another code",
    Kind.CODE_LEFT_OUT: "Code left out",
    Kind.CODE_ADDED: "Code added",
    Kind.FIRST_DIAGNOSIS: "Another first diagnosis",
    Kind.ORDER: "Another order",
    Kind.POA: "Present on admission",
    Kind.MODIFIERS: "Modifiers",
    Kind.UNITS: "Units",
    Kind.POINTERS: "Diagnosis pointers",
    Kind.DRG: "DRG",
    Kind.PROVIDER: "Provider",
    Kind.PLACE: "Place of service",
    Kind.DATES: "Dates",
}


CATEGORY, FAMILY = 3, 3
"""Leading characters that two diagnoses of one category, two services of one family share."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.  ``ours``, ``theirs``: empty where a side has nothing; codes without dots."""

    kind: Kind
    where: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class OurCode:
    """A code of the finished version; ``pointers``: keys of diagnoses, of a service only."""

    key: str
    code: str
    poa: str = ""
    modifiers: tuple[str, ...] = ()
    units: int = 1
    pointers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """What we finalized of a visit, in claim order.  What is not known is empty and not compared.

    ``services`` are CPT and HCPCS codes, ``procedures`` ICD-10-PCS codes; ``last_on`` is of a stay.
    """

    diagnoses: tuple[OurCode, ...]
    services: tuple[OurCode, ...]
    procedures: tuple[OurCode, ...] = ()
    drg_code: str = ""
    provider_npi: str = ""
    place_of_service_code: str = ""
    first_on: date | None = None
    last_on: date | None = None
    is_stay: bool = False


@dataclass(frozen=True, slots=True)
class _Service:
    """Lines of one code and the same modifiers, as one: where they begin, and all they carry."""

    code: str
    modifiers: tuple[str, ...]
    units: Decimal
    pointers: tuple[str, ...]
    where: str


def compare(ours: Finished, theirs: ClaimContent) -> tuple[Difference, ...]:
    """Every difference of a claim from the finished version, in the order a claim is read."""
    return (
        *_diagnoses(ours, theirs),
        *([] if ours.is_stay else _services(ours, theirs)),
        *_procedures(ours, theirs),
        *_rest(ours, theirs),
    )


def keys_of(ours: Finished, theirs: ClaimContent) -> tuple[dict[str, str], dict[int, str]]:
    """Which of our codes a claim carries: key by diagnosis code, and by number of service line."""
    diagnoses = {one.code: one.key for one in ours.diagnoses}
    exact = {(one.code, one.modifiers): one.key for one in reversed(ours.services)}
    loose = {one.code: one.key for one in reversed(ours.services)}
    lines = {
        line.number: key
        for line in theirs.lines
        if (key := exact.get((line.code, line.modifiers)) or loose.get(line.code))
    }
    return diagnoses, lines


# --- diagnoses ---


def _billed(theirs: ClaimContent) -> list[Diagnosis]:
    """Diagnoses that say what was treated, once each."""
    kept: dict[str, Diagnosis] = {}
    for one in theirs.diagnoses:
        if one.role in ("principal", "other", "external_cause"):
            kept.setdefault(one.code, one)
    return list(kept.values())


def _diagnoses(ours: Finished, theirs: ClaimContent) -> list[Difference]:
    billed = _billed(theirs)
    mine = {one.code: str(place) for place, one in enumerate(ours.diagnoses, start=1)}
    said = {one.code: str(place) for place, one in enumerate(billed, start=1)}
    found = _codes("Diagnosis", mine, said, CATEGORY)
    causes = {one.code for one in billed if one.role == "external_cause"}
    changed = {one.theirs: one.ours for one in found if one.kind is Kind.CODE_CHANGED}
    found += _order(
        [code for code in mine if code not in causes],
        [one.code for one in billed if one.code not in causes],
        changed,
    )
    if theirs.form is not ClaimForm.INSTITUTIONAL:
        return found
    letters = {one.code: one.poa for one in billed}
    for one in ours.diagnoses:
        if one.code in letters and _poa(one.poa) != _poa(letters[one.code]) and _poa(one.poa):
            where = f"Diagnosis {mine[one.code]}, {one.code}"
            found.append(Difference(Kind.POA, where, one.poa, letters[one.code]))
    return found


def _poa(letter: str) -> str:
    """Exempt codes are written as ``1`` or not at all."""
    return "" if letter == "1" else letter


def _order(mine: list[str], billed: list[str], changed: Mapping[str, str]) -> list[Difference]:
    """The order of what both sides have, a changed code standing where the one it replaced should; a code
    that one side lacks is told as such, with its place."""
    both = set(mine) & {changed.get(code, code) for code in billed}
    first = [code for code in mine if code in both]
    second = [code for code in billed if changed.get(code, code) in both]
    if first == [changed.get(code, code) for code in second]:
        return []
    if first[0] != changed.get(second[0], second[0]):
        return [Difference(Kind.FIRST_DIAGNOSIS, "Diagnosis 1", first[0], second[0])]
    return [Difference(Kind.ORDER, "Diagnoses", ", ".join(first), ", ".join(second))]


def _codes(what: str, mine: Mapping[str, str], said: Mapping[str, str], stem: int) -> list[Difference]:
    """Codes that one side has: two of one stem are one code changed, the others left out or added."""
    pairs, added = matched(
        [code for code in mine if code not in said], [one for one in said if one not in mine], stem
    )
    found = []
    for code, other in pairs:
        kind = Kind.CODE_CHANGED if other else Kind.CODE_LEFT_OUT
        found.append(Difference(kind, f"{what} {mine[code]}", code, other))
    found += [Difference(Kind.CODE_ADDED, f"{what} {said[code]}", "", code) for code in added]
    return found


def matched(
    missing: Iterable[str], added: Iterable[str], stem: int
) -> tuple[list[tuple[str, str]], list[str]]:
    """Each missing code with the added one that took its place (empty: none did), and what else was added."""
    rest = list(added)
    pairs = []
    for code in missing:
        other = next((one for one in rest if one[:stem] == code[:stem]), "")
        if other:
            rest.remove(other)
        pairs.append((code, other))
    return pairs, rest


# --- services ---


def _services(ours: Finished, theirs: ClaimContent) -> list[Difference]:
    mine, said = _mine(ours), _said(theirs)
    exact = {(one.code, one.modifiers): one for one in said}
    pairs = [
        (one, other) for one in mine if (other := exact.pop((one.code, one.modifiers), None)) is not None
    ]
    paired = {id(one) for pair in pairs for one in pair}
    rest = [one for one in said if id(one) not in paired]
    found: list[Difference] = []
    alone: list[_Service] = []
    for one in mine:
        if id(one) in paired:
            continue
        other = next((other for other in rest if other.code == one.code), None)
        if other is None:
            alone.append(one)
            continue
        rest.remove(other)
        pairs.append((one, other))
        found.append(
            Difference(Kind.MODIFIERS, _at(one), ", ".join(one.modifiers), ", ".join(other.modifiers))
        )
    common = {one.code for one in ours.diagnoses} & {one.code for one in theirs.diagnoses}
    for one, other in pairs:
        found += _pair(one, other, common)
    return [*_changed(alone, rest, common), *found]


def _changed(alone: list[_Service], rest: list[_Service], common: set[str]) -> list[Difference]:
    """Services that one side has, and what else is other about one whose code was changed."""
    places, billed = ({one.code: one.where for one in side} for side in (alone, rest))
    found = _codes("Service", places, billed, FAMILY)
    mine, said = ({one.code: one for one in side} for side in (alone, rest))
    for told in list(found):
        if told.kind is Kind.CODE_CHANGED:
            one, other = mine[told.ours], said[told.theirs]
            if one.modifiers != other.modifiers:
                found.append(_modifiers(one, other))
            found += _pair(one, other, common)
    return found


def _modifiers(one: _Service, other: _Service) -> Difference:
    return Difference(Kind.MODIFIERS, _at(one), ", ".join(one.modifiers), ", ".join(other.modifiers))


def _at(one: _Service) -> str:
    return f"Service {one.where}, {one.code}"


def _pair(one: _Service, other: _Service, common: set[str]) -> list[Difference]:
    found = []
    if one.units != other.units:
        found.append(Difference(Kind.UNITS, _at(one), _number(one.units), _number(other.units)))
    # A pointer at a code that one side does not have is told by that code.
    first, second = ([code for code in side.pointers if code in common] for side in (one, other))
    if one.pointers and other.pointers and first != second:
        found.append(Difference(Kind.POINTERS, _at(one), ", ".join(first), ", ".join(second)))
    return found


def _number(units: Decimal) -> str:
    return format(units.normalize(), "f")


def _mine(ours: Finished) -> list[_Service]:
    codes = {one.key: one.code for one in ours.diagnoses}
    return _joined(
        _Service(
            one.code,
            one.modifiers,
            Decimal(one.units),
            tuple(codes[key] for key in one.pointers if key in codes),
            str(place),
        )
        for place, one in enumerate(ours.services, start=1)
    )


def _said(theirs: ClaimContent) -> list[_Service]:
    codes = dict(enumerate((one.code for one in theirs.diagnoses), start=1))
    return _joined(
        _Service(
            line.code,
            line.modifiers,
            line.units,
            tuple(codes[place] for place in line.pointers if place in codes),
            str(line.number),
        )
        for line in theirs.lines
        if line.code
    )


def _joined(services: Iterable[_Service]) -> list[_Service]:
    """Lines of one code and the same modifiers as one: their units added, their pointers once each."""
    kept: dict[tuple[str, tuple[str, ...]], _Service] = {}
    for one in services:
        key = (one.code, one.modifiers)
        before = kept.get(key)
        if before is not None:
            pointers = tuple(dict.fromkeys((*before.pointers, *one.pointers)))
            one = replace(before, units=before.units + one.units, pointers=pointers)
        kept[key] = one
    return list(kept.values())


# --- procedures, DRG, provider, place, dates ---


def _procedures(ours: Finished, theirs: ClaimContent) -> list[Difference]:
    mine = {one.code: str(place) for place, one in enumerate(ours.procedures, start=1)}
    said = {one.code: str(place) for place, one in enumerate(theirs.procedures, start=1)}
    found = _codes("Procedure", mine, said, FAMILY)
    first, second = ([code for code in side if code in mine and code in said] for side in (mine, said))
    if first != second:
        found.append(Difference(Kind.ORDER, "Procedures", ", ".join(first), ", ".join(second)))
    return found


def _rest(ours: Finished, theirs: ClaimContent) -> Iterator[Difference]:
    if ours.drg_code and theirs.drg_code and ours.drg_code.zfill(3) != theirs.drg_code.zfill(3):
        yield Difference(Kind.DRG, "Claim", ours.drg_code, theirs.drg_code)
    yield from _provider(ours, theirs)
    is_professional = theirs.form is ClaimForm.PROFESSIONAL
    place = ours.place_of_service_code
    if is_professional and place and theirs.facility_code != place:
        yield Difference(Kind.PLACE, "Claim", place, theirs.facility_code)
    first, last = days_of(theirs)
    if ours.first_on and first and ours.first_on != first:
        yield Difference(Kind.DATES, "First day", ours.first_on.isoformat(), first.isoformat())
    if ours.is_stay and ours.last_on and last and ours.last_on != last:
        yield Difference(Kind.DATES, "Last day", ours.last_on.isoformat(), last.isoformat())


def _provider(ours: Finished, theirs: ClaimContent) -> Iterator[Difference]:
    """Whoever the claim says rendered; a claim that names nobody says nothing."""
    if not ours.provider_npi:
        return
    person = theirs.rendering or theirs.attending
    named = person.identifier if person else ""
    if named and named != ours.provider_npi:
        yield Difference(Kind.PROVIDER, "Claim", ours.provider_npi, named)
    for line in theirs.lines:
        if line.rendering_npi and line.rendering_npi not in (named, ours.provider_npi):
            yield Difference(Kind.PROVIDER, f"Service {line.number}", ours.provider_npi, line.rendering_npi)


def days_of(claim: ClaimContent) -> tuple[date | None, date | None]:
    """First and last day a claim is for: of its statement, else of its lines."""
    days = [
        day
        for day in (
            claim.statement_from_on,
            claim.statement_through_on,
            *(line.service_on for line in claim.lines),
            *(line.service_through_on for line in claim.lines),
        )
        if day is not None
    ]
    first = claim.statement_from_on or min(days, default=None)
    return first, claim.statement_through_on or max(days, default=None)
