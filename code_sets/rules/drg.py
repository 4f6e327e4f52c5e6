"""Medicare severity diagnosis related groups: the group of a stay, what made it so, and the code editor.

Grouping and editing are those of the package `msdrg`, whose answers equal CMS's Java grouper and MCE on the
reference deck. Here each secondary diagnosis is told with its level and what excludes it, and the stay is
grouped again without each code, to find the single codes the group rests on.

Sources: CMS, ICD-10 MS-DRG Definitions Manual (CC exclusions: appendix C; hospital-acquired conditions:
appendix I); CMS, Medicare Code Editor definitions.
"""

from __future__ import annotations

import atexit
import json
import os
from collections.abc import Mapping, Sequence
from ctypes import string_at
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from msdrg import MceEditor, MsdrgGrouper

SEX_NUMBERS: Mapping[str, int] = {"M": 0, "F": 1, "U": 2}
LEVELS = ("CC", "MCC")
HAC_MET = "HAC_CRITERIA_MET"
REMEMBERED = 4096
"""Stays in a row of one bulk run are often the same but for the patient: so many answers are kept."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the grouper and the discharges it groups, first and last day included."""

    name: str
    number: int
    first: date
    last: date
    oracle: str


@dataclass(frozen=True, slots=True)
class Coded:
    """A secondary diagnosis and whether it was present on admission ("Y", "N", "U", "W"; None: not told)."""

    code: str
    poa: str | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """An inpatient stay as the grouper reads it. `age` in whole years at admission; `sex` "F", "M" or "U";
    `hospital_status` "NOT_EXEMPT", "EXEMPT" or "UNKNOWN": whether present on admission must be reported."""

    discharge_on: date
    age: int
    sex: str
    discharge_status: int
    principal: Coded
    secondary: tuple[Coded, ...] = ()
    procedures: tuple[str, ...] = ()
    hospital_status: str = "NOT_EXEMPT"


@dataclass(frozen=True, slots=True)
class Severity:
    """A secondary diagnosis that is a CC or MCC; `excluded_by` says what keeps it from counting."""

    code: str
    level: str
    excluded_by: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """The group of a stay. `initial_drg` is the group before hospital-acquired conditions were set aside;
    `return_code` is "OK", or why the stay could not be grouped (group 998 or 999)."""

    drg: int
    title: str
    mdc: int
    mdc_title: str
    initial_drg: int
    return_code: str
    severity: tuple[Severity, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """The group of a stay without titles and levels, as a file of stays is grouped."""

    drg: int
    mdc: int
    initial_drg: int
    return_code: str


@dataclass(frozen=True, slots=True)
class Driver:
    """A single code the group rests on, and the group of the stay without it."""

    code: str
    kind: str
    level: str | None
    without: Group


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit of the Medicare Code Editor: its name, on how many codes, of which kind, before or after
    payment."""

    name: str
    count: int
    code_kind: str
    payment: str


def version_on(versions: Sequence[Version], on: date) -> Version | None:
    """The version for a day of discharge; None where there is none."""
    return next((one for one in versions if one.first <= on <= one.last), None)


def group(stay: Stay, version: Version) -> Group:
    """Group a stay. Never raises for a code that is not in force: the return code says so."""
    result: Mapping[str, Any] = _grouper().group(_claim(stay, version))
    # The package answers in an order of its own.
    places = {coded.code: place for place, coded in reversed(list(enumerate(stay.secondary)))}
    told = sorted(result["sdx_output"], key=lambda one: places[one["code"]])
    return Group(
        drg=result["final_drg"],
        title=result["final_drg_description"],
        mdc=result["final_mdc"],
        mdc_title=result["final_mdc_description"],
        initial_drg=result["initial_drg"],
        return_code=result["return_code"],
        severity=tuple(
            Severity(one["code"], one["severity"], _excluded_by(one, stay))
            for one in told
            if one["severity"] in LEVELS
        ),
    )


def group_brief(stay: Stay, version: Version) -> Brief:
    """The same group as `group`, and only that: most of the answer is words that a bulk run throws away.

    The native call is asked directly and its answer read as far as the levels of the diagnoses; the package's
    own wrapper turns all of it into objects, which is 40% of its time.
    """
    on, principal = stay.discharge_on, _coded_text(stay.principal.code, stay.principal.poa)
    return _brief(
        f'{{"version":{version.number},"discharge_date":{on.year * 10000 + on.month * 100 + on.day},'
        f'"age":{stay.age},"sex":{SEX_NUMBERS[stay.sex]},"discharge_status":{stay.discharge_status},'
        f'"hospital_status":{_text(stay.hospital_status)},"pdx":{principal},'
        f'"sdx":[{",".join([_coded_text(one.code, one.poa) for one in stay.secondary])}],'
        f'"procedures":[{",".join(map(_procedure_text, stay.procedures))}]}}'.encode()
    )


# The words of `_claim`, written at once: a tenth of the time of a stay went into making JSON of them.
_text = lru_cache(maxsize=65_536)(json.dumps)


@lru_cache(maxsize=65_536)
def _coded_text(code: str, poa: str | None) -> str:
    return json.dumps(_diagnosis(Coded(code, poa)))


@lru_cache(maxsize=65_536)
def _procedure_text(code: str) -> str:
    return json.dumps({"code": code})


@lru_cache(maxsize=REMEMBERED)
def _brief(request: bytes) -> Brief:
    grouper: Any = _grouper()
    pointer = grouper.lib.msdrg_group_json(grouper.ctx, request)
    if not pointer:
        raise RuntimeError("the grouper gave no answer")
    try:
        answer = string_at(pointer)
    finally:
        grouper.lib.msdrg_string_free(pointer)
    head, found, _ = answer.partition(b',"pdx_output":')
    read: Mapping[str, Any] = json.loads(head + b"}" if found else answer)
    return Brief(read["final_drg"], read["final_mdc"], read["initial_drg"], read["return_code"])


def forget() -> None:
    """Let go of the answers `group_brief` remembers."""
    _brief.cache_clear()


def drivers(stay: Stay, version: Version, whole: Group) -> tuple[Driver, ...]:
    """The single secondary diagnoses and procedures without which the stay is in another group.

    None of two codes that each suffice is a driver: neither moves the group alone.
    """
    levels = {one.code: one.level for one in whole.severity}
    found = []
    for place, coded in enumerate(stay.secondary):
        rest = stay.secondary[:place] + stay.secondary[place + 1 :]
        without = group(replace(stay, secondary=rest), version)
        if without.drg != whole.drg:
            found.append(Driver(coded.code, "secondary", levels.get(coded.code), without))
    for place, code in enumerate(stay.procedures):
        others = stay.procedures[:place] + stay.procedures[place + 1 :]
        without = group(replace(stay, procedures=others), version)
        if without.drg != whole.drg:
            found.append(Driver(code, "procedure", None, without))
    return tuple(found)


def edits(stay: Stay, version: Version) -> tuple[Edit, ...]:
    """What the Medicare Code Editor of the discharge date finds."""
    result: Mapping[str, Any] = _editor().edit(_claim(stay, version))
    return tuple(
        Edit(one["name"], one["count"], one["code_type"], one["edit_type"]) for one in result["edits"]
    )


def _claim(stay: Stay, version: Version) -> Any:
    on = stay.discharge_on
    return {
        "version": version.number,
        "discharge_date": on.year * 10000 + on.month * 100 + on.day,
        "age": stay.age,
        "sex": SEX_NUMBERS[stay.sex],
        "discharge_status": stay.discharge_status,
        "hospital_status": stay.hospital_status,
        "pdx": _diagnosis(stay.principal),
        "sdx": [_diagnosis(one) for one in stay.secondary],
        "procedures": [{"code": code} for code in stay.procedures],
    }


def _diagnosis(coded: Coded) -> dict[str, str]:
    return {"code": coded.code} if coded.poa is None else {"code": coded.code, "poa": coded.poa}


def _excluded_by(output: Mapping[str, Any], stay: Stay) -> str | None:
    if "EXCLUDED" in output["flags"]:
        return stay.principal.code
    if "DEATH_EXCLUSION" in output["flags"]:
        return f"discharge status {stay.discharge_status:02}"
    met = [one["hac_number"] for one in output["hacs"] if one["hac_status"] == HAC_MET]
    return f"HAC {met[0]:02}" if met else None


def _grouper() -> MsdrgGrouper:
    """One grouper a process: its tables are memory-mapped, and it is imported only when it is needed."""
    return _grouper_of(os.getpid())


def _editor() -> MceEditor:
    return _editor_of(os.getpid())


# Kept by process id: a worker that was forked after a first grouping must not use the mapping of its parent.
@cache
def _grouper_of(process: int) -> MsdrgGrouper:
    from msdrg import MsdrgGrouper

    made = MsdrgGrouper()
    atexit.register(made.close)
    return made


@cache
def _editor_of(process: int) -> MceEditor:
    from msdrg import MceEditor

    made = MceEditor()
    atexit.register(made.close)
    return made
