"""Bringing a query to its provider: through the client's inbox where it has one, else by mail with a link.

Only what went out is written into the trail as delivered.  What failed has no such step and is tried again by
the schedule; a second message for what went out finds the step and does nothing.
"""

from __future__ import annotations

import logging
import smtplib
from datetime import datetime
from enum import Enum
from zoneinfo import ZoneInfo

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from cdi_queries.actions.links import link_href, make_link, public_address
from cdi_queries.actions.outbox import send_out
from cdi_queries.actions.steps import add_step
from cdi_queries.models import CdiQuery, Channel, QueryLink, QueryStatus, QueryStep, StepKind
from cdi_queries.rules.mails import Mail, advisor_mail, question_mail
from cdi_queries.selectors.contacts import address_of, contact_of
from coding_ops.accounts.models import User
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.tenancy.actor import Actor, system_actor
from coding_ops.tenancy.models import Client, Membership, Role
from coding_ops.tenancy.tasks import enqueue
from encounters.models import Provider

MOST_AT_ONCE = 500
NOT_TAKEN = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused)
"""One mail's trouble; everything else is the server's, and the next mail would meet it too."""
logger = logging.getLogger(__name__)


class Sending(Enum):
    """What became of a mail."""

    SENT = "sent"
    NOT_DUE = "not_due"
    NO_ADDRESS = "no_address"
    REFUSED = "refused"
    NO_SERVER = "no_server"


def ask_delivery(query: CdiQuery) -> None:
    """Has the query brought to its provider once this transaction has committed."""
    enqueue("cdi_queries.deliver_query", client_id=query.client_id, query_id=str(query.pk))


def deliver(*, client_id: int, query_id: str) -> bool:
    """Whether the query was mailed now.

    False when it has gone out, waits for nobody, could not be sent, or goes through the client's inbox.
    """
    return _deliver(client_id, query_id) is Sending.SENT


def deliver_waiting(*, client_id: int) -> int:
    """Brings what was asked and never went out; returns how many.  A mail server that is down ends it."""
    waiting = undelivered(client_id).order_by("asked_at", "pk").values_list("pk", flat=True)
    sent = 0
    for pk in list(waiting[:MOST_AT_ONCE]):
        outcome = _deliver(client_id, str(pk))
        sent += outcome is Sending.SENT
        if outcome is Sending.NO_SERVER:
            break
    return sent


@transaction.atomic
def _deliver(client_id: int, query_id: str) -> Sending:
    query = _locked(client_id, query_id)
    if query is None or not undelivered(client_id).filter(pk=query.pk).exists():
        return Sending.NOT_DUE
    now = timezone.now()
    actor = system_actor("delivery of queries")
    if send_out(query=query):
        return Sending.NOT_DUE  # the client's inbox has it in line, and says itself when it arrived
    route = "mail"
    outcome = _mail_question(query, actor, now, again=False)
    if outcome is not Sending.SENT:
        return outcome
    add_step(
        actor=actor,
        query=query,
        kind=StepKind.DELIVERED,
        at=now,
        provider=query.provider,
        facts={"route": route},
    )
    record_event(actor=actor, verb=Verb.QUERY_DELIVERED, subject=query, facts={"route": route})
    return outcome


def undelivered(client_id: int) -> QuerySet[CdiQuery]:
    """Written queries that wait for an answer and did not reach the provider who is asked now."""
    delivered = QueryStep.objects.filter(
        client_id=client_id, query=OuterRef("pk"), kind=StepKind.DELIVERED, at__gte=OuterRef("asked_at")
    )
    queries: QuerySet[CdiQuery] = CdiQuery.objects.filter(
        client_id=client_id, state=QueryStatus.SENT, channel=Channel.WRITTEN
    ).exclude(Exists(delivered))
    return queries


@transaction.atomic
def remind(*, actor: Actor, query: CdiQuery, now: datetime) -> bool:
    """Mails the provider once more that the question waits; whether the mail went out.

    The standing link is mailed again while it lives, else a new one.  The trail says so only if it went out.
    """
    locked = _locked(query.client_id, str(query.pk))
    if locked is None or locked.state != QueryStatus.SENT:
        return False
    if _mail_question(locked, actor, now, again=True) is not Sending.SENT:
        return False
    add_step(actor=actor, query=locked, kind=StepKind.REMINDED, at=now, provider=locked.provider)
    return True


def mail_advisor(*, client: Client, advisor: User, count: int) -> bool:
    """Tells the advisor of a client that so many questions wait too long; whether the mail went out."""
    mail = advisor_mail(place=client.name, link=public_address(f"/c/{client.slug}/queries/"), count=count)
    return advisor.is_active and send_mail(mail, advisor.email, client_id=client.pk) is Sending.SENT


def send_mail(mail: Mail, address: str, *, client_id: int) -> Sending:
    """Hands a mail to the mail server.  What goes wrong is logged without the address."""
    try:
        EmailMessage(mail.subject, mail.body, to=[address]).send()
    except (smtplib.SMTPException, OSError) as error:
        logger.warning("mail not sent", extra={"client_id": client_id, "error": type(error).__name__})
        return Sending.REFUSED if isinstance(error, NOT_TAKEN) else Sending.NO_SERVER
    return Sending.SENT


def _mail_question(query: CdiQuery, actor: Actor, now: datetime, *, again: bool) -> Sending:
    provider = query.provider
    if provider is None:
        return Sending.NOT_DUE
    address = address_of(provider, contact_of(query.client_id, provider.pk))
    if not address:
        logger.warning(
            "no address for a query", extra={"client_id": query.client_id, "query_id": str(query.pk)}
        )
        return Sending.NO_ADDRESS
    client = query.encounter.client
    link = _standing_link(query, now) or make_link(actor=actor, query=query, now=now)
    mail = question_mail(
        place=client.name,
        link=public_address(link_href(link)),
        until=link.expires_at.astimezone(ZoneInfo(client.timezone)),
        sign_in=public_address(f"/c/{client.slug}/asked/") if signs_in(provider) else "",
        again=again,
    )
    return send_mail(mail, address, client_id=query.client_id)


def _standing_link(query: CdiQuery, now: datetime) -> QueryLink | None:
    """The link that still opens the question for who is asked now."""
    return QueryLink.objects.filter(
        client_id=query.client_id,
        query=query,
        provider=query.provider,
        used_at__isnull=True,
        revoked_at__isnull=True,
        expires_at__gt=now,
    ).first()


def signs_in(provider: Provider) -> bool:
    """Whether the provider has an account through which the question can be answered too."""
    return Membership.objects.filter(
        client_id=provider.client_id, user=provider.user, role=Role.PROVIDER, revoked_at__isnull=True
    ).exists()


def _locked(client_id: int, query_id: str) -> CdiQuery | None:
    """The query for the length of the transaction; None while somebody else moves it: they come first."""
    return (
        CdiQuery.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(client_id=client_id, pk=query_id)
        .select_related("encounter__client", "provider__user")
        .first()
    )
