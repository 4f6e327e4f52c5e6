"""Across clients: what is handed out next, and taking it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from coding_ops.audit.reads import collected_reads, write_reads
from coding_ops.core.errors import NotAllowed, NotFound
from coding_ops.tenancy.models import Role
from coding_ops.tenancy.scope import client_transaction
from coding_ops.web.api import ApiView, answers, bad_cursor, cursor_of, parts_of
from encounters.access import REVIEWING, open_chart
from encounters.actions.leases import take_next
from encounters.api import represent
from encounters.api.doors import actor_of, reach_of
from encounters.api.inputs import WorklistQuery
from encounters.api.serializers import TakenOutput, WorklistPage
from encounters.selectors.worklist import Waiting, worklist

FARTHEST_ROW = 100_000


class Worklist(ApiView):
    """The worklist of this person, across their clients."""

    @extend_schema(
        operation_id="work_worklist",
        parameters=[WorklistQuery],
        responses=answers({200: WorklistPage}, 404),
        description="Mine first, then what waits, as charts are handed out. Visit numbers, no names.",
    )
    def get(self, request: Request) -> Response:
        """One page.  A worklist moves while it is read: a chart taken meanwhile moves later rows up."""
        wanted = self.read_query(WorklistQuery, request)
        reach = reach_of(request)
        clients = {c.id: c for c in reach.vendor_clients if wanted.get("client", c.slug) == c.slug}
        if not clients:
            raise NotFound
        limit, offset = wanted["limit"], _offset(wanted)
        found = worklist(
            actor=actor_of(request),
            client_ids=list(clients),
            overseen_ids=[c.id for c in clients.values() if c.role in REVIEWING],
            only=wanted["show"],
            limit=limit + 1,
            offset=offset,
        )
        answer = {
            "results": [_row(one, clients[one.client_id].slug) for one in found[:limit]],
            "next": cursor_of(str(offset + limit)) if len(found) > limit else None,
        }
        return Response(WorklistPage(answer).data)


def _offset(wanted: dict[str, Any]) -> int:
    if "cursor" not in wanted:
        return 0
    (part,) = parts_of(wanted["cursor"], 1)
    if not (part.isascii() and part.isdecimal() and len(part) < 10 and int(part) <= FARTHEST_ROW):
        raise bad_cursor()
    return int(part)


def _row(one: Waiting, slug: str) -> dict[str, Any]:
    return {
        "encounter": one.encounter_id,
        "client": slug,
        "state": one.state,
        "visit_id": one.visit_id,
        "kind": one.kind,
        "service_on": one.service_on,
        "specialty": one.specialty or "",
        "queue": one.queue or "",
        "due_at": one.due_at,
        "risk": one.risk,
        "queued_at": one.queued_at,
        "revision_count": one.revision_count,
    }


class TakeNext(ApiView):
    """Taking the next chart."""

    @extend_schema(
        operation_id="work_next",
        request=None,
        responses=answers({200: TakenOutput, 204: None}, 404),
        description="The chart in hand if there is one, else the next that this coder may code; 204: nothing "
        "waits. Asking again gives the same chart, so a lost answer costs nothing.",
    )
    def post(self, request: Request) -> Response:
        """Claims in a transaction of its own, then reads the chart in another."""
        reach = reach_of(request)
        coding = reach.in_role(Role.CODER)
        if not coding:
            raise NotAllowed("Only coders take charts.", code="take.not_a_coder")
        actor = reach.actor(Role.CODER, actor_of(request).request_id)
        taken = take_next(actor=actor, client_ids=[client.id for client in coding])
        if taken is None:
            return Response(status=204)
        client = next(client for client in coding if client.id == taken.client_id)
        # No scope stands open here, so this read is written here and not by the middleware.
        with collected_reads() as reads, client_transaction([client.id]):
            opened = open_chart(actor=actor, client_id=client.id, encounter_id=taken.encounter_id)
            answer = {
                "client": client.slug,
                "fence": taken.fence,
                "was_held": taken.was_held,
                "chart": represent.chart(client, opened, actor),
            }
            write_reads(reads)
        return Response(TakenOutput(answer).data)


take_next_view = TakeNext.as_view()
# The claim is one round trip and commits at once, so the middleware opens no transaction around it.
take_next_view.opens_own_transaction = True  # type: ignore[attr-defined]
