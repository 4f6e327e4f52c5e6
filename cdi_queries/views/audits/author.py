"""``…/queries/audits/authors/<id>/``: one author's results, for themselves and for who leads them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cdi_queries.access.audits import AUDITORS, require_author_page
from cdi_queries.models import AuditedQuery
from cdi_queries.selectors.audits import author_of, standing_of_author
from cdi_queries.terms.audits import editions
from cdi_queries.views.audits import parts
from cdi_queries.views.audits.dto import AuthorPage
from cdi_queries.views.measures import words
from cdi_queries.views.tabs import queries_href, query_tabs
from coding_ops.core.errors import NotFound
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.middleware import actor_of

PAGE_ROWS = 50


@require_GET
@for_client
def author(request: HttpRequest, author_id: int) -> HttpResponse:
    """``?page=``: what was finished, newest first, and the score question by question."""
    actor, client = actor_of(request), client_of(request)
    require_author_page(actor, author_id)
    mine = author_id == actor.user_id
    name = actor.display_name if mine else author_of(client.id, author_id)
    if name is None:
        raise NotFound
    finished = AuditedQuery.objects.filter(
        client_id=client.id, author_id=author_id, finished_at__isnull=False
    )
    number = parts.page_of(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    listed = parts.for_list(finished).order_by("-finished_at", "-id")
    shown = list(listed[start : start + PAGE_ROWS + 1])
    # Questions of several editions under one key are one question: the newest words are shown.
    questions = parts.question_rows(client.id, editions()[-1], finished)
    standing = standing_of_author(client.id, author_id)
    page = AuthorPage(
        heading="Audits of my queries" if mine else f"Audits of queries by {name}",
        lead=f"{words.count(standing.finished, 'queries')} audited. A score is no quota and no ranking.",
        score=parts.score_of(standing),
        questions=questions,
        rows=parts.drawn_rows(actor, client, shown[:PAGE_ROWS]),
        back_href=parts.audits_href(client.slug) if actor.role in AUDITORS else queries_href(client.slug),
        previous_page_href=f"?page={number - 1}" if number > 1 else "",
        next_page_href=f"?page={number + 1}" if len(shown) > PAGE_ROWS else "",
    )
    context = {"page": page, "tabs": query_tabs(actor.role, client.slug, "audits")}
    return render(request, "cdi_queries/audit_author.html", context)
