"""``…/queries/audits/queries/<id>/``: one drawn query beside its ten questions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from cdi_queries.access.audits import AUDITORS, audited_in_reach, find_audited
from cdi_queries.access.queries import find_query, is_inside
from cdi_queries.actions.audits import reopen_audited, save_audited
from cdi_queries.models import AuditedQuery, AuditVerdict, CdiQuery, QueryAnswer
from cdi_queries.rules.query_audit import Judged, Judgement, Question, QuestionEdition
from cdi_queries.selectors.audits import answers_of
from cdi_queries.selectors.templates import kept_templates
from cdi_queries.terms.audits import edition_named
from cdi_queries.views.audits import parts
from cdi_queries.views.audits.dto import AuditedPage, QuestionField
from cdi_queries.views.life import trail_parts
from cdi_queries.views.life.trail_dto import LintRow
from cdi_queries.views.tabs import queries_href, query_tabs
from coding_ops.audit.models import Verb
from coding_ops.audit.reads import note_read
from coding_ops.core.errors import InvalidInput, NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.views.chart_page import banner_of


@require_http_methods(["GET", "POST"])
@for_client
def audited(request: HttpRequest, audited_id: uuid.UUID) -> HttpResponse:
    """``do`` is ``save`` or ``finish``; verdicts are sent by question, notes as ``note-<question>``."""
    actor, client = actor_of(request), client_of(request)
    found = find_audited(actor=actor, client_id=client.id, audited_id=audited_id)
    edition = edition_named(found.audit.edition)
    if request.method == "GET":
        kept = answers_of(client.id, [found.pk])[found.pk]
        return _show(request, found, edition, kept, found.summary or "", {}, status=200)
    given, summary = read_answers(request.POST, edition), request.POST.get("summary", "").strip()
    finish = request.POST.get("do") == "finish"
    try:
        save_audited(
            actor=actor, audited=found, given=given, summary=summary, finish=finish, now=timezone.now()
        )
    except InvalidInput as error:
        errors = error.details.get("fields", {"": error.message})
        return _show(request, found, edition, given, summary, errors, status=422)
    return leave(request, _after(actor, client, found) if finish else parts.audited_href(client.slug, found))


@require_POST
@for_client
def reopen(request: HttpRequest, audited_id: uuid.UUID) -> HttpResponse:
    """Opens a finished audit of a query again."""
    actor, client = actor_of(request), client_of(request)
    found = find_audited(actor=actor, client_id=client.id, audited_id=audited_id)
    if actor.role not in AUDITORS:
        raise NotFound
    reopen_audited(actor=actor, audited=found)
    return leave(request, parts.audited_href(client.slug, found))


def read_answers(post: QueryDict, edition: QuestionEdition) -> dict[str, Judgement]:
    """What was sent; a verdict that is none counts as open."""
    verdicts = {one.value: one for one in Judged}
    return {
        key: Judgement(verdicts.get(post.get(key, "")), post.get(f"note-{key}", "").strip())
        for key in edition.keys
    }


def _next(actor: Actor, client: ReachedClient, found: AuditedQuery) -> AuditedQuery | None:
    """The next one of the audit that this person may judge, after this and then from the start."""
    waiting = (
        audited_in_reach(actor, client.id)
        .filter(audit_id=found.audit_id, finished_at__isnull=True)
        .exclude(author_id=actor.person_id)
        .exclude(pk=found.pk)
        .order_by("position")
    )
    free = [one for one in waiting if one.auditor_id in (None, actor.user_id)]
    return next((one for one in free if one.position > found.position), free[0] if free else None)


def _after(actor: Actor, client: ReachedClient, found: AuditedQuery) -> str:
    """Where one goes when a query is finished: the next one, or the audit where there is none."""
    following = _next(actor, client, found)
    if following is None:
        return f"{parts.audits_href(client.slug)}{found.audit_id}/"
    return parts.audited_href(client.slug, following)


def _show(
    request: HttpRequest,
    found: AuditedQuery,
    edition: QuestionEdition,
    given: Mapping[str, Judgement],
    summary: str,
    errors: Mapping[str, str],
    *,
    status: int,
) -> HttpResponse:
    page = _page(request, found, edition, given, summary, errors)
    actor, client = actor_of(request), client_of(request)
    context = {"page": page, "errors": errors, "tabs": query_tabs(actor.role, client.slug, "audits")}
    return render(request, "cdi_queries/audited.html", context, status=status)


def _page(
    request: HttpRequest,
    found: AuditedQuery,
    edition: QuestionEdition,
    given: Mapping[str, Judgement],
    summary: str,
    errors: Mapping[str, str],
) -> AuditedPage:
    actor, client = actor_of(request), client_of(request)
    query = _opened(actor, client, found)
    answer = QueryAnswer.objects.filter(client_id=client.id, query=query).first()
    lint = trail_parts.lint_of(query)
    closed = _closed(actor, found)
    following = _next(actor, client, found) if actor.role in AUDITORS else None
    return AuditedPage(
        href=parts.audited_href(client.slug, found),
        back_href=_back(actor, client, found),
        next_href=parts.audited_href(client.slug, following) if following else "",
        heading=f"Query {found.position} of {found.audit.sample_count}",
        lead=_lead(actor, client, found),
        banner=banner_of(query.encounter),
        trail_href=f"{queries_href(client.slug)}{query.pk}/",
        facts=_facts(actor, client, query),
        question=trail_parts.question_of(query, answer),
        answer=trail_parts.answer_of(query, answer, "", client.timezone),
        lint_words=_lint_words(query, lint),
        lint=lint,
        fields=tuple(
            _field(number, question, given.get(question.key, Judgement(None)), lint)
            for number, question in enumerate(edition.questions, start=1)
        ),
        summary=summary,
        score=_met(found),
        closed=closed,
        may_judge=not closed,
        can_reopen=found.finished_at is not None and found.auditor_id == actor.user_id,
        errors=errors,
    )


def _opened(actor: Actor, client: ReachedClient, found: AuditedQuery) -> CdiQuery:
    """The query with its words; the read of the chart is noted, whoever's door it came through.

    Raises:
        NotFound: it is no longer theirs to see.
    """
    query = find_query(actor=actor, client_id=client.id, query_id=found.query_id)
    note_read(
        actor=actor,
        verb=Verb.QUERY_VIEWED,
        client_id=client.id,
        subject_type="cdiquery",
        subject_id=str(query.pk),
        encounter_ids=(str(query.encounter_id),),
    )
    return query


def _met(found: AuditedQuery) -> str:
    """``8 of 9``: one query is no sample, so it has no rate."""
    return f"{found.met_count} of {found.met_count + found.training_count}" if found.finished_at else ""


def _closed(actor: Actor, found: AuditedQuery) -> str:
    """Why this person does not judge it now; empty where they do."""
    if found.finished_at is not None:
        return "Finished."
    if found.author_id == actor.user_id:
        return "You wrote this query: somebody else audits it."
    if found.auditor is not None and found.auditor_id != actor.user_id:
        return f"{found.auditor.full_name} audits this query."
    return ""


def _lead(actor: Actor, client: ReachedClient, found: AuditedQuery) -> str:
    author = "you" if found.author_id == actor.user_id else found.author.full_name
    if found.finished_at is None or found.auditor is None:
        return f"Written by {author}."
    at = moment(found.finished_at, client.timezone)
    return f"Written by {author}. Audited by {found.auditor.full_name}, {at}."


def _back(actor: Actor, client: ReachedClient, found: AuditedQuery) -> str:
    if actor.role in AUDITORS:
        return f"{parts.audits_href(client.slug)}{found.audit_id}/"
    return parts.author_href(client.slug, found.author_id)


def _facts(actor: Actor, client: ReachedClient, query: CdiQuery) -> tuple[tuple[str, str], ...]:
    names = {one.template.key: one.template.name for one in kept_templates(client.id)}
    about = names.get(query.template_key, query.template_key)
    found = list(trail_parts.facts_of(query, about, client.timezone, inside=is_inside(actor)))
    if is_inside(actor):
        found += [("May change", trail_parts.impacts_of(query)), ("Internal note", query.internal_note or "")]
    return tuple((name, value) for name, value in found if value)


def _lint_words(query: CdiQuery, lint: tuple[LintRow, ...]) -> str:
    if not lint:
        return f"Nothing found when it was sent, edition {query.lint_edition}."
    return f"{len(lint)} let stand with a reason when it was sent, edition {query.lint_edition}."


def _field(number: int, question: Question, given: Judgement, lint: tuple[LintRow, ...]) -> QuestionField:
    return QuestionField(
        key=question.key,
        number=number,
        title=question.title,
        words=question.words,
        choices=tuple(Choice(one.value, str(one.label), one.value == given.verdict) for one in AuditVerdict),
        note=given.note,
        lint=_machine(question, lint),
        answered=str(AuditVerdict(given.verdict).label) if given.verdict else "Not answered",
    )


def _machine(question: Question, lint: tuple[LintRow, ...]) -> str:
    """What the lint said of the same thing when the query was sent."""
    if not question.lint:
        return ""
    rules = " and ".join(question.lint) if len(question.lint) < 3 else ", ".join(question.lint)
    hits = [one.rule for one in lint if one.rule in question.lint]
    return f"Lint {rules}: {'let stand, see above' if hits else 'nothing found'}"
