"""The programme's figures turned into cards, tables and Pareto charts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any

from markupsafe import Markup

from qa_audit.editions import newest_edition
from qa_audit.models import ReviewOrigin
from qa_audit.rules.accuracy import Judged, Moments
from qa_audit.rules.plan_terms import Dimension, Method, PlanTerms
from qa_audit.selectors.audited import NO_SPECIALTY
from qa_audit.selectors.programme import Covered, Errors, Group, Months, Sums, Waiting, Yardstick, folded
from qa_audit.views.programme import words
from qa_audit.views.programme.dto import Card, Count, CoverageRow, Figure, GroupRow, GroupTable, Pareto, Share
from qa_audit.views.programme.scope import Sight, is_random, rows_href
from qa_audit.views.programme.whiskers import with_whiskers

OTHERS = (ReviewOrigin.CERTAINTY, ReviewOrigin.FOCUSED, ReviewOrigin.REAUDIT)
"""Chosen audits, told apart from the random ones and from each other, and never judged."""
KINDS = (ReviewOrigin.SAMPLE, *OTHERS, ReviewOrigin.CLIENT)
JUDGED_COLUMNS = ("Drawn at random", "95% interval", "Against target")
Keep = Callable[[Group], bool]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every part of a page needs.

    Attributes:
        base: address of the list of charts behind a number.
        score: the score shown.
    """

    base: str
    months: Months
    score: str
    yard: Yardstick
    sums: Sums
    sight: Sight

    def href(self, **wanted: str | int | bool | None) -> str:
        """Address of the charts behind a number of this score."""
        return rows_href(self.base, self.months, score=self.score, **wanted)

    def figure(self, keep: Keep, *, judged: bool = True, **wanted: str | int | bool | None) -> Figure:
        """The rate of the groups kept, and the charts behind it."""
        sums = folded(self.sums, keep)
        return words.figure(sums, self.score, self.yard, href=self.href(**wanted), judged=judged)


def ours(group: Group) -> bool:
    """Closed audits of the vendor's own programme."""
    return not group.is_client_run and not group.is_provisional


def cards(sheet: Sheet, covered: Sequence[Covered], waiting: Waiting | None) -> tuple[Card, ...]:
    """The figures on top: random audits, the client's own, what is provisional, coverage."""
    name = words.SCORES[sheet.score]
    found = [
        Card(
            f"{name}, drawn at random",
            f"{words.FORMULAS[sheet.score]}; closed reviews, weighted by what each chart stands for",
            sheet.figure(lambda g: ours(g) and is_random(g), origin="sample", run=False, provisional=False),
            words.target(sheet.yard),
        ),
        Card(
            "The client's own, drawn at random",
            "The same score in the random reviews that the client runs",
            sheet.figure(
                lambda g: g.is_client_run and not g.is_provisional and is_random(g),
                origin="sample",
                run=True,
                provisional=False,
            ),
            words.target(sheet.yard),
        ),
    ]
    if sheet.sight.sees_provisional:
        found.append(
            Card(
                "Provisional, drawn at random",
                "Delivered and not closed: the coder may still answer, so nothing is judged",
                sheet.figure(
                    lambda g: not g.is_client_run and g.is_provisional and is_random(g),
                    judged=False,
                    origin="sample",
                    run=False,
                    provisional=True,
                ),
            )
        )
    found.append(_coverage_card(covered))
    return tuple(found)


def _coverage_card(covered: Sequence[Covered]) -> Card:
    final, audited = sum(one.final for one in covered), sum(one.audited for one in covered)
    share = words.percent(Decimal(audited) / final) if final else words.DASH
    return Card(
        "Coverage",
        "Charts that became final in the window and were audited, each once; a census has no interval",
        Figure(share, "", f"{audited:,} of {words.of(final, 'charts')} final" if final else ""),
    )


def counts(quality: str, waiting: Waiting, late_days: int) -> tuple[Count, ...]:
    """What is not over, each with its list."""
    listed = f"{quality}reviews/"
    return (
        Count("Waiting for a reviewer", f"{waiting.waiting:,}", f"{listed}?state=waiting"),
        Count(
            f"Waiting more than {late_days} days",
            f"{waiting.late:,}",
            f"{listed}?state=waiting",
            "bad-t" if waiting.late else "",
        ),
        Count("Under review", f"{waiting.under_way:,}", f"{listed}?state=comparing"),
        Count("With the coder", f"{waiting.answering:,}", f"{listed}?state=answering"),
        Count(
            "Past the last day for an answer",
            f"{waiting.unanswered:,}",
            f"{listed}?state=answering",
            "bad-t" if waiting.unanswered else "",
        ),
    )


def oldest_words(at: datetime | None) -> str:
    """Since when the oldest review waits."""
    return "" if at is None else f"The oldest review waits since {at:%m/%d/%Y}."


# --- tables --------------------------------------------------------------------------------------------


def group_table(
    sheet: Sheet,
    *,
    id: str,
    heading: str,
    first: str,
    names: Mapping[Any, str],
    key: Callable[[Group], object],
    wanted: str,
    link: Callable[[object], str],
) -> GroupTable:
    """One row for each coder or specialty, by name: random audits, then each other kind."""
    keys = {key(group) for group in sheet.sums if ours(group)}
    rows = []
    for one in sorted(keys, key=lambda value: names.get(value, str(value))):
        mine, cut = _of(key, one), _cut(wanted, one)
        others = tuple(
            sheet.figure(
                lambda g, kind=origin.value, mine=mine: mine(g) and g.origin == kind,  # type: ignore[misc]
                judged=False,
                origin=origin.value,
                run=False,
                provisional=False,
                **cut,
            )
            for origin in OTHERS
        )
        random = sheet.figure(
            lambda g, mine=mine: mine(g) and is_random(g),  # type: ignore[misc]
            origin="sample",
            run=False,
            provisional=False,
            **cut,
        )
        rows.append(GroupRow(names.get(one, str(one)) or "No specialty", link(one), random, others))
    columns = (*JUDGED_COLUMNS, *(origin.label for origin in OTHERS))
    drawn = with_whiskers(rows, id, sheet.yard.target)
    return GroupTable(id, heading, words.target(sheet.yard), first, columns, drawn)


def _cut(name: str, value: object) -> dict[str, Any]:
    return {name: str(value) or NO_SPECIALTY}


def _of(key: Callable[[Group], object], value: object) -> Keep:
    return lambda group: ours(group) and key(group) == value


def kind_table(sheet: Sheet) -> GroupTable:
    """Every kind of closed audit by itself, ours and the client's: they are never added up."""
    rows = []
    for run, whose in ((False, "Ours"), (True, "The client's")):
        for origin in KINDS:
            figure = sheet.figure(
                _kind(origin.value, run),
                judged=origin is ReviewOrigin.SAMPLE,
                origin=origin.value,
                run=run,
                provisional=False,
            )
            if figure.counted:
                rows.append(GroupRow(f"{whose}: {str(origin.label).lower()}", "", figure))
    note = "Chosen charts stand for themselves only"
    drawn = with_whiskers(rows, "kinds", sheet.yard.target)
    return GroupTable("kinds", "By kind of audit", note, "Kind", JUDGED_COLUMNS, drawn, head="Rate")


def _kind(origin: str, run: bool) -> Keep:
    return lambda g: g.origin == origin and g.is_client_run == run and not g.is_provisional


def mode_table(sheet: Sheet) -> GroupTable:
    """Blind and open reviews side by side: where open ones agree far more, reviewers lean on the coder."""
    rows = tuple(
        GroupRow(
            label,
            "",
            sheet.figure(
                lambda g, mode=mode: ours(g) and is_random(g) and g.mode == mode,  # type: ignore[misc]
                judged=False,
                origin="sample",
                run=False,
                provisional=False,
                mode=mode,
            ),
        )
        for mode, label in (("blind", "Blind"), ("open", "Open"))
    )
    note = "Random audits; a gap beyond the intervals says that open reviews lean on the coder's codes"
    drawn = with_whiskers([row for row in rows if row.random.counted], "modes", sheet.yard.target)
    return GroupTable("modes", "Blind against open", note, "Mode", (), drawn, head="Rate")


# --- Pareto --------------------------------------------------------------------------------------------


def paretos(found: Sequence[Errors], href: Callable[..., str]) -> tuple[Pareto, ...]:
    """Findings by verdict and by cause, the largest first."""
    total = sum(one.lines for one in found)
    if not total:
        return ()
    charged = sum(one.lines for one in found if one.cause not in newest_edition().not_charged)
    lines = words.of(total, "lines")
    note = f"{lines} that stand in closed reviews of every kind, {charged:,} charged to the coder"
    by_verdict = _shares(
        ((one.verdict, one.lines) for one in found), words.VERDICTS, lambda v: href(verdict=v), total
    )
    by_cause = _shares(
        ((one.cause, one.lines) for one in found), words.CAUSES, lambda v: href(cause=v) if v else "", total
    )
    return (
        Pareto("verdicts", "Findings by verdict", note, "Verdict", by_verdict),
        Pareto("causes", "Findings by cause", note, "Cause", by_cause),
    )


def _shares(
    parts: Iterable[tuple[str, int]], names: Mapping[str, str], href: Callable[[str], str], total: int
) -> tuple[Share, ...]:
    sums: dict[str, int] = {}
    for name, lines in parts:
        sums[name] = sums.get(name, 0) + lines
    top = max(sums.values())
    return tuple(
        Share(
            label=names.get(name, name),
            href=href(name),
            bar=bar(Decimal(lines) / top),
            count=f"{lines:,}",
            share=f"{100 * lines / total:.0f}%",
        )
        for name, lines in sorted(sums.items(), key=lambda one: (-one[1], one[0]))
    )


def bar(share: Decimal) -> Markup:
    """A plain bar for a table cell, ``share`` of its width (0 to 1); the cell's text says the number."""
    wide = min(max(float(share), 0.0), 1.0) * 100
    return Markup(  # noqa: S704 (made of a number alone)
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="c-bar" x="0" y="0" width="{wide:.1f}" height="8" rx="1"/></svg>'
    )


# --- coverage ------------------------------------------------------------------------------------------


def coverage_rows(
    covered: Sequence[Covered],
    plans: Sequence[tuple[date, PlanTerms]],
    names: Mapping[int, str],
    specialties: Mapping[str, str],
    *,
    open_month: date,
    names_coders: bool,
) -> tuple[CoverageRow, ...]:
    """A row for each coder, specialty and month, newest month first; without names, for each specialty.

    ``plans``: terms by the first month that the plan was there for as a whole; a month that is not over is
    not held against it.
    """
    rows = covered if names_coders else _without_coders(covered)
    return tuple(
        _coverage_row(one, plans, names, specialties, is_over=one.month < open_month)
        for one in sorted(
            rows, key=lambda one: (-one.month.toordinal(), names.get(one.coder, ""), one.specialty)
        )
    )


def _without_coders(covered: Sequence[Covered]) -> list[Covered]:
    sums: dict[tuple[object, str], Covered] = {}
    for one in covered:
        key = (one.month, one.specialty)
        before = sums.get(key)
        final, audited = (before.final, before.audited) if before is not None else (0, 0)
        sums[key] = Covered(one.month, 0, one.specialty, final + one.final, audited + one.audited)
    return list(sums.values())


def _coverage_row(
    one: Covered,
    plans: Sequence[tuple[date, PlanTerms]],
    names: Mapping[int, str],
    specialties: Mapping[str, str],
    *,
    is_over: bool,
) -> CoverageRow:
    held = [terms for since, terms in plans if since <= one.month] if one.coder else []
    asked = max((asked_of(terms, one, specialties) for terms in held), default=0)
    verdict = "" if not (asked and is_over) else (Judged.MET if one.audited >= asked else Judged.MISSED).value
    return CoverageRow(
        month=words.month(one.month),
        coder=names.get(one.coder, ""),
        specialty=specialties.get(one.specialty, one.specialty) or "No specialty",
        final=f"{one.final:,}",
        audited=f"{one.audited:,}",
        share=words.percent(Decimal(one.audited) / one.final),
        asked=f"{asked:,}" if asked else words.DASH,
        verdict=verdict,
    )


def asked_of(terms: PlanTerms, one: Covered, specialties: Mapping[str, str]) -> int:
    """How many of these finals the plan asks to be audited, as far as it asks it of a coder and specialty.

    A plan whose strata cut otherwise (by payer risk or kind) asks its share of every part, of this one too; a
    count per stratum is told only where a stratum is this coder's charts of this specialty.
    """
    if terms.coders and one.coder not in terms.coders:
        return 0
    if terms.specialties and one.specialty not in terms.specialties:
        return 0
    if terms.method is Method.PERCENT:
        share = Decimal(one.final) * terms.value / 100
        asked = int(share.to_integral_value(rounding=ROUND_CEILING))
    elif set(terms.strata) == {Dimension.CODER, Dimension.SPECIALTY} or (
        set(terms.strata) == {Dimension.CODER} and len(specialties) == 1
    ):
        asked = int(terms.value)
    else:
        asked = 0
    if set(terms.strata) == {Dimension.CODER, Dimension.SPECIALTY}:
        asked = max(asked, terms.floor_per_stratum)
    return min(one.final, asked)


def no_figures(sums: Mapping[Group, Moments], waiting: Waiting | None) -> str:
    """What to do where nothing is there yet; empty where something is."""
    if sums or (waiting is not None and (waiting.waiting or waiting.under_way or waiting.answering)):
        return ""
    return "No review yet. Make a plan and draw a sample, or ask for the review of a chart."
