"""``/c/<client>/encounters/<id>/query/reviewed/``: a chart was read and raises no question."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from cdi_queries.actions.reviews import mark_reviewed, take_back_review
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.access import find_chart


@require_POST
@for_client
def chart_reviewed(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """Marks the chart for today; ``take_back`` takes the mark back."""
    actor, client = actor_of(request), client_of(request)
    chart = find_chart(actor=actor, client_id=client.id, encounter_id=encounter_id)
    act = take_back_review if request.POST.get("take_back") else mark_reviewed
    act(actor=actor, encounter=chart, day=today_of(request), now=timezone.now())
    return leave(request, f"/c/{client.slug}/encounters/{chart.pk}/query/")
