"""Pend, skip, reopen, resume: a page with a form, and the same form as a dialog over the chart."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from coding_ops.core.errors import Conflict, NotAllowed, Refused
from coding_ops.tenancy.models import Role
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import is_partial, leave, show
from coding_ops.web.middleware import actor_of
from encounters.access import MAY_REOPEN, MAY_RESUME, find_chart, holds_in_reach, open_chart
from encounters.actions.finalize import reopen as reopen_codes
from encounters.actions.leases import skip_chart
from encounters.actions.pends import Hold, pend_encounter, resume_encounter
from encounters.forms import REOPEN_WORDS, PendForm, ReopenForm, ResumeForm, SkipForm
from encounters.models import CHOSEN_REASONS, OwnerParty, Pend, PendReason, SkipReason
from encounters.rules.encounter_states import ReopenReason
from encounters.selectors.holds import open_hold
from encounters.views import words
from encounters.views.chart_page import banner_of, chart_href
from encounters.views.doors import conflict_answer, to_change
from encounters.views.dto import VerbForm

DUE_IN = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Wording:
    """What the form of a verb says."""

    name: str
    heading: str
    lead: str
    submit: str
    reasons: tuple[tuple[str, str], ...]
    owners: tuple[tuple[str, str], ...] = ()


PEND = Wording(
    "pend",
    "Hold this chart",
    "It leaves your hands until the hold is closed. Your codes stay with it.",
    "Hold",
    CHOSEN_REASONS,
    tuple(OwnerParty.choices),
)
SKIP = Wording(
    "skip",
    "Skip this chart",
    "It goes back to the others; you are not handed it again. Your codes stay with it.",
    "Skip",
    tuple(SkipReason.choices),
)
REOPEN = Wording(
    "reopen",
    "Reopen the codes",
    "The final version stays as it is. The chart goes back in line, and the next version names this reason.",
    "Reopen",
    tuple((reason.value, label) for reason, label in REOPEN_WORDS.items()),
)


RESUME = Wording(
    "resume",
    "Close the hold",
    "The chart goes back in line. What you write is kept with the hold and read by the coder.",
    "Close the hold",
    (),
)


@require_http_methods(["GET", "POST"])
@for_client
def pend(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``reason``, ``owner``, ``due_on``, ``text``."""
    today = timezone.localdate()
    if request.method == "GET":
        return _form(request, encounter_id, PEND, {"due_on": words.day(today + DUE_IN)})
    form = PendForm(request.POST, today=today)

    def act() -> str:
        actor, encounter, fence = to_change(request, encounter_id)
        data = form.cleaned_data
        hold = Hold(PendReason(data["reason"]), OwnerParty(data["owner"]), data["due_on"], data["text"])
        pend_encounter(actor=actor, encounter=encounter, fence=fence, hold=hold)
        return f"Visit {encounter.external_id} is on hold for the {hold.owner_party.label.lower()}."

    return _answer(request, encounter_id, PEND, form, act)


@require_http_methods(["GET", "POST"])
@for_client
def skip(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``reason``, ``text``."""
    if request.method == "GET":
        return _form(request, encounter_id, SKIP, {})
    form = SkipForm(request.POST)

    def act() -> str:
        actor, encounter, fence = to_change(request, encounter_id)
        data = form.cleaned_data
        skip_chart(
            actor=actor,
            encounter=encounter,
            fence=fence,
            reason=SkipReason(data["reason"]),
            note=data["text"],
            now=timezone.now(),
        )
        return f"Visit {encounter.external_id} went back to the others."

    return _answer(request, encounter_id, SKIP, form, act)


@require_http_methods(["GET", "POST"])
@for_client
def reopen(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``reason``, ``text``."""
    actor = actor_of(request)
    chart = find_chart(actor=actor, client_id=client_of(request).id, encounter_id=encounter_id)
    if actor.role not in MAY_REOPEN:
        raise NotAllowed("Your role may not reopen codes.", code="reopen.role")
    if request.method == "GET":
        return _form(request, encounter_id, REOPEN, {})
    form = ReopenForm(request.POST)

    def act() -> str:
        data = form.cleaned_data
        reopen_codes(actor=actor, encounter=chart, reason=ReopenReason(data["reason"]), note=data["text"])
        return f"Visit {chart.external_id} is reopened and back in line."

    return _answer(request, encounter_id, REOPEN, form, act)


@require_http_methods(["GET", "POST"])
@for_client
def resume(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``text``: what has changed.  A client's person closes only a hold that waits for the client."""
    actor, client = actor_of(request), client_of(request)
    chart = find_chart(actor=actor, client_id=client.id, encounter_id=encounter_id)
    if actor.role not in MAY_RESUME:
        raise NotAllowed("Your role may not close a hold.", code="resume.role")
    hold = open_hold(holds_in_reach(actor, client.id), chart)
    if hold is None:
        # One answer for no hold and for one that waits for others: a client is not told that there is one.
        raise Conflict("This visit does not wait for your answer.", code="pend.absent")
    wording = replace(RESUME, lead=_asked(hold))
    if request.method == "GET":
        return _form(request, encounter_id, wording, {})
    form = ResumeForm(request.POST)

    def act() -> str:
        resume_encounter(actor=actor, encounter=chart, answer=form.cleaned_data["text"])
        return f"Visit {chart.external_id} is back in line."

    return _answer(request, encounter_id, wording, form, act)


def _asked(hold: Pend) -> str:
    """What was asked, then what the answer does."""
    note = f" {hold.note}" if hold.note else ""
    asked = f"{hold.get_reason_display()}.{note} Expected by {words.day(hold.due_on)}."
    return f"{asked} {RESUME.lead}"


def _answer(
    request: HttpRequest, encounter_id: uuid.UUID, wording: Wording, form: forms.Form, act: Any
) -> HttpResponse:
    """Does it and leaves for the worklist, or shows the form with what is wrong."""
    if not form.is_valid():
        errors = {name: str(found[0]) for name, found in form.errors.items()}
        return _form(request, encounter_id, wording, request.POST.dict(), errors)
    try:
        said = act()
    except Conflict as error:
        return conflict_answer(request, encounter_id, error, tuple(_spoken(wording, request)))
    except Refused as error:
        field = {"pend.due_on": "due_on"}.get(error.code, "text")
        return _form(request, encounter_id, wording, request.POST.dict(), {field: error.message})
    messages.success(request, said)
    vendor = actor_of(request).is_vendor
    return leave(request, "/work/" if vendor else f"/c/{client_of(request).slug}/")


def _spoken(wording: Wording, request: HttpRequest) -> list[str]:
    labels = dict(wording.reasons) | dict(wording.owners)
    posted = [request.POST.get(name, "") for name in ("reason", "owner", "due_on", "text")]
    return [wording.heading, *(labels.get(value, value) for value in posted if value)]


def _form(
    request: HttpRequest,
    encounter_id: uuid.UUID,
    wording: Wording,
    posted: dict[str, str],
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    chart = open_chart(actor=actor, client_id=client.id, encounter_id=encounter_id)
    if wording in (PEND, SKIP) and actor.role != Role.CODER:
        raise NotAllowed("You may read this chart, but you do not code it.", code="chart.role")
    form = VerbForm(
        name=wording.name,
        heading=wording.heading,
        lead=wording.lead,
        chart_href=chart_href(client.slug, encounter_id),
        fence=chart.item.fence if chart.item else 0,
        submit=wording.submit,
        banner=banner_of(chart.encounter),
        reasons=_choices(wording.reasons, posted.get("reason")),
        owners=_choices(wording.owners, posted.get("owner")),
        due_on=posted.get("due_on", ""),
        text=posted.get("text", ""),
        errors=errors or {},
    )
    status = 422 if errors else 200
    if wording in (PEND, SKIP) and not chart.may_code and not is_partial(request) and not errors:
        raise NotAllowed("You may read this chart, but you do not hold it.", code="chart.not_held")
    return show(request, "workbench/verb.html", "workbench/_verb_dialog.html", {"form": form}, status=status)


def _choices(pairs: tuple[tuple[str, str], ...], chosen: str | None) -> tuple[Choice, ...]:
    return tuple(Choice(value, str(label), value == chosen) for value, label in pairs)
