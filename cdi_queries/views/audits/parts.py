"""Parts that several pages of query audits share: scores, rows of questions, rows of drawn queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import QuerySet

from cdi_queries.models import AuditedQuery, QueryKind
from cdi_queries.rules.query_audit import QuestionEdition, QuestionResult, by_question, score
from cdi_queries.selectors.audits import Standing, verdict_counts
from cdi_queries.selectors.templates import kept_templates
from cdi_queries.terms.measures import measure_terms
from cdi_queries.views.audits.dto import DrawnRow, QuestionRow, Score
from cdi_queries.views.measures import words
from cdi_queries.views.tabs import queries_href
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from encounters.views import words as chart_words

NO_TEMPLATE = "Own words"


def audits_href(slug: str) -> str:
    """``/c/<client>/queries/audits/``"""
    return f"{queries_href(slug)}audits/"


def audited_href(slug: str, audited: AuditedQuery) -> str:
    """The page of one drawn query."""
    return f"{audits_href(slug)}queries/{audited.pk}/"


def author_href(slug: str, author_id: int) -> str:
    """The page of one author's results."""
    return f"{audits_href(slug)}authors/{author_id}/"


def score_of(standing: Standing) -> Score:
    """The score of what is finished: criteria met of those that applied, with interval and n."""
    terms = measure_terms()
    text, detail = words.share(score(standing.criteria, terms.confidence), terms)
    return Score(text, detail)


def question_rows(
    client_id: int, edition: QuestionEdition, audited: QuerySet[AuditedQuery]
) -> tuple[QuestionRow, ...]:
    """Each question with its verdicts over the finished ones, in the order of the form."""
    counts = verdict_counts(client_id, audited)
    results = by_question(edition, counts, measure_terms().confidence)
    return tuple(_question_row(number, one) for number, one in enumerate(results, start=1))


def _question_row(number: int, result: QuestionResult) -> QuestionRow:
    text, detail = words.share(result.share, measure_terms())
    return QuestionRow(
        number=number,
        title=result.question.title,
        met=f"{result.met:,}",
        training=f"{result.training:,}",
        not_applicable=f"{result.not_applicable:,}",
        score=Score(text, detail),
    )


def drawn_rows(actor: Actor, client: ReachedClient, drawn: Sequence[AuditedQuery]) -> tuple[DrawnRow, ...]:
    """The rows of a list; their queries, authors and auditors must be read with them."""
    names = {one.template.key: one.template.name for one in kept_templates(client.id)}
    return tuple(_drawn_row(actor, client, one, names) for one in drawn)


def _drawn_row(actor: Actor, client: ReachedClient, one: AuditedQuery, names: Mapping[str, str]) -> DrawnRow:
    query = one.query
    state, tone = state_of(one)
    template = query.template_key
    about = names.get(template, template) or NO_TEMPLATE
    return DrawnRow(
        href=audited_href(client.slug, one),
        number=one.position,
        visit=query.encounter.external_id,
        sent=chart_words.moment(query.sent_at, client.timezone) if query.sent_at else "",
        author="You" if one.author_id == actor.user_id else one.author.full_name,
        about=f"{about}, {str(QueryKind(query.kind).label).lower()}",
        auditor=one.auditor.full_name if one.auditor else "",
        state=state,
        tone=tone,
        score=f"{one.met_count} of {one.met_count + one.training_count}" if one.finished_at else "",
    )


def state_of(one: AuditedQuery) -> tuple[str, str]:
    """Where the audit of one query stands, and its tone."""
    if one.finished_at is not None:
        return "Finished", "ok"
    return ("Begun", "warn") if one.auditor_id else ("Not begun", "line")


LIST_COLUMNS = (
    "client_id", "audit_id", "position", "author_id", "author__full_name", "auditor_id", "auditor__full_name",
    "finished_at", "met_count", "training_count", "query__client_id", "query__template_key", "query__kind",
    "query__sent_at", "query__encounter__client_id", "query__encounter__external_id",
)  # fmt: skip


def for_list(drawn: QuerySet[AuditedQuery]) -> QuerySet[AuditedQuery]:
    """With all that a row shows, and no sealed column."""
    return drawn.select_related("author", "auditor", "query__encounter").only(*LIST_COLUMNS)


def page_of(text: str) -> int:
    """The page of ``?page=``, 1 for anything that is none."""
    return int(text) if text.isdecimal() and 0 < int(text[:6]) < 10_000 else 1
