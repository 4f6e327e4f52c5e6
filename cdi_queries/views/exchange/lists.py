"""``…/setup/messages/`` and ``…/setup/retention/``: what left, and what is kept longer than agreed."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cdi_queries.models import CdiQuery, OutboxState
from cdi_queries.selectors.outbound import messages_of
from cdi_queries.selectors.policy import policy_of
from cdi_queries.selectors.setup import PastRetention, past_retention, retention_report
from cdi_queries.views.exchange.dto import MessagesPage, PastRow, RetentionPage
from cdi_queries.views.exchange.setup import require_reader, setup_href
from cdi_queries.views.exchange.words import message_row
from cdi_queries.views.tabs import queries_href, query_tabs
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.models import Client
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of

PAGE_ROWS = 50
LAST_PAGE = 200
"""The farthest page that is read: who wants more narrows the list."""


@require_GET
@for_client
def messages(request: HttpRequest) -> HttpResponse:
    """``state``, ``page``; newest first."""
    actor, client = actor_of(request), client_of(request)
    require_reader(actor)
    if not actor.is_vendor:
        raise NotFound
    state, number = request.GET.get("state", ""), _page_number(request)
    start = (number - 1) * PAGE_ROWS
    found = list(messages_of(client.id, state)[start : start + PAGE_ROWS + 1])
    base = f"{setup_href(client.slug)}messages/"
    kept = {"state": state} if state in OutboxState.values else {}
    page = MessagesPage(
        href=base,
        setup_href=setup_href(client.slug),
        states=(
            Choice("", "All", not kept, base),
            *(
                Choice(value, str(label), value == state, f"{base}?state={value}")
                for value, label in OutboxState.choices
            ),
        ),
        rows=tuple(message_row(one, queries_href(client.slug), client.timezone) for one in found[:PAGE_ROWS]),
        empty_words="No message of this state." if kept else "No message has left yet.",
        previous_page_href=_turned(kept, number - 1) if number > 1 else "",
        next_page_href=_turned(kept, number + 1) if len(found) > PAGE_ROWS and number < LAST_PAGE else "",
    )
    context = {"page": page, "tabs": query_tabs(actor.role, client.slug, "setup")}
    return render(request, "cdi_queries/setup_messages.html", context)


@require_GET
@for_client
def retention(request: HttpRequest) -> HttpResponse:
    """``page``; what ended before the agreed years, oldest first.  Nothing is deleted here."""
    actor, reached = actor_of(request), client_of(request)
    require_reader(actor)
    client = Client.objects.get(pk=reached.id)
    years = policy_of(client.pk).retention_years
    sent_only = not actor.is_vendor
    report = retention_report(client, today_of(request), years, sent_only=sent_only)
    number = _page_number(request)
    start = (number - 1) * PAGE_ROWS
    past = past_retention(client, report.cutoff, sent_only=sent_only)
    rows = past.select_related("encounter").order_by("ended_at", "pk")
    found = list(rows.only(*_COLUMNS)[start : start + PAGE_ROWS + 1]) if report.count else []
    page = RetentionPage(
        href=f"{setup_href(reached.slug)}retention/",
        setup_href=setup_href(reached.slug),
        words=retention_words(report, years),
        rows=tuple(_row(one, reached.slug) for one in found[:PAGE_ROWS]),
        previous_page_href=_turned({}, number - 1) if number > 1 else "",
        next_page_href=_turned({}, number + 1) if len(found) > PAGE_ROWS and number < LAST_PAGE else "",
    )
    context = {"page": page, "tabs": query_tabs(actor.role, reached.slug, "setup")}
    return render(request, "cdi_queries/setup_retention.html", context)


_COLUMNS = ("client_id", "state", "sent_at", "ended_at", "encounter__external_id", "encounter__client_id")


def retention_words(report: PastRetention, years: int) -> str:
    """What the report says, in a sentence."""
    kept = f"Queries are kept {years} years after they ended."
    if not report.count or report.first is None or report.last is None:
        return f"{kept} None ended before {report.cutoff:%m/%d/%Y}."
    return (
        f"{kept} {report.count:,} ended before {report.cutoff:%m/%d/%Y}, the first on "
        f"{report.first:%m/%d/%Y}, the last on {report.last:%m/%d/%Y}."
    )


def _row(query: CdiQuery, slug: str) -> PastRow:
    return PastRow(
        href=f"{queries_href(slug)}{query.pk}/",
        visit=query.encounter.external_id,
        state=str(query.get_state_display()),
        sent=f"{query.sent_at:%m/%d/%Y}" if query.sent_at else "Never",
        ended=f"{query.ended_at:%m/%d/%Y}" if query.ended_at else "",
    )


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isdecimal() and len(text) < 5 and 0 < int(text) <= LAST_PAGE else 1


def _turned(kept: dict[str, str], number: int) -> str:
    return f"?{urlencode({**kept, 'page': number})}"
