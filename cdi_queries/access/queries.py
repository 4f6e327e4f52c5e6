"""The doors to queries.

Who reviews or manages opens any query of the client; a coder those they wrote and those about charts they may
open; a client's people what was sent; a provider what was asked of them; an auditor what has ended.  What the
provider must not see is in no page made for them: ``is_inside`` says who may see it.
"""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from cdi_queries.models import CdiQuery, QueryStatus
from coding_ops.audit.models import Verb
from coding_ops.audit.reads import note_read
from coding_ops.core.errors import NotAllowed, NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.closed import closed_charts
from coding_ops.tenancy.models import Role
from encounters.access import REVIEWING, charts_in_reach
from encounters.models import EncounterStatus, Provider

AUTHORS = frozenset({Role.CODER, Role.CDI_SPECIALIST, Role.MANAGER, Role.VENDOR_ADMIN})
"""Who may write queries: a coder about the chart they hold, the others about any chart of the client."""
LEADERS = frozenset({Role.MANAGER, Role.VENDOR_ADMIN})
STEWARDS = LEADERS | {Role.CDI_SPECIALIST}
"""Who keeps templates, triggers and policy."""
CLIENT_READERS = frozenset({Role.CLIENT_VIEWER, Role.CLIENT_ADMIN})
ENDED = (QueryStatus.CLOSED, QueryStatus.CANCELLED, QueryStatus.EXPIRED)


def is_inside(actor: Actor) -> bool:
    """Whether the person may see impact, internal words and the lint: the vendor's people only."""
    return actor.is_vendor


def queries_in_reach(actor: Actor, client_id: int) -> QuerySet[CdiQuery]:
    """The queries of an open client that this person may open; the scope must be open."""
    queries: QuerySet[CdiQuery] = CdiQuery.objects.filter(client_id=client_id)
    if actor.role in REVIEWING:
        return queries.exclude(encounter_id__in=closed_charts(actor, client_id))
    if actor.role == Role.CODER:
        return queries.filter(
            Q(author_id=actor.person_id) | Q(encounter__in=charts_in_reach(actor, client_id))
        )
    if actor.role in CLIENT_READERS:
        return queries.filter(sent_at__isnull=False)
    if actor.role == Role.PROVIDER:
        return asked_of(actor, client_id)
    if actor.role == Role.EXTERNAL_AUDITOR:
        return queries.filter(sent_at__isnull=False, state__in=ENDED, encounter__status=EncounterStatus.FINAL)
    return queries.none()


def asked_of(actor: Actor, client_id: int) -> QuerySet[CdiQuery]:
    """What was asked of this provider, whatever became of it."""
    mine = Provider.objects.filter(client_id=client_id, user_id=actor.person_id)
    queries: QuerySet[CdiQuery] = CdiQuery.objects.filter(
        client_id=client_id, sent_at__isnull=False, provider__in=mine
    )
    return queries


def find_query(*, actor: Actor, client_id: int, query_id: uuid.UUID) -> CdiQuery:
    """A query of an open client without its words being shown.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    query = (
        queries_in_reach(actor, client_id)
        .filter(pk=query_id)
        .select_related("encounter", "provider", "author", "specialty")
        .first()
    )
    if query is None:
        raise NotFound
    return query


def open_query(*, actor: Actor, client_id: int, query_id: uuid.UUID) -> CdiQuery:
    """A query with its words; they are of a patient's record, so the read of the chart is noted.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    query = find_query(actor=actor, client_id=client_id, query_id=query_id)
    note_read(
        actor=actor,
        verb=Verb.QUERY_VIEWED,
        client_id=client_id,
        subject_type="cdiquery",
        subject_id=str(query.pk),
        encounter_ids=(str(query.encounter_id),),
    )
    return query


def require_author(actor: Actor, query: CdiQuery | None = None) -> None:
    """Who may write this query, or any when there is none yet.

    Raises:
        NotAllowed: another role, or another person's draft.
    """
    if actor.role not in AUTHORS:
        raise NotAllowed("Only coders and CDI specialists write queries.", code="query.not_an_author")
    if (
        query is not None
        and query.state == QueryStatus.DRAFT
        and query.author_id != actor.user_id
        and actor.role not in LEADERS
    ):
        raise NotAllowed("This draft is another person's.", code="query.not_yours")


def require_steward(actor: Actor) -> None:
    """Who may change templates, triggers and the policy.

    Raises:
        NotFound: a role that has nothing to do with them.
        NotAllowed: it may look only.
    """
    if not actor.is_vendor:
        raise NotFound
    if actor.role not in STEWARDS:
        raise NotAllowed("Only CDI specialists and managers change this.", code="query.not_a_steward")
