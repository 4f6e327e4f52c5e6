"""``…/queries/audits/<id>/``: one audit, and its table as a file."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Mapping, Sequence

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cdi_queries.access.audits import audited_in_reach, find_audit
from cdi_queries.models import AuditedQuery, AuditVerdict, QueryAudit, QueryKind
from cdi_queries.rules.query_audit import QuestionEdition
from cdi_queries.selectors.audits import Standing, repeats, standings_of, verdicts_of
from cdi_queries.terms.audits import edition_named
from cdi_queries.views.audits import parts
from cdi_queries.views.audits.dto import AuditPage
from cdi_queries.views.audits.listing import period
from cdi_queries.views.tabs import query_tabs
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.middleware import actor_of

PAGE_ROWS = 50
HEADS = (
    "Number", "Visit", "Query", "Sent", "Author", "Kind", "Template", "Lint warnings let stand", "Auditor",
    "Finished",
)  # fmt: skip
#: What a spreadsheet would run as a formula when it opens the file.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@require_GET
@for_client
def audit(request: HttpRequest, audit_id: uuid.UUID) -> HttpResponse:
    """``?page=``: how it was drawn, how far it is, what its finished queries say question by question."""
    actor, client = actor_of(request), client_of(request)
    found = find_audit(actor=actor, client_id=client.id, audit_id=audit_id)
    drawn = _drawn(request, found)
    standing = standings_of(client.id, [found.pk]).get(found.pk, Standing())
    base = parts.audits_href(client.slug)
    number = parts.page_of(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    shown = list(parts.for_list(drawn)[start : start + PAGE_ROWS + 1])
    page = AuditPage(
        heading=f"Queries sent {period(found.period_from, found.period_through)}",
        lead=_lead(found, standing),
        score=parts.score_of(standing),
        facts=_facts(found, client.timezone),
        repeats=repeats(found),
        questions=parts.question_rows(client.id, edition_named(found.edition), drawn),
        rows=parts.drawn_rows(actor, client, shown[:PAGE_ROWS]),
        back_href=base,
        csv_href=f"{base}{found.pk}/csv/",
        previous_page_href=f"?page={number - 1}" if number > 1 else "",
        next_page_href=f"?page={number + 1}" if len(shown) > PAGE_ROWS else "",
    )
    context = {"page": page, "tabs": query_tabs(actor.role, client.slug, "audits")}
    return render(request, "cdi_queries/audit.html", context)


@require_GET
@for_client
def audit_csv(request: HttpRequest, audit_id: uuid.UUID) -> HttpResponse:
    """One line a drawn query, a column a question; no words of a query and no note leaves this way."""
    actor, client = actor_of(request), client_of(request)
    found = find_audit(actor=actor, client_id=client.id, audit_id=audit_id)
    edition = edition_named(found.edition)
    drawn = list(parts.for_list(_drawn(request, found)))
    verdicts = verdicts_of(client.id, [one.pk for one in drawn])
    warnings = dict(_drawn(request, found).values_list("pk", "query__lint_warnings"))
    out = io.StringIO()
    table = csv.writer(out)
    titles = (question.title for question in edition.questions)
    table.writerow([*HEADS, *titles, "Criteria met", "Training opportunities"])
    for one in drawn:
        cells = _cells(one, edition, verdicts[one.pk], warnings[one.pk], client.timezone)
        table.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    record_event(actor=actor, verb=Verb.QUERY_AUDIT_EXPORTED, subject=found, facts={"queries": len(drawn)})
    return HttpResponse(
        out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="query-audit-{found.pk}.csv"'},
    )


def _cells(
    one: AuditedQuery, edition: QuestionEdition, given: Mapping[str, str], warnings: Sequence[str], zone: str
) -> list[str]:
    query, at = one.query, one.finished_at
    return [
        str(one.position), query.encounter.external_id, str(query.pk),
        moment(query.sent_at, zone) if query.sent_at else "", one.author.full_name,
        str(QueryKind(query.kind).label), query.template_key, " ".join(warnings),
        one.auditor.full_name if one.auditor else "", moment(at, zone) if at else "",
        *(str(AuditVerdict(given[key]).label) if key in given else "" for key in edition.keys),
        str(one.met_count) if at else "", str(one.training_count) if at else "",
    ]  # fmt: skip


def _drawn(request: HttpRequest, found: QueryAudit) -> QuerySet[AuditedQuery]:
    """Those this person may open, in the order drawn."""
    reach = audited_in_reach(actor_of(request), found.client_id)
    return reach.filter(audit=found).order_by("position")


def _lead(found: QueryAudit, standing: Standing) -> str:
    left = standing.drawn - standing.finished
    if not left:
        return f"All {standing.drawn} are finished."
    return f"{standing.finished} of {standing.drawn} are finished."


def _facts(found: QueryAudit, zone: str) -> tuple[tuple[str, str], ...]:
    return (
        ("Drawn", f"{found.drawn_by.full_name}, {moment(found.drawn_at, zone)}"),
        ("Author", found.author.full_name if found.author else "All authors"),
        ("Sample", f"{found.sample_count:,} of {found.frame_count:,} queries sent and not cancelled"),
        ("Seed", str(found.seed)),
        ("Method", found.algorithm),
        ("Frame, SHA-256", found.frame_sha256),
        ("Questions", f"Edition {found.edition}"),
    )
