"""The MS-DRG of a stay: what it is, what it rests on, how deep its evidence is, and what was expected."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from code_sets.drg_commands import OLDEST, tables
from code_sets.drg_commands import drg as group_by_rule
from code_sets.index_store import DATA
from code_sets.rules.drg import SEX_NUMBERS, Coded, Stay, version_on
from code_sets.rules.edits.claim import Finding
from code_sets.rules.mce import EditWords, parse_words, stay_findings
from coding_ops.core.errors import DomainError
from encounters.models import (
    CodeAssignment,
    CodeKind,
    CodeRevision,
    DrgDifference,
    Encounter,
    EncounterKind,
    EncounterStatus,
    EvidenceState,
    WorkingDrg,
)
from encounters.rules.drg_evidence import (
    Cited,
    Difference,
    Driver,
    Expected,
    Group,
    SecondLook,
    Severity,
    drivers_with_evidence,
    reconcile,
    second_looks,
)

PROCEDURES = "ICD-10-PCS"
#: Grouped as discharged home while nobody has said how the stay ended; the page says so.
ASSUMED_STATUS = "01"
EXEMPT = "1"


@dataclass(frozen=True, slots=True)
class Grouping:
    """The group of a working set.

    Attributes:
        answer: of the rule ``codes.drg``, with its trace.
        is_assumed: the discharge status is not known; it was grouped as ``ASSUMED_STATUS``.
    """

    answer: Mapping[str, Any]
    group: Group
    severity: tuple[Severity, ...]
    drivers: tuple[Driver, ...]
    looks: tuple[SecondLook, ...]
    discharge_status: str
    is_assumed: bool


@dataclass(frozen=True, slots=True)
class Ungrouped:
    """Why a stay has no group yet, in words for the coder."""

    reason: str


class StayCode(Protocol):
    """A code of a stay, whoever assigned it: the coder's row, or a reviewer's."""

    @property
    def kind(self) -> str: ...
    @property
    def system(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def present_on_admission(self) -> str: ...


@cache
def discharge_statuses() -> Mapping[str, str]:
    """The codes of UB-04 form locator 17 with our words; read once a process."""
    path = Path(__file__).resolve().parent.parent / "data" / "discharge_status.toml"
    return {one["code"]: one["words"] for one in tomllib.loads(path.read_text("utf-8"))["status"]}


def grouping_of(encounter: Encounter, rows: Sequence[CodeAssignment]) -> Grouping | Ungrouped:
    """Groups the codes in ``rows`` (with their evidence at hand): no query."""
    missing = _missing(encounter, rows)
    if missing:
        return Ungrouped(missing)
    try:
        answer = group_by_rule(_request(encounter, rows))
    except DomainError as error:
        return Ungrouped(error.message)
    severity = tuple(
        Severity(one["code"], one["level"], one["excluded_by"] or "") for one in answer["cc_mcc"]
    )
    drivers = drivers_with_evidence(
        [(one["code"], one["kind"], one["level"], _group(one["without"])) for one in answer["drivers"]],
        cited_by(rows),
    )
    return Grouping(
        answer=answer,
        group=_group(answer),
        severity=severity,
        drivers=drivers,
        looks=second_looks(severity, drivers),
        discharge_status=encounter.discharge_status_code or ASSUMED_STATUS,
        is_assumed=not encounter.discharge_status_code,
    )


def drg_of_codes(encounter: Encounter, codes: Sequence[StayCode]) -> int | Ungrouped:
    """The group that these codes would give the stay; the first diagnosis is the principal.  No query."""
    missing = _missing(encounter, codes)
    if missing:
        return Ungrouped(missing)
    try:
        return int(group_by_rule(_request(encounter, codes))["drg"])
    except DomainError as error:
        return Ungrouped(error.message)


def second_looks_of(encounter: Encounter, rows: Sequence[CodeAssignment]) -> tuple[SecondLook, ...]:
    """Why a second reader should see this stay before it is released; () for any other visit."""
    if encounter.kind != EncounterKind.INPATIENT:
        return ()
    found = grouping_of(encounter, rows)
    return found.looks if isinstance(found, Grouping) else ()


def cited_by(rows: Sequence[CodeAssignment]) -> dict[str, Cited]:
    """Distinct spans in force and their documents, by code."""
    spans: dict[str, set[tuple[object, int, int]]] = {}
    for row in rows:
        links = (link for link in row.evidence.all() if link.state == EvidenceState.ANCHORED)
        spans.setdefault(row.code, set()).update(
            (link.document_version_id, link.start, link.end) for link in links
        )
    return {code: Cited(len(found), len({one[0] for one in found})) for code, found in spans.items()}


def mce_findings(
    encounter: Encounter, rows: Sequence[CodeAssignment], known: Collection[str] = ()
) -> tuple[Finding, ...]:
    """The Medicare Code Editor's findings of a stay that the rules in `known` have not made; () where it
    cannot be edited yet."""
    if encounter.kind != EncounterKind.INPATIENT or _missing(encounter, rows):
        return ()
    stay = _stay(encounter, rows)
    version = version_on(tables().versions, stay.discharge_on)
    return stay_findings(stay, version, mce_words(), known) if version is not None else ()


@cache
def mce_words() -> Mapping[str, EditWords]:
    """What the editor's edits mean; read once a process."""
    return parse_words((DATA / "mce_edits.toml").read_text("utf-8"))


def final_record(encounter: Encounter, rows: Sequence[CodeAssignment]) -> dict[str, Any]:
    """What a finished version keeps of its group: ``{"drg": {…}}``; nothing for any other visit."""
    if encounter.kind != EncounterKind.INPATIENT:
        return {}
    found = grouping_of(encounter, rows)
    if isinstance(found, Ungrouped):
        return {"drg": {"drg": None, "reason": found.reason}}
    kept = ("drg", "title", "mdc", "type", "weight", "version", "initial_drg", "return_code", "cc_mcc")
    return {
        "drg": {
            **{name: found.answer[name] for name in kept},
            "drivers": [
                {"code": one.code, "without": one.without.drg, "spans": one.cited.spans}
                for one in found.drivers
            ],
            "discharge_status": found.discharge_status,
            "discharge_status_assumed": found.is_assumed,
        }
    }


def final_second_looks(group: Mapping[str, Any]) -> tuple[SecondLook, ...]:
    """What ``second_looks_of`` said of a stay as it became final, from the ``drg`` of ``final_record``."""
    if group["drg"] is None:
        return ()
    levels = {one["code"]: one["level"] for one in group["cc_mcc"]}
    return second_looks(
        [Severity(one["code"], one["level"], one["excluded_by"] or "") for one in group["cc_mcc"]],
        [
            # Kept by group number and spans alone: nothing else decides a second look.
            Driver(
                one["code"],
                "",
                levels.get(one["code"]),
                Group(one["without"], "", None),
                Cited(one["spans"], 0),
            )
            for one in group["drivers"]
        ],
    )


# --- working against final -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was expected, newest of each party first, and the final group, None while there is none."""

    working: tuple[WorkingDrg, ...]
    final: Mapping[str, Any] | None
    revision_number: int
    differences: tuple[Difference, ...]
    reasons: Mapping[str, DrgDifference]


def reconciliation_of(encounter: Encounter) -> Reconciliation:
    """Working against final of one stay: three queries."""
    newest: dict[str, WorkingDrg] = {}
    found = WorkingDrg.objects.filter(client_id=encounter.client_id, encounter=encounter)
    for one in found.select_related("recorded_by"):
        newest.setdefault(one.party, one)
    revision = (
        CodeRevision.objects.filter(client_id=encounter.client_id, encounter=encounter)
        .order_by("-number")
        .values_list("number", "edits__drg")
        .first()
    )
    number, final = revision if revision is not None else (0, None)
    reasons = _reasons([encounter], {encounter.pk: number}) if final else {}
    differences = reconcile(
        [_expected(one) for one in newest.values()] if final and final["drg"] else [],
        final["drg"] if final and final["drg"] else 0,
        {key: one.get_reason_display() for key, one in reasons.items()},
    )
    return Reconciliation(tuple(newest.values()), final, number, differences, reasons)


@dataclass(frozen=True, slots=True)
class Pending:
    """A final stay whose group is not the one a party expected, and nobody has said why."""

    encounter: Encounter
    working: WorkingDrg
    final_drg: int


def pending_differences(client_id: int, limit: int) -> list[Pending]:
    """The differences of a client that wait for their reason, oldest final first: three queries."""
    newest = (
        WorkingDrg.objects.filter(client_id=client_id, encounter__status=EncounterStatus.FINAL)
        .order_by("encounter_id", "party", "-recorded_at", "-id")
        .distinct("encounter_id", "party")
    )
    working = list(newest.select_related("encounter", "recorded_by"))
    charts = {one.encounter_id: one.encounter for one in working}
    final = {
        encounter_id: (number, drg)
        for encounter_id, number, drg in CodeRevision.objects.filter(
            client_id=client_id, encounter_id__in=charts, edits__drg__drg__isnull=False
        )
        .order_by("encounter_id", "number")
        .values_list("encounter_id", "number", "edits__drg__drg")
        if number == charts[encounter_id].revision_count and drg is not None
    }
    reasons = _reasons(list(charts.values()), {key: number for key, (number, _) in final.items()})
    found = [
        Pending(one.encounter, one, final[one.encounter_id][1])
        for one in working
        if one.encounter_id in final and final[one.encounter_id][1] != one.drg and str(one.pk) not in reasons
    ]
    found.sort(key=lambda one: (one.encounter.final_at is None, one.encounter.final_at))
    return found[:limit]


def _reasons(encounters: Sequence[Encounter], numbers: Mapping[Any, int]) -> dict[str, DrgDifference]:
    """The newest reason by working group, of the versions named."""
    found: dict[str, DrgDifference] = {}
    if not encounters:
        return found
    rows = DrgDifference.objects.filter(
        client_id=encounters[0].client_id, encounter__in=[one.pk for one in encounters]
    ).select_related("recorded_by")
    for row in rows:
        if row.revision_number == numbers.get(row.encounter_id):
            found.setdefault(str(row.working_id), row)
    return found


def _expected(one: WorkingDrg) -> Expected:
    return Expected(str(one.pk), one.party, one.drg)


# --- the stay --------------------------------------------------------------------------------------------


def _missing(encounter: Encounter, rows: Sequence[StayCode]) -> str:
    """What the grouper cannot do without, in words; empty when all is there."""
    if encounter.kind != EncounterKind.INPATIENT:
        return "An MS-DRG is for an inpatient stay."
    if encounter.discharge_on is None:
        return "The stay has no discharge date yet, which chooses the grouper."
    if _age(encounter) is None:
        return "The patient's birth date is not known, or does not fit the stay."
    if not any(row.kind == CodeKind.DIAGNOSIS for row in rows):
        return "There is no principal diagnosis yet: it is the first of the diagnoses."
    return ""


def _age(encounter: Encounter) -> int | None:
    """Whole years on the day of admission."""
    try:
        born = date.fromisoformat(encounter.patient.birth_on)
    except ValueError:
        return None
    on = encounter.service_on
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return age if 0 <= age <= OLDEST else None


def _stay(encounter: Encounter, rows: Sequence[StayCode]) -> Stay:
    diagnoses = [Coded(row.code, _poa(row)) for row in rows if row.kind == CodeKind.DIAGNOSIS]
    sex = encounter.patient.sex
    return Stay(
        discharge_on=encounter.discharge_on or encounter.service_on,
        age=_age(encounter) or 0,
        sex=sex if sex in SEX_NUMBERS else "U",
        discharge_status=int(encounter.discharge_status_code or ASSUMED_STATUS),
        principal=diagnoses[0],
        secondary=tuple(diagnoses[1:]),
        procedures=tuple(row.code for row in rows if row.system == PROCEDURES),
    )


def _poa(row: StayCode) -> str | None:
    return None if row.present_on_admission in ("", EXEMPT) else row.present_on_admission


def _request(encounter: Encounter, rows: Sequence[StayCode]) -> dict[str, Any]:
    """The stay as the rule reads it."""
    stay = _stay(encounter, rows)
    return {
        "discharge_on": stay.discharge_on.isoformat(),
        "age": stay.age,
        "sex": stay.sex,
        "discharge_status": f"{stay.discharge_status:02}",
        "principal": stay.principal.code,
        "principal_poa": stay.principal.poa,
        "secondary": [{"code": one.code, "poa": one.poa} for one in stay.secondary],
        "procedures": list(stay.procedures),
    }


def _group(answer: Mapping[str, Any]) -> Group:
    return Group(answer["drg"], answer["title"], answer["weight"])
