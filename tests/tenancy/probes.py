"""Views that only tests have: what the middleware must get right for any view."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.urls import path

from coding_ops.audit.models import Verb
from coding_ops.audit.reads import note_read
from coding_ops.core.errors import NotAllowed
from coding_ops.tenancy.models import Facility
from coding_ops.web.middleware import actor_of
from encounters.models import Encounter, Patient


def raw_count() -> int:
    """Encounters that the database shows now, whatever the ORM thinks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM encounters_encounter")
        count: int = cursor.fetchone()[0]
    return count


def lazy(request: HttpRequest, **kwargs: Any) -> TemplateResponse:
    """Its rows are read when the template is rendered, after the view has returned."""
    template = engines["django"].from_string("{% for row in rows %}[{{ row.external_id }}]{% endfor %}")
    return TemplateResponse(request, template, {"rows": Encounter.objects.order_by("external_id")})


def streamed(request: HttpRequest, **kwargs: Any) -> StreamingHttpResponse:
    """Its body is read by the server, after the middleware has closed the client."""

    def body() -> Iterator[bytes]:
        yield f"{raw_count()}".encode()

    return StreamingHttpResponse(body())


def counted(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse(f"{raw_count()}")


def writes_then(request: HttpRequest, *, how: str, **kwargs: Any) -> HttpResponse:
    """Writes a row and then fails in one way or another."""
    client = request.client  # type: ignore[attr-defined]
    Facility.objects.create(client_id=client.id, name="Half done")
    if how == "refused":
        raise NotAllowed("No.")
    if how == "fault":
        raise ZeroDivisionError
    if how == "not-found":
        raise Http404
    if how == "database":
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int", [str(Patient.objects.all()[0].family_name)])
    return HttpResponse(how)


def reads(request: HttpRequest, *, how: str, **kwargs: Any) -> HttpResponse:
    """Notes two reads of the same chart."""
    client, actor = request.client, actor_of(request)  # type: ignore[attr-defined]
    for _ in range(2):
        note_read(
            actor=actor,
            verb=Verb.CHART_VIEWED,
            client_id=client.id,
            subject_type="encounter",
            subject_id="probe",
        )
    if how == "fault":
        raise ZeroDivisionError
    return HttpResponse(how)


def reads_alone(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return reads(request, how="done")


reads_alone.opens_own_transaction = True  # type: ignore[attr-defined]

CLIENT = "c/<slug:client_slug>/"
urlpatterns = [
    path(CLIENT + "lazy/", lazy),
    path(CLIENT + "streamed/", streamed),
    path(CLIENT + "counted/", counted),
    path("work/counted/", counted),
    path("elsewhere/counted/", counted),
    path(CLIENT + "writes/<slug:how>/", writes_then),
    path(CLIENT + "reads/<slug:how>/", reads),
    path(CLIENT + "reads-alone/", reads_alone),
]
