"""What a denied line was coded with: read for a whole batch of denials in a few statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from claims.actions.denials.tallies import HISTORY
from claims.models import Claim, ClaimLine, DenialTally, Payer
from claims.rules.edit_at_submit import AtSubmit, edits_at_submit
from encounters.models import CodeRevision

_Version = tuple[UUID, int]


@dataclass(frozen=True, slots=True)
class Billed:
    """A claim with its payer and what of its finished version says how its lines were coded."""

    claim: Claim
    payer: Payer | None
    revision_id: UUID | None = None
    edits: Mapping[str, Any] | None = None
    evidence: Mapping[str, int] = field(default_factory=dict)

    def coded(self, line: ClaimLine | None) -> tuple[AtSubmit, int]:
        """The edits of the line, or of the whole claim, and how many quotes stand behind it."""
        keys = (
            list(self.evidence)
            if line is None
            else [str(line.assignment_id)]
            if line.assignment_id is not None
            else []
        )
        quotes = sum(self.evidence.get(key, 0) for key in keys)
        return edits_at_submit(self.edits, keys), quotes


def billed_claims(client_id: int, claim_ids: Collection[UUID]) -> dict[UUID, Billed]:
    """The claims by id with payer and finished version: two statements."""
    claims = list(
        Claim.objects.filter(client_id=client_id, pk__in=list(claim_ids))
        .select_related("payer")
        .defer("content", "drift", "problems")
    )
    versions = _versions(client_id, claims)
    return {claim.pk: _billed(claim, versions) for claim in claims}


def lines_of(client_id: int, claim_ids: Collection[UUID]) -> dict[UUID, list[ClaimLine]]:
    """The lines of each claim, by number."""
    found: dict[UUID, list[ClaimLine]] = {}
    rows = ClaimLine.objects.filter(client_id=client_id, claim_id__in=list(claim_ids))
    for line in rows.order_by("number"):
        found.setdefault(line.claim_id, []).append(line)
    return found


def decided_counts(
    client_id: int, payer_ids: Collection[UUID | None]
) -> dict[tuple[UUID | None, str], tuple[int, int]]:
    """By payer and kind: denials overturned, and all that were decided."""
    named = [one for one in payer_ids if one is not None]
    whose = Q(payer_id__in=named) | Q(payer_id__isnull=True) if None in payer_ids else Q(payer_id__in=named)
    rows = (
        DenialTally.objects.filter(whose, Q(overturned_count__gt=0) | Q(upheld_count__gt=0))
        .filter(client_id=client_id, source=HISTORY)
        .order_by()
        .values_list("payer_id", "category")
        .annotate(won=Sum("overturned_count"), lost=Sum("upheld_count"))
    )
    return {(payer, category): (won, won + lost) for payer, category, won, lost in rows}


def _versions(client_id: int, claims: Sequence[Claim]) -> dict[_Version, CodeRevision]:
    wanted = {
        (claim.encounter_id, claim.revision_number)
        for claim in claims
        if claim.encounter_id is not None and claim.revision_number is not None
    }
    if not wanted:
        return {}
    rows = CodeRevision.objects.filter(client_id=client_id, encounter_id__in=[chart for chart, _ in wanted])
    return {(row.encounter_id, row.number): row for row in rows if (row.encounter_id, row.number) in wanted}


def _billed(claim: Claim, versions: Mapping[_Version, CodeRevision]) -> Billed:
    revision = (
        versions.get((claim.encounter_id, claim.revision_number))
        if claim.encounter_id is not None and claim.revision_number is not None
        else None
    )
    if revision is None:
        return Billed(claim, claim.payer)
    evidence = {row["id"]: len(row["evidence"]) for row in revision.codes}
    return Billed(claim, claim.payer, revision.pk, revision.edits or {}, evidence)
