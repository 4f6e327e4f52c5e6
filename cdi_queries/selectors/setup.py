"""What the set-up of a client's queries reads: who may advise, and what is past its retention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from cdi_queries.models import CdiQuery, QueryStatus
from coding_ops.accounts.models import User
from coding_ops.tenancy.models import CLIENT_ROLES, Client, Membership, Role

ENDED = (QueryStatus.CLOSED, QueryStatus.CANCELLED, QueryStatus.EXPIRED)
ADVISING = (Role.MANAGER, Role.VENDOR_ADMIN, Role.CDI_SPECIALIST, Role.CLIENT_ADMIN, Role.PROVIDER)


def advisors_of(client_id: int) -> QuerySet[User]:
    """Who may be named as the advisor of a client's late questions, by name."""
    today = timezone.localdate()
    standing = Membership.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        client_id=client_id,
        role__in=ADVISING,
        revoked_at__isnull=True,
    )
    found: QuerySet[User] = User.objects.filter(is_active=True, pk__in=standing.values("user_id")).order_by(
        "full_name", "pk"
    )
    return found


def is_clients_own(client_id: int, user: User) -> bool:
    """Whether a person works for the client itself, so that its people may know them."""
    return Membership.objects.filter(
        client_id=client_id, user=user, role__in=CLIENT_ROLES, revoked_at__isnull=True
    ).exists()


@dataclass(frozen=True, slots=True)
class PastRetention:
    """How many queries ended before the cutoff, and the days of the first and the last of them."""

    cutoff: date
    count: int
    first: datetime | None
    last: datetime | None


def cutoff_of(today: date, years: int) -> date:
    """The day ``years`` ago; February 29 becomes March 1."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return date(today.year - years, 3, 1)


def past_retention(client: Client, cutoff: date, *, sent_only: bool) -> QuerySet[CdiQuery]:
    """Queries of the client that ended before a day of its calendar; ``sent_only``: as the client knows them.

    A query is drafted before it ends, so the first condition costs nothing and bounds what is read.
    """
    moment = datetime.combine(cutoff, time(), ZoneInfo(client.timezone))
    found: QuerySet[CdiQuery] = CdiQuery.objects.filter(
        client_id=client.pk, drafted_at__lt=moment, ended_at__lt=moment, state__in=ENDED
    )
    return found.filter(sent_at__isnull=False) if sent_only else found


def retention_report(client: Client, today: date, years: int, *, sent_only: bool = False) -> PastRetention:
    """What is past the agreed years on a day; nothing is deleted."""
    cutoff = cutoff_of(today, years)
    found = past_retention(client, cutoff, sent_only=sent_only).aggregate(
        count=Count("pk"), first=Min("ended_at"), last=Max("ended_at")
    )
    return PastRetention(cutoff, found["count"], found["first"], found["last"])
