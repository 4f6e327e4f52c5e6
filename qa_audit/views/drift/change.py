"""``…/drift/change/``: why the rate of all charts together changed between two periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from markupsafe import Markup

from coding_ops.core.charts import short
from coding_ops.core.errors import InvalidInput
from coding_ops.core.statistics import difference_interval
from coding_ops.tenancy.models import Client
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of
from qa_audit.drift_tables import drift_table
from qa_audit.rules.change import Change, CoderChange, Part, Work, decompose
from qa_audit.selectors.drift import WEEK, Subject, last_week, work_of
from qa_audit.selectors.programme import names_of
from qa_audit.views.drift import words
from qa_audit.views.drift.dto import ChangePage, CoderRow, Counted, PartRow, PeriodView
from qa_audit.views.drift.forms import PeriodsForm, first_errors
from qa_audit.views.drift.overview import require_reader
from qa_audit.views.tabs import quality_tabs

FIELDS = {
    "from_a": "Before, first day",
    "to_a": "Before, last day",
    "from_b": "After, first day",
    "to_b": "After, last day",
}
WEEKS = 4
MOST_DAYS = 366
PARTS = {
    Part.OWN: "Own rate",
    Part.LOADED: "Own rate, under more load",
    Part.CAME: "Came",
    Part.LEFT: "Left",
    Part.UNKNOWN: "No reviewed chart",
}


@dataclass(frozen=True, slots=True)
class _Periods:
    before: tuple[date, date]
    after: tuple[date, date]

    @property
    def days(self) -> tuple[int, int]:
        first, second = ((last - start).days + 1 for start, last in (self.before, self.after))
        return first, second


@require_GET
@for_client
def change(request: HttpRequest) -> HttpResponse:
    """``from_a``, ``to_a``, ``from_b``, ``to_b``; the last four ended weeks against the four before."""
    actor, client = actor_of(request), client_of(request)
    require_reader(actor)
    periods, errors = _asked(request)
    sent = {name: request.GET.get(name, "")[:20] for name in FIELDS}
    if not any(sent.values()) and periods is not None:
        days = (*periods.before, *periods.after)
        sent = {name: words.day(one) for name, one in zip(FIELDS, days, strict=True)}
    fields = tuple((name, label, sent[name]) for name, label in FIELDS.items())
    page = _page(client.slug, Client.objects.get(pk=client.id), periods, fields)
    context = {"page": page, "errors": errors, "tabs": quality_tabs(actor.role, client.slug, "drift")}
    return render(request, "qa_audit/drift_change.html", context, status=422 if errors else 200)


def _asked(request: HttpRequest) -> tuple[_Periods | None, dict[str, str]]:
    today = today_of(request)
    if not any(request.GET.get(name) for name in FIELDS):
        end = words.week_end(last_week(today))
        middle = end - WEEK * WEEKS
        start = middle - WEEK * WEEKS
        day = timedelta(days=1)
        return _Periods((start + day, middle), (middle + day, end)), {}
    form = PeriodsForm(request.GET, today=today)
    if not form.is_valid():
        return None, first_errors(form)
    given = form.cleaned_data
    found = _Periods((given["from_a"], given["to_a"]), (given["from_b"], given["to_b"]))
    if not 1 <= found.days[0] <= MOST_DAYS:
        return None, {"to_a": f"A period has 1 to {MOST_DAYS} days."}
    if not 1 <= found.days[1] <= MOST_DAYS:
        return None, {"to_b": f"A period has 1 to {MOST_DAYS} days."}
    if found.after[0] <= found.before[1]:
        return None, {"from_b": "The second period starts after the first has ended."}
    return found, {}


def _page(
    slug: str, client: Client, periods: _Periods | None, fields: tuple[tuple[str, str, str], ...]
) -> ChangePage:
    nothing = ChangePage(words.drift_href(slug), fields, (), "", "", (), "", (), "", "")
    if periods is None:
        return nothing
    before, after = (work_of(client, *days) for days in (periods.before, periods.after))
    try:
        found = decompose(
            {str(key): one for key, one in before.items()},
            {str(key): one for key, one in after.items()},
            days=periods.days,
            load_rise=drift_table().load_rise,
        )
    except InvalidInput:
        words_empty = "In one of the periods nobody finished a chart whose error rate is known."
        return ChangePage(words.drift_href(slug), fields, (), "", "", (), "", (), "", words_empty)
    counts = _counts(before), _counts(after)
    verdict, difference = _verdict(*counts)
    return ChangePage(
        list_href=words.drift_href(slug),
        fields=fields,
        periods=(
            _period(slug, "Before", periods.before, found.volume_before, counts[0], found.before),
            _period(slug, "After", periods.after, found.volume_after, counts[1], found.after),
        ),
        verdict=verdict,
        difference=difference,
        parts=_parts(found),
        total=words.points(found.after - found.before),
        coders=_coders(slug, found, periods),
        unknown=_unknown(found),
        empty_words="",
    )


def _counts(works: Mapping[int, Work]) -> tuple[int, int]:
    return sum(one.wrong for one in works.values()), sum(one.reviewed for one in works.values())


def _verdict(before: tuple[int, int], after: tuple[int, int]) -> tuple[str, str]:
    if not (before[1] and after[1]):
        return "Too few to judge", "In one of the periods nothing was reviewed."
    low, high = difference_interval(before, after, confidence=words.CONFIDENCE)
    ends = f"{words.points(Fraction(low))} to {words.points(Fraction(high))}"
    told = f"95% interval of the change of the reviewed share: {ends}"
    if low > 0:
        return "More errors than chance explains", told
    if high < 0:
        return "Fewer errors than chance explains", told
    return "Too close to call: the change may be chance", told


def _period(
    slug: str,
    name: str,
    days: tuple[date, date],
    finished: int,
    counts: tuple[int, int],
    weighed: Fraction,
) -> PeriodView:
    wrong, reviewed = counts
    return PeriodView(
        name=name,
        days=f"{words.day(days[0])} to {words.day(days[1])}",
        finished=f"{finished:,}",
        reviewed=_counted(slug, days, reviewed, None, wrong=False),
        wrong=_counted(slug, days, wrong, None, wrong=True),
        share=words.share(wrong, reviewed),
        interval=words.spread(wrong, reviewed),
        weighed=words.percent(weighed),
    )


def _counted(
    slug: str, days: tuple[date, date], count: int, subject: Subject | None, *, wrong: bool
) -> Counted:
    return Counted(
        f"{count:,}", words.reviews_href(slug, *days, subject=subject, wrong=wrong) if count else ""
    )


def _parts(found: Change) -> tuple[PartRow, ...]:
    rows = (
        (
            "Coders' own rates",
            found.own,
            "People err more or less often than before, at about the same load.",
        ),
        (
            "Rates under more load",
            found.loaded,
            f"The same, of coders who finished over {drift_table().load_rise:.0%} more charts a day: volume.",
        ),
        ("Who did the work", found.mix, "Charts moved between people, who came and who left: staff mix."),
    )
    largest = max((abs(value) for _, value, _ in rows), default=Fraction(0)) or Fraction(1)
    return tuple(
        PartRow(label, words.points(value), _bar(value / largest), meaning) for label, value, meaning in rows
    )


def _bar(share: Fraction) -> Markup:
    """A bar to the right of the middle for more errors, to the left for fewer; the cell's text says it."""
    wide = abs(float(share)) * 50
    left = 50 if share >= 0 else 50 - wide
    kind = "c-more" if share > 0 else "c-less"
    return Markup(  # noqa: S704 - numbers alone
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="c-bar {kind}" x="{short(left)}" y="0" width="{short(wide)}" height="8"/>'
        '<path class="c-mean" d="M50 0V8"/></svg>'
    )


def _coders(slug: str, found: Change, periods: _Periods) -> tuple[CoderRow, ...]:
    names = names_of(int(one.coder) for one in found.coders)
    rows = [(names.get(int(one.coder), one.coder), one) for one in found.coders]
    return tuple(
        _coder(slug, name, one, periods)
        for name, one in sorted(rows, key=lambda pair: (pair[0].casefold(), pair[1].coder))
    )


def _coder(slug: str, name: str, one: CoderChange, periods: _Periods) -> CoderRow:
    subject = Subject(coder=int(one.coder))
    known = one.part is not Part.UNKNOWN
    return CoderRow(
        name=name,
        href=words.subject_href(slug, subject) if one.before.reviewed or one.after.reviewed else "",
        shares=f"{words.percent(one.share_before)} → {words.percent(one.share_after)}"
        if known
        else words.DASH,
        load=f"{one.before.finished:,} → {one.after.finished:,}",
        before=_rate(one.before),
        before_href=_counted(slug, periods.before, one.before.reviewed, subject, wrong=False).href,
        after=_rate(one.after),
        after_href=_counted(slug, periods.after, one.after.reviewed, subject, wrong=False).href,
        within=words.points(one.within) if known else words.DASH,
        mix=words.points(one.mix) if known else words.DASH,
        part=PARTS[one.part],
    )


def _rate(work: Work) -> str:
    if not work.reviewed:
        return "none reviewed"
    return f"{words.share(work.wrong, work.reviewed)}, {work.wrong} of {work.reviewed}"


def _unknown(found: Change) -> str:
    if not (found.unknown_before or found.unknown_after):
        return ""
    return (
        f"{found.unknown_before:,} charts before and {found.unknown_after:,} after are of coders without a "
        "reviewed chart in either period; they are in no rate and no share."
    )
