"""Claims and files as the API says them."""

from __future__ import annotations

from typing import Any

from claims.access.roles import is_inside
from claims.models import Claim, FileProblem, PayerFile, RemittedClaim
from claims.rules.file_advice import advice
from coding_ops.tenancy.actor import Actor

MOST_PROBLEMS = 1_000


def file_line(row: PayerFile) -> dict[str, Any]:
    """A row of the list of files."""
    return {
        "id": row.pk,
        "kind": row.kind,
        "state": row.state,
        "door": row.door,
        "filename": row.filename or "",
        "sender_id": row.sender_id,
        "interchange_number": row.interchange_number,
        "bytes": row.byte_count,
        "received_at": row.received_at,
        "finished_at": row.finished_at,
        "entries": row.entry_count,
        "read": row.read_count,
        "posted": row.posted_count,
        "unmatched": row.unmatched_count,
        "duplicates": row.duplicate_count,
        "problems": row.problem_count,
    }


def whole_file(row: PayerFile) -> dict[str, Any]:
    """A file with what it set aside."""
    found = FileProblem.objects.filter(client_id=row.client_id, file_id=row.pk).order_by("made_at", "pk")
    return file_line(row) | {
        "set_aside": [
            {
                "id": one.pk,
                "place": one.place,
                "code": one.code,
                "message": one.message,
                "advice": advice(one.code),
                "difference": one.difference_amount,
                "whole_file": one.is_whole_file,
                "state": one.state,
                "resolution": one.resolution,
            }
            for one in found[:MOST_PROBLEMS]
        ]
    }


def claim_line(row: Claim) -> dict[str, Any]:
    """A row of the list of claims."""
    return {
        "id": row.pk,
        "encounter": row.encounter_id,
        "control_number": row.control_number,
        "version": row.version,
        "frequency": row.frequency_code,
        "form": row.form,
        "state": row.state,
        "payer": row.payer.name if row.payer else "",
        "service_from": row.service_from_on,
        "service_through": row.service_through_on,
        "charge": row.total_charge_amount,
        "paid": row.paid_amount,
        "patient": row.patient_amount,
        "submitted_at": row.submitted_at,
        "adjudicated_at": row.adjudicated_at,
    }


def whole_claim(row: Claim, actor: Actor) -> dict[str, Any]:
    """A claim with its codes, answers and story, and for the vendor's people who coded it."""
    found = claim_line(row) | {
        "bill_type": row.bill_type_code,
        "drg": row.drg_code,
        "payer_control_number": row.payer_control_number,
        "first_response": row.first_response,
        "first_response_at": row.first_response_at,
        "problems": row.problems,
        "diagnoses": [
            {"code": one.get("code", ""), "role": one.get("role", ""), "poa": one.get("poa", "")}
            for one in row.diagnoses
        ],
        "lines": [
            {
                "number": one.number,
                "code": one.code,
                "modifiers": one.modifiers,
                "units": one.service_unit_quantity,
                "charge": one.charge_amount,
                "revenue_code": one.revenue_code,
                "pointers": one.pointers,
                "service_on": one.service_on,
            }
            for one in row.lines.filter(client_id=row.client_id)
        ],
        "answers": _answers(row),
        "steps": [{"kind": one.kind, "at": one.at} for one in row.steps.filter(client_id=row.client_id)],
    }
    if is_inside(actor):
        coder = row.coder.full_name if row.coder else ""
        found["inside"] = {"coder": coder, "revision": row.revision_number}
    return found


def _answers(row: Claim) -> list[dict[str, Any]]:
    remitted = RemittedClaim.objects.filter(client_id=row.client_id, claim=row)
    answers = remitted.prefetch_related("adjustments__remitted_line").order_by("posted_at", "position")
    return [
        {
            "status": one.status_code,
            "charge": one.charge_amount,
            "paid": one.paid_amount,
            "patient": one.patient_amount,
            "decided_on": one.decided_on,
            "posted_at": one.posted_at,
            "remarks": one.remarks,
            "adjustments": [
                {
                    "group": each.group_code,
                    "carc": each.carc,
                    "amount": each.amount,
                    "category": each.category,
                    "line": each.remitted_line.line_number if each.remitted_line else None,
                }
                for each in one.adjustments.all()
            ],
        }
        for one in answers
    ]
