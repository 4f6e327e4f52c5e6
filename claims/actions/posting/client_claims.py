"""Rows of claims that a client sent itself: tied to our chart, held against what we finalized."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from claims.models import Claim, ClaimFormat, ClaimLine, ClaimStatus
from claims.rules.content import ClaimContent, Frequency
from claims.rules.drift import compare, days_of, keys_of
from claims.selectors.billed_charts import ClaimKey, charts_of
from claims.selectors.finished import FinishedVersion, finished_versions
from encounters.models import Encounter

LONGEST_NUMBER, LONGEST_PAYER_NUMBER, LONGEST_CODE, LONGEST_DRG = 38, 50, 8, 4
MOST_LINES, MOST_UNITS, MOST_DOLLARS = 32_767, 999_999, 9_999_999_999


@dataclass(frozen=True, slots=True)
class Tied:
    """A claim's chart, if one was found, and what was finalized of it, if it is final and released."""

    chart: Encounter | None = None
    version: FinishedVersion | None = None


def tie(client_id: int, claims: Sequence[ClaimContent]) -> dict[ClaimKey, Tied]:
    """Charts and finished versions of claims, by ``key_of``: four queries at most."""
    charts = charts_of(client_id, claims)
    versions = finished_versions(client_id, {one.pk for one in charts.values()})
    return {key: Tied(one, versions.get(one.pk)) for key, one in charts.items()}


def misfit(content: ClaimContent) -> str:
    """Why a claim cannot be kept as a claim: what of it no payer would take.  Empty when it can."""
    if days_of(content)[0] is None:
        return "It says no day of service."
    if len(content.control_number) > LONGEST_NUMBER:
        return "Its control number is too long."
    if len(content.payer_control_number) > LONGEST_PAYER_NUMBER or len(content.drg_code) > LONGEST_DRG:
        return "The payer's number (REF*F8) or the DRG is too long."
    numbers = [line.number for line in content.lines]
    if len(set(numbers)) != len(numbers) or any(not 0 < one <= MOST_LINES for one in numbers):
        return "Its lines are not numbered 1, 2, 3."
    for line in content.lines:
        if len(line.code) > LONGEST_CODE or len(line.revenue_code) > 4 or any(map(_long, line.modifiers)):
            return f"Line {line.number}: code, modifier or revenue code is too long."
        if not 0 <= line.units <= MOST_UNITS or abs(line.charge_amount) > MOST_DOLLARS:
            return f"Line {line.number}: units or charge are out of bounds."
    if not 0 <= content.total_charge_amount <= MOST_DOLLARS:
        return "The total charge is below zero or out of bounds."
    return ""


def _long(modifier: str) -> bool:
    return len(modifier) > 2


def row_of(
    client_id: int,
    content: ClaimContent,
    tied: Tied,
    *,
    stored: str,
    payer_id: UUID | None,
    replaces: Claim | None,
    sent_at: datetime,
    now: datetime,
) -> Claim:
    """A sent claim of the client's, not saved; ``stored`` is its content as JSON.

    Raises:
        ValueError: it says no day of service; see :func:`misfit`.
    """
    first, last = days_of(content)
    if first is None or last is None:
        raise ValueError("A claim without a day of service cannot be kept.")
    return Claim(
        client_id=client_id,
        replaces=replaces,
        version=replaces.version + 1 if replaces else 1,
        payer_id=payer_id,
        form=ClaimFormat(content.form.value),
        control_number=content.control_number,
        frequency_code=content.frequency.value,
        bill_type_code=_bill_type(content),
        is_billed_by_client=True,
        state=ClaimStatus.SUBMITTED,
        content=stored,
        drg_code=content.drg_code,
        service_from_on=first,
        service_through_on=last,
        total_charge_amount=content.total_charge_amount,
        payer_control_number=content.payer_control_number,
        made_at=now,
        submitted_at=sent_at,
        **tied_columns(content, tied),
    )


def _bill_type(content: ClaimContent) -> str:
    if content.form.value != ClaimFormat.INSTITUTIONAL.value:
        return ""
    return f"{content.facility_code[:2]}{content.frequency.value}"


def tied_columns(content: ClaimContent, tied: Tied) -> dict[str, Any]:
    """What of a claim's row follows from its chart.

    ``drift_count`` is ``None`` while there is nothing to compare with, and for a void: it bills nothing.
    """
    chart, version = tied.chart, tied.version
    keys: Mapping[str, str] = keys_of(version.content, content)[0] if version else {}
    found = compare(version.content, content) if version and content.frequency is not Frequency.VOID else None
    return {
        "encounter_id": chart.pk if chart else None,
        "coverage_id": chart.coverage_id if chart else None,
        "specialty_id": chart.specialty_id if chart else None,
        "coder_id": version.coder_id if version else None,
        "revision_number": version.number if version else None,
        "diagnoses": [
            {"code": one.code, "role": one.role, "poa": one.poa, "key": keys.get(one.code, "")}
            for one in content.diagnoses
        ],
        "drift_count": None if found is None else len(found),
        "drift": [asdict(one) for one in found or ()],
    }


def lines_of(claim: Claim, content: ClaimContent, tied: Tied) -> list[ClaimLine]:
    """The claim's service lines, each with the code of ours that it carries."""
    keys = keys_of(tied.version.content, content)[1] if tied.version else {}
    return [
        ClaimLine(
            client_id=claim.client_id,
            claim=claim,
            number=line.number,
            code=line.code,
            modifiers=list(line.modifiers),
            service_unit_quantity=line.units,
            charge_amount=line.charge_amount,
            revenue_code=line.revenue_code,
            pointers=[one for one in line.pointers if one <= len(content.diagnoses)],
            service_on=line.service_on,
            assignment_id=keys.get(line.number),
        )
        for line in content.lines
    ]
