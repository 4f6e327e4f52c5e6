"""Lists of rehearsals and overpayments, what is exposed by contract, and whether a draw can be made again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from coding_ops.core.overpayment import ENDED
from qa_audit.models import OverpaymentClock, Rehearsal, RehearsalDeadline, RehearsalUnit
from qa_audit.rules.frame import unpack_frame
from qa_audit.rules.sampling import Plan, draw

PAGE_ROWS = 50
CLOCKS_SHOWN = 50
CONTRACTS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Progress:
    """Items of one rehearsal, and those still to judge."""

    items: int = 0
    open_items: int = 0


def rehearsals_of(client_id: int, state: str) -> QuerySet[Rehearsal]:
    """Rehearsals, newest first, without their frames; ``state``: ``open``, ``closed`` or empty for all."""
    rows = Rehearsal.objects.filter(client_id=client_id).defer("frame").order_by("-created_at")
    return rows if not state else rows.filter(closed_at__isnull=state == "open")


def progress_of(client_id: int, rehearsals: Iterable[Rehearsal]) -> dict[object, Progress]:
    """Progress by rehearsal: one query."""
    rows = (
        Rehearsal.objects.filter(client_id=client_id, pk__in=[one.pk for one in rehearsals])
        .annotate(n=Count("items"), still=Count("items", filter=Q(items__verdict="")))
        .values_list("pk", "n", "still")
    )
    return {pk: Progress(n, still) for pk, n, still in rows}


def next_deadlines(client_id: int, rehearsals: Iterable[Rehearsal]) -> dict[object, RehearsalDeadline]:
    """The first deadline not met of each rehearsal: one query."""
    rows = RehearsalDeadline.objects.filter(
        client_id=client_id, rehearsal__in=[one.pk for one in rehearsals], done_on__isnull=True
    )
    found: dict[object, RehearsalDeadline] = {}
    for row in rows.order_by("due_on", "key"):
        found.setdefault(row.rehearsal_id, row)
    return found


def open_clocks(client_id: int) -> QuerySet[OverpaymentClock]:
    """Overpayments not ended yet, the oldest first."""
    return (
        OverpaymentClock.objects.filter(client_id=client_id)
        .exclude(state__in=ENDED)
        .order_by("identified_on")
    )


def ended_clocks(client_id: int) -> QuerySet[OverpaymentClock]:
    """Overpayments that ended, the newest first."""
    return OverpaymentClock.objects.filter(client_id=client_id, state__in=ENDED).order_by("-ended_on", "-pk")


def newest_by_contract(client_id: int) -> list[Rehearsal]:
    """The newest rehearsal of each contract, by contract; at most ``CONTRACTS_SHOWN``."""
    rows = (
        Rehearsal.objects.filter(client_id=client_id)
        .defer("frame")
        .order_by("contract_name", "-created_at")
        .distinct("contract_name")
    )
    return list(rows[:CONTRACTS_SHOWN])


def owed_by_contract(client_id: int) -> dict[str, tuple[int, Decimal]]:
    """Overpayments not ended yet by contract: how many, and the dollars as far as they are known."""
    rows = (
        open_clocks(client_id)
        .order_by()
        .values_list("contract_name")
        .annotate(n=Count("pk"), total=Sum("amount"))
    )
    return {name: (count, total or Decimal(0)) for name, count, total in rows}


def units_of(rehearsal: Rehearsal, shown: str) -> QuerySet[RehearsalUnit]:
    """Drawn units in the order drawn; ``shown``: ``open`` (something to judge), ``found`` or all."""
    rows = (
        RehearsalUnit.objects.filter(client_id=rehearsal.client_id, rehearsal=rehearsal)
        .annotate(
            still=Count("items", filter=Q(items__verdict="")),
            unsupported=Count("items", filter=Q(items__verdict="not_supported")),
        )
        .prefetch_related("items")
        .order_by("number")
    )
    if shown == "open":
        return rows.filter(still__gt=0)
    return rows.filter(unsupported__gt=0) if shown == "found" else rows


def beside(unit: RehearsalUnit) -> tuple[RehearsalUnit | None, RehearsalUnit | None]:
    """The units drawn just before and after."""
    rows = RehearsalUnit.objects.filter(
        client_id=unit.client_id,
        rehearsal_id=unit.rehearsal_id,
        number__in=[unit.number - 1, unit.number + 1],
    )
    by_number = {row.number: row for row in rows}
    return by_number.get(unit.number - 1), by_number.get(unit.number + 1)


def can_be_drawn_again(rehearsal: Rehearsal, plan: Plan) -> bool:
    """Whether frame, plan and seed, as stored, give the stored list, in its order, and the stored digests.

    Raises:
        InvalidInput: the stored frame cannot be read.
    """
    frame = Rehearsal.objects.values_list("frame", flat=True).get(
        client_id=rehearsal.client_id, pk=rehearsal.pk
    )
    again = draw(unpack_frame(bytes(frame)), plan, rehearsal.seed)
    units = RehearsalUnit.objects.filter(client_id=rehearsal.client_id, rehearsal=rehearsal).order_by(
        "number"
    )
    kept = [
        str(encounter or patient) for patient, encounter in units.values_list("patient_id", "encounter_id")
    ]
    drawn = [one for stratum in again.strata for one in stratum.drawn]
    digests = (again.frame_sha256, again.plan_sha256) == (rehearsal.frame_sha256, rehearsal.plan_sha256)
    return digests and drawn == kept
