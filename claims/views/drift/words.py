"""How claims, their differences and both sides' codes are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from claims.models import Claim
from claims.rules.content import ClaimContent, ClaimForm, ServiceLine
from claims.rules.drift import CATEGORY, FAMILY, WORDS, Finished, Kind, OurCode, days_of, matched
from claims.views.drift.dto import DifferenceRow, DriftRow, Section, SideRow
from claims.views.files.words import dollars
from claims.views.tabs import claims_href
from coding_ops.tenancy.access import ReachedClient
from encounters.rules.code_entry import ICD10CM, dotted

DASH = "—"
PLACE = "Place of service or type of bill"
SAME, MOVED, LEFT_OUT, ADDED, OTHER = "Same", "Another place", "Left out", "Added", "Differs"
CHANGED = "Another code"
TONES = {SAME: "ok", MOVED: "warn", LEFT_OUT: "bad", ADDED: "bad", OTHER: "warn", CHANGED: "bad"}
_DIAGNOSES = (Kind.FIRST_DIAGNOSIS, Kind.ORDER, Kind.POINTERS)


def list_href(slug: str) -> str:
    """The room's address."""
    return f"{claims_href(slug)}drift/"


def kind_words(kind: str) -> str:
    """A stored kind in words; one that is not known any more as it is."""
    return WORDS[Kind(kind)] if kind in set(Kind) else kind


def day(on: date | None) -> str:
    """``09/15/2026``, or a dash."""
    return f"{on:%m/%d/%Y}" if on else DASH


def drift_row(claim: Claim, client: ReachedClient) -> DriftRow:
    """A claim with payer and specialty."""
    kinds = dict.fromkeys(kind_words(one["kind"]) for one in claim.drift)
    return DriftRow(
        href=f"{list_href(client.slug)}{claim.pk}/",
        number=claim.control_number,
        service_on=day(claim.service_from_on),
        payer=claim.payer.name if claim.payer else "Not in the set-up",
        specialty=claim.specialty.name if claim.specialty else DASH,
        form=claim.form,
        amount=dollars(claim.total_charge_amount),
        count=DASH if claim.drift_count is None else str(claim.drift_count),
        kinds=", ".join(kinds),
    )


def difference_row(one: Mapping[str, Any]) -> DifferenceRow:
    """A stored difference."""
    shown = [_value(one["kind"], one["where"], one[side]) or DASH for side in ("ours", "theirs")]
    return DifferenceRow(kind_words(one["kind"]), _where(one["where"]), shown[0], shown[1])


def _value(kind: str, where: str, value: str) -> str:
    if kind in _DIAGNOSES or where.startswith("Diagnosis"):
        if kind == Kind.POA or where == "Procedures":
            return value
        return ", ".join(dotted(ICD10CM, code) for code in value.split(", "))
    if kind == Kind.DATES and value:
        return day(date.fromisoformat(value))
    return value


def _where(where: str) -> str:
    place, comma, code = where.partition(", ")
    return f"{place}, {dotted(ICD10CM, code)}" if comma and place.startswith("Diagnosis") else where


def sections(ours: Finished | None, theirs: ClaimContent) -> tuple[Section, ...]:
    """Both sides by kind of code, those that have any."""
    found = [
        _diagnoses(ours, theirs),
        _services(ours, theirs),
        _procedures(ours, theirs),
        _rest(ours, theirs),
    ]
    return tuple(one for one in found if one.rows)


def _diagnoses(ours: Finished | None, theirs: ClaimContent) -> Section:
    has_poa = theirs.form is ClaimForm.INSTITUTIONAL
    mine = {
        one.code: (place, _diagnosis(one.code, one.poa if has_poa else ""))
        for place, one in enumerate(_of(ours, "diagnoses"), start=1)
    }
    said: dict[str, tuple[int, str]] = {}
    for place, one in enumerate(theirs.diagnoses, start=1):
        if one.role not in ("admitting", "reason_for_visit"):
            said.setdefault(one.code, (place, _diagnosis(one.code, one.poa)))
    return Section("dx", "Diagnoses", _aligned("Diagnosis", mine, said, CATEGORY))


def _of(ours: Finished | None, name: str) -> tuple[OurCode, ...]:
    found: tuple[OurCode, ...] = getattr(ours, name) if ours else ()
    return found


def _diagnosis(code: str, poa: str) -> str:
    """``E11.22 · POA Y``; codes that need no letter have none."""
    return dotted(ICD10CM, code) + (f" · POA {poa}" if poa not in ("", "1") else "")


def _aligned(
    what: str,
    mine: Mapping[str, tuple[int, str]],
    said: Mapping[str, tuple[int, str]],
    stem: int,
) -> tuple[SideRow, ...]:
    """Our codes in our order, each with what the claim has of it, then what only the claim has."""
    missing = [code for code in mine if code not in said]
    pairs, added = matched(missing, [code for code in said if code not in mine], stem)
    changed = dict(pairs)
    rows = []
    for code, (place, words) in mine.items():
        other = said.get(code) or said.get(changed.get(code, ""))
        name = f"{what} {place}"
        if other is None:
            rows.append(_row(name, words, DASH, LEFT_OUT))
        elif code not in said:
            rows.append(_row(name, words, _placed(other, place), CHANGED))
        else:
            state = OTHER if other[1] != words else SAME if other[0] == place else MOVED
            rows.append(_row(name, words, _placed(other, place), state))
    for code in added:
        place, words = said[code]
        rows.append(_row(f"{what} {place}, billed", DASH, words, ADDED))
    return tuple(rows)


def _placed(billed: tuple[int, str], place: int) -> str:
    """What is billed, with its place where it is another."""
    return billed[1] if billed[0] == place else f"{billed[1]} · place {billed[0]}"


def _row(name: str, ours: str, theirs: str, state: str) -> SideRow:
    return SideRow(name, ours, theirs, state, TONES.get(state, ""))


def _services(ours: Finished | None, theirs: ClaimContent) -> Section:
    """Lines of the same code side by side, then those of one family, in our order."""
    codes = {one.key: place for place, one in enumerate(_of(ours, "diagnoses"), start=1)}
    rest = [line for line in theirs.lines if line.code]
    found: dict[int, ServiceLine] = {}
    tests = (
        lambda one, line: (line.code, line.modifiers) == (one.code, one.modifiers),
        lambda one, line: line.code == one.code,
        lambda one, line: line.code[:FAMILY] == one.code[:FAMILY],
    )
    for test in tests:
        for place, one in enumerate(_of(ours, "services"), start=1):
            line = None if place in found else next((line for line in rest if test(one, line)), None)
            if line is not None:
                rest.remove(line)
                found[place] = line
    rows = [
        _service_row(place, one, found.get(place), codes)
        for place, one in enumerate(_of(ours, "services"), start=1)
    ]
    rows += [_row(f"Service {line.number}, billed", DASH, _service(line), ADDED) for line in rest]
    return Section("px", "Services", tuple(rows))


def _service_row(place: int, one: OurCode, line: ServiceLine | None, codes: Mapping[str, int]) -> SideRow:
    name, words = f"Service {place}", _our_service(one, codes)
    if line is None:
        return _row(name, words, DASH, LEFT_OUT)
    is_same = line.modifiers == one.modifiers and line.units == one.units
    state = CHANGED if line.code != one.code else SAME if is_same else OTHER
    return _row(name, words, _service(line), state)


def _our_service(one: OurCode, codes: Mapping[str, int]) -> str:
    pointers = [str(codes[key]) for key in one.pointers if key in codes]
    return _line(one.code, one.modifiers, f"{one.units}", pointers)


def _service(line: ServiceLine) -> str:
    return _line(
        line.code, line.modifiers, f"{line.units.normalize():f}", [str(one) for one in line.pointers]
    )


def _line(code: str, modifiers: Iterable[str], units: str, pointers: list[str]) -> str:
    marks = "".join(f"-{one}" for one in modifiers)
    points = f" · points at {', '.join(pointers)}" if pointers else ""
    return f"{code}{marks} × {units}{points}"


def _procedures(ours: Finished | None, theirs: ClaimContent) -> Section:
    mine = {one.code: (place, one.code) for place, one in enumerate(_of(ours, "procedures"), start=1)}
    said = {one.code: (place, one.code) for place, one in enumerate(theirs.procedures, start=1)}
    return Section("pcs", "Procedures", _aligned("Procedure", mine, said, FAMILY))


def _rest(ours: Finished | None, theirs: ClaimContent) -> Section:
    first, last = days_of(theirs)
    person = theirs.rendering or theirs.attending
    pairs = [
        ("DRG", ours.drg_code if ours else "", theirs.drg_code),
        ("Provider NPI", ours.provider_npi if ours else "", person.identifier if person else ""),
        (
            "Place of service or type of bill",
            ours.place_of_service_code if ours else "",
            theirs.facility_code,
        ),
        ("First day", day(ours.first_on) if ours else "", day(first)),
        ("Last day", day(ours.last_on or ours.first_on) if ours else "", day(last)),
    ]
    rows = []
    for name, mine, said in pairs:
        if not mine and not said:
            continue
        is_compared = bool(mine and said) and not (name == PLACE and theirs.form is ClaimForm.INSTITUTIONAL)
        state = "" if not is_compared else SAME if mine == said else OTHER
        rows.append(_row(name, mine or DASH, said or DASH, state))
    return Section("rest", "Visit", tuple(rows))
