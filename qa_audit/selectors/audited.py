"""The audited charts behind a number: the rows that the kept sums were made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from coding_ops.tenancy.actor import Actor
from qa_audit.models import AuditedChart, ReviewOrigin
from qa_audit.selectors.blindness import under_blind_review
from qa_audit.selectors.programme import Months

PAGE_ROWS = 50
NO_SPECIALTY = "none"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which audits of a window; None and the empty text take all.

    Attributes:
        score: only charts that have this score (stays for the DRG).
        specialty: its code; ``none``: without one.
    """

    months: Months
    score: str = ""
    coder: int | None = None
    specialty: str = ""
    origin: str = ""
    mode: str = ""
    run: bool | None = None
    provisional: bool | None = None
    verdict: str = ""
    cause: str = ""


def audited_for(actor: Actor, client_id: int, wanted: Wanted) -> QuerySet[AuditedChart]:
    """Those charts of a client that this person may be shown: none that they code blind just now."""
    return audited([client_id], wanted).exclude(encounter_id__in=under_blind_review(actor, client_id))


def audited(client_ids: Sequence[int], wanted: Wanted) -> QuerySet[AuditedChart]:
    """Those charts, the newest first; the clients must be open."""
    rows: QuerySet[AuditedChart] = AuditedChart.objects.filter(
        client_id__in=client_ids, month__gte=wanted.months.first, month__lte=wanted.months.last
    ).order_by("-audited_on", "-id")
    exact = {"coder_id": wanted.coder, "is_client_run": wanted.run, "is_provisional": wanted.provisional}
    rows = rows.filter(**{name: value for name, value in exact.items() if value is not None})
    texts = {"origin": wanted.origin, "mode": wanted.mode}
    rows = rows.filter(**{name: value for name, value in texts.items() if value})
    if wanted.specialty:
        rows = rows.filter(specialty_code="" if wanted.specialty == NO_SPECIALTY else wanted.specialty)
    for word in (wanted.verdict, wanted.cause):
        if word:
            rows = rows.filter(verdicts__contains=word)
    if wanted.score:
        rows = rows.filter(~Q(**{f"parts__{wanted.score}__1": 0}))
    return rows


@dataclass(frozen=True, slots=True)
class ChartParts:
    """Numerator and denominator of each score of one chart, and what it stands for."""

    parts: dict[str, tuple[Decimal, int]]
    weight: Decimal


def random_parts(client_ids: Sequence[int], months: Months, coder: int, most: int) -> list[ChartParts] | None:
    """A coder's closed random audits of ours, for a bootstrap; None where there are more than ``most``."""
    rows = audited(
        client_ids,
        Wanted(months, coder=coder, origin=ReviewOrigin.SAMPLE.value, run=False, provisional=False),
    ).values_list("parts", "weight")[: most + 1]
    found = [
        ChartParts({name: (Decimal(one[0]), int(one[1])) for name, one in parts.items()}, weight)
        for parts, weight in rows
    ]
    return found if len(found) <= most else None
