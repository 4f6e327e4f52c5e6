"""The queries about a chart, in its panel: where each stands, what was answered, and codes to look at."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from cdi_queries.access.queries import queries_in_reach
from cdi_queries.models import CdiQuery, QueryAnswer, QueryStatus
from cdi_queries.rules.content import from_json
from cdi_queries.selectors.compose import queries_about
from cdi_queries.selectors.proposals import Proposal, proposals_for
from cdi_queries.views.compose.dto import ProposalRow, QueryRow
from cdi_queries.views.tabs import queries_href
from code_sets.rules.entries import shown_code
from coding_ops.tenancy.actor import Actor
from coding_ops.web.client_pages import moment
from encounters.views.chart_page import Chart

TONES = {
    QueryStatus.DRAFT: "line", QueryStatus.SENT: "query", QueryStatus.ANSWERED: "ok",
    QueryStatus.CLOSED: "line", QueryStatus.CANCELLED: "line", QueryStatus.EXPIRED: "bad",
}  # fmt: skip


def draft_href(slug: str, query: CdiQuery) -> str:
    """``/c/<client>/encounters/<id>/query/<id>/``"""
    return reverse("cdi_queries:query_draft", args=[slug, query.encounter_id, query.pk])


def queries_of_chart(actor: Actor, chart: Chart) -> list[CdiQuery]:
    """The queries about this chart that the person may open, the newest first; the chart's look is noted."""
    encounter = chart.open.encounter
    found = queries_about(queries_in_reach(actor, chart.client.id), encounter)
    for query in found:
        query.encounter = encounter
    return found


def query_rows(chart: Chart, queries: Sequence[CdiQuery]) -> tuple[QueryRow, ...]:
    """One row a query."""
    return tuple(_row(chart, query) for query in queries)


def _row(chart: Chart, query: CdiQuery) -> QueryRow:
    content = from_json(query.content)
    state = QueryStatus(query.state)
    is_draft = state is QueryStatus.DRAFT
    slug, zone = chart.client.slug, chart.client.timezone
    asked = f"Sent {moment(query.asked_at, zone)}" if query.asked_at else "Not sent"
    whom = f" to {query.provider.name}" if query.provider else ""
    row = QueryRow(
        title=content.title or "No title yet",
        state=state.label,
        tone=TONES[state],
        facts=f"{asked}{whom}, by {query.author.full_name}",
        href=draft_href(slug, query) if is_draft else f"{queries_href(slug)}{query.pk}/",
        is_draft=is_draft,
        question=tuple(part for part in content.body.split("\n") if part.strip()),
        hold_href=_hold_href(chart, query),
    )
    given = next(iter(query.answers.all()), None)
    return row if given is None else _answered(chart, query, given, row)


def _hold_href(chart: Chart, query: CdiQuery) -> str:
    if query.state != QueryStatus.SENT or not chart.open.may_code:
        return ""
    return reverse("cdi_queries:query_hold", args=[chart.client.slug, query.encounter_id, query.pk])


def _answered(chart: Chart, query: CdiQuery, given: QueryAnswer, row: QueryRow) -> QueryRow:
    """The row with the answer, its place in the chart, and what its words lead to."""
    said = tuple(part.strip() for part in (given.option_text or "", given.words or "") if part.strip())
    href, evidence, quote = "", "", ""
    version = query.answer_document
    if version is not None and said:
        # The own words say more than the option; the document ends with them, so the last place is theirs.
        start = version.text.rfind(said[-1])
        quote = said[-1] if start >= 0 else ""
        href = f"{chart.href}?version={version.pk}{f'#at-{start}' if quote else ''}"
        evidence = f"{version.pk}:{start}:{start + len(quote)}" if quote else ""
    return QueryRow(
        title=row.title,
        state=row.state,
        tone=row.tone,
        facts=row.facts,
        href=row.href,
        is_draft=False,
        question=row.question,
        outcome=query.get_outcome_display(),
        answer=said,
        answered=f"{given.by_name}, {moment(given.at, chart.client.timezone)}",
        cite_href=href,
        evidence=evidence,
        quote=quote,
        proposals=_proposals(query, given),
    )


def _proposals(query: CdiQuery, given: QueryAnswer) -> tuple[ProposalRow, ...]:
    """Codes to look at while the answer is not worked in yet."""
    if query.state != QueryStatus.ANSWERED:
        return ()
    return tuple(_proposal(one) for one in proposals_for(query, given))


def _proposal(one: Proposal) -> ProposalRow:
    why = f"Found by “{one.why}”" if one.why else ""
    return ProposalRow(one.system, one.code, shown_code(one.system, one.code), one.title, why)
