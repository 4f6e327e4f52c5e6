"""Reviewed charts by week, for the control charts, and what was said and decided about them.

Counted are our own closed reviews of randomly drawn charts alone: charts that somebody chose, or that are
always reviewed, say nothing about how often errors happen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncWeek

from coding_ops.tenancy.models import Client
from encounters.models import Encounter
from qa_audit.models import AuditedChart, DriftNote, DriftSignal, ReviewOrigin, SignalDecision
from qa_audit.rules.change import Work
from qa_audit.rules.watch import Week
from qa_audit.selectors.frame import day_bounds

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose chart: a coder by account id, or a specialty by its code; the other is empty."""

    coder: int | None = None
    specialty: str = ""


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def last_week(today: date) -> date:
    """The Monday of the newest week that has ended."""
    return monday_of(today) - WEEK


def mondays(last: date, count: int) -> list[date]:
    """``count`` Mondays up to and with ``last``, oldest first."""
    return [last - WEEK * back for back in range(count - 1, -1, -1)]


def counted_charts(client_id: int, first: date, last: date) -> QuerySet[AuditedChart]:
    """Reviewed charts that count for drift, closed from the first through the last day, the client's days."""
    found: QuerySet[AuditedChart] = AuditedChart.objects.filter(
        client_id=client_id,
        month__gte=first.replace(day=1),
        month__lte=last,
        audited_on__range=(first, last),
        origin=ReviewOrigin.SAMPLE,
        is_client_run=False,
        is_provisional=False,
        parts__encounter_clean__1=1,
    )
    return found


def _wrong() -> Count:
    return Count("pk", filter=Q(parts__encounter_clean__0="0"))


def weekly(client_id: int, weeks: Sequence[date]) -> dict[Subject, list[Week]]:
    """The weeks (consecutive Mondays, oldest first) of each coder and each specialty with a counted chart."""
    rows = (
        counted_charts(client_id, weeks[0], weeks[-1] + WEEK - timedelta(days=1))
        .annotate(monday=TruncWeek("audited_on"))
        .values_list("monday", "coder_id", "specialty_code")
        .annotate(charts=Count("pk"), wrong=_wrong())
        .order_by()
    )
    found: dict[Subject, dict[date, tuple[int, int]]] = defaultdict(dict)
    for monday, coder, specialty, charts, wrong in rows:
        for subject in (Subject(coder=coder), Subject(specialty=specialty)):
            if subject == Subject():
                continue
            before = found[subject].get(monday, (0, 0))
            found[subject][monday] = (before[0] + charts, before[1] + wrong)
    return {
        subject: [Week(monday, *by_week.get(monday, (0, 0))) for monday in weeks]
        for subject, by_week in found.items()
    }


def notes_of(client_id: int, first: date, last: date) -> list[DriftNote]:
    """What happened from the first through the last day and was not withdrawn, oldest first."""
    return list(
        DriftNote.objects.filter(
            client_id=client_id, happened_on__range=(first, last), withdrawn_at__isnull=True
        ).select_related("made_by")
    )


def baseline_starts(notes: Sequence[DriftNote]) -> list[date]:
    """The Mondays from which weeks are compared anew, oldest first: the first whole week after each note."""
    return sorted(
        monday_of(note.happened_on + WEEK - timedelta(days=1)) for note in notes if note.starts_baseline
    )


def since_baseline(weeks: Sequence[Week], starts: Sequence[date]) -> list[Week]:
    """The weeks that are compared with each other: since the last start at or before the newest week."""
    held = [start for start in starts if weeks and start <= weeks[-1].monday]
    return [week for week in weeks if not held or week.monday >= held[-1]]


def since_first(weeks: Sequence[Week]) -> list[Week]:
    """The weeks from the first with a reviewed chart on; all of them where there is none."""
    first = next((at for at, week in enumerate(weeks) if week.charts), 0)
    return list(weeks[first:])


def signals_of(client_id: int) -> QuerySet[DriftSignal]:
    """The client's signals, newest first, each with who it is about."""
    found: QuerySet[DriftSignal] = DriftSignal.objects.filter(client_id=client_id).select_related(
        "coder", "specialty"
    )
    return found


def undecided(client_id: int) -> QuerySet[DriftSignal]:
    """The signals nobody has decided about."""
    return signals_of(client_id).exclude(
        pk__in=SignalDecision.objects.filter(client_id=client_id).values("signal_id")
    )


def signals_about(client_id: int, subject: Subject) -> QuerySet[DriftSignal]:
    """The signals of one coder or specialty."""
    if subject.coder is not None:
        return signals_of(client_id).filter(coder_id=subject.coder)
    return signals_of(client_id).filter(specialty__code=subject.specialty)


def decisions_of(client_id: int, signals: Sequence[DriftSignal]) -> dict[object, SignalDecision]:
    """The decision about each of the signals that has one, by the signal's id."""
    rows = SignalDecision.objects.filter(
        client_id=client_id, signal_id__in=[one.pk for one in signals]
    ).select_related("decided_by", "widening", "pause")
    return {one.signal_id: one for one in rows}


def work_of(client: Client, first: date, last: date) -> Mapping[int, Work]:
    """Each coder's finished, reviewed and wrong charts of a period: finished in it, reviews closed in it."""
    begin, end = day_bounds(client, first, last)
    finished = dict(
        Encounter.objects.filter(
            client_id=client.pk, final_at__gte=begin, final_at__lt=end, assigned_coder__isnull=False
        )
        .values_list("assigned_coder_id")
        .annotate(charts=Count("pk"))
        .order_by()
    )
    reviewed = {
        coder: (charts, wrong)
        for coder, charts, wrong in counted_charts(client.pk, first, last)
        .values_list("coder_id")
        .annotate(charts=Count("pk"), wrong=_wrong())
        .order_by()
    }
    return {
        coder: Work(finished.get(coder, 0), *reviewed.get(coder, (0, 0)))
        for coder in set(finished) | set(reviewed)
    }
