"""`manage.py rule codes.check_claim`: a claim as JSON, what is wrong with it as JSON; no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from code_sets.edit_tables import RELEASE_NAMES, TableSet
from code_sets.rules.edits.check import check_claim
from code_sets.rules.edits.claim import Claim, ClaimLine, Finding, Passed, PriorService, Setting
from code_sets.rules.entries import without_dot
from coding_ops.core.errors import InvalidInput

SETTINGS = ("practitioner", "outpatient", "inpatient")
SEXES = ("F", "M")
MOST_LINES = 999
MOST_UNITS = 999_999


def check(request: Mapping[str, Any]) -> dict[str, Any]:
    """`codes.check_claim`: a claim -> {"findings": […], "trace": {…}}.

    Each finding: rule, severity, lines, codes, message, citation, bypass, satisfy. Optional beside the fields
    of the interface: `note` (words of the chart, for icd.unspecified), `history` (the patient's services on
    other claims, for global periods), `poa` (present on admission, one a diagnosis), and in a line
    `place_of_service` and `description`. Raises InvalidInput with the path of the field.
    """
    claim = read_claim(request)
    tables = TableSet(claim.setting, _releases(request))
    checked = check_claim(claim, tables.on)
    return {
        "findings": [finding_body(one) for one in checked.findings],
        "trace": {
            "setting": claim.setting,
            "diagnosis_day": _iso(claim.diagnosis_day()),
            "releases": tables.used,
            "not_checked": tables.missing,
            "passed": [passed_body(one) for one in checked.passed],
        },
    }


def finding_body(finding: Finding) -> dict[str, Any]:
    """A finding as the interface fixes it, and what would satisfy it."""
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "lines": list(finding.lines),
        "codes": list(finding.codes),
        "message": finding.message,
        "citation": finding.citation,
        "bypass": list(finding.bypass),
        "satisfy": finding.satisfy,
    }


def passed_body(passed: Passed) -> dict[str, Any]:
    """An edit that a modifier lifted."""
    return {
        "rule": passed.rule,
        "lines": list(passed.lines),
        "codes": list(passed.codes),
        "modifier": passed.modifier,
        "advice": passed.advice,
    }


def read_claim(request: Mapping[str, Any]) -> Claim:
    """The claim of a request. Raises InvalidInput with the path of the field that is wrong."""
    setting = request.get("setting")
    if setting not in SETTINGS:
        raise _invalid("setting", f"must be one of {', '.join(SETTINGS)}")
    patient = request.get("patient") or {}
    if not isinstance(patient, Mapping):
        raise _invalid("patient", "must be an object")
    sex = patient.get("sex")
    if sex is not None and not isinstance(sex, str):
        raise _invalid("patient.sex", "must be F, M or another text")
    note = request.get("note")
    if note is not None and not isinstance(note, str):
        raise _invalid("note", "must be a text")
    lines = _objects(request, "lines")
    claim = Claim(
        setting=cast(Setting, setting),
        diagnoses=tuple(
            without_dot(_text(code, f"diagnoses[{place}]"))
            for place, code in enumerate(_list(request, "diagnoses"))
        ),
        lines=tuple(_line(line, f"lines[{place}]", place + 1) for place, line in enumerate(lines)),
        birth_on=_day(patient.get("birth_on"), "patient.birth_on"),
        sex=sex.upper() if sex is not None and sex.upper() in SEXES else None,
        discharge_on=_day(request.get("discharge_on"), "discharge_on"),
        note=note,
        history=_history(request),
        poa=_poa(request),
    )
    _refuse_without_day(claim)
    return claim


def _history(request: Mapping[str, Any]) -> tuple[PriorService, ...] | None:
    """Services on other claims; None where the request does not look at any."""
    if request.get("history") is None:
        return None
    return tuple(_prior(one, f"history[{place}]") for place, one in enumerate(_objects(request, "history")))


def _prior(service: Mapping[str, Any], path: str) -> PriorService:
    return PriorService(
        code=_text(service.get("code"), f"{path}.code").upper(),
        service_on=_needed_day(service, path),
        npi=_optional_text(service, "rendering_npi", path),
        modifiers=_modifiers(service, path),
        diagnoses=tuple(
            without_dot(_text(one, f"{path}.diagnoses[{at}]"))
            for at, one in enumerate(_list(service, "diagnoses", path))
        ),
    )


def _poa(request: Mapping[str, Any]) -> tuple[str | None, ...]:
    answers = _list(request, "poa")
    diagnoses = _list(request, "diagnoses")
    if answers and len(answers) != len(diagnoses):
        raise _invalid("poa", f"must have one entry for each of the {len(diagnoses)} diagnoses")
    return tuple(
        None if one in (None, "") else _text(one, f"poa[{place}]").upper()
        for place, one in enumerate(answers)
    )


def _refuse_without_day(claim: Claim) -> None:
    """Edits go by the day: a claim without one cannot be checked, and must not look clean."""
    if claim.setting == "inpatient" and claim.discharge_on is None:
        raise _invalid("discharge_on", "is needed for an inpatient claim: its release counts")
    if claim.diagnosis_day() is None:
        raise _invalid("lines", "must hold a line, whose date of service decides the release")
    numbers = [line.number for line in claim.lines]
    if len(set(numbers)) != len(numbers):
        raise _invalid("lines", "must have different line numbers")


def _line(line: Mapping[str, Any], path: str, place: int) -> ClaimLine:
    return ClaimLine(
        number=_whole(line.get("line", place), f"{path}.line", MOST_LINES),
        code=_text(line.get("code"), f"{path}.code").upper(),
        service_on=_needed_day(line, path),
        units=_whole(line.get("units", 1), f"{path}.units", MOST_UNITS),
        modifiers=_modifiers(line, path),
        pointers=tuple(
            _whole(one, f"{path}.pointers[{at}]", MOST_LINES, 0)
            for at, one in enumerate(_list(line, "pointers", path))
        ),
        npi=_optional_text(line, "rendering_npi", path),
        place=_optional_text(line, "place_of_service", path),
        description=_optional_text(line, "description", path) or "",
    )


def _modifiers(line: Mapping[str, Any], path: str) -> tuple[str, ...]:
    return tuple(
        _text(one, f"{path}.modifiers[{at}]").upper() for at, one in enumerate(_list(line, "modifiers", path))
    )


def _needed_day(service: Mapping[str, Any], path: str) -> int:
    found = _day(service.get("service_on"), f"{path}.service_on")
    if found is None:
        raise _invalid(f"{path}.service_on", "must be a date such as 2026-11-01")
    return found


def _optional_text(line: Mapping[str, Any], name: str, path: str) -> str | None:
    value = line.get(name)
    if value is not None and not isinstance(value, str):
        raise _invalid(f"{path}.{name}", "must be a text")
    return value.strip() or None if value is not None else None


def _releases(request: Mapping[str, Any]) -> Mapping[str, str]:
    releases = request.get("releases") or {}
    if not isinstance(releases, Mapping):
        raise _invalid("releases", "must be an object")
    for name, release in releases.items():
        if name not in RELEASE_NAMES:
            raise _invalid(f"releases.{name}", f"is not one of {', '.join(RELEASE_NAMES)}")
        _text(release, f"releases.{name}")
    return releases


def _objects(request: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    found = _list(request, name)
    for place, one in enumerate(found):
        if not isinstance(one, Mapping):
            raise _invalid(f"{name}[{place}]", "must be an object")
    return found


def _list(request: Mapping[str, Any], name: str, path: str = "") -> Sequence[Any]:
    value = request.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _invalid(f"{path}.{name}" if path else name, "must be a list")
    return value


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _invalid(path, "must be a text")
    return value.strip()


def _whole(value: Any, path: str, most: int, least: int = 1) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _invalid(path, f"must be a whole number from {least} to {most}")
    return value


def _day(value: Any, path: str) -> int | None:
    if value is None:
        return None
    try:
        return int(date.fromisoformat(value).strftime("%Y%m%d"))
    except (TypeError, ValueError) as error:
        raise _invalid(path, "must be a date such as 2026-11-01") from error


def _iso(day: int | None) -> str | None:
    return f"{day // 10000:04}-{day // 100 % 100:02}-{day % 100:02}" if day is not None else None


def _invalid(path: str, problem: str) -> InvalidInput:
    return InvalidInput(f"{path} {problem}.", code="invalid", details={"path": path})
