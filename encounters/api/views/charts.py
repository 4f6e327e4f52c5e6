"""Reading charts: the list of a client, one chart, the text of a document version."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from coding_ops.audit.models import Verb
from coding_ops.audit.reads import note_read
from coding_ops.core.errors import NotFound
from coding_ops.web.api import ApiView, answers, bad_cursor, cursor_of, parts_of
from encounters.access import charts_in_reach
from encounters.api import represent
from encounters.api.doors import actor_of, client_of, opened
from encounters.api.inputs import EncounterQuery
from encounters.api.serializers import ChartOutput, EncounterPage, VersionText
from encounters.models import DocumentVersion, Encounter, WorkItem, WorkItemState


class EncounterList(ApiView):
    """The encounters of a client that this person may open."""

    @extend_schema(
        operation_id="encounters_list",
        parameters=[EncounterQuery],
        responses=answers({200: EncounterPage}, 404),
        description="Newest service first. Patients' names are shown, so the page is one recorded read.",
    )
    def get(self, request: Request) -> Response:
        """One page by keyset: its cost does not grow with its number."""
        wanted = self.read_query(EncounterQuery, request)
        actor, client = actor_of(request), client_of(request)
        rows = _filtered(charts_in_reach(actor, client.id), wanted, client.id, actor.user_id)
        limit = wanted["limit"]
        page = list(
            rows.select_related("patient", "rendering_provider", "facility", "specialty").order_by(
                "-service_on", "-id"
            )[: limit + 1]
        )
        shown, more = page[:limit], len(page) > limit
        if shown:
            note_read(
                actor=actor,
                verb=Verb.CHART_LISTED,
                client_id=client.id,
                subject_type="client",
                subject_id=str(client.id),
                encounter_ids=tuple(str(row.pk) for row in shown),
            )
        answer = {
            "results": [represent.line(row) for row in shown],
            "next": cursor_of(shown[-1].service_on.isoformat(), str(shown[-1].pk)) if more else None,
        }
        return Response(EncounterPage(answer).data)


def _filtered(
    rows: QuerySet[Encounter], wanted: dict[str, Any], client_id: int, user_id: int | None
) -> QuerySet[Encounter]:
    if "status" in wanted:
        rows = rows.filter(status=wanted["status"])
    if "service_from" in wanted:
        rows = rows.filter(service_on__gte=wanted["service_from"])
    if "service_to" in wanted:
        rows = rows.filter(service_on__lte=wanted["service_to"])
    if wanted["mine"]:
        held = WorkItem.objects.filter(
            client_id=client_id, encounter_id=OuterRef("pk"), state=WorkItemState.LEASED, holder_id=user_id
        )
        rows = rows.filter(Q(assigned_coder_id=user_id) | Exists(held))
    if "cursor" in wanted:
        on, row_id = _place(wanted["cursor"])
        rows = rows.filter(Q(service_on__lt=on) | Q(service_on=on, pk__lt=row_id))
    return rows


def _place(cursor: str) -> tuple[date, uuid.UUID]:
    on, row_id = parts_of(cursor, 2)
    try:
        return date.fromisoformat(on), uuid.UUID(row_id)
    except ValueError:
        raise bad_cursor() from None


class EncounterDetail(ApiView):
    """One chart."""

    @extend_schema(operation_id="encounters_read", responses=answers({200: ChartOutput}, 404))
    def get(self, request: Request, encounter_id: uuid.UUID) -> Response:
        """Everything this person may see of it; the read is recorded once."""
        found = opened(request, encounter_id)
        return Response(ChartOutput(represent.chart(client_of(request), found, actor_of(request))).data)


class VersionDetail(ApiView):
    """The text of one version of a document."""

    @extend_schema(operation_id="document_versions_read", responses=answers({200: VersionText}, 404))
    def get(self, request: Request, version_id: uuid.UUID) -> Response:
        """To the character as it was received.  It is read through its chart, whose read is recorded."""
        version = (
            DocumentVersion.objects.filter(client_id=client_of(request).id, pk=version_id)
            .select_related("document")
            .first()
        )
        if version is None:
            raise NotFound
        chart = opened(request, version.document.encounter_id)
        answer = represent.version_line(version) | {
            "document": version.document_id,
            "encounter": chart.encounter.pk,
            "title": version.document.title,
            "sha256": bytes(version.sha256).hex(),
            "text": version.text,
        }
        return Response(VersionText(answer).data)
