"""Claims and files of payers through the API."""

from __future__ import annotations

import io
import uuid
from datetime import date
from typing import Any, BinaryIO, cast

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from claims.access.claims import claims_in_reach, open_claim
from claims.access.files import open_file, open_files, require_sender
from claims.access.roles import READERS
from claims.actions.files import keep_file
from claims.api import represent
from claims.api.inputs import X12_TYPE, ClaimListQuery, FileInput, FileListQuery, X12Parser
from claims.api.serializers import ClaimOutput, ClaimPage, PayerFileOutput, PayerFilePage
from claims.models import Claim, Door
from claims.selectors.payer_files import WantedFiles, file_page
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.tasks import enqueue
from coding_ops.web.api import ApiView, StrictJSONParser, answers, bad_cursor, cursor_of, parts_of
from coding_ops.web.client_pages import client_of
from coding_ops.web.middleware import actor_of
from encounters.selectors.paging import At

READ_TASK = "claims.read_files"


class FileList(ApiView):
    """The files of a client, and sending one more."""

    parser_classes = [StrictJSONParser, X12Parser]

    @extend_schema(
        operation_id="claim_files_list",
        parameters=[FileListQuery],
        responses=answers({200: PayerFilePage}, 404),
        description="Newest first. Names of files are shown, so the page is one recorded read.",
    )
    def get(self, request: Request) -> Response:
        """One page by keyset."""
        wanted = self.read_query(FileListQuery, request)
        actor, client = actor_of(request._request), client_of(request._request)
        open_files(actor, client.id)
        at = At(after=_row(wanted["cursor"])) if "cursor" in wanted else At()
        cut = WantedFiles(wanted.get("kind", ""), wanted.get("state", ""))
        try:
            page = file_page(client.id, cut, at, wanted["limit"])
        except NotFound:
            raise bad_cursor() from None
        answer = {
            "results": [represent.file_line(one) for one in page.rows],
            "next": cursor_of(str(page.rows[-1].pk)) if page.has_next and page.rows else None,
        }
        return Response(PayerFilePage(answer).data)

    @extend_schema(
        operation_id="claim_files_send",
        request={"application/json": FileInput, X12_TYPE: OpenApiTypes.BINARY},
        responses=answers({200: PayerFileOutput, 201: PayerFileOutput}, 404, 409, 413),
        description="Keeps a file; it is read in the background. 200: the very same bytes came before.",
    )
    def post(self, request: Request) -> Response:
        """Keeps it once, whatever it holds; what cannot be read is set aside with its reasons."""
        actor, client = actor_of(request._request), client_of(request._request)
        require_sender(actor)
        content, filename = self._sent(request)
        file, is_new = keep_file(
            actor=actor,
            client_id=client.id,
            filename=filename,
            content=content,
            door=Door.API,
            now=timezone.now(),
        )
        if is_new:
            enqueue(READ_TASK, client_id=client.id)
        body = represent.whole_file(file) | {"is_new": is_new}
        return Response(PayerFileOutput(body).data, status=201 if is_new else 200)

    def _sent(self, request: Request) -> tuple[BinaryIO, str]:
        if str(request.content_type or "").lower().startswith(X12_TYPE):
            return cast("dict[str, BinaryIO]", request.data)["file"], ""
        wanted = self.read(FileInput, request)
        return io.BytesIO(wanted["content"].encode()), wanted["filename"]


class FileDetail(ApiView):
    """One file."""

    @extend_schema(operation_id="claim_files_read", responses=answers({200: PayerFileOutput}, 404))
    def get(self, request: Request, file_id: uuid.UUID) -> Response:
        """How far its reading is and what it set aside; the read is recorded."""
        actor, client = actor_of(request._request), client_of(request._request)
        file = open_file(actor=actor, client_id=client.id, file_id=file_id)
        return Response(PayerFileOutput(represent.whole_file(file)).data)


class ClaimList(ApiView):
    """The claims of a client that this person may open."""

    @extend_schema(
        operation_id="claims_list",
        parameters=[ClaimListQuery],
        responses=answers({200: ClaimPage}, 404),
        description="Newest service first. No diagnoses and no names, so the list leaves no read record.",
    )
    def get(self, request: Request) -> Response:
        """One page by keyset."""
        wanted = self.read_query(ClaimListQuery, request)
        actor, client = actor_of(request._request), client_of(request._request)
        if actor.role not in READERS:
            raise NotFound
        rows = _cut(claims_in_reach(actor, client.id), wanted).select_related("payer").defer("content")
        limit: int = wanted["limit"]
        found = list(rows.order_by("-service_from_on", "-pk")[: limit + 1])
        shown = found[:limit]
        answer = {
            "results": [represent.claim_line(one) for one in shown],
            "next": cursor_of(shown[-1].service_from_on.isoformat(), str(shown[-1].pk))
            if len(found) > limit
            else None,
        }
        return Response(ClaimPage(answer).data)


class ClaimDetail(ApiView):
    """One claim."""

    @extend_schema(operation_id="claims_read", responses=answers({200: ClaimOutput}, 404))
    def get(self, request: Request, claim_id: uuid.UUID) -> Response:
        """Its codes, what payers answered and its story; the read is recorded."""
        actor, client = actor_of(request._request), client_of(request._request)
        claim = open_claim(actor=actor, client_id=client.id, claim_id=claim_id)
        return Response(ClaimOutput(represent.whole_claim(claim, actor)).data)


def _cut(rows: QuerySet[Claim], wanted: dict[str, Any]) -> QuerySet[Claim]:
    names = {"payer": "payer_id", "encounter": "encounter_id", "state": "state", "form": "form"}
    rows = rows.filter(**{field: wanted[name] for name, field in names.items() if name in wanted})
    if "service_from" in wanted:
        rows = rows.filter(service_from_on__gte=wanted["service_from"])
    if "service_to" in wanted:
        rows = rows.filter(service_from_on__lte=wanted["service_to"])
    if "cursor" in wanted:
        on, row_id = _place(wanted["cursor"])
        rows = rows.filter(service_from_on__lte=on).filter(
            Q(service_from_on__lt=on) | Q(service_from_on=on, pk__lt=row_id)
        )
    return rows


def _place(cursor: str) -> tuple[date, uuid.UUID]:
    on, row_id = parts_of(cursor, 2)
    try:
        return date.fromisoformat(on), uuid.UUID(row_id)
    except ValueError:
        raise bad_cursor() from None


def _row(cursor: str) -> uuid.UUID:
    (row_id,) = parts_of(cursor, 1)
    try:
        return uuid.UUID(row_id)
    except ValueError:
        raise bad_cursor() from None
