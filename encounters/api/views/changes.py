"""Changes: what all of them share, and what a coder does to the code set."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from coding_ops.core.errors import Conflict, InvalidInput, NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.web.api import ApiView, Input, answers
from encounters.access import find_chart
from encounters.actions import changes, coding
from encounters.actions.coding import Attributes, Words
from encounters.api import represent
from encounters.api.doors import CODES, actor_of, client_of, to_change
from encounters.api.inputs import (
    AssignmentInput,
    AttributesInput,
    CiteInput,
    ExceptionInput,
    Leased,
    MoveInput,
    RemoveInput,
)
from encounters.api.serializers import CodingState, ConflictProblem
from encounters.models import Encounter
from encounters.rules.anchors import from_selectors
from encounters.selectors.chart import version_of
from encounters.selectors.held import holder_of

Act = Callable[[Actor, Encounter, dict[str, Any]], Any]
State = Callable[[Encounter], dict[str, Any]]


def changed(
    good: Mapping[int, type[serializers.BaseSerializer[Any]] | serializers.BaseSerializer[Any] | None],
) -> dict[int, Any]:
    """Responses of a change: 404 foreign or missing, 409 with both versions."""
    return answers(good, 404) | {409: ConflictProblem}


class ChangeView(ApiView):
    """A change of one chart.  The door first, then the body, then the act."""

    def change(
        self,
        request: Request,
        encounter_id: uuid.UUID,
        body: type[Input],
        act: Act,
        *,
        state: State = represent.coding_state,
        output: type[serializers.Serializer[Any]] = CodingState,
        roles: Iterable[Role] = CODES,
        status: int = 200,
    ) -> Response:
        """Does it and answers where the chart stands now; a lost lease answers 409 with both versions."""
        try:
            actor, encounter = to_change(request, encounter_id, roles)
            act(actor, encounter, self.read(body, request))
        except Conflict as error:
            return conflict(request, encounter_id, error)
        return Response(output(state(encounter)).data, status=status)


def conflict(request: Request, encounter_id: uuid.UUID, error: Conflict) -> Response:
    """409: what is saved and what was sent.  What is saved only to who may still see the chart."""
    actor, client = actor_of(request), client_of(request)
    holder = holder_of(client_id=client.id, encounter_id=encounter_id, user_id=actor.user_id)
    current = None
    if actor.is_vendor:
        try:
            encounter = find_chart(actor=actor, client_id=client.id, encounter_id=encounter_id)
            current = represent.coding_state(encounter)
        except NotFound:
            current = None
    body = {
        "detail": error.message,
        "code": error.code,
        "holder": holder.name if actor.is_vendor else "",
        "since": holder.since if actor.is_vendor else None,
        "current": current,
        "submitted": request.data if isinstance(request.data, dict) else {},
    }
    return Response(ConflictProblem(body).data, status=error.http_status)


def words_of(encounter: Encounter, evidence: Sequence[Mapping[str, Any]]) -> tuple[Words, ...]:
    """Selectors as offsets: the quote must stand where the position says.

    Raises:
        InvalidInput: not a document of this chart, or other words stand there.
    """
    found = []
    for piece in evidence:
        version = version_of(encounter, piece["document_version"])
        if version is None:
            raise InvalidInput(
                "The words are not in a document of this chart.", code="evidence.foreign_document"
            )
        anchor = from_selectors(piece["selectors"], version.text)
        found.append(Words(version.pk, anchor.start, anchor.end))
    return tuple(found)


def attributes_of(data: Mapping[str, Any]) -> Attributes:
    """What was sent beside a code; what was not sent stays as it is."""
    return Attributes(
        modifiers=tuple(data["modifiers"]) if "modifiers" in data else None,
        service_unit_quantity=data.get("service_unit_quantity"),
        present_on_admission=data.get("present_on_admission"),
        pointers=tuple(data["pointers"]) if "pointers" in data else None,
    )


class Assignments(ChangeView):
    """The codes of a chart."""

    @extend_schema(
        operation_id="codes_assign", request=AssignmentInput, responses=changed({201: CodingState})
    )
    def post(self, request: Request, encounter_id: uuid.UUID) -> Response:
        """Adds a code with its evidence; only billable codes in force on the coding date."""

        def act(actor: Actor, encounter: Encounter, data: dict[str, Any]) -> None:
            coding.assign_code(
                actor=actor,
                encounter=encounter,
                fence=data["fence"],
                system=data["system"],
                code=data["code"],
                evidence=words_of(encounter, data.get("evidence", ())),
                attributes=attributes_of(data),
            )

        return self.change(request, encounter_id, AssignmentInput, act, status=201)


class AssignmentDetail(ChangeView):
    """One code."""

    @extend_schema(
        operation_id="codes_change", request=AttributesInput, responses=changed({200: CodingState})
    )
    def patch(self, request: Request, encounter_id: uuid.UUID, assignment_id: uuid.UUID) -> Response:
        """Changes modifiers, units, present-on-admission or pointers."""

        def act(actor: Actor, encounter: Encounter, data: dict[str, Any]) -> None:
            coding.change_code(
                actor=actor,
                encounter=encounter,
                fence=data["fence"],
                assignment_id=assignment_id,
                attributes=attributes_of(data),
            )

        return self.change(request, encounter_id, AttributesInput, act)

    @extend_schema(operation_id="codes_remove", request=RemoveInput, responses=changed({200: CodingState}))
    def delete(self, request: Request, encounter_id: uuid.UUID, assignment_id: uuid.UUID) -> Response:
        """Takes the code and its evidence off; undo brings both back."""

        def act(actor: Actor, encounter: Encounter, data: dict[str, Any]) -> None:
            coding.remove_code(
                actor=actor,
                encounter=encounter,
                fence=data["fence"],
                assignment_id=assignment_id,
                reason=data.get("reason", ""),
            )

        return self.change(request, encounter_id, RemoveInput, act)


class Evidence(ChangeView):
    """The words that support a code."""

    @extend_schema(operation_id="evidence_cite", request=CiteInput, responses=changed({201: CodingState}))
    def post(self, request: Request, encounter_id: uuid.UUID, assignment_id: uuid.UUID) -> Response:
        """Ties words to the code."""

        def act(actor: Actor, encounter: Encounter, data: dict[str, Any]) -> None:
            (words,) = words_of(encounter, [data])
            coding.cite(
                actor=actor,
                encounter=encounter,
                fence=data["fence"],
                assignment_id=assignment_id,
                words=words,
            )

        return self.change(request, encounter_id, CiteInput, act, status=201)


class EvidenceDetail(ChangeView):
    """One quote."""

    @extend_schema(operation_id="evidence_remove", request=Leased, responses=changed({200: CodingState}))
    def delete(self, request: Request, encounter_id: uuid.UUID, evidence_id: uuid.UUID) -> Response:
        """Unties the words."""

        def act(actor: Actor, encounter: Encounter, data: dict[str, Any]) -> None:
            coding.remove_evidence(
                actor=actor, encounter=encounter, fence=data["fence"], evidence_id=evidence_id
            )

        return self.change(request, encounter_id, Leased, act)


class Move(ChangeView):
    """The place of a code."""

    @extend_schema(operation_id="codes_move", request=MoveInput, responses=changed({200: CodingState}))
    def post(self, request: Request, encounter_id: uuid.UUID, assignment_id: uuid.UUID) -> Response:
        """Moves the code; the others of its kind make room."""

        def act(actor: Actor, encounter: Encounter, data: dict[str, Any]) -> None:
            coding.move_code(
                actor=actor,
                encounter=encounter,
                fence=data["fence"],
                assignment_id=assignment_id,
                position=data["position"],
            )

        return self.change(request, encounter_id, MoveInput, act)


class RecordException(ChangeView):
    """A code without quoted words."""

    @extend_schema(
        operation_id="codes_exception", request=ExceptionInput, responses=changed({200: CodingState})
    )
    def post(self, request: Request, encounter_id: uuid.UUID, assignment_id: uuid.UUID) -> Response:
        """Says why there are none, or takes that back."""

        def act(actor: Actor, encounter: Encounter, data: dict[str, Any]) -> None:
            coding.record_exception(
                actor=actor,
                encounter=encounter,
                fence=data["fence"],
                assignment_id=assignment_id,
                reason=data["reason"],
                note=data["note"],
            )

        return self.change(request, encounter_id, ExceptionInput, act)


class Undo(ChangeView):
    """The last change of this lease."""

    @extend_schema(operation_id="codes_undo", request=Leased, responses=changed({200: CodingState}))
    def post(self, request: Request, encounter_id: uuid.UUID) -> Response:
        """Takes it back."""

        def act(actor: Actor, encounter: Encounter, data: dict[str, Any]) -> None:
            changes.undo(actor=actor, encounter=encounter, fence=data["fence"])

        return self.change(request, encounter_id, Leased, act)
