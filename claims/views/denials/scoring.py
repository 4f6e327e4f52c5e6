"""The score of a denial with its parts, worked out again for its page."""

from __future__ import annotations

from claims.actions.denials.facts import decided_counts
from claims.models import Denial, DenialSource
from claims.rules.winnability import Score, Seen, winnability
from claims.terms.denials import win_terms


def score_of(denial: Denial, quote_count: int) -> Score:
    """Why the denial scores as it does today; one query."""
    overturned, decided = decided_counts(denial.client_id, {denial.payer_id}).get(
        (denial.payer_id, denial.category), (0, 0)
    )
    return winnability(
        Seen(
            category=denial.category,
            group=denial.group_code,
            is_rejection=denial.source != DenialSource.REMITTANCE,
            is_coded_by_us=denial.coder_id is not None,
            evidence_count=quote_count,
            edit_state=denial.edit_state,
            overturned_count=overturned,
            decided_count=decided,
        ),
        win_terms(),
    )
