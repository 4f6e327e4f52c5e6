"""``/c/<client>/quality/replay/``: closed audits scored again under another method or edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from coding_ops.core.errors import NotFound, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of
from qa_audit.rules.accuracy import Moments, estimate
from qa_audit.selectors import programme as figures
from qa_audit.selectors.audited import PAGE_ROWS
from qa_audit.selectors.programme import Months, Yardstick
from qa_audit.selectors.replays import REPLAYED, Method, Parts, Replay, draws_to_replay, replay
from qa_audit.views.programme import words
from qa_audit.views.programme.audited_rows import page_number
from qa_audit.views.programme.dto import Figure
from qa_audit.views.programme.replay_dto import BothWays, ChartRow, ReplayPage, VerdictRow
from qa_audit.views.programme.replay_form import ReplayAsked, form_of, read_form
from qa_audit.views.programme.scope import sight_of, turned
from qa_audit.views.tabs import quality_href, quality_tabs

NOTHING = Replay({}, {}, {}, {}, ())


@require_GET
@for_client
def replay_page(request: HttpRequest) -> HttpResponse:
    """Nothing is written: what counts stays what was kept.  422 where a field cannot be read."""
    actor, client = actor_of(request), client_of(request)
    sight = sight_of(actor.role)
    yard = figures.yardstick_of(figures.plans_in_force(client.id))
    draws = draws_to_replay(client.id)
    asked = read_form(request.GET, today_of(request), yard, draws)
    if asked.wanted.coder is not None and not sight.names_coders:
        raise NotFound
    is_asked = request.GET.get("do") == "replay"
    found = _replayed(actor, client.id, asked, yard) if is_asked and not asked.errors else NOTHING
    number = page_number(request.GET.get("page", ""))
    changed = [one for one in found.charts if _differs(one.kept, one.again)]
    start = (number - 1) * PAGE_ROWS
    kept = request.GET.dict()
    base = quality_href(client.slug)
    coders = figures.audited_coders(client.id) if sight.names_coders else {}
    page = ReplayPage(
        form=form_of(request.GET, asked, draws, coders, yard.counted_score),
        summary=_summary(asked, found) if is_asked and not asked.errors else "",
        scores=_both_ways(found, asked, yard),
        verdicts=_verdicts(found),
        charts=tuple(
            ChartRow(
                href=f"{base}reviews/{one.review_id}/",
                visit_id=one.visit_id,
                kept=_parts(one.kept, asked.score),
                again=_parts(one.again, asked.score),
                kept_under=one.kept_under,
            )
            for one in changed[start : start + PAGE_ROWS]
        ),
        charts_note=f"{words.of(len(changed), 'charts')} of {len(found.charts):,}",
        back_href=base,
        next_page_href=turned({**kept, "page": str(number + 1)}) if len(changed) > start + PAGE_ROWS else "",
        previous_page_href=turned({**kept, "page": str(number - 1)}) if number > 1 else "",
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "programme")}
    return render(request, "qa_audit/replay.html", context, status=422 if asked.errors else 200)


def _replayed(actor: Actor, client_id: int, asked: ReplayAsked, yard: Yardstick) -> Replay:
    method = Method(asked.taxonomy, asked.attributes_count, yard.confidence)
    try:
        return replay(actor, client_id, asked.wanted, method, asked.draw_id)
    except Refused as refused:
        asked.errors["first"] = refused.message
        return NOTHING


def _summary(asked: ReplayAsked, found: Replay) -> str:
    months: Months = asked.wanted.months
    which = "of the draw" if asked.draw_id else f"closed in {words.window(months)}"
    under = sorted({one.kept_under for one in found.charts})
    kept = (
        f" Kept under edition {' and '.join(under)}, replayed under {asked.taxonomy.edition}."
        if under
        else ""
    )
    return f"{words.of(len(found.charts), 'reviews')} {which}.{kept}"


def _both_ways(found: Replay, asked: ReplayAsked, yard: Yardstick) -> tuple[BothWays, ...]:
    rows = []
    for name in REPLAYED if found.charts else ():
        kept, again = found.kept[name], found.again[name]
        counts = name == asked.score
        rows.append(
            BothWays(
                words.SCORES[name],
                counts,
                _figure(kept, name, yard, judged=counts),
                _figure(again, name, yard, judged=counts),
                _change(kept, again, yard),
            )
        )
    return tuple(rows)


def _figure(sums: Moments, name: str, yard: Yardstick, *, judged: bool) -> Figure:
    return words.figure(sums, name, yard, judged=judged)


def _change(kept: Moments, again: Moments, yard: Yardstick) -> str:
    before, after = (estimate(one, confidence=yard.confidence) for one in (kept, again))
    if before is None or after is None:
        return words.DASH
    points = 100 * (after.rate - before.rate)
    return "none" if round(points, 1) == 0 else f"{points:+.1f} points".replace("-", "−")


def _verdicts(found: Replay) -> tuple[VerdictRow, ...]:
    names: Sequence[str] = sorted(
        found.verdicts.keys() | found.kept_verdicts.keys(),
        key=lambda one: (-found.verdicts.get(one, 0), -found.kept_verdicts.get(one, 0), one),
    )
    return tuple(
        VerdictRow(
            words.VERDICTS.get(name, name),
            f"{found.kept_verdicts.get(name, 0):,}",
            f"{found.verdicts.get(name, 0):,}",
        )
        for name in names
    )


def _differs(kept: Parts, again: Parts) -> bool:
    return any(kept.get(name) != again.get(name) for name in REPLAYED)


def _parts(parts: Mapping[str, tuple[object, int]], score: str) -> str:
    numerator, denominator = parts.get(score, (0, 0))
    return f"{words.number(words.decimal(str(numerator)))} of {denominator}" if denominator else words.DASH
