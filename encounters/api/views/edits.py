"""Letting a finding of the edits stand, and taking that back."""

from __future__ import annotations

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from coding_ops.tenancy.actor import Actor
from encounters.actions.overrides import Statement, override_finding, withdraw_override
from encounters.api.inputs import Leased, OverrideInput
from encounters.api.serializers import CodingState
from encounters.api.views.changes import ChangeView, changed, words_of
from encounters.models import Encounter


class Overrides(ChangeView):
    """Findings that stand."""

    @extend_schema(
        operation_id="overrides_create", request=OverrideInput, responses=changed({201: CodingState})
    )
    def post(self, request: Request, encounter_id: uuid.UUID) -> Response:
        """Lets an error stand, with a reason of the list and the words of the note that show it."""

        def act(actor: Actor, encounter: Encounter, data: dict[str, Any]) -> None:
            words = words_of(encounter, [data["evidence"]] if "evidence" in data else [])
            override_finding(
                actor=actor,
                encounter=encounter,
                fence=data["fence"],
                key=data["finding"],
                statement=Statement(data["reason"], data["note"], words[0] if words else None),
            )

        return self.change(request, encounter_id, OverrideInput, act, status=201)


class OverrideDetail(ChangeView):
    """One finding that stands."""

    @extend_schema(operation_id="overrides_withdraw", request=Leased, responses=changed({200: CodingState}))
    def delete(self, request: Request, encounter_id: uuid.UUID, override_id: uuid.UUID) -> Response:
        """Takes the override back: the finding asks again.  The row stays, marked as withdrawn."""

        def act(actor: Actor, encounter: Encounter, data: dict[str, Any]) -> None:
            withdraw_override(
                actor=actor, encounter=encounter, fence=data["fence"], override_id=str(override_id)
            )

        return self.change(request, encounter_id, Leased, act)
