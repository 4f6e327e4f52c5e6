"""``…/rehearsals/clocks/``: overpayments, from the day one is identified until it is returned."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from coding_ops.core.errors import Conflict, InvalidInput, Refused
from coding_ops.core.overpayment import ClockState, ClockVerb, lookback_from, terms_for, verbs_of
from coding_ops.core.overpayment_terms import clock_editions, programs
from coding_ops.tenancy.models import Client
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, moment, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from qa_audit.access import PLANNERS
from qa_audit.actions.overpayments import Identified, move_clock, start_clock
from qa_audit.models import ClockStep, OverpaymentClock
from qa_audit.rehearsal_access import find_clock, require_rehearsal_planner
from qa_audit.views.rehearsals import words
from qa_audit.views.rehearsals.dto import ClockForm, ClockPage, StepRow
from qa_audit.views.rehearsals.forms import Reader, error_of
from qa_audit.views.tabs import quality_tabs


@require_http_methods(["GET", "POST"])
@for_client
def new(request: HttpRequest) -> HttpResponse:
    """An overpayment that was identified."""
    actor, client = actor_of(request), client_of(request)
    require_rehearsal_planner(actor)
    if request.method == "GET":
        return _form(request, {"identified_on": words.day(today_of(request))}, {})
    posted = {name: str(value) for name, value in request.POST.items()}
    reader = Reader(posted)
    day, amount = reader.day("identified_on", "Identified"), reader.dollars("amount", "Amount")
    if reader.errors or day is None:
        return _form(request, posted, reader.errors)
    found = Identified(
        reader.text("title"), reader.text("contract_name"), reader.text("program"), day, amount
    )
    try:
        made = start_clock(
            actor=actor, client=Client.objects.get(pk=client.id), found=found, reason=reader.text("reason")
        )
    except (InvalidInput, Refused) as error:
        return _form(request, posted, error_of(error, "title"))
    messages.success(request, "The clock runs.")
    return leave(request, reverse("qa_audit:clock", args=[client.slug, made.pk]))


@require_http_methods(["GET", "POST"])
@for_client
def clock(request: HttpRequest, clock_id: uuid.UUID) -> HttpResponse:
    """The clock and its decisions.  POST: ``verb``, ``on``, ``amount``, ``reason``."""
    actor, client = actor_of(request), client_of(request)
    found = find_clock(actor=actor, client_id=client.id, clock_id=clock_id)
    if request.method == "GET":
        return _page(request, found, {"on": words.day(today_of(request))}, {})
    require_rehearsal_planner(actor)
    posted = {name: str(value) for name, value in request.POST.items()}
    reader = Reader(posted)
    day, amount = reader.day("on", "Day"), reader.dollars("amount", "Amount")
    if posted.get("verb") not in set(words.CLOCK_ACTS):
        reader.errors["verb"] = "Choose what was decided."
    if reader.errors or day is None:
        return _page(request, found, posted, reader.errors)
    try:
        move_clock(
            actor=actor,
            clock=found,
            verb=ClockVerb(posted["verb"]),
            on=day,
            reason=reader.text("reason"),
            amount=amount,
        )
    except (InvalidInput, Refused, Conflict) as error:
        return _page(request, found, posted, error_of(error, "verb"))
    messages.success(request, "Saved.")
    return leave(request, reverse("qa_audit:clock", args=[client.slug, found.pk]))


def _page(
    request: HttpRequest, found: OverpaymentClock, form: Mapping[str, str], errors: Mapping[str, str]
) -> HttpResponse:
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    face = words.face_of(found, today)
    left, tone = words.clock_left(found, face)
    terms = terms_for(clock_editions(), found.program, found.identified_on)
    page = ClockPage(
        href=reverse("qa_audit:clock", args=[client.slug, found.pk]),
        list_href=reverse("qa_audit:rehearsals", args=[client.slug]),
        heading=found.title,
        state=words.CLOCK_STATES[ClockState(found.state)],
        tone=tone,
        due=words.day(face.due_on),
        left=left,
        facts=(
            ("Contract", found.contract_name),
            ("Program", programs().get(found.program, found.program)),
            ("Amount", words.dollars(found.amount) if found.amount is not None else "not known yet"),
            ("Identified", words.day(found.identified_on)),
            ("Looks back to", words.day(lookback_from(found.identified_on, terms.lookback_years))),
        ),
        why=face.why,
        citation=terms.citation,
        status=words.status(terms.status),
        steps=tuple(
            StepRow(
                words.CLOCK_VERBS[ClockVerb(one.verb)],
                words.day(one.on),
                words.dollars(one.amount) if one.amount is not None else "",
                one.reason,
                f"{one.made_by.full_name}, {moment(one.made_at, client.timezone)}",
            )
            for one in ClockStep.objects.filter(client_id=client.id, clock=found).select_related("made_by")
        ),
        acts=tuple(
            Choice(verb.value, words.CLOCK_ACTS[verb], verb.value == form.get("verb"))
            for verb in verbs_of(found.state)
        ),
        may_plan=actor.role in PLANNERS,
        form=form,
        errors=errors,
        rehearsal_href=""
        if found.rehearsal_id is None
        else reverse("qa_audit:rehearsal", args=[client.slug, found.rehearsal_id]),
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "rehearsals")}
    return render(request, "qa_audit/clock.html", context, status=422 if errors else 200)


def _form(request: HttpRequest, values: Mapping[str, str], errors: Mapping[str, str]) -> HttpResponse:
    client = client_of(request)
    form = ClockForm(
        values=values,
        programs=tuple(Choice(key, label, key == values.get("program")) for key, label in programs().items()),
        list_href=reverse("qa_audit:rehearsals", args=[client.slug]),
        errors=errors,
    )
    tabs = quality_tabs(actor_of(request).role, client.slug, "rehearsals")
    context = {"form": form, "tabs": tabs}
    return render(request, "qa_audit/clock_new.html", context, status=422 if errors else 200)
