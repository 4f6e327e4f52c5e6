"""The mail that tells a client's advisor that a question has waited too long.  It holds no patient data."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from cdi_queries.actions.escalation import ADVISOR
from cdi_queries.actions.steps import add_step, locked_query
from cdi_queries.models import CdiQuery, QueryStatus, QueryStep, StepKind
from coding_ops.tenancy.actor import system_actor

SUBJECT = "A question about documentation has waited too long"
TEXT = """Hello {name},

A question to a provider of {client} has not been answered in time.
You are named as the advisor for such questions.

See it here, after signing in:
{url}

This mail holds no patient data. Please do not answer it.
"""


@transaction.atomic
def tell_advisor(*, client_id: int, query_id: str) -> bool:
    """Mails the advisor of one escalated query, once for each escalation; whether a mail went out now.

    A mail server that does not answer raises; then no step is kept and the next sweep asks again.
    """
    found = CdiQuery.objects.filter(client_id=client_id, pk=uuid.UUID(query_id)).first()
    if found is None:
        return False
    query = locked_query(found)
    advisor = query.advisor
    if query.state != QueryStatus.SENT or advisor is None or _was_told(query):
        return False
    client = query.encounter.client
    EmailMessage(
        subject=SUBJECT,
        body=TEXT.format(
            name=advisor.full_name,
            client=client.name,
            url=f"{settings.PUBLIC_URL}/c/{client.slug}/queries/?with=me",
        ),
        to=[advisor.email],
    ).send()
    add_step(
        actor=system_actor("escalation"),
        query=query,
        kind=StepKind.REMINDED,
        at=timezone.now(),
        facts={"to": ADVISOR, "level": query.escalation_level},
    )
    return True


def _was_told(query: CdiQuery) -> bool:
    return QueryStep.objects.filter(
        client_id=query.client_id,
        query=query,
        kind=StepKind.REMINDED,
        at__gte=query.escalated_at,
        facts__to=ADVISOR,
    ).exists()
