"""Code search: public reference data, for everybody who is signed in."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from code_sets.selectors import release_in_force, search_codes
from coding_ops.web.api import ApiView, answers
from encounters.api.inputs import SearchInput
from encounters.api.serializers import SearchOutput


class Search(ApiView):
    """Codes by words or by their beginning."""

    @extend_schema(
        operation_id="codes_search",
        parameters=[SearchInput],
        responses=answers({200: SearchOutput}),
        description="Addresses are logged: send words that come from a note with POST instead.",
    )
    def get(self, request: Request) -> Response:
        """The query in the address."""
        return _answer(self.read_query(SearchInput, request))

    @extend_schema(
        operation_id="codes_search_by_body", request=SearchInput, responses=answers({200: SearchOutput})
    )
    def post(self, request: Request) -> Response:
        """The query in the body, where words of a note belong."""
        return _answer(self.read(SearchInput, request))


def _answer(wanted: dict[str, Any]) -> Response:
    system, on = wanted["system"], wanted["on"]
    release = release_in_force(system, on)
    answer = {
        "system": system,
        "release": release.release,
        "results": [
            {"code": one.code, "title": one.title, "billable": one.billable, "score": one.score}
            for one in search_codes(system, on, wanted["text"], wanted["limit"])
        ],
    }
    return Response(SearchOutput(answer).data)
