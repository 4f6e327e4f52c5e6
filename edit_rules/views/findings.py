"""``/c/<client>/edit-rules/<rule>/findings/``: the findings behind a number of the rule's page.

It shows visit numbers and no names, so it needs no read record; the chart's own page has one.
"""

from __future__ import annotations

import uuid
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from coding_ops.core.errors import NotFound
from coding_ops.tenancy.closed import closed_charts
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.middleware import actor_of
from edit_rules.access import find_reviewed
from edit_rules.forms import shown_day
from edit_rules.models import EditOutcome
from edit_rules.selectors.listing import PAGE_ROWS, Kind, findings_of
from edit_rules.views import words
from edit_rules.views.dto import FindingRow, FindingsPage
from edit_rules.views.listing import base_href, page_number


@require_GET
@for_client
def findings(request: HttpRequest, rule_id: uuid.UUID) -> HttpResponse:
    """``kind`` (fired, overridden, denied), ``page``."""
    actor, client = actor_of(request), client_of(request)
    rule = find_reviewed(actor=actor, client_id=client.id, rule_id=rule_id)
    asked = request.GET.get("kind", Kind.FIRED.value)
    kind = next((one for one in Kind if one == asked), None)
    if kind is None:
        raise NotFound
    number = page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    found = findings_of(client.id, rule.pk, kind, timezone.now()).exclude(
        encounter_id__in=closed_charts(actor, client.id)
    )
    rows = list(found[start : start + PAGE_ROWS + 1])
    zone = ZoneInfo(client.timezone)
    page = FindingsPage(
        heading=f"{rule.number} {rule.name}",
        rule_href=f"{base_href(client.slug)}{rule.pk}/",
        kinds=tuple(Choice(one.value, words.KINDS[one], one is kind, f"?kind={one.value}") for one in Kind),
        rows=tuple(_row(client.slug, one, zone) for one in rows[:PAGE_ROWS]),
        next_page_href=f"?kind={kind.value}&page={number + 1}" if len(rows) > PAGE_ROWS else "",
        previous_page_href=f"?kind={kind.value}&page={number - 1}" if number > 1 else "",
    )
    return render(request, "edit_rules/findings.html", {"page": page})


def _row(slug: str, outcome: EditOutcome, zone: ZoneInfo) -> FindingRow:
    version = outcome.rule_version
    return FindingRow(
        href=f"/c/{slug}/encounters/{outcome.encounter_id}/",
        visit_id=outcome.encounter.external_id,
        service_on=shown_day(outcome.encounter.service_on),
        version=str(version.number) if version else "",
        level=words.level(outcome.level),
        tone=words.TONES[outcome.level],
        outcome=str(outcome.get_outcome_display()),
        reason=outcome.reason.replace("_", " ").capitalize(),
        recorded=shown_day(outcome.recorded_at.astimezone(zone).date()),
    )
