"""A client's denials as a worklist or a list, without opening a sealed column.

What waits for work is ordered by the money the work should bring (``priority``, an index), or otherwise.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q, QuerySet

from claims.models import Denial
from claims.rules.denial_states import TO_WORK, DenialState
from encounters.selectors.paging import At, KeysetPage, page_of

_S = DenialState
GROUPS: Final[Mapping[str, tuple[DenialState, ...]]] = {
    "work": TO_WORK,
    "payer": (_S.CORRECTED, _S.APPEALED),
    "won": (_S.OVERTURNED,),
    "ended": (_S.WRITTEN_OFF, _S.CLOSED),
}
ORDERS: Final[Mapping[str, tuple[str, bool]]] = {
    "expected": ("priority", True),
    "dollars": ("denied_amount", True),
    "deadline": ("deadline_on", False),
    "chance": ("winnability", True),
    "newest": ("received_on", True),
}
"""Column and whether the largest comes first."""
NOBODY: Final = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A cut; empty takes all.  ``owner`` 0: nobody's.  ``received``: first and last day of the answer."""

    group: str = "work"
    category: str = ""
    payer: uuid.UUID | None = None
    carc: str = ""
    source: str = ""
    owner: int | None = None
    due_by: date | None = None
    received_from: date | None = None
    received_to: date | None = None


def list_page(denials: QuerySet[Denial], wanted: Wanted, order: str, at: At) -> KeysetPage[Denial]:
    """One page of the denials in reach that fit.

    Raises:
        NotFound: the address names a row beside the page that is missing or not theirs.
    """
    by, newest_first = ORDERS[order]
    rows = cut(denials, wanted)
    if order == "deadline":
        # A denial without a known deadline has no place in that order; the page says how many they are.
        rows = rows.filter(deadline_on__isnull=False)
    rows = rows.select_related("claim__encounter", "payer", "owner").defer(
        "cause_note", "claim__content", "claim__drift", "claim__problems", "claim__diagnoses"
    )
    return page_of(rows, denials, at, by=by, newest_first=newest_first)


def cut(denials: QuerySet[Denial], wanted: Wanted) -> QuerySet[Denial]:
    """The denials that fit, in no order."""
    fits = Q()
    if wanted.group:
        fits &= Q(state__in=[one.value for one in GROUPS[wanted.group]])
    for name in ("category", "carc", "source"):
        if value := getattr(wanted, name):
            fits &= Q(**{name: value})
    if wanted.payer is not None:
        fits &= Q(payer_id=wanted.payer)
    if wanted.owner is not None:
        fits &= Q(owner_id=wanted.owner) if wanted.owner else Q(owner__isnull=True)
    if wanted.due_by is not None:
        fits &= Q(deadline_on__lte=wanted.due_by)
    if wanted.received_from is not None:
        fits &= Q(received_on__gte=wanted.received_from)
    if wanted.received_to is not None:
        fits &= Q(received_on__lte=wanted.received_to)
    return denials.filter(fits)


def repeats_of(denial: Denial, since: date) -> tuple[int, list[uuid.UUID]]:
    """How many denials share payer, reason, service and cause with this one, and the newest five of them."""
    if not denial.root_cause:
        return 0, []
    whose = Q(payer_id=denial.payer_id) if denial.payer_id else Q(payer__isnull=True)
    rows = Denial.objects.filter(
        whose,
        client_id=denial.client_id,
        root_cause=denial.root_cause,
        carc=denial.carc,
        service_code=denial.service_code,
        received_on__gte=since,
    )
    newest = list(rows.order_by("-received_on", "-id").values_list("pk", flat=True)[:5])
    return rows.count(), newest
