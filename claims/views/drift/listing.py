"""``/c/<client>/claims/drift/``: claims that the client sent itself, and how they differ from our codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from claims.access.claims import claims_in_reach
from claims.models import Claim, Payer
from claims.rules.drift import WORDS, Kind
from claims.selectors.drift import (
    DIFFERS,
    NO_CHART,
    SAME,
    STANDINGS,
    WAITING,
    DriftCounts,
    WantedDrift,
    drift_counts,
    drift_page,
)
from claims.terms.measures import measure_terms
from claims.views.drift.dto import DriftPage, Fact, KindRow
from claims.views.drift.words import DASH, drift_row, kind_words, list_href
from claims.views.measures.scope import require_room
from claims.views.tabs import claim_tabs
from coding_ops.core.statistics import interval
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of
from encounters.selectors.paging import KeysetPage
from encounters.views.paging import at_of, turn, turns

PERIODS = (("30", "30 days"), ("90", "90 days"), ("365", "12 months"))
DEFAULT_DAYS = "90"
LABELS = {
    DIFFERS: "Differs",
    SAME: "Billed as finalized",
    WAITING: "No final codes yet",
    NO_CHART: "No chart found",
}
EMPTY = {
    DIFFERS: "No claim of this period differs from what was finalized.",
    SAME: "No claim was compared and found the same yet.",
    WAITING: "Every claim with a chart has been compared.",
    NO_CHART: "Every claim has its chart.",
}
NOTHING = (
    "No service of this period was billed by the client itself. If it bills for itself, say so in the set-up "
    "and send its 837 files under Files."
)


@require_GET
@for_client
def drift(request: HttpRequest) -> HttpResponse:
    """``show``, ``kind``, ``payer``, ``days``, ``after``, ``before``."""
    actor, client = actor_of(request), client_of(request)
    require_room(actor, "drift")
    kept = _kept(request)
    claims = claims_in_reach(actor, client.id)
    payer = kept["payer"]
    first = today_of(request) - timedelta(days=int(kept["days"]))
    wanted = WantedDrift(first, kept["show"], kept["kind"], UUID(payer) if payer else None)
    found = drift_page(claims, wanted, at_of(request.GET))
    counts = drift_counts(claims, first)
    payers = list(Payer.objects.filter(client_id=client.id).order_by("name").values_list("pk", "name"))
    page = _page(request, kept, counts, found, [(str(pk), name) for pk, name in payers])
    context = {"page": page, "tabs": claim_tabs(actor.role, client.slug, "drift")}
    return render(request, "claims/drift/list.html", context)


def _kept(request: HttpRequest) -> dict[str, str]:
    """The filter; what is not one of the choices takes nothing away."""
    asked = {name: request.GET.get(name, "").strip() for name in ("show", "kind", "payer", "days")}
    try:
        payer = str(UUID(asked["payer"])) if asked["payer"] else ""
    except ValueError:
        payer = ""
    return {
        "show": asked["show"] if asked["show"] in STANDINGS else DIFFERS,
        "kind": asked["kind"] if asked["kind"] in set(Kind) else "",
        "payer": payer,
        "days": asked["days"] if asked["days"] in dict(PERIODS) else DEFAULT_DAYS,
    }


def _page(
    request: HttpRequest,
    kept: Mapping[str, str],
    counts: DriftCounts,
    found: KeysetPage[Claim],
    payers: list[tuple[str, str]],
) -> DriftPage:
    client = client_of(request)
    previous, following = turns(found, kept)
    is_cut = bool(kept["kind"] or kept["payer"])
    return DriftPage(
        href=list_href(client.slug),
        period=kept["days"],
        periods=_chips(kept, "days", PERIODS),
        facts=_facts(kept, counts),
        note=_note(counts),
        kinds=_kinds(kept, counts),
        standings=_chips(kept, "show", [(one, LABELS[one]) for one in STANDINGS]),
        standing=kept["show"],
        heading=LABELS[kept["show"]],
        shows_kinds=kept["show"] == DIFFERS,
        kind_choices=_choices([(one.value, words) for one, words in WORDS.items()], kept["kind"]),
        payers=_choices(payers, kept["payer"]),
        rows=tuple(drift_row(row, client) for row in found.rows),
        empty_words="No claim fits this filter. Choose Every difference and Every payer."
        if is_cut
        else EMPTY[kept["show"]],
        next_page_href=following,
        previous_page_href=previous,
    )


def _chips(
    kept: Mapping[str, str], name: str, choices: tuple[tuple[str, str], ...] | list[tuple[str, str]]
) -> tuple[Choice, ...]:
    return tuple(
        Choice(value, label, kept[name] == value, turn({**kept, name: value})) for value, label in choices
    )


def _choices(choices: list[tuple[str, str]], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, label, value == chosen) for value, label in choices)


def _facts(kept: Mapping[str, str], counts: DriftCounts) -> tuple[Fact, ...]:
    terms = measure_terms()
    n = counts.compared
    share, detail = DASH, f"Compared: {n:,}"
    if n >= terms.minimum_n:
        rate = interval(counts.differing, n, confidence=terms.confidence)
        share = f"{rate.rate * 100:.1f}%"
        detail = f"95% interval {rate.low * 100:.1f}% to {rate.high * 100:.1f}%, n = {n:,}"
    elif n:
        detail = f"Too few to work out a rate: {n:,} compared, {terms.minimum_n} needed"
    sizes = ((DIFFERS, counts.differing), (WAITING, counts.waiting), (NO_CHART, counts.no_chart))
    return (
        Fact("Share that differs", share, detail),
        *(Fact(LABELS[one], f"{count:,}", "", turn({**kept, "show": one})) for one, count in sizes),
    )


def _note(counts: DriftCounts) -> str:
    if not (counts.compared or counts.waiting or counts.no_chart):
        return NOTHING
    return ""


def _kinds(kept: Mapping[str, str], counts: DriftCounts) -> tuple[KindRow, ...]:
    return tuple(
        KindRow(
            kind_words(kind),
            f"{count:,}",
            f"{count * 100 / counts.differing:.0f}%",
            turn({**kept, "show": DIFFERS, "kind": kind}),
        )
        for kind, count in counts.by_kind
    )
