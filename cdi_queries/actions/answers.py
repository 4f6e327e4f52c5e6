"""A provider's answer: kept to the letter, put into the chart, and the chart back before its coder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from cdi_queries.actions.steps import add_step, locked_query, record_in_chart
from cdi_queries.models import AnsweredBy, CdiQuery, Channel, QueryAnswer, QueryStatus, StepKind
from cdi_queries.rules.content import AnswerOption, QueryContent, from_json
from cdi_queries.rules.outcome import Outcome, outcome_of
from cdi_queries.rules.paper import AnsweredQuery, query_text
from cdi_queries.rules.query import Kind
from cdi_queries.rules.query_states import QueryVerb, step
from cdi_queries.terms.lint import wording
from coding_ops.audit.models import Verb
from coding_ops.core.errors import Conflict, InvalidInput
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.actions.documents import Writing, add_document
from encounters.actions.finalize import reopen
from encounters.actions.pends import end_query_hold
from encounters.models import Document, DocumentVersion, EncounterStatus, Provider
from encounters.rules.encounter_states import ReopenReason

LONGEST_WORDS = 4000
#: Answers that may change codes; the others leave final codes as they are.
CHANGES_CODES = frozenset({Outcome.AGREED, Outcome.OTHER})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider said.  ``option_id`` is empty where no option was chosen."""

    option_id: str
    words: str
    answered_by: AnsweredBy
    provider: Provider
    by_name: str


def provider_actor(provider: Provider, *, request_id: str = "") -> Actor:
    """A provider who has no account, or did not sign in: known by the link and the one-time code."""
    return Actor(user_id=None, display_name=provider.name, role=Role.PROVIDER, request_id=request_id)


@transaction.atomic
def answer_query(
    *, actor: Actor, query: CdiQuery, answer: Answer, now: datetime | None = None
) -> QueryAnswer:
    """Keeps the answer, adds it to the chart as a document and puts the chart first in its worklist.

    Final codes are opened again when the answer may change them.

    Raises:
        Conflict: it is answered already, has ended, or was passed on to another provider.
        InvalidInput: an option that was not offered, "other" or an open question without words.
    """
    at = now or timezone.now()
    locked = locked_query(query)
    if locked.state in (QueryStatus.ANSWERED, QueryStatus.CLOSED):
        raise Conflict("This question has been answered. The answer stands.", code="query.answered")
    after = step(locked.state, QueryVerb.ANSWER)
    if answer.provider.pk != locked.provider_id:
        raise Conflict("This question was passed on to another provider.", code="query.passed_on")
    content = from_json(locked.content)
    option = _chosen(content, answer)
    outcome = outcome_of(content.kind, option.text if option else "", wording())
    kept = _keep(locked, answer, actor, option, at)
    version = _into_the_chart(actor, locked, content, kept, at)
    locked.state, locked.outcome = after.value, outcome.value
    locked.answered_at, locked.answer_document = at, version
    locked.save(update_fields=["state", "outcome", "answered_at", "answer_document"])
    add_step(
        actor=actor,
        query=locked,
        kind=StepKind.ANSWERED,
        at=at,
        provider=locked.provider,
        facts={"outcome": outcome.value, "by": str(answer.answered_by)},
    )
    record_in_chart(
        actor=actor,
        verb=Verb.QUERY_ANSWERED,
        query=locked,
        facts={
            "outcome": outcome.value,
            "by": str(answer.answered_by),
            "sha256": bytes(kept.sha256).hex(),
        },
    )
    return_chart(actor=actor, query=locked, at=at, word="Answered", outcome=outcome)
    return kept


def return_chart(
    *, actor: Actor, query: CdiQuery, at: datetime, word: str, outcome: Outcome | None = None
) -> None:
    """Ends the query's hold, or opens final codes again when the outcome may change them."""
    encounter = query.encounter
    if query.pend is not None and query.pend.closed_at is None:
        end_query_hold(actor=actor, encounter=encounter, pend=query.pend, answer=word)
    elif outcome in CHANGES_CODES and encounter.status == EncounterStatus.FINAL:
        reopen(
            actor=actor,
            encounter=encounter,
            reason=ReopenReason.QUERY_ANSWER,
            note="A provider has answered a query.",
            first=True,
        )
    else:
        return
    add_step(actor=actor, query=query, kind=StepKind.RETURNED, at=at)


def _chosen(content: QueryContent, answer: Answer) -> AnswerOption | None:
    words = answer.words.strip()
    if len(words) > LONGEST_WORDS:
        raise InvalidInput(f"Keep your words to {LONGEST_WORDS:,} characters.", code="answer.too_long")
    if not answer.option_id:
        if content.kind is Kind.OPEN and not words:
            raise InvalidInput("Write your answer.", code="answer.words_missing")
        if not words:
            raise InvalidInput("Choose an answer, or write your own.", code="answer.missing")
        return None
    option = content.option(answer.option_id)
    if option is None:
        raise InvalidInput("Choose one of the answers offered.", code="answer.option")
    if wording().is_other(option.text) and not words:
        raise InvalidInput("Write what you mean by your answer.", code="answer.words_missing")
    return option


def _keep(
    query: CdiQuery, answer: Answer, actor: Actor, option: AnswerOption | None, at: datetime
) -> QueryAnswer:
    text = option.text if option else ""
    digest = hashlib.sha256(f"{answer.option_id}\n{text}\n{answer.words}".encode()).digest()
    kept: QueryAnswer = QueryAnswer.objects.create(
        client_id=query.client_id,
        query=query,
        provider=answer.provider,
        by_id=actor.user_id,
        by_name=answer.by_name,
        answered_by=answer.answered_by,
        option_id=answer.option_id,
        option_text=text or None,
        words=answer.words.strip() or None,
        sha256=digest,
        at=at,
    )
    return kept


def _into_the_chart(
    actor: Actor, query: CdiQuery, content: QueryContent, kept: QueryAnswer, at: datetime
) -> DocumentVersion | None:
    zone = ZoneInfo(query.encounter.client.timezone)
    # The chart is the client's to read, and who works for the vendor is not: the trail has the name.
    credential = f" ({query.author_credential})" if query.author_credential else ""
    text = query_text(
        AnsweredQuery(
            title=content.title,
            question=content.body,
            author=f"the coding team{credential}",
            asked_at=(query.sent_at or at).astimezone(zone),
            provider=kept.by_name,
            option=kept.option_text or "",
            words=kept.words or "",
            answered_at=at.astimezone(zone),
            by_word_of_mouth=query.channel == Channel.VERBAL,
        )
    )
    writing = Writing(
        external_id=f"query-{query.pk}",
        kind=Document.Kind.QUERY,
        title="Query and answer",
        text=text,
        author_name=kept.by_name,
        authored_at=at,
    )
    return add_document(actor=actor, encounter=query.encounter, writing=writing, now=at, opens_final=False)
