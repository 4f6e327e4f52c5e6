"""The frame of a period: the client's final charts, each with what places it in a stratum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from code_sets.hcc_tables import model_years, tables_of
from coding_ops.tenancy.models import Client
from encounters.models import CodeKind, CodeRevision, Encounter, EncounterKind, EncounterStatus
from encounters.rules.drg_evidence import SINGLE_SEVERITY
from encounters.selectors.drg import final_second_looks
from qa_audit.rules.frame import FrameChart
from qa_audit.rules.plan_terms import Certainty, PlanTerms

COMPLEX_SURGERY_SERVICES = 3
"""A surgery with so many services is complex: the guide's row G3 leaves the measure to the contract."""


@dataclass(frozen=True, slots=True)
class InFrame:
    """A chart of the frame with what a review of it needs."""

    chart: FrameChart
    encounter_id: str
    coder_id: int


def day_bounds(client: Client, first: date, last: date) -> tuple[datetime, datetime]:
    """The moments from the first day's start up to the day after the last, in the client's time zone."""
    zone = ZoneInfo(client.timezone)
    return (
        datetime.combine(first, time.min, zone),
        datetime.combine(last + timedelta(days=1), time.min, zone),
    )


def frame_of(client: Client, terms: PlanTerms, first: date, last: date) -> list[InFrame]:
    """Final charts of a period that the plan's scope takes, in the order of their ids."""
    begin, _ = day_bounds(client, first, last)
    rows = list(
        _finals(client, first, last)
        .filter(is_final(), in_scope(terms))
        .order_by("pk")
        .values_list("pk", "assigned_coder_id", "specialty__code", "kind", "risk", "service_on")
    )
    always = _Always(client, terms, [row[0] for row in rows], begin)
    return [
        InFrame(
            FrameChart(
                str(pk), str(coder), specialty or "", kind, risk, always.reasons(pk, coder, kind, service_on)
            ),
            str(pk),
            coder,
        )
        for pk, coder, specialty, kind, risk, service_on in rows
    ]


NOT_FINAL, NO_CODER, OUT_OF_SCOPE = "not_final", "no_coder", "out_of_scope"


def left_out_of(client: Client, terms: PlanTerms, first: date, last: date) -> dict[str, int]:
    """Why charts that became final in the period are not in the frame, to how many; only what there is."""
    counts: dict[str, int] = _finals(client, first, last).aggregate(
        **{
            NOT_FINAL: Count("pk", filter=~Q(status=EncounterStatus.FINAL)),
            NO_CODER: Count("pk", filter=Q(status=EncounterStatus.FINAL, assigned_coder__isnull=True)),
            OUT_OF_SCOPE: Count("pk", filter=is_final() & ~in_scope(terms)),
        }
    )
    return {reason: count for reason, count in counts.items() if count}


def is_final() -> Q:
    """Final now, and by a coder who is known."""
    return Q(status=EncounterStatus.FINAL, assigned_coder__isnull=False)


def in_scope(terms: PlanTerms) -> Q:
    """What the plan's scope takes; an empty list takes all."""
    scope = Q(pk__isnull=False)
    if terms.kinds:
        scope &= Q(kind__in=terms.kinds)
    if terms.specialties:
        # A chart without a specialty is outside: "not in" of nothing would be neither inside nor outside.
        scope &= Q(specialty__isnull=False, specialty__code__in=terms.specialties)
    if terms.coders:
        scope &= Q(assigned_coder_id__in=terms.coders)
    return scope


def _finals(client: Client, first: date, last: date) -> QuerySet[Encounter]:
    begin, end = day_bounds(client, first, last)
    return Encounter.objects.filter(client_id=client.pk, final_at__gte=begin, final_at__lt=end)


class _Always:
    """Why charts are always reviewed; asks the database only for what the terms name."""

    def __init__(self, client: Client, terms: PlanTerms, charts: Sequence[UUID], begin: datetime) -> None:
        self._wanted = frozenset(terms.certainty)
        self._new = (
            self._new_coders(client, terms, begin) if Certainty.NEW_CODER in self._wanted else frozenset()
        )
        by_codes = self._wanted & {Certainty.HCC, Certainty.COMPLEX_SURGERY}
        self._codes = dict(_final_codes(client, charts)) if by_codes else {}
        self._single = (
            _single_severity(client, charts) if Certainty.SINGLE_CC_MCC in self._wanted else frozenset()
        )

    def reasons(self, pk: UUID, coder: int, kind: str, service_on: date) -> tuple[Certainty, ...]:
        """The reasons of one chart among those that the terms name."""
        codes = self._codes.get(pk, ())
        held = {
            Certainty.INPATIENT: kind == EncounterKind.INPATIENT,
            Certainty.NEW_CODER: coder in self._new,
            Certainty.HCC: Certainty.HCC in self._wanted and _has_hcc(codes, service_on),
            Certainty.COMPLEX_SURGERY: kind == EncounterKind.SURGERY
            and sum(1 for one_kind, _ in codes if one_kind == CodeKind.SERVICE) >= COMPLEX_SURGERY_SERVICES,
            Certainty.SINGLE_CC_MCC: pk in self._single,
        }
        return tuple(reason for reason, holds in held.items() if holds and reason in self._wanted)

    @staticmethod
    def _new_coders(client: Client, terms: PlanTerms, begin: datetime) -> frozenset[int]:
        """Coders with fewer charts final at this client, before the period, than the plan asks."""
        counts = (
            Encounter.objects.filter(client_id=client.pk, final_at__lt=begin, assigned_coder__isnull=False)
            .values_list("assigned_coder_id")
            .annotate(count=Count("pk"))
        )
        old = {coder for coder, count in counts if count >= terms.new_coder_charts}
        everybody = (
            Encounter.objects.filter(client_id=client.pk, final_at__gte=begin, assigned_coder__isnull=False)
            .values_list("assigned_coder_id", flat=True)
            .distinct()
        )
        return frozenset(everybody) - old


def _single_severity(client: Client, charts: Sequence[UUID]) -> frozenset[UUID]:
    """Stays whose final group hangs on a single CC or MCC."""
    rows = (
        CodeRevision.objects.filter(
            client_id=client.pk, encounter_id__in=charts, encounter__kind=EncounterKind.INPATIENT
        )
        .order_by("encounter_id", "-number")
        .distinct("encounter_id")
        .values_list("encounter_id", "edits__drg")
    )
    return frozenset(
        encounter_id
        for encounter_id, group in rows
        if group and any(look.rule == SINGLE_SEVERITY for look in final_second_looks(group))
    )


def _final_codes(
    client: Client, charts: Sequence[UUID]
) -> Iterator[tuple[UUID, tuple[tuple[str, str], ...]]]:
    """Kind and code of each chart's newest revision."""
    rows = (
        CodeRevision.objects.filter(client_id=client.pk, encounter_id__in=charts)
        .order_by("encounter_id", "-number")
        .distinct("encounter_id")
        .values_list("encounter_id", "codes")
    )
    for encounter_id, codes in rows:
        yield encounter_id, tuple((one["kind"], one["code"]) for one in codes)


def _has_hcc(codes: Sequence[tuple[str, str]], service_on: date) -> bool:
    """Whether a diagnosis counts in the CMS-HCC model of the payment year after the service."""
    year = next(
        (
            one
            for one in model_years()
            if one.model == "CMS-HCC V28" and one.payment_year == service_on.year + 1
        ),
        None,
    )
    if year is None:
        return False
    mapping = tables_of(year).mapping
    return any(kind == CodeKind.DIAGNOSIS and code in mapping for kind, code in codes)
