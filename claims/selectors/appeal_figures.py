"""How appeals end: counts and dollars, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, DecimalField, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from claims.models import Appeal, AppealState

DECIDED = (AppealState.WON, AppealState.PART, AppealState.LOST)


@dataclass(frozen=True, slots=True)
class AppealFigures:
    """Of the appeals given: ``won`` wholly or in part of ``decided``; dollars of the decided ones.

    ``late_drafts``: their last day to go out has passed.  ``overdue``: sent, and the decision is overdue.
    """

    decided: int
    won: int
    asked_amount: Decimal
    awarded_amount: Decimal
    waiting: int
    overdue: int
    late_drafts: int


def figures_of(appeals: QuerySet[Appeal], today: date) -> AppealFigures:
    """The figures of a list of appeals on a day."""
    decided, sent = Q(state__in=DECIDED), Q(state=AppealState.SENT)
    money = DecimalField(max_digits=16, decimal_places=2)
    found = appeals.aggregate(
        decided=Count("pk", filter=decided),
        won=Count("pk", filter=Q(state__in=(AppealState.WON, AppealState.PART))),
        asked_amount=Coalesce(Sum("requested_amount", filter=decided), Decimal(0), output_field=money),
        awarded_amount=Coalesce(Sum("awarded_amount", filter=decided), Decimal(0), output_field=money),
        waiting=Count("pk", filter=sent),
        overdue=Count("pk", filter=sent & Q(decision_due_on__lt=today)),
        late_drafts=Count("pk", filter=Q(state=AppealState.DRAFT, due_on__lt=today)),
    )
    return AppealFigures(**found)
