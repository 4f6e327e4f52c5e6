"""The claim edits of a working set: what they find, beside which code, and what was let stand.

Two queries (overrides, and the client's rules); tables are mapped files.
A chart that was final is edited under the releases it was final with, and under none that it had none of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import cast

from code_sets import index_store
from code_sets.edit_tables import RELEASE_NAMES, TableSet, modifier_facts
from code_sets.loaders.bundled import bundle_of
from code_sets.rules.edits.check import Checked, check_claim
from code_sets.rules.edits.claim import ERROR, Claim, ClaimLine, Finding, Passed
from code_sets.rules.edits.claim import Setting as ClaimSetting
from code_sets.selectors import release_in_force
from coding_ops.core.errors import DomainError, Refused
from edit_rules.rules.apply import JudgedFinding, Overlay, judge
from edit_rules.selectors.overlays import overlays_for
from encounters.models import CodeAssignment, CodeKind, EditOverride, Encounter, EvidenceState
from encounters.rules.edit_bypass import Cited, bypass_findings
from encounters.rules.edit_findings import EditFinding, Level, Placing, RawFinding, Stands, settle
from encounters.rules.edit_policy import Policy, parse_policy
from encounters.rules.readiness_facts import SERVICE_SYSTEMS, Setting
from encounters.selectors.claim_facts import day_number, facts_of
from encounters.selectors.drg import mce_findings
from encounters.selectors.hcc_support import support_findings

DIAGNOSES = "ICD-10-CM"
CLAIM_SETTINGS: Mapping[Setting, ClaimSetting] = {
    Setting.PROFESSIONAL: "practitioner",
    Setting.OUTPATIENT: "outpatient",
    Setting.INPATIENT: "inpatient",
}
OF_DIAGNOSES = frozenset({"icd-10-cm", "mce", "poa-exempt"})


@dataclass(frozen=True, slots=True)
class LiveEdits:
    """What the edits say of a working set now.

    Attributes:
        switched_off: what a rule of the client or payer silenced.
        passed: edits that a modifier lifted, with the assignments they are about.
        releases: release by table, None where none answers for the day: what a final version is pinned to.
        is_pinned: whether these are the releases of the version that was final.
    """

    findings: tuple[EditFinding, ...]
    switched_off: tuple[RawFinding, ...]
    passed: tuple[tuple[Passed, tuple[str, ...]], ...]
    releases: Mapping[str, str | None]
    is_pinned: bool
    is_facility: bool = False
    """An inpatient stay: NCCI edits are not for it."""

    def of(self, assignment_id: str) -> tuple[EditFinding, ...]:
        """The findings that stand beside a code."""
        return tuple(one for one in self.findings if one.assignments[:1] == (assignment_id,))

    def find(self, key: str) -> EditFinding | None:
        """The finding of this key, if the edits still make it."""
        return next((one for one in self.findings if one.key == key), None)


@cache
def policy() -> Policy:
    """What may be let stand and on what terms; read once a process."""
    path = Path(__file__).resolve().parent.parent / "data" / "edit_policy.toml"
    return parse_policy(path.read_text("utf-8"))


def overrides_of(encounter: Encounter) -> list[EditOverride]:
    """The overrides in force, oldest first: one query."""
    return list(
        EditOverride.objects.filter(
            client_id=encounter.client_id, encounter=encounter, withdrawn_at__isnull=True
        ).select_related("created_by")
    )


def needs_note(rows: Iterable[CodeAssignment]) -> bool:
    """Whether an edit reads the words of the note: for a diagnosis that leaves something unspecified."""
    return any(row.kind == CodeKind.DIAGNOSIS and "unspecified" in row.title.lower() for row in rows)


def edits_of(
    encounter: Encounter,
    rows: Sequence[CodeAssignment],
    setting: Setting,
    *,
    note: str = "",
    overrides: Sequence[EditOverride] | None = None,
) -> LiveEdits:
    """Runs all edits on the working set as it lies in `rows`, with their evidence at hand.

    ``note``: the words of the newest versions of the chart's documents; needed when ``needs_note``.
    """
    claim, placing = claim_of(encounter, rows, setting, note)
    tables = _tables_of(encounter, claim.setting)
    try:
        checked = check_claim(claim, tables.on)
        found = list(checked.findings)
    except DomainError as error:
        # A release that the chart is pinned to is gone: saying nothing would look clean.
        checked, found = Checked((), ()), [_no_release(error)]
    found += mce_findings(encounter, rows, {one.rule for one in found})
    cited = _cited(rows, placing)
    is_evaluation = modifier_facts().is_evaluation
    found += bypass_findings(claim.lines, checked.passed, cited, policy(), is_evaluation)
    found += support_findings(encounter, rows)
    judged = judge(found, claim, facts_of(encounter), _overlays_of(encounter))
    known = overrides_of(encounter) if overrides is None else overrides
    terms = policy().terms_of
    return LiveEdits(
        findings=settle(
            ((_raw(one), terms(one.rule, is_hard=not one.bypass)) for one in judged.findings),
            placing,
            {one.finding_key: _stands(one) for one in known},
        ),
        switched_off=tuple(_raw(one) for one in judged.switched_off),
        passed=tuple((one, tuple(placing.lines[number] for number in one.lines)) for one in checked.passed),
        releases=tables.releases(),
        is_pinned=encounter.pinned_releases is not None,
        is_facility=claim.setting == "inpatient",
    )


# --- the claim -------------------------------------------------------------------------------------------


def claim_of(
    encounter: Encounter, rows: Sequence[CodeAssignment], setting: Setting, note: str = ""
) -> tuple[Claim, Placing]:
    """The working set as a claim, and the way back from its lines and diagnoses to the assignments.

    ICD-10-PCS codes are no service lines; a chart without a line still has its day.
    """
    diagnoses = [row for row in rows if row.kind == CodeKind.DIAGNOSIS]
    services = [row for row in rows if row.kind == CodeKind.SERVICE and row.system in SERVICE_SYSTEMS]
    places = {row.pk: at for at, row in enumerate(diagnoses, start=1)}
    provider = encounter.rendering_provider
    service_on = day_number(encounter.service_on)
    patient = encounter.patient
    claim = Claim(
        setting=CLAIM_SETTINGS[setting],
        diagnoses=tuple(row.code for row in diagnoses),
        lines=tuple(
            ClaimLine(
                number=row.position,
                code=row.code,
                service_on=service_on,
                units=row.service_unit_quantity,
                modifiers=tuple(row.modifiers),
                pointers=tuple(places[pointer] for pointer in row.pointers if pointer in places),
                npi=provider.npi or None if provider else None,
            )
            for row in services
        ),
        birth_on=day_number(date.fromisoformat(patient.birth_on)) if patient.birth_on else None,
        sex=patient.sex if patient.sex in ("F", "M") else None,
        discharge_on=day_number(encounter.coding_on),
        note=note or None,
    )
    return claim, Placing(
        lines={row.position: str(row.pk) for row in services},
        # Codes of a stay's procedures are told apart from diagnoses by their first character, a digit.
        diagnoses={row.code: str(row.pk) for row in rows if row.system.startswith("ICD-10")},
        positions={at: str(row.pk) for at, row in enumerate(diagnoses, start=1)},
        units={row.position: row.service_unit_quantity for row in services},
    )


def _cited(rows: Sequence[CodeAssignment], placing: Placing) -> dict[int, Cited]:
    by_id = {str(row.pk): row for row in rows}
    return {
        number: Cited(
            tuple(
                (str(link.document_version_id), link.start, link.end)
                for link in by_id[assignment].evidence.all()
                if link.state == EvidenceState.ANCHORED
            ),
            bool(by_id[assignment].exception_reason),
        )
        for number, assignment in placing.lines.items()
    }


def _overlays_of(encounter: Encounter) -> tuple[Overlay, ...]:
    """The rules of the client that hold on the chart's day; of a pinned chart, as they were known then."""
    pins = encounter.pinned_releases
    known_at = datetime.fromisoformat(pins["rules_known_at"]) if pins is not None else None
    return overlays_for(encounter.client_id, encounter.coding_on, known_at=known_at)


def _raw(one: JudgedFinding) -> RawFinding:
    return RawFinding(
        rule=one.rule,
        level=cast(Level, one.level.value),
        lines=one.lines,
        codes=one.codes,
        message=one.message,
        citation=one.citation,
        satisfy=one.satisfy,
        bypass=one.bypass,
        diagnoses=one.diagnoses,
        default_level=one.default_level,
        decided_by=one.why,
        version_id=one.overlay.version_id if one.overlay else "",
    )


def _stands(one: EditOverride) -> Stands:
    evidence = f"{one.document_version_id}:{one.start}:{one.end}" if one.document_version_id else ""
    return Stands(
        override_id=str(one.pk),
        reason=one.reason,
        note=one.note,
        by=one.created_by.full_name,
        evidence=evidence,
        is_lost=one.state == EvidenceState.LOST,
    )


# --- releases --------------------------------------------------------------------------------------------


class _Tables(TableSet):
    """The tables of a chart."""

    diagnosis_day: str = ""

    def releases(self) -> dict[str, str | None]:
        """Release by table; diagnoses' tables by their own day."""
        found: dict[str, str | None] = {}
        for name in RELEASE_NAMES:
            by_day = self.used.get(name, {})
            days = [self.diagnosis_day] if name in OF_DIAGNOSES and self.diagnosis_day in by_day else by_day
            found[name] = next((by_day[day] for day in days), None)
        return found


def _tables_of(encounter: Encounter, setting: ClaimSetting) -> _Tables:
    pins = encounter.pinned_releases
    if pins is not None:
        named = {name: release for name, release in pins["tables"].items() if release}
        absent = frozenset(RELEASE_NAMES) - frozenset(named)
    else:
        release = _diagnosis_release(encounter.coding_on)
        named = {"icd-10-cm": release} if release else {}
        absent = frozenset() if release else frozenset({"icd-10-cm"})
    tables = _Tables(setting, named, absent)
    tables.diagnosis_day = encounter.coding_on.isoformat()
    return tables


def _diagnosis_release(on: date) -> str | None:
    """The release of the day as the database has it, None when its edits are on no file of this machine."""
    try:
        release = release_in_force(DIAGNOSES, on).release
    except Refused:
        return None
    on_file = {one.release for one in index_store.read_catalog() if one.system == DIAGNOSES}
    return release if release in on_file or release == bundle_of(DIAGNOSES).release else None


def _no_release(error: DomainError) -> Finding:
    return Finding(
        rule="edits.release",
        severity=ERROR,
        lines=(),
        codes=(),
        message=f"{error.message} The edits of this chart were not made.",
        citation="Releases of the version that was final",
        satisfy="Have the release loaded again, or choose the releases in force for the day.",
    )
