"""Queries through the API."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cdi_queries.access.lists import queries_to_list
from cdi_queries.access.queries import open_query, require_author
from cdi_queries.actions.answers import Answer, answer_query
from cdi_queries.actions.ending import cancel_query
from cdi_queries.actions.opening import note_opened
from cdi_queries.actions.sending import NotSendable, send_query
from cdi_queries.api import represent
from cdi_queries.api.drafts import draft_from
from cdi_queries.api.inputs import AnswerInput, CancelInput, DraftInput, QueryListQuery, SendInput
from cdi_queries.api.serializers import NotSendableProblem, QueryOutput, QueryPage
from cdi_queries.models import AnsweredBy, CancelReason, CdiQuery
from cdi_queries.rules.outbound.fhir import collection_bundle
from cdi_queries.rules.outbound.message import Receiver
from cdi_queries.selectors.contacts import contact_of, has_left
from cdi_queries.selectors.listing import Wanted, as_rows, cut
from cdi_queries.selectors.outbound import outbound_of
from coding_ops.core.errors import NotAllowed, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.web.api import ApiView, answers, bad_cursor, cursor_of, parts_of
from coding_ops.web.client_pages import client_of, today_of
from coding_ops.web.middleware import actor_of
from encounters.selectors.paging import At, page_of


class QueryList(ApiView):
    """The queries of a client that this person may open, and a new draft."""

    @extend_schema(
        operation_id="queries_list",
        parameters=[QueryListQuery],
        responses=answers({200: QueryPage}, 404),
        description="Newest draft first. Visit numbers and no words, so the list leaves no read record.",
    )
    def get(self, request: Request) -> Response:
        """One page by keyset."""
        wanted = self.read_query(QueryListQuery, request)
        actor, client = actor_of(request._request), client_of(request._request)
        found = queries_to_list(actor, client.id)
        kept = Wanted(state=wanted.get("state", ""), provider=wanted.get("provider"))
        at = At(after=_row(wanted["cursor"])) if "cursor" in wanted else At()
        try:
            page = page_of(
                as_rows(cut(found, kept)),
                found,
                at,
                by="drafted_at",
                newest_first=True,
                limit=wanted["limit"],
            )
        except NotFound:
            raise bad_cursor() from None
        answer = {
            "results": [represent.line(one) for one in page.rows],
            "next": cursor_of(str(page.rows[-1].pk)) if page.has_next and page.rows else None,
        }
        return Response(QueryPage(answer).data)

    @extend_schema(
        operation_id="queries_create",
        request=DraftInput,
        responses=answers({201: QueryOutput}, 404, 409),
        description="A draft. Its indicators are words of this patient's record, named by document version "
        "and offsets. The words of a draft may be wrong: sending says what the lint finds.",
    )
    def post(self, request: Request) -> Response:
        """A draft about an encounter."""
        actor, client = actor_of(request._request), client_of(request._request)
        wanted = self.read(DraftInput, request)
        query = draft_from(actor=actor, client_id=client.id, zone=client.timezone, wanted=wanted)
        return _answered(query, actor, status=201)


class QueryDetail(ApiView):
    """One query."""

    @extend_schema(operation_id="queries_read", responses=answers({200: QueryOutput}, 404))
    def get(self, request: Request, query_id: uuid.UUID) -> Response:
        """Its words and its answer; the read is recorded.  A provider's first look is in its trail."""
        query, actor = _opened(request, query_id)
        if actor.role == Role.PROVIDER:
            note_opened(actor=actor, query=query, now=timezone.now())
        return _answered(query, actor)


class QueryFhir(ApiView):
    """One query as FHIR R4."""

    @extend_schema(
        operation_id="queries_read_fhir",
        responses=answers({200: OpenApiResponse(OpenApiTypes.OBJECT, "A Bundle.")}, 404),  # type: ignore[dict-item]
        description="A Bundle of type `collection`: a Communication with the question, a Task with its state "
        "and its answer. Drafts have none.",
    )
    def get(self, request: Request, query_id: uuid.UUID) -> Response:
        """As it stands now; the read is recorded."""
        query, _ = _opened(request, query_id)
        if query.sent_at is None:
            raise NotFound
        message = outbound_of(
            query, receiver=Receiver(), control_id=query.pk.hex[:20], answer_url="", now=timezone.now()
        )
        return Response(collection_bundle(message, represent.answer_words(query)))


class QuerySend(ApiView):
    """Sends a draft."""

    @extend_schema(
        operation_id="queries_send",
        request=SendInput,
        responses=answers({200: QueryOutput, 422: NotSendableProblem}, 404, 409),
        description="Errors of the lint and warnings without a reason refuse it; `findings` says which.",
    )
    def post(self, request: Request, query_id: uuid.UUID) -> Response:
        """From here on its words never change."""
        query, actor = _opened(request, query_id)
        wanted = self.read(SendInput, request)
        try:
            sent = send_query(
                actor=actor,
                query=query,
                reasons=wanted["reasons"],
                hold=wanted["hold"],
                fence=wanted.get("fence"),
            )
        except NotSendable as error:
            error.details["findings"] = [represent.finding(one) for one in error.findings]
            raise
        return _answered(sent, actor)


class QueryAnswerView(ApiView):
    """A provider answers."""

    @extend_schema(
        operation_id="queries_answer",
        request=AnswerInput,
        responses=answers({200: QueryOutput}, 404, 409),
        description="For the provider who is asked, signed in. The words are kept as they are sent, once.",
    )
    def post(self, request: Request, query_id: uuid.UUID) -> Response:
        """Keeps the answer."""
        query, actor = _opened(request, query_id)
        if actor.role != Role.PROVIDER or query.provider is None:
            raise NotAllowed("Only the provider who is asked answers.", code="query.not_asked")
        if has_left(contact_of(query.client_id, query.provider.pk), today_of(request._request)):
            raise Refused("You are no longer with this client.", code="query.provider_left")
        wanted = self.read(AnswerInput, request)
        answer = Answer(
            wanted["option"], wanted["words"], AnsweredBy.ACCOUNT, query.provider, query.provider.name
        )
        answer_query(actor=actor, query=query, answer=answer)
        query.refresh_from_db()
        return _answered(query, actor)


class QueryCancel(ApiView):
    """Takes a query back."""

    @extend_schema(
        operation_id="queries_cancel",
        request=CancelInput,
        responses=answers({200: QueryOutput}, 404, 409),
    )
    def post(self, request: Request, query_id: uuid.UUID) -> Response:
        """Its chart returns to the coders; an answer that came meanwhile stands."""
        query, actor = _opened(request, query_id)
        require_author(actor)
        wanted = self.read(CancelInput, request)
        ended = cancel_query(
            actor=actor, query=query, reason=CancelReason(wanted["reason"]), note=wanted["note"]
        )
        return _answered(ended, actor)


def _opened(request: Request, query_id: uuid.UUID) -> tuple[CdiQuery, Actor]:
    """The query, its read noted: every answer of these views holds its words."""
    actor, client = actor_of(request._request), client_of(request._request)
    return open_query(actor=actor, client_id=client.id, query_id=query_id), actor


def _answered(query: CdiQuery, actor: Actor, *, status: int = 200) -> Response:
    body: dict[str, Any] = represent.whole(query, actor)
    return Response(QueryOutput(body).data, status=status)


def _row(cursor: str) -> uuid.UUID:
    (row_id,) = parts_of(cursor, 1)
    try:
        return uuid.UUID(row_id)
    except ValueError:
        raise bad_cursor() from None
