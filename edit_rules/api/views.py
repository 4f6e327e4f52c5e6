"""Reading a client's rules."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from coding_ops.web.api import ApiView, answers, bad_cursor, cursor_of, parts_of
from coding_ops.web.client_pages import client_of, today_of
from coding_ops.web.middleware import actor_of
from edit_rules.access import require_reader
from edit_rules.api.serializers import RulePage, RuleQuery
from edit_rules.models import EditRuleVersion
from edit_rules.rules.conditions import parse_conditions
from edit_rules.rules.words import explain
from edit_rules.selectors.listing import Asked, Standing, newest_versions


class RuleList(ApiView):
    """The rules a client or its payers lay over the edits."""

    @extend_schema(
        operation_id="edit_rules_list",
        parameters=[RuleQuery],
        responses=answers({200: RulePage}, 404),
        description="By number, each with its newest version. A client's people read those in force.",
    )
    def get(self, request: Request) -> Response:
        """One page by keyset."""
        wanted = self.read_query(RuleQuery, request)
        plain = request._request
        actor, client = actor_of(plain), client_of(plain)
        require_reader(actor)
        asked = Asked() if actor.is_vendor else Asked(standing=Standing.ON.value)
        rows = newest_versions(client.id, asked, today_of(plain))
        if "cursor" in wanted:
            rows = rows.filter(rule__number__gt=_number(wanted["cursor"]))
        limit = wanted["limit"]
        found = list(rows[: limit + 1])
        answer = {
            "results": [_body(row) for row in found[:limit]],
            "next": cursor_of(str(found[limit - 1].rule.number)) if len(found) > limit else None,
        }
        return Response(RulePage(answer).data)


def _number(cursor: str) -> int:
    (number,) = parts_of(cursor, 1)
    if not number.isdecimal() or len(number) > 9:
        raise bad_cursor()
    return int(number)


def _body(version: EditRuleVersion) -> dict[str, Any]:
    rule = version.rule
    fields = (
        *("name", "level", "conditions", "per_line", "message", "satisfy", "citation", "citation_on"),
        *("bypass", "effective_from", "effective_to"),
    )
    return {field: getattr(version, field) for field in fields} | {
        "id": rule.pk,
        "number": rule.number,
        "version": version.number,
        "builtin": rule.builtin,
        "payer": rule.payer_name,
        "words": explain(parse_conditions(version.conditions), rule.payer_name),
    }
