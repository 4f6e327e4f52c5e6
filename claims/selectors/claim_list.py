"""A client's claims as a list, newest service first, without opening a sealed column.

The cuts by state, payer and coder have an index each; the others are read along the list, newest first.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db.models import Q, QuerySet

from claims.models import Claim, Payer
from claims.rules.claim_states import OUT, ClaimState
from coding_ops.accounts.models import Specialty, User
from coding_ops.tenancy.models import Membership, Role
from encounters.selectors.paging import At, KeysetPage, page_of

_S = ClaimState
GROUPS: Final[Mapping[str, tuple[ClaimState, ...]]] = {
    "blocked": (_S.BLOCKED,),
    "ready": (_S.READY,),
    "out": OUT,
    "rejected": (_S.REJECTED,),
    "refused": (_S.DENIED, _S.PARTLY_PAID),
    "paid": (_S.PAID,),
    "ended": (_S.REPLACED, _S.VOIDED, _S.WITHDRAWN),
}
"""Several states under one name; a single state may stand in an address too."""
UNLISTED: Final = ("content", "problems", "diagnoses", "drift")
MOST_FOUND: Final = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """A cut of the list; empty takes all.

    ``service_from`` and ``service_to`` are first and last day of service; ``sent_before``: still out and sent
    before this moment; ``least_amount`` in dollars charged; ``specialty`` is a code.
    """

    state: str = ""
    payer: uuid.UUID | None = None
    form: str = ""
    coder: int | None = None
    specialty: str = ""
    service_from: date | None = None
    service_to: date | None = None
    least_amount: Decimal | None = None
    sent_before: datetime | None = None


def list_page(claims: QuerySet[Claim], wanted: Wanted, at: At) -> KeysetPage[Claim]:
    """One page of the claims in reach that fit.

    Raises:
        NotFound: the address names a row beside the page that is missing or not theirs.
    """
    return page_of(as_rows(cut(claims, wanted)), claims, at, by="service_from_on", newest_first=True)


def as_rows(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """With what a row shows, and nothing that is sealed."""
    return claims.select_related("encounter", "payer", "specialty", "coder").defer(*UNLISTED)


def cut(claims: QuerySet[Claim], wanted: Wanted) -> QuerySet[Claim]:
    """The claims that fit, in no order."""
    fits = Q()
    if wanted.state:
        states = GROUPS.get(wanted.state) or (wanted.state,)
        fits &= Q(state=states[0]) if len(states) == 1 else Q(state__in=states)
    if wanted.payer is not None:
        fits &= Q(payer_id=wanted.payer)
    if wanted.form:
        fits &= Q(form=wanted.form)
    if wanted.coder is not None:
        fits &= Q(coder_id=wanted.coder)
    if wanted.specialty:
        fits &= Q(specialty__code=wanted.specialty)
    if wanted.service_from is not None:
        fits &= Q(service_from_on__gte=wanted.service_from)
    if wanted.service_to is not None:
        fits &= Q(service_from_on__lte=wanted.service_to)
    if wanted.least_amount is not None:
        fits &= Q(total_charge_amount__gte=wanted.least_amount)
    if wanted.sent_before is not None:
        fits &= Q(state__in=OUT, submitted_at__lt=wanted.sent_before)
    return claims.filter(fits)


def found_by_number(claims: QuerySet[Claim], number: str) -> list[Claim]:
    """The claims in reach with this number: ours first, then the payer's own.  At most twenty."""
    found: dict[uuid.UUID, Claim] = {}
    # Each number has its index; asked for in one condition, neither would be sure to be used.
    for fits in (Q(control_number=number), Q(payer_control_number=number) & ~Q(payer_control_number="")):
        for one in as_rows(claims.filter(fits)).order_by("-version", "-id")[:MOST_FOUND]:
            found.setdefault(one.pk, one)
    return list(found.values())[:MOST_FOUND]


def payers(client_id: int) -> list[Payer]:
    """Every payer of the client, by name."""
    return list(Payer.objects.filter(client_id=client_id).order_by("name"))


def coders(client_id: int) -> list[User]:
    """Who codes, or once coded, for the client, by name."""
    members = Membership.objects.filter(client_id=client_id, role=Role.CODER).values("user_id")
    return list(User.objects.filter(pk__in=members).order_by("full_name"))


def specialties() -> list[Specialty]:
    """The vendor's specialties, by name."""
    return list(Specialty.objects.order_by("name"))
