"""The rows of a claim's story, and the locks under which claims and denials move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from claims.models import Claim, ClaimStep, ClaimStepKind, Denial
from coding_ops.tenancy.actor import Actor


@dataclass(frozen=True, slots=True)
class NewStep:
    """One thing that happened to one claim; ``facts`` hold ids, codes, counts and amounts only."""

    claim_id: UUID
    kind: ClaimStepKind
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


def locked_claim(claim: Claim) -> Claim:
    """The claim as it stands now, locked for the length of the transaction."""
    locked: Claim = (
        Claim.objects.select_for_update(of=("self",))
        .filter(client_id=claim.client_id)
        .select_related("encounter__client", "payer")
        .get(pk=claim.pk)
    )
    return locked


def locked_denial(denial: Denial) -> Denial:
    """The denial as it stands now, locked for the length of the transaction."""
    locked: Denial = (
        Denial.objects.select_for_update(of=("self",))
        .filter(client_id=denial.client_id)
        .select_related("claim__encounter__client", "claim_line", "payer")
        .get(pk=denial.pk)
    )
    return locked


def add_step(
    *,
    actor: Actor,
    claim: Claim,
    kind: ClaimStepKind,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
    note: str = "",
) -> None:
    """One row more of one claim's story; ``note`` is a person's words and is sealed."""
    add_steps(
        actor=actor, client_id=claim.client_id, steps=[NewStep(claim.pk, kind, at, dict(facts or {}), note)]
    )


def add_steps(*, actor: Actor, client_id: int, steps: Iterable[NewStep]) -> None:
    """Rows of many claims' stories in one statement."""
    ClaimStep.objects.bulk_create(
        [
            ClaimStep(
                client_id=client_id,
                claim_id=one.claim_id,
                kind=one.kind,
                at=one.at,
                by_id=actor.user_id,
                by_name=actor.display_name,
                role=actor.role,
                facts=dict(one.facts),
                note=one.note.strip() or None,
            )
            for one in steps
        ],
        batch_size=1_000,
    )
