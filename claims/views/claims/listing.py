"""``/c/<client>/claims/``: a client's claims, cut by what stands in the address, or found by their number."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from claims.access.claims import claims_in_reach
from claims.access.roles import READERS, SETTERS
from claims.models import Claim, ClaimFormat, ClaimStatus
from claims.rules.charges_csv import dollars_of
from claims.rules.claim_states import OUT
from claims.selectors import claim_list
from claims.selectors.claim_list import GROUPS, Wanted
from claims.views.claims import words
from claims.views.claims.dto import ClaimRow, ClaimsPage, Filter
from claims.views.tabs import claim_tabs, claims_href
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.forms import DayField
from encounters.views.paging import at_of, turn, turns

SELECTS = ("payer", "form", "coder", "specialty", "waits")
NAMES = ("state", *SELECTS, "from", "to", "least")
CHIPS = (
    ("", "All"),
    ("blocked", "Blocked"),
    ("ready", "Ready to send"),
    ("out", "Waiting for an answer"),
    ("rejected", "Rejected"),
    ("refused", "Denied in whole or part"),
    ("paid", "Paid"),
    ("ended", "Replaced or withdrawn"),
)
WAITS = ("15", "30", "45", "60", "90")
LATE, VERY_LATE = 30, 45
MOST_NUMBER, TAIL = 50, 4


@dataclass(frozen=True, slots=True)
class _Typed:
    first: date | None
    last: date | None
    least: Decimal | None
    errors: Mapping[str, str]


@require_GET
@for_client
def claims(request: HttpRequest) -> HttpResponse:
    """``state`` (a state or a group of them), ``payer``, ``form``, ``coder``, ``specialty``, ``waits`` (days
    without an answer), ``from`` and ``to`` (days of service), ``least`` (dollars), ``after``, ``before``."""
    return _page(request, {})


@require_POST
@for_client
def find(request: HttpRequest) -> HttpResponse:
    """``number``: ours or the payer's, posted because an address must not carry it."""
    actor, client = actor_of(request), client_of(request)
    _require_reader(actor)
    number = request.POST.get("number", "").strip()
    if not number or len(number) > MOST_NUMBER:
        return _page(request, {"number": "Write the control number of a claim, ours or the payer’s."})
    found = claim_list.found_by_number(claims_in_reach(actor, client.id), number)
    if len(found) == 1:
        return leave(request, words.claim_href(client.slug, found[0].pk))
    if not found:
        return _page(request, {"number": "No claim of this client has this number."})
    return _page(request, {}, found)


def _require_reader(actor: Actor) -> None:
    if actor.role not in READERS:
        raise NotFound


def _page(request: HttpRequest, errors: Mapping[str, str], found: list[Claim] | None = None) -> HttpResponse:
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    _require_reader(actor)
    kept = {name: request.GET.get(name, "").strip() for name in NAMES}
    typed = _typed(kept, today)
    errors = {**typed.errors, **errors}
    page = ClaimsPage(
        href=claims_href(client.slug),
        find_action=f"{claims_href(client.slug)}find/",
        summary="",
        rows=(),
        states=tuple(
            Choice(value, label, value == kept["state"], turn({**kept, "state": value}))
            for value, label in CHIPS
        ),
        filters=_filters(client.id, kept, actor),
        hidden=(("state", kept["state"]),) if kept["state"] else (),
        from_text=kept["from"],
        to_text=kept["to"],
        least_text=kept["least"],
        empty_words=_nothing(kept),
        shows_coder=actor.is_vendor,
        errors=errors,
        number=request.POST.get("number", "").strip()[:MOST_NUMBER],
        setup_href=f"{claims_href(client.slug)}setup/" if actor.role in SETTERS else "",
    )
    if found is not None:
        rows = tuple(row(one, client.slug, today, actor) for one in found)
        page = replace(page, rows=rows, found_words=f"{len(rows)} claims have this number.")
    elif not typed.errors:
        page = _listed(request, page, kept, typed)
    context = {"page": page, "tabs": claim_tabs(actor.role, client.slug, "claims")}
    return render(request, "claims/list.html", context, status=422 if errors else 200)


def _listed(request: HttpRequest, page: ClaimsPage, kept: Mapping[str, str], typed: _Typed) -> ClaimsPage:
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    wanted = _wanted(kept, typed, actor, timezone.now())
    found = claim_list.list_page(claims_in_reach(actor, client.id), wanted, at_of(request.GET))
    previous, following = turns(found, kept)
    count = len(found.rows)
    more = "; more on the next page" if found.has_next else ""
    return replace(
        page,
        rows=tuple(row(one, client.slug, today, actor) for one in found.rows),
        summary=f"{count} claim{'' if count == 1 else 's'}, newest service first{more}" if count else "",
        previous_page_href=previous,
        next_page_href=following,
    )


def row(claim: Claim, slug: str, today: date, actor: Actor) -> ClaimRow:
    """One claim as a row of any list."""
    age, tone = _age(claim, today)
    encounter = claim.encounter
    kind = [f"Version {claim.version}" if claim.version > 1 else "", words.FREQUENCIES[claim.frequency_code]]
    if claim.is_billed_by_client:
        kind.append("billed by the client")
    return ClaimRow(
        href=words.claim_href(slug, claim.pk),
        visit=f"Visit {encounter.external_id}"
        if encounter
        else f"No visit of ours, ••{claim.control_number[-TAIL:]}",
        kind=", ".join(part for part in kind if part and part != "Original"),
        state=str(ClaimStatus(claim.state).label),
        tone=words.TONES[ClaimStatus(claim.state)],
        payer=claim.payer.name if claim.payer else "Not in the set-up",
        form=words.form(claim.form, claim.bill_type_code),
        service=words.days(claim.service_from_on, claim.service_through_on),
        charge=words.dollars(claim.total_charge_amount),
        paid=words.dollars(claim.paid_amount) if claim.adjudicated_at else "",
        age=age,
        age_tone=tone,
        specialty=claim.specialty.name if claim.specialty else "",
        coder=claim.coder.full_name if claim.coder and actor.is_vendor else "",
    )


def _age(claim: Claim, today: date) -> tuple[str, str]:
    """Days since it went out, while it waits for an answer; since service, while it has not gone out."""
    if claim.state in OUT and claim.submitted_at is not None:
        waited = (today - claim.submitted_at.date()).days
        tone = "bad" if waited > VERY_LATE else "warn" if waited > LATE else ""
        return f"{max(waited, 0)}d since sent", tone
    if claim.state in (ClaimStatus.BLOCKED, ClaimStatus.READY):
        return f"{max((today - claim.service_through_on).days, 0)}d since service", ""
    return "", ""


def _wanted(kept: Mapping[str, str], typed: _Typed, actor: Actor, now: datetime) -> Wanted:
    """The cut; a value that nobody can choose takes nothing away, an id that is none is not found."""
    state = kept["state"]
    return Wanted(
        state=state if state in GROUPS or state in ClaimStatus.values else "",
        payer=_uuid(kept["payer"]),
        form=kept["form"] if kept["form"] in ClaimFormat.values else "",
        coder=_number(kept["coder"]) if actor.is_vendor else None,
        specialty=kept["specialty"],
        service_from=typed.first,
        service_to=typed.last,
        least_amount=typed.least,
        sent_before=now - timedelta(days=int(kept["waits"])) if kept["waits"] in WAITS else None,
    )


def _typed(kept: Mapping[str, str], today: date) -> _Typed:
    field, errors = DayField(today, required=False), {}
    found: dict[str, date | None] = {}
    for name in ("from", "to"):
        try:
            found[name] = field.clean(kept[name])
        except forms.ValidationError as error:
            errors[name] = str(error.messages[0])
    first, last = found.get("from"), found.get("to")
    if first and last and first > last:
        errors["to"] = "The last day lies before the first."
    least = dollars_of(kept["least"]) if kept["least"] else None
    if kept["least"] and least is None:
        errors["least"] = "Write dollars, as 500."
    return _Typed(first, last, least, errors)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError as error:
        raise NotFound from error


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _filters(client_id: int, kept: Mapping[str, str], actor: Actor) -> tuple[Filter, ...]:
    found: list[tuple[str, str, Iterable[tuple[str, str]]]] = [
        ("payer", "Payer", [(str(one.pk), one.name) for one in claim_list.payers(client_id)]),
        ("form", "Form", [(value, str(label)) for value, label in ClaimFormat.choices]),
        ("specialty", "Specialty", [(one.code, one.name) for one in claim_list.specialties()]),
        ("waits", "No answer for", [(one, f"over {one} days") for one in WAITS]),
    ]
    if actor.is_vendor and actor.role != Role.CODER:  # a coder's list holds their own claims only
        people = [(str(one.pk), one.full_name) for one in claim_list.coders(client_id)]
        found.insert(2, ("coder", "Coder", people))
    return tuple(
        Filter(
            name,
            label,
            (
                Choice("", "All", not kept[name]),
                *(Choice(value, text, value == kept[name]) for value, text in pairs),
            ),
        )
        for name, label, pairs in found
    )


def _nothing(kept: Mapping[str, str]) -> str:
    if any(kept.values()):
        return "No claim fits this filter. Choose All, or widen the days."
    return "No claim yet. One is made from each chart that is final and released, once the set-up is whole."
