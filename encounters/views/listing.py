"""``/c/<client>/encounters/``: the client's encounters for everybody who may open them.

The filter stands in the address; a record number is posted and stands in none.  Names of patients are
shown, so each answer with rows is one recorded read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.middleware import actor_of
from encounters.access import charts_to_list, note_listed
from encounters.forms import DayField
from encounters.models import Encounter, EncounterStatus
from encounters.selectors.listing import (
    CODING,
    MOST_OF_A_PATIENT,
    SHOWN,
    WAITING,
    Wanted,
    list_page,
    open_holds_of,
    patient_of,
    visits_of,
)
from encounters.selectors.release import kept_back_of
from encounters.views import words
from encounters.views.list_dto import EncounterListPage, EncounterRow
from encounters.views.paging import at_of, turn, turns
from encounters.views.standing import WITH_CODERS, standing

LONGEST_MRN = 64
INSIDE = (("", "All"), *((status.value, str(status.label)) for status in EncounterStatus))
OUTSIDE = (
    ("", "All"),
    (WAITING, "Waiting for you"),
    (CODING, WITH_CODERS),
    (EncounterStatus.FINAL.value, "Final"),
)
FINAL_ONLY = (("", "All"),)
NOTHING = {
    Role.CODER: "You hold no chart of this client and have finished none. Take the next one under Work.",
    Role.PROVIDER: "No visit of yours has arrived yet. Your administrator can check who you are known as.",
    Role.EXTERNAL_AUDITOR: "No visit is final yet. Visits appear here once their codes are final.",
}


@require_http_methods(["GET", "POST"])
@for_client
def encounters(request: HttpRequest) -> HttpResponse:
    """GET ``status``, ``from``, ``to``, ``after``, ``before``: the list.  POST ``mrn``: one patient's."""
    return _of_patient(request) if request.method == "POST" else _list(request)


def _list(request: HttpRequest) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    kept = {name: request.GET.get(name, "").strip() for name in ("status", "from", "to")}
    if kept["status"] and kept["status"] not in SHOWN:
        raise NotFound
    days, errors = _days(kept)
    page = _empty_page(actor, client, kept)
    if errors:
        page = replace(page, errors=errors, empty_words="The days could not be read, so nothing is shown.")
        return render(request, "encounters/list.html", {"page": page}, status=422)
    charts = charts_to_list(actor, client.id)
    found = list_page(charts, client.id, Wanted(kept["status"], *days), at_of(request.GET))
    note_listed(actor, client.id, found.rows, None)
    previous, following = turns(found, kept)
    page = replace(
        page,
        summary=_summary(len(found.rows), found.has_next),
        rows=_rows(actor, client, found.rows),
        previous_page_href=previous,
        next_page_href=following,
    )
    return render(request, "encounters/list.html", {"page": page})


def _days(kept: dict[str, str]) -> tuple[tuple[date | None, date | None], dict[str, str]]:
    """First and last day of service, and what is wrong with them."""
    field = DayField(timezone.localdate(), required=False)
    days: dict[str, date | None] = {}
    errors = {}
    for name in ("from", "to"):
        try:
            days[name] = field.clean(kept[name])
        except forms.ValidationError as error:
            errors[name] = str(error.messages[0])
    first, last = days.get("from"), days.get("to")
    if first and last and first > last:
        errors["to"] = "The last day lies before the first."
    return (first, last), errors


def _of_patient(request: HttpRequest) -> HttpResponse:
    """Only the exact number finds anything; a patient of whom this person may open nothing is not there."""
    actor, client = actor_of(request), client_of(request)
    typed = request.POST.get("mrn", "").strip()
    page = _empty_page(actor, client, {"status": "", "from": "", "to": ""})
    if not typed or len(typed) > LONGEST_MRN:
        page = replace(page, errors={"mrn": "Type the whole record number."}, mrn=typed[:LONGEST_MRN])
        page = replace(page, empty_words="No record number was given.")
        return render(request, "encounters/list.html", {"page": page}, status=422)
    patient = patient_of(client.id, typed)
    found = visits_of(charts_to_list(actor, client.id), patient) if patient else ()
    note_listed(actor, client.id, found, patient)
    limit = f", the newest {MOST_OF_A_PATIENT} of them" if len(found) == MOST_OF_A_PATIENT else ""
    page = replace(
        page,
        heading="Encounters of one patient",
        summary=f"{_summary(len(found), more=False)}{limit}",
        rows=_rows(actor, client, found),
        filters=tuple(replace(choice, selected=False) for choice in page.filters),
        mrn=typed,
        empty_words="No visit with exactly this record number. Check each character.",
    )
    return render(request, "encounters/list.html", {"page": page})


def _empty_page(actor: Actor, client: ReachedClient, kept: dict[str, str]) -> EncounterListPage:
    """The page without rows: its filters, and what to do when there are none."""
    choices = INSIDE if actor.is_vendor else OUTSIDE
    if actor.role == Role.EXTERNAL_AUDITOR:
        choices = FINAL_ONLY
    filtered = any(kept.values())
    nothing = NOTHING.get(Role(actor.role), "No visit has arrived yet. Send a file, or connect the EHR.")
    return EncounterListPage(
        heading="Encounters",
        summary="",
        href=reverse("encounters:list", args=[client.slug]),
        rows=(),
        filters=tuple(
            Choice(value, label, value == kept["status"], turn({**kept, "status": value}))
            for value, label in choices
        ),
        status=kept["status"],
        from_text=kept["from"],
        to_text=kept["to"],
        empty_words="No visit fits this filter. Widen the days, or choose All." if filtered else nothing,
    )


def _summary(count: int, more: bool) -> str:
    if not count:
        return ""
    noun = "visit" if count == 1 else "visits"
    return f"{count} {noun}, newest date of service first{'; more on the next page' if more else ''}"


def _rows(actor: Actor, client: ReachedClient, found: Sequence[Encounter]) -> tuple[EncounterRow, ...]:
    holds, kept_back = open_holds_of(client.id, found), kept_back_of(client.id, found)
    now, zone = timezone.now(), ZoneInfo(client.timezone)
    rows = []
    for chart in found:
        stands = standing(chart, holds.get(chart.pk), inside=actor.is_vendor, kept_back=chart.pk in kept_back)
        final_at = chart.final_at if chart.status == EncounterStatus.FINAL else None
        patient = chart.patient
        rows.append(
            EncounterRow(
                # The pattern of the resolver, kept by a test: `reverse` for each of 50 rows costs more.
                href=f"/c/{client.slug}/encounters/{chart.pk}/",
                visit_id=chart.external_id,
                patient=f"{patient.family_name}, {patient.given_name}".strip(", ") or "Name not sent",
                service_on=words.day(chart.service_on),
                provider=chart.rendering_provider.name if chart.rendering_provider else "",
                status=stands.words,
                status_tone=stands.tone,
                waiting_on=stands.waiting_on,
                age=words.age(stands.since, now) if stands.since else "",
                final_on=words.day(final_at.astimezone(zone).date()) if final_at else "",
            )
        )
    return tuple(rows)
