"""Keeping what became of findings."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from coding_ops.tenancy.actor import Actor
from edit_rules.models import EditOutcome, Outcome


@dataclass(frozen=True, slots=True)
class NewOutcome:
    """What became of one finding.

    Attributes:
        rule: built-in id or ``client.<number>``.
        level: ``error``, ``warning``, ``info``, as it stood at this client.
        version_id: of the overlay that decided the level (``Overlay.version_id``); empty: the default held.
        reason: code of the override's reason; needed when it was overridden.
        denial_id: of the denial, when the outcome is ``denied``.
    """

    rule: str
    level: str
    outcome: Outcome
    codes: tuple[str, ...] = ()
    service_lines: tuple[int, ...] = ()
    version_id: str = ""
    reason: str = ""
    denial_id: uuid.UUID | None = None


@transaction.atomic
def record_outcomes(
    *,
    actor: Actor,
    client_id: int,
    encounter_id: uuid.UUID,
    revision_number: int,
    outcomes: Sequence[NewOutcome],
) -> int:
    """Adds one row a finding, in one statement; gives their number.

    It is part of another act (finalizing, posting a denial), whose event tells of it: it records none.
    """
    rows = [
        EditOutcome(
            client_id=client_id,
            encounter_id=encounter_id,
            revision_number=revision_number,
            rule=one.rule,
            rule_version_id=uuid.UUID(one.version_id) if one.version_id else None,
            level=one.level,
            outcome=one.outcome.value,
            reason=one.reason,
            codes=list(one.codes),
            service_lines=list(one.service_lines),
            denial_id=one.denial_id,
            recorded_by_id=actor.user_id,
        )
        for one in outcomes
    ]
    EditOutcome.objects.bulk_create(rows)
    return len(rows)
