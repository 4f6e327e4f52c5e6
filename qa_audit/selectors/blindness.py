"""Which charts a blind reviewer must not see elsewhere while they code it themselves."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from coding_ops.tenancy.actor import Actor
from qa_audit.models import Review
from qa_audit.rules.review_states import ReviewState


def under_blind_review(actor: Actor, client_id: int) -> QuerySet[Review, uuid.UUID]:
    """Ids of the encounters that this person codes blind: a subquery on ``review_by_reviewer``."""
    return Review.objects.filter(
        client_id=client_id, reviewer_id=actor.user_id, state=ReviewState.CODING
    ).values_list("encounter_id", flat=True)
