"""The composer's panel: everything it shows, from the chart, the draft and what was just posted."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from cdi_queries.access.audits import may_mark_reviewed
from cdi_queries.access.queries import AUTHORS, find_query, require_author
from cdi_queries.models import CdiQuery, QueryStatus
from cdi_queries.selectors.compose import drafts_elsewhere
from cdi_queries.selectors.measures import standing_review
from cdi_queries.views.compose.chart_queries import draft_href, queries_of_chart, query_rows
from cdi_queries.views.compose.draft_form import draft_form
from cdi_queries.views.compose.dto import ComposeView, Elsewhere
from cdi_queries.views.compose.shown import Shown
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, today_of
from coding_ops.web.middleware import actor_of
from encounters.access import charts_in_reach
from encounters.models import Encounter, EncounterStatus
from encounters.views import words
from encounters.views.chart_page import Chart, chart_href
from encounters.views.tools import ToolAnswer, show_tool

KEY = "query"
#: Earlier visits that are listed.
VISITS_SHOWN = 6


def show_panel(
    request: HttpRequest, chart: Chart, shown: Shown, *, say: str = "", status: int = 200
) -> HttpResponse:
    """The panel for a script, the chart's page with the panel open for a browser."""
    view = compose_view(request, chart, shown)
    answer = ToolAnswer(KEY, "cdi_queries/compose.html", {"compose": view}, module="query")
    return show_tool(request, chart, answer, say=say, status=status)


def may_write(actor: Actor, chart: Chart) -> bool:
    """Whether this person writes queries about this chart.

    A coder does while they hold it, and about codes of theirs that are final.
    """
    if actor.role not in AUTHORS or chart.open.encounter.status == EncounterStatus.CANCELLED:
        return False
    return (
        actor.role != Role.CODER
        or chart.open.may_code
        or chart.open.encounter.status == EncounterStatus.FINAL
    )


def compose_view(request: HttpRequest, chart: Chart, shown: Shown) -> ComposeView:
    """Everything the template is given."""
    actor, encounter = actor_of(request), chart.open.encounter
    can_write = may_write(actor, chart)
    queries = queries_of_chart(actor, chart)
    draft = shown.draft if can_write else None
    if draft is None and can_write and not shown.blank:
        draft = own_draft(actor, queries)
    others = [one for one in queries if draft is None or one.pk != draft.pk]
    form = None
    if draft is not None:
        form = draft_form(chart, draft, replace(shown, draft=draft), actor, today_of(request))
    return ComposeView(
        href=compose_href(chart.client.slug, encounter),
        chart_href=chart.href,
        fence=chart.open.item.fence if chart.open.item else 0,
        version_id=str(chart.version.pk) if chart.version else "",
        can_write=can_write,
        can_code=chart.open.may_code,
        why_not=_why_not(actor, chart) if not can_write else "",
        queries=query_rows(chart, others),
        elsewhere=_elsewhere(actor, chart) if can_write and draft is None else (),
        visits=_visits(actor, chart) if draft is not None else (),
        draft=form,
        errors=shown.errors,
        relevance=shown.relevance,
        **_reviewed(request, actor, encounter, queries),
    )


def _reviewed(
    request: HttpRequest, actor: Actor, encounter: Encounter, queries: Sequence[CdiQuery]
) -> dict[str, str]:
    """The mark "reviewed, nothing to ask"; a chart with a query counts as reviewed by itself."""
    if not may_mark_reviewed(actor) or any(one.sent_at for one in queries):
        return {}
    slug = client_of(request).slug
    mark = standing_review(encounter.client_id, encounter.pk, today_of(request))
    who = mark.reviewed_by.full_name if mark else ""
    return {
        "reviewed_href": reverse("cdi_queries:chart_reviewed", args=[slug, encounter.pk]),
        "reviewed": f"Reviewed today by {who}, nothing to ask." if mark else "",
    }


def compose_href(slug: str, encounter: Encounter) -> str:
    """``/c/<client>/encounters/<id>/query/``"""
    return reverse("cdi_queries:compose", args=[slug, encounter.pk])


def own_draft(actor: Actor, queries: Sequence[CdiQuery]) -> CdiQuery | None:
    """The person's newest draft of these."""
    mine = (one for one in queries if one.state == QueryStatus.DRAFT and one.author_id == actor.user_id)
    return next(mine, None)


def _why_not(actor: Actor, chart: Chart) -> str:
    if chart.open.encounter.status == EncounterStatus.CANCELLED:
        return "The visit is cancelled: there is nothing to ask about."
    if actor.role not in AUTHORS:
        return "Only coders and CDI specialists write queries."
    return "You write queries about a chart while you hold it."


def _elsewhere(actor: Actor, chart: Chart) -> tuple[Elsewhere, ...]:
    if actor.user_id is None:
        return ()
    drafts = drafts_elsewhere(
        client_id=chart.client.id, author_id=actor.user_id, encounter=chart.open.encounter
    )
    add = reverse("cdi_queries:query_prior", args=[chart.client.slug, chart.open.encounter.pk])
    return tuple(
        Elsewhere(
            href=draft_href(chart.client.slug, one),
            add_href=add,
            visit=words.day(one.encounter.service_on),
            title=str(one.pk),
        )
        for one in drafts
    )


def _visits(actor: Actor, chart: Chart) -> tuple[Choice, ...]:
    """Other visits of the patient up to this one, as far as this person may open them."""
    encounter = chart.open.encounter
    found = (
        charts_in_reach(actor, chart.client.id)
        .filter(patient_id=encounter.patient_id, service_on__lte=encounter.service_on)
        .exclude(pk=encounter.pk)
        .order_by("-service_on", "-id")[:VISITS_SHOWN]
    )
    return tuple(
        Choice(
            str(one.pk),
            f"{words.day(one.service_on)}, {one.get_kind_display().lower()}",
            href=chart_href(chart.client.slug, one.pk),
        )
        for one in found
    )


def draft_of(actor: Actor, encounter: Encounter, query_id: uuid.UUID) -> CdiQuery | None:
    """A draft about this encounter that the person may write on; ``None`` when it is no draft any more.

    Raises:
        NotFound: no such query about it, as far as this person may know.
        NotAllowed: another person's draft.
    """
    query = find_query(actor=actor, client_id=encounter.client_id, query_id=query_id)
    if query.encounter_id != encounter.pk:
        raise NotFound
    query.encounter = encounter
    if query.state != QueryStatus.DRAFT:
        return None
    require_author(actor, query)
    return query
