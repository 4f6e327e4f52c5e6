"""Charts, signals, measures and notes turned into what the pages of drift show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from markupsafe import Markup

from coding_ops.tenancy.access import ReachedClient
from encounters.models import WorkPause
from encounters.selectors.pauses import standing_pauses
from qa_audit.models import DriftNote, DriftSignal, SampleWidening, SignalDecision
from qa_audit.rules.control_chart import Event, cusum_image, legend_mark, p_chart_image
from qa_audit.rules.drift import Point, Sum
from qa_audit.rules.watch import Policy, Speaks, Standing, Watched, Week
from qa_audit.selectors.drift import Subject, decisions_of
from qa_audit.selectors.widening import standing_widenings
from qa_audit.views.drift import words
from qa_audit.views.drift.dto import Counted, MeasureRow, NoteRow, SignalRow, SumRow, WatchedView, WeekRow

LEGEND = (
    (Standing.ABOVE, "Stands out"),
    (Standing.UNSURE, "Outside the limits, may be chance"),
    (Standing.WITHIN, "Ordinary variation"),
    (Standing.FEW, "Too few charts to judge alone"),
    (Standing.BELOW, "Better than chance explains"),
)


def signal_rows(client: ReachedClient, signals: Sequence[DriftSignal]) -> tuple[SignalRow, ...]:
    """Signals with what was decided about each."""
    decisions = decisions_of(client.id, signals)
    return tuple(
        SignalRow(
            href=f"{words.drift_href(client.slug)}signals/{one.pk}/",
            about=words.about(one),
            what=words.KINDS[one.kind],
            week=words.day(one.week),
            seen=words.seen(one),
            found=_day_of(one.found_at, client.timezone),
            decided=decided(decisions.get(one.pk), client.timezone),
        )
        for one in signals
    )


def decided(decision: SignalDecision | None, zone: str) -> str:
    """What was decided; empty while nobody has."""
    if decision is None:
        return ""
    return words.decided(decision, decision.decided_at.astimezone(ZoneInfo(zone)).date())


@dataclass(frozen=True, slots=True)
class Measures:
    """What holds now at a client: wider samples and pauses."""

    widenings: tuple[SampleWidening, ...]
    pauses: tuple[WorkPause, ...]

    def about(self, subject: Subject) -> Measures:
        """Those of one coder or specialty."""
        return Measures(
            tuple(
                one
                for one in self.widenings
                if (one.coder_id, one.specialty.code if one.specialty is not None else "")
                == (subject.coder, subject.specialty)
            ),
            tuple(one for one in self.pauses if subject.coder is not None and one.coder_id == subject.coder),
        )

    def in_a_line(self, zone: str) -> str:
        """``Sample ×2 through 12/21/2026; paused since 11/23/2026``"""
        parts = [
            f"Sample ×{one.factor.normalize():f} through {words.day(one.ends_on)}" for one in self.widenings
        ]
        parts += [f"Paused since {_day_of(one.since, zone)}" for one in self.pauses]
        return "; ".join(parts)


def measures_of(client: ReachedClient, today: datetime) -> Measures:
    """Wider samples and pauses that hold on the client's day."""
    day = today.astimezone(ZoneInfo(client.timezone)).date()
    return Measures(
        tuple(standing_widenings(client.id, day).select_related("coder", "specialty", "made_by")),
        tuple(standing_pauses(client.id, day).select_related("coder", "specialty", "paused_by")),
    )


def measure_rows(client: ReachedClient, held: Measures) -> tuple[MeasureRow, ...]:
    """Each measure with the address that ends it."""
    base = words.drift_href(client.slug)
    wider = [
        MeasureRow(
            about=one.coder.full_name if one.coder is not None else str(one.specialty),
            what=f"Sample ×{one.factor.normalize():f}",
            since=words.day(one.starts_on),
            until=words.day(one.ends_on),
            by=one.made_by.full_name,
            reason=one.reason,
            href=f"{base}widenings/{one.pk}/end/",
            verb="End the wider sample",
        )
        for one in held.widenings
    ]
    paused = [
        MeasureRow(
            about=f"{one.coder.full_name}{f', {one.specialty}' if one.specialty is not None else ''}",
            what="New charts paused",
            since=_day_of(one.since, client.timezone),
            until=words.day(one.until) if one.until else "until lifted",
            by=one.paused_by.full_name if one.paused_by is not None else "a rule of the programme",
            reason=one.reason,
            href=f"{base}pauses/{one.pk}/lift/",
            verb="Lift the pause",
        )
        for one in held.pauses
    ]
    return (*wider, *paused)


def note_rows(slug: str, notes: Sequence[DriftNote]) -> tuple[NoteRow, ...]:
    """What happened, numbered as on the charts."""
    base = words.drift_href(slug)
    return tuple(
        NoteRow(
            mark=str(number),
            day=words.day(one.happened_on),
            kind=str(one.get_kind_display()),
            words=one.words,
            baseline=one.starts_baseline,
            by=one.made_by.full_name,
            href=f"{base}notes/{one.pk}/withdraw/",
        )
        for number, one in enumerate(notes, start=1)
    )


def watched_view(
    slug: str, subject: Subject, watched: Watched, notes: Sequence[DriftNote], policy: Policy, name: str
) -> WatchedView:
    """Both charts of a subject, each with its data as a table whose counts open their reviews."""
    first = watched.weeks[0].monday
    # Numbered among all notes, so that a number means the same on every chart of the client.
    shown = [pair for pair in enumerate(notes, start=1) if pair[1].happened_on >= first]
    events = [Event(one.happened_on, str(number)) for number, one in shown]
    title = f"Charts with an error by week, {name}"
    centre = _centre_words(watched, policy)
    # Our own strings alone: every text in an image was escaped where it was drawn.
    p_image = Markup(p_chart_image(watched, events, id="p", title=title))  # noqa: S704
    total = f"Sum of excess errors by week, {name}"
    sum_image = Markup(cusum_image(watched, policy.sum_limit, events, id="sum", title=total))  # noqa: S704
    rows = list(
        zip(watched.weeks, watched.points, watched.standings, watched.speaks, watched.sums, strict=True)
    )
    return WatchedView(
        p_image=p_image,
        sum_image=sum_image,
        legend=tuple((Markup(legend_mark(one)), label) for one, label in LEGEND),  # noqa: S704
        weeks=tuple(_week(slug, subject, *row[:4]) for row in reversed(rows)),
        sums=tuple(
            _sum(slug, subject, row[0], row[4], _before(rows, at))
            for at, row in reversed(list(enumerate(rows)))
            if row[4] is not None
        ),
        centre=centre,
        sum_words=_sum_words(watched, policy),
        notes=tuple(one for one in note_rows(slug, notes) if int(one.mark) in {at for at, _ in shown}),
    )


def counted(slug: str, subject: Subject, weeks: Iterable[Week], *, wrong: bool) -> Counted:
    """A count over weeks, and its reviews."""
    held = list(weeks)
    number = sum(week.wrong if wrong else week.charts for week in held)
    if not number:
        return Counted("0")
    first, last = held[0].monday, words.week_end(held[-1].monday)
    href = words.reviews_href(slug, first, last, subject=subject, wrong=wrong)
    return Counted(f"{number:,}", href)


def _week(
    slug: str, subject: Subject, week: Week, point: Point, standing: Standing, speaks: tuple[Speaks, ...]
) -> WeekRow:
    said, tone = words.SAYS[standing]
    if speaks:
        said, tone = "; ".join(words.SPEAKS[one] for one in speaks), "bad"
    return WeekRow(
        week=words.day(week.monday),
        charts=counted(slug, subject, [week], wrong=False),
        wrong=counted(slug, subject, [week], wrong=True),
        share=words.share(week.wrong, week.charts),
        interval=words.spread(week.wrong, week.charts),
        limits=words.limits(point.low, point.high),
        says=said,
        tone=tone,
    )


def _before(rows: Sequence[tuple[Week, Point, Standing, tuple[Speaks, ...], Sum | None]], at: int) -> Decimal:
    """Where the sum stood before a week: it begins anew after it spoke."""
    earlier = rows[at - 1][4] if at else None
    return Decimal(0) if earlier is None or earlier.signal else earlier.value


def _sum(slug: str, subject: Subject, week: Week, total: Sum | None, before: Decimal) -> SumRow:
    value = Decimal(0) if total is None else total.value
    spoke = total is not None and total.signal
    return SumRow(
        week=words.day(week.monday),
        charts=counted(slug, subject, [week], wrong=False),
        wrong=counted(slug, subject, [week], wrong=True),
        added=f"{value - before:+.1f}".replace("-", "−"),
        total=f"{value:.1f}",
        says=words.SPEAKS[Speaks.CUSUM] if spoke else "",
        tone="bad" if spoke else "",
    )


def _centre_words(watched: Watched, policy: Policy) -> str:
    baseline = watched.baseline
    if baseline is None:
        charts = sum(week.charts for week in watched.weeks)
        weeks = sum(1 for week in watched.weeks if week.charts)
        return (
            f"Nothing is judged yet: {charts} charts in {weeks} weeks, and a centre needs "
            f"{policy.baseline_charts} charts and {policy.baseline_weeks} weeks with reviews."
        )
    first = next(week.monday for week in watched.weeks if week.charts)
    last = words.week_end(first + timedelta(days=7 * (baseline.weeks - 1)))
    counted_words = f"{baseline.wrong} of {baseline.charts} charts, {words.day(first)} to {words.day(last)}"
    if baseline.wrong in (0, baseline.charts):
        return (
            f"Centre {words.percent(baseline.rate)}: {counted_words}; half an error stands in for certainty."
        )
    return f"Centre {words.percent(baseline.rate)}: {counted_words}."


def _sum_words(watched: Watched, policy: Policy) -> str:
    if watched.baseline is None:
        return "It begins after the weeks of the centre."
    return (
        "Each chart with an error adds, each without takes a little away. It looks for odds of an error "
        f"{policy.odds_ratio:f} times those of the centre, and begins anew after it spoke. "
        f"Limit {policy.sum_limit:f}."
    )


def _day_of(at: datetime, zone: str) -> str:
    return words.day(at.astimezone(ZoneInfo(zone)).date())


def names_of_subjects(
    subjects: Iterable[Subject], people: Mapping[int, str], specialties: Mapping[str, str]
) -> list[tuple[str, Subject]]:
    """Names with their subjects, in the order of the names."""
    named = [
        (
            people.get(one.coder, str(one.coder))
            if one.coder is not None
            else specialties.get(one.specialty, one.specialty),
            one,
        )
        for one in subjects
    ]
    return sorted(named, key=lambda pair: (pair[0].casefold(), str(pair[1])))
