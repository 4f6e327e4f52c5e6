"""Passing a query on to another provider, and recording one that was asked by word of mouth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from cdi_queries.access.queries import STEWARDS
from cdi_queries.actions.answers import Answer, answer_query
from cdi_queries.actions.delivery import ask_delivery
from cdi_queries.actions.sending import CLOCK, freeze, require_addressee, start_clock
from cdi_queries.actions.steps import add_step, locked_query, record_in_chart
from cdi_queries.models import AnsweredBy, CdiQuery, Channel, QueryAnswer, QueryStatus, StepKind
from coding_ops.audit.models import Verb
from coding_ops.core.errors import Conflict, NotAllowed, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.models import Provider

SHORTEST_REASON = 5


@transaction.atomic
def redirect_query(
    *, actor: Actor, query: CdiQuery, provider: Provider, reason: str, now: datetime | None = None
) -> CdiQuery:
    """Asks another provider of the same client; the clock starts anew, the words stay.

    The provider who was asked may do it, the author, and who keeps queries.

    Raises:
        Conflict: it does not wait for an answer.
        Refused: no reason, the same provider, or one who has left.
        NotAllowed: another person.
    """
    at = now or timezone.now()
    locked = locked_query(query)
    if locked.state != QueryStatus.SENT:
        raise Conflict(
            f"The query is {locked.get_state_display().lower()}; it cannot be passed on.",
            code="query.not_waiting",
        )
    # The doors give a provider only what was asked of them.
    if actor.role not in STEWARDS | {Role.PROVIDER} and actor.user_id != locked.author_id:
        raise NotAllowed("Only its author or who was asked passes a query on.", code="query.not_yours")
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refused("Say in a few words why another provider is asked.", code="redirect.reason")
    if provider.pk == locked.provider_id:
        raise Refused("This provider is asked already.", code="redirect.same")
    before = str(locked.provider_id)
    locked.provider = provider
    require_addressee(locked, at)
    start_clock(locked, at)
    locked.save(update_fields=["provider", *CLOCK])
    locked.links.filter(client_id=locked.client_id, used_at__isnull=True, revoked_at__isnull=True).update(
        revoked_at=at
    )
    add_step(
        actor=actor, query=locked, kind=StepKind.REDIRECTED, at=at, provider=provider, note=reason,
        facts={"from": before},
    )  # fmt: skip
    record_in_chart(
        actor=actor,
        verb=Verb.QUERY_REDIRECTED,
        query=locked,
        facts={"from": before, "to": str(provider.pk)},
    )
    ask_delivery(locked)
    return locked


@transaction.atomic
def record_verbal(
    *,
    actor: Actor,
    query: CdiQuery,
    option_id: str,
    words: str,
    reasons: Mapping[str, str],
    now: datetime | None = None,
) -> QueryAnswer:
    """Keeps a query that was asked by word of mouth, with its answer, in the same fields as a written one.

    Raises:
        Refused: the draft is of a written query, or as ``send_query``.
        InvalidInput: as ``answer_query``.
    """
    at = now or timezone.now()
    if query.channel != Channel.VERBAL:
        raise Refused("This is a written query: send it.", code="query.not_verbal")
    sent = freeze(actor=actor, query=query, reasons=reasons, at=at)
    if sent.provider is None:
        raise Refused("Choose the provider to ask.", code="query.no_provider")
    answer = Answer(option_id, words, AnsweredBy.VERBAL, sent.provider, sent.provider.name)
    return answer_query(actor=actor, query=sent, answer=answer, now=at)
