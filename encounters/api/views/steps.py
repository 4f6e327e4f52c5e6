"""Steps of an encounter: keeping the lease, giving the chart back, hold, final, open again."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from coding_ops.core.errors import Conflict
from coding_ops.tenancy.actor import Actor
from encounters.access import MAY_REOPEN, MAY_RESUME
from encounters.actions import finalize as finals
from encounters.actions import leases, pends
from encounters.api import represent
from encounters.api.doors import to_change
from encounters.api.inputs import (
    HeartbeatInput,
    Leased,
    PendInput,
    ReopenInput,
    ResumeInput,
    SkipInput,
)
from encounters.api.serializers import BlockedProblem, EncounterState, LeaseState
from encounters.api.views.changes import ChangeView, changed, conflict
from encounters.models import Encounter, OwnerParty, PendReason, SkipReason
from encounters.rules.encounter_states import ReopenReason

STATE: dict[str, Any] = {"state": represent.encounter_state, "output": EncounterState}


class Heartbeat(ChangeView):
    """The lease."""

    @extend_schema(
        operation_id="work_heartbeat", request=HeartbeatInput, responses=changed({200: LeaseState})
    )
    def post(self, request: Request, encounter_id: uuid.UUID) -> Response:
        """Keeps it; send one a minute."""
        try:
            actor, encounter = to_change(request, encounter_id)
            data = self.read(HeartbeatInput, request)
            item = leases.heartbeat(
                actor=actor,
                encounter=encounter,
                fence=data["fence"],
                active=data["active"],
                now=timezone.now(),
            )
        except Conflict as error:
            return conflict(request, encounter_id, error)
        return Response(LeaseState(item).data)


class Release(ChangeView):
    """The chart in hand."""

    @extend_schema(operation_id="work_release", request=Leased, responses=changed({200: EncounterState}))
    def post(self, request: Request, encounter_id: uuid.UUID) -> Response:
        """Gives it back to its worklist; the draft stays with it."""

        def act(actor: Actor, encounter: Encounter, data: dict[str, Any]) -> None:
            leases.release_chart(actor=actor, encounter=encounter, fence=data["fence"], now=timezone.now())

        return self.change(request, encounter_id, Leased, act, **STATE)


class Skip(ChangeView):
    """The chart in hand."""

    @extend_schema(operation_id="work_skip", request=SkipInput, responses=changed({200: EncounterState}))
    def post(self, request: Request, encounter_id: uuid.UUID) -> Response:
        """Passes it on to the others, with a reason."""

        def act(actor: Actor, encounter: Encounter, data: dict[str, Any]) -> None:
            leases.skip_chart(
                actor=actor,
                encounter=encounter,
                fence=data["fence"],
                reason=SkipReason(data["reason"]),
                note=data["note"],
                now=timezone.now(),
            )

        return self.change(request, encounter_id, SkipInput, act, **STATE)


class Pend(ChangeView):
    """The chart in hand."""

    @extend_schema(
        operation_id="encounters_pend", request=PendInput, responses=changed({200: EncounterState})
    )
    def post(self, request: Request, encounter_id: uuid.UUID) -> Response:
        """Puts it on hold: why, who must act, until when."""

        def act(actor: Actor, encounter: Encounter, data: dict[str, Any]) -> None:
            hold = pends.Hold(
                PendReason(data["reason"]), OwnerParty(data["owner_party"]), data["due_on"], data["note"]
            )
            pends.pend_encounter(actor=actor, encounter=encounter, fence=data["fence"], hold=hold)

        return self.change(request, encounter_id, PendInput, act, **STATE)


class Resume(ChangeView):
    """A chart on hold."""

    @extend_schema(
        operation_id="encounters_resume", request=ResumeInput, responses=changed({200: EncounterState})
    )
    def post(self, request: Request, encounter_id: uuid.UUID) -> Response:
        """Puts it back in line.  A client's person answers only a hold that waits for the client."""

        def act(actor: Actor, encounter: Encounter, data: dict[str, Any]) -> None:
            pends.resume_encounter(actor=actor, encounter=encounter, answer=data["answer"])

        return self.change(request, encounter_id, ResumeInput, act, roles=MAY_RESUME, **STATE)


class Finalize(ChangeView):
    """The codes."""

    @extend_schema(
        operation_id="encounters_finalize",
        request=Leased,
        responses=changed({200: EncounterState}) | {422: BlockedProblem},
    )
    def post(self, request: Request, encounter_id: uuid.UUID) -> Response:
        """Makes them the next final version; 422 lists everything that blocks."""

        def act(actor: Actor, encounter: Encounter, data: dict[str, Any]) -> None:
            finals.finalize(actor=actor, encounter=encounter, fence=data["fence"])

        return self.change(request, encounter_id, Leased, act, **STATE)


class Reopen(ChangeView):
    """Final codes."""

    @extend_schema(
        operation_id="encounters_reopen", request=ReopenInput, responses=changed({200: EncounterState})
    )
    def post(self, request: Request, encounter_id: uuid.UUID) -> Response:
        """Opens them again, with a reason; the final version stays as it was."""

        def act(actor: Actor, encounter: Encounter, data: dict[str, Any]) -> None:
            finals.reopen(
                actor=actor, encounter=encounter, reason=ReopenReason(data["reason"]), note=data["note"]
            )

        return self.change(request, encounter_id, ReopenInput, act, roles=MAY_REOPEN, **STATE)
