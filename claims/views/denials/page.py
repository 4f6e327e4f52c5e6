"""``/c/<client>/claims/denials/<id>/``: what was denied, how it was coded, and what is done about it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from claims.access.claims import denials_in_reach, find_denial, open_claim
from claims.models import Denial, DenialStatus, EditState
from claims.rules.classify import UNMAPPED
from claims.selectors.cited import Cited, support_of
from claims.terms.denials import win_terms
from claims.views.appeals.panel import answers_panel
from claims.views.claims.words import claim_href, dollars
from claims.views.denials import words
from claims.views.denials.dto import DenialPage, Other, Quote, ScorePart
from claims.views.denials.forms import forms_of
from claims.views.denials.scoring import score_of
from claims.views.tabs import claim_tabs
from code_sets.rules.entries import with_dot
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of
from encounters.access import charts_in_reach
from encounters.views.chart_page import banner_of, chart_href
from encounters.views.dto import Banner


@require_GET
@for_client
def denial(request: HttpRequest, denial_id: uuid.UUID) -> HttpResponse:
    """One denial with its evidence: the read of its claim is noted."""
    return show(request, denial_id, {}, {})


def show(
    request: HttpRequest, denial_id: uuid.UUID, values: Mapping[str, str], errors: Mapping[str, str]
) -> HttpResponse:
    """The page, also after a form of it was refused (422, with what was typed)."""
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    found = find_denial(actor=actor, client_id=client.id, denial_id=denial_id)
    claim = open_claim(actor=actor, client_id=client.id, claim_id=found.claim_id)
    support = support_of(claim, found.claim_line)
    parts = score_of(found, len(support.cited))
    chart = _chart(found, client, actor)
    state = DenialStatus(found.state)
    others = _of_claim(found, actor, client.slug)
    page = DenialPage(
        heading=f"{words.category(found.category)}: {found.service_code or 'whole claim'}",
        state=str(state.label),
        tone=words.TONES[state],
        lead=_lead(found),
        who=_who(found),
        facts=_facts(found, today),
        money=_money(found),
        coded=_coded(found) if actor.is_vendor else (),
        score=f"{parts.value}%" if actor.is_vendor else "",
        score_note=_score_note() if actor.is_vendor else "",
        parts=tuple(ScorePart(one.words, f"{one.points:+d}") for one in parts.reasons)
        if actor.is_vendor
        else (),
        quotes=_quotes(support.cited, chart, {row["code"] for row in claim.diagnoses}),
        no_quotes=_no_quotes(found),
        others=others,
        forms=forms_of(found, actor, client, today, values),
        claim_href=claim_href(client.slug, found.claim_id),
        chart_href=chart,
        list_href=words.denials_href(client.slug),
    )
    context = {
        "page": page,
        "errors": errors,
        "answers": answers_panel(actor, found, client),
        "tabs": claim_tabs(actor.role, client.slug, "denials"),
    }
    return render(request, "claims/denial.html", context, status=422 if errors else 200)


def _lead(found: Denial) -> str:
    told = words.SOURCES[found.source]
    tail = "" if found.is_initial else ", not by the claim's first answer"
    if found.category == UNMAPPED:
        tail += ". No map knows this reason: it is shown as it is and counts as no kind of denial"
    return f"{told}{tail}."


def _who(found: Denial) -> Banner:
    claim = found.claim
    if claim.encounter is not None:
        return banner_of(claim.encounter)
    return Banner("Visit not known to us", "", (f"Service {claim.service_from_on:%m/%d/%Y}",))


def _facts(found: Denial, today: date) -> tuple[tuple[str, str], ...]:
    line = found.claim_line
    group = words.GROUP_WORDS.get(found.group_code, "")
    due, _ = words.due(found.deadline_on, today)
    rows = [
        ("Payer", found.payer.name if found.payer else "Not in the set-up"),
        ("Reason", words.reason(found)),
        ("Assigned to", group),
        ("Read by", f"map {found.map_edition}" if found.map_edition else ""),
        ("Line", f"{line.number}: {'-'.join((line.code, *line.modifiers))}" if line else "The whole claim"),
        ("Received", f"{found.received_on:%m/%d/%Y}"),
        ("Last day to correct or appeal", due),
    ]
    return tuple((name, value) for name, value in rows if value)


def _money(found: Denial) -> tuple[tuple[str, str], ...]:
    left = found.denied_amount - found.recovered_amount
    return (
        ("Denied", dollars(found.denied_amount)),
        ("Won back", dollars(found.recovered_amount)),
        ("Still open", dollars(left if found.ended_at is None else left * 0)),
    )


def _coded(found: Denial) -> tuple[tuple[str, str], ...]:
    """What only the vendor's people see: who coded the line, and what the edits said of it then."""
    edit = words.EDITS[found.edit_state]
    if found.edit_rule:
        edit = f"{edit} ({found.edit_rule})"
    rows = [
        ("Coded by", found.coder.full_name if found.coder else "Not coded by us"),
        ("Edits at submission", edit),
        ("Worked by", found.owner.full_name if found.owner else "Nobody yet"),
        ("Cause", words.CAUSES.get(found.root_cause, "")),
        ("Note", found.cause_note or ""),
    ]
    if found.edit_state == EditState.NO_EDIT:
        rows.append(("What follows", "A rule for this payer could have stopped it"))
    return tuple((name, value) for name, value in rows if value)


def _score_note() -> str:
    terms = win_terms()
    return f"{terms.source} ({terms.status}). It orders the worklist and decides nothing."


def _chart(found: Denial, client: ReachedClient, actor: Actor) -> str:
    """The chart's address, for who may open it."""
    encounter_id = found.claim.encounter_id
    if encounter_id is None or not charts_in_reach(actor, client.id).filter(pk=encounter_id).exists():
        return ""
    return chart_href(client.slug, encounter_id)


def _quotes(cited: Iterable[Cited], chart: str, diagnoses: Collection[str]) -> tuple[Quote, ...]:
    return tuple(
        Quote(
            with_dot(one.code) if one.code in diagnoses else one.code,
            one.quote,
            one.source,
            f"{chart}?version={one.version_id}#at-{one.start}" if chart else "",
        )
        for one in cited
    )


def _no_quotes(found: Denial) -> str:
    if found.claim.encounter_id is None:
        return "This claim is tied to no chart of ours, so no words can be quoted for it."
    return "No words of the record are quoted behind this line."


def _of_claim(found: Denial, actor: Actor, slug: str) -> tuple[Other, ...]:
    """Every other denial of the claim: each has an answer of its own."""
    rows = (
        denials_in_reach(actor, found.client_id)
        .filter(claim_id=found.claim_id)
        .exclude(pk=found.pk)
        .defer("cause_note")
        .order_by("-denied_amount", "id")
    )
    return tuple(
        Other(
            words.denial_href(slug, one.pk),
            f"{words.category(one.category)}, {one.service_code or 'whole claim'}, {words.reason(one)}",
            dollars(one.denied_amount),
            str(DenialStatus(one.state).label),
            words.TONES[DenialStatus(one.state)],
        )
        for one in rows
    )
