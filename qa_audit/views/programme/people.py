"""A coder's accuracy: ``/c/<client>/quality/people/<id>/`` for reviewers, ``/work/accuracy/`` for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from coding_ops.core.errors import NotFound
from coding_ops.core.statistics import IntervalMethod
from coding_ops.tenancy.access import Reach, ReachedClient
from coding_ops.tenancy.models import Role
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of
from qa_audit.models import ReviewOrigin
from qa_audit.rules.accuracy import Moments, estimate, judge
from qa_audit.rules.estimates import cluster_bootstrap
from qa_audit.rules.facts import SCORES
from qa_audit.selectors import programme as figures
from qa_audit.selectors.audited import PAGE_ROWS, ChartParts, audited, audited_for, random_parts
from qa_audit.selectors.programme import Group, Yardstick
from qa_audit.views.programme import parts, words
from qa_audit.views.programme.audited_rows import audit_rows, filters_of, page_number, wanted_of
from qa_audit.views.programme.dto import Block, GroupRow, GroupTable, PersonPage, ScoreRow
from qa_audit.views.programme.scope import (
    Asked,
    Sight,
    asked_of,
    rows_href,
    sight_of,
    turned,
    window_chips,
)
from qa_audit.views.tabs import own_tabs, quality_href, quality_tabs

Scores = Mapping[str, Mapping[tuple[int, Group], Moments]]
BOOTSTRAPPED = ("code_level", "auditor_denominator")
CHOSEN = "Chosen charts stand for themselves only: their rate is shown and not judged."
NOTHING_OF = {
    True: "No review of your charts was delivered in this window.",
    False: "No review of this coder's charts was delivered in this window.",
}
NOTES = (
    (
        "Wilson’s interval is for reading, Clopper and Pearson’s for contracts. Both use the number of "
        "independent codes that the spread between charts leaves; the bootstrap draws whole charts again."
    ),
    (
        "A finding counts until it is withdrawn or overturned; documentation gaps and policy differences are "
        "not charged. Gold and calibration charts stand in no rate."
    ),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Whose page, over which clients.

    Attributes:
        rows_base: address of the list behind a number; empty for the coder, whose list is on the page.
    """

    coder: int
    clients: tuple[ReachedClient, ...]
    yard: Yardstick
    asked: Asked
    rows_base: str

    @property
    def client_ids(self) -> list[int]:
        return [client.id for client in self.clients]

    def href(self, **wanted: str | int | bool | None) -> str:
        """Address of the charts behind a number; across clients the list stands on the page itself."""
        if self.rows_base:
            return rows_href(self.rows_base, self.asked.months, coder=self.coder, **wanted)
        query = {
            name: ("1" if value else "0") if isinstance(value, bool) else str(value)
            for name, value in wanted.items()
            if value is not None
        }
        return f"{turned({'months': str(self.asked.count), **query})}#h-rows"


@require_GET
@for_client
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    """A coder's scores at one client, for its reviewers and leaders; the coder sees their own."""
    actor, client = actor_of(request), client_of(request)
    if actor.role == Role.CODER and actor.person_id != user_id:
        raise NotFound
    if actor.role != Role.CODER and not sight_of(actor.role).names_coders:
        raise NotFound
    name = figures.coder_name(client.id, user_id)
    asked = asked_of(request.GET, today_of(request))
    yard = figures.yardstick_of(figures.plans_in_force(client.id))
    base = f"{quality_href(client.slug)}rows/" if actor.role != Role.CODER else ""
    page = _page(request, Person(user_id, (client,), yard, asked, base), f"Accuracy of {name}", is_own=False)
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "programme")}
    return render(request, "qa_audit/person.html", context)


@require_GET
def own_accuracy(request: HttpRequest) -> HttpResponse:
    """``/work/accuracy/``: a coder's own scores over the clients they code for."""
    reach: Reach = request.reach  # type: ignore[attr-defined]
    clients = reach.in_role(Role.CODER)
    if not clients:
        raise NotFound
    asked = asked_of(request.GET, timezone.localdate())
    yards = [figures.yardstick_of(figures.plans_in_force(client.id)) for client in clients]
    yard = yards[0] if len({(one.counted_score, one.target, one.confidence) for one in yards}) == 1 else None
    house = figures.yardstick_of([])
    person = Person(actor_of(request).person_id, clients, yard or house, asked, "")
    both = list(zip(clients, yards, strict=True))
    page = _page(request, person, "My accuracy", is_own=True, by_client=both)
    return render(request, "qa_audit/person.html", {"page": page, "tabs": own_tabs("accuracy")})


def _page(
    request: HttpRequest,
    person: Person,
    heading: str,
    *,
    is_own: bool,
    by_client: Sequence[tuple[ReachedClient, Yardstick]] = (),
) -> PersonPage:
    months = person.asked.months
    scores = figures.every_score(person.client_ids, months, coder=person.coder)
    number = page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    wanted = replace(
        wanted_of(request.GET, months.last, Sight(names_coders=False, sees_provisional=True)),
        months=months,
        coder=person.coder,
    )
    actor = actor_of(request)
    found = audited(person.client_ids, wanted) if is_own else audited_for(actor, person.clients[0].id, wanted)
    shown = list(found.select_related("encounter", "coder")[start : start + PAGE_ROWS + 1])
    errors = figures.errors(person.client_ids, months, coder=person.coder)
    kept = {**request.GET.dict(), "months": str(person.asked.count)}
    filters = filters_of(wanted, {}, {})
    return PersonPage(
        heading=heading,
        summary=f"Reviews closed in {words.window(months)}, {_where(person)}.",
        windows=window_chips(person.asked),
        is_own=is_own,
        blocks=_blocks(person, scores),
        by_client=_client_table(scores, by_client) if len(by_client) > 1 else None,
        paretos=parts.paretos(
            errors,
            lambda **wanted: person.href(run=False, provisional=False, **wanted),
        ),
        rows=audit_rows(
            shown[:PAGE_ROWS],
            {client.id: client for client in person.clients},
            figures.specialty_names(),
            wanted.score or person.yard.counted_score,
        ),
        score=words.SCORES[wanted.score or person.yard.counted_score],
        filters=filters,
        all_href=f"{turned({'months': str(person.asked.count)})}#h-rows" if filters else "",
        shows_clients=len(person.clients) > 1,
        notes=NOTES,
        empty_words="" if shown or filters else NOTHING_OF[is_own],
        next_page_href=turned({**kept, "page": str(number + 1)}) if len(shown) > PAGE_ROWS else "",
        previous_page_href=turned({**kept, "page": str(number - 1)}) if number > 1 else "",
    )


def _where(person: Person) -> str:
    return person.clients[0].name if len(person.clients) == 1 else f"{len(person.clients)} clients together"


# --- blocks --------------------------------------------------------------------------------------------


def _blocks(person: Person, scores: Scores) -> tuple[Block, ...]:
    """Each kind of audit by itself, ours and the client's, closed and provisional: never added up."""
    most = figures.settings().bootstrapped_charts
    resampled = random_parts(person.client_ids, person.asked.months, person.coder, most)
    blocks = []
    for run, provisional, origin in product((False, True), (False, True), parts.KINDS):
        sums = {
            name: _folded(group, _alike(origin.value, run, provisional)) for name, group in scores.items()
        }
        if not any(one.charts for one in sums.values()):
            continue
        is_judged = origin is ReviewOrigin.SAMPLE and not provisional
        wanted = {"origin": origin.value, "run": run, "provisional": provisional}
        charts = resampled if is_judged and not run else None
        rows = tuple(
            _score_row(person, name, sums[name], wanted, charts, is_judged)
            for name in SCORES
            if name in sums and sums[name].charts
        )
        heading, note = _heading(origin, run, provisional, words.target(person.yard))
        blocks.append(Block(f"{origin.value}-{run:d}{provisional:d}", heading, note, rows, is_judged))
    return tuple(blocks)


def _heading(origin: ReviewOrigin, run: bool, provisional: bool, target: str) -> tuple[str, str]:
    heading = str(origin.label)
    if run and origin is not ReviewOrigin.CLIENT:
        heading = f"The client’s own: {heading.lower()}"
    if provisional:
        return f"{heading}, provisional", "Delivered and not closed; answers may still change them"
    if origin is not ReviewOrigin.SAMPLE:
        return heading, CHOSEN
    return (
        heading,
        f"Run by the client’s people, beside ours; {target}"
        if run
        else f"What the contract judges; {target}",
    )


def _alike(origin: str, run: bool, provisional: bool) -> Callable[[Group], bool]:
    return lambda g: g.origin == origin and g.is_client_run == run and g.is_provisional == provisional


def _folded(sums: Mapping[tuple[int, Group], Moments], keep: Callable[[Group], bool]) -> Moments:
    whole = Moments()
    for (_client, group), one in sums.items():
        if keep(group):
            whole = whole + one
    return whole


def _score_row(
    person: Person,
    name: str,
    sums: Moments,
    wanted: dict[str, Any],
    resampled: list[ChartParts] | None,
    is_judged: bool,
) -> ScoreRow:
    yard = person.yard
    wilson = estimate(sums, confidence=yard.confidence)
    exact = estimate(sums, confidence=yard.confidence, method=IntervalMethod.CLOPPER_PEARSON)
    counts = name == yard.counted_score
    verdict = judge(exact, sums.charts, target=yard.target, minimum_charts=yard.minimum_charts)
    return ScoreRow(
        name=words.SCORES[name],
        formula=words.FORMULAS[name],
        is_counted=counts,
        counted=words.counted(sums, name),
        rate=words.percent(wilson.rate if wilson else None),
        wilson=words.between(wilson),
        exact=words.between(exact),
        bootstrap=_bootstrap(name, resampled, yard.confidence) if resampled else "",
        verdict=verdict.value if is_judged and counts else "",
        href=person.href(score=name, **wanted),
    )


def _bootstrap(name: str, charts: list[ChartParts], confidence: Decimal) -> str:
    """Whole charts drawn again; only for scores counted by code, where a chart is a cluster."""
    if name not in BOOTSTRAPPED:
        return ""
    house = figures.settings()
    used = [one for one in charts if one.parts.get(name, (Decimal(0), 0))[1]]
    if len(used) < 2:
        return ""
    found = cluster_bootstrap(
        [(int(one.parts[name][0]), one.parts[name][1]) for one in used],
        confidence=confidence,
        seed=house.bootstrap_seed,
        draws=house.bootstrap_draws,
        weights=[one.weight for one in used],
    )
    return words.between(found)


def _client_table(scores: Scores, by_client: Sequence[tuple[ReachedClient, Yardstick]]) -> GroupTable:
    """Each client's own score against its own target."""
    rows = []
    for client, yard in by_client:
        mine = {
            group: sums
            for (client_id, group), sums in scores.get(yard.counted_score, {}).items()
            if client_id == client.id
        }
        sums = figures.folded(mine, lambda g: parts.ours(g) and g.origin == ReviewOrigin.SAMPLE.value)
        figure = words.figure(sums, yard.counted_score, yard)
        rows.append(
            GroupRow(
                f"{client.name}: {words.SCORES[yard.counted_score].lower()}, {words.target(yard)}", "", figure
            )
        )
    columns = ("Drawn at random", "95% interval", "Against target")
    note = "Each client's contract chooses the score and the target"
    return GroupTable("clients", "By client", note, "Client", columns, tuple(rows))
