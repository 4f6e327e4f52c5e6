"""Sending a query: from here on its words never change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from cdi_queries.access.queries import require_author
from cdi_queries.actions.delivery import ask_delivery
from cdi_queries.actions.steps import add_step, locked_query, record_in_chart
from cdi_queries.models import CdiQuery, Channel, QueryStatus, StepKind
from cdi_queries.rules.content import digest_of, from_json
from cdi_queries.rules.query import Finding, Severity
from cdi_queries.rules.query_states import QueryVerb, step
from cdi_queries.selectors.contacts import contact_of, day_at, has_left
from cdi_queries.selectors.linting import findings_of
from cdi_queries.selectors.policy import policy_of
from cdi_queries.terms.lint import wording
from coding_ops.accounts.models import User
from coding_ops.accounts.selectors import credential_line
from coding_ops.audit.models import Verb
from coding_ops.core.errors import Conflict, Refused
from coding_ops.tenancy.actor import Actor
from encounters.actions.changes import code_set
from encounters.actions.pends import hold_for_query
from encounters.models import Encounter, EncounterStatus

#: Shortest reason for letting a warning stand.
SHORTEST_REASON = 5


class NotSendable(Refused):
    """Errors stand, or warnings without a reason; ``findings`` are those that stop it."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        first = findings[0]
        more = f" And {len(findings) - 1} more." if len(findings) > 1 else ""
        what = "" if first.severity is Severity.ERROR else " Mend it, or say why it may stand."
        super().__init__(f"Not sent. {first.message}{what}{more}", code=f"query.{first.rule.lower()}")
        self.findings = tuple(findings)


@transaction.atomic
def send_query(
    *,
    actor: Actor,
    query: CdiQuery,
    reasons: Mapping[str, str],
    hold: bool = True,
    fence: int | None = None,
    now: datetime | None = None,
) -> CdiQuery:
    """Sends a draft to its provider, with the lint as it is now, and puts the chart on hold if asked.

    ``reasons``: rule id to why its warning may stand.  ``fence``: the author's own lease, when they hold the
    chart.  The hold is left out where the chart cannot be held (`hold_for_query`).

    Raises:
        NotSendable: an error stands, or a warning without a reason.
        Refused: no provider, one who has left, a cancelled visit, a query asked by word of mouth.
        Conflict: it is no draft any more, or the chart is no longer held.
    """
    at = now or timezone.now()
    if query.channel == Channel.VERBAL:
        raise Refused(
            "This was asked by word of mouth: keep it with its answer instead of sending it.",
            code="query.verbal",
        )
    sent = freeze(actor=actor, query=query, reasons=reasons, at=at)
    encounter = sent.encounter
    if hold and encounter.status != EncounterStatus.FINAL:
        put_on_hold(actor=actor, query=sent, fence=fence, at=at)
    ask_delivery(sent)
    return sent


@transaction.atomic
def hold_chart(*, actor: Actor, query: CdiQuery, fence: int) -> CdiQuery:
    """Puts the chart in one's hands on hold for a query that was sent while one coded it.

    Raises:
        Conflict: the query does not wait for an answer any more, or the chart is no longer held.
    """
    locked = locked_query(query)
    if locked.state != QueryStatus.SENT:
        raise Conflict(
            f"The query is {locked.get_state_display().lower()}: there is nothing to wait for.",
            code="query.not_waiting",
        )
    put_on_hold(actor=actor, query=locked, fence=fence, at=timezone.now())
    return locked


def freeze(*, actor: Actor, query: CdiQuery, reasons: Mapping[str, str], at: datetime) -> CdiQuery:
    """Makes a draft a sent query: words, lint and codes as they are now; no hold, no delivery.

    Raises: as ``send_query``.
    """
    require_author(actor, query)
    locked = locked_query(query)
    after = step(locked.state, QueryVerb.SEND)
    require_addressee(locked, at)
    if locked.encounter.status == EncounterStatus.CANCELLED:
        raise Refused("The visit is cancelled: there is nothing to ask about.", code="query.cancelled_visit")
    content = from_json(locked.content)
    findings = findings_of(locked, content)
    _refuse_unsendable(findings, reasons)
    warned = list(dict.fromkeys(one.rule for one in findings if one.severity is Severity.WARNING))
    locked.state = after.value
    locked.author_credential = actor.credential or credential_line(
        User.objects.get(pk=locked.author_id), timezone.localdate()
    )
    locked.content_sha256 = digest_of(locked.content)
    locked.lint = json.dumps(
        {"findings": [asdict(one) for one in findings], "reasons": {rule: reasons[rule] for rule in warned}}
    )
    locked.lint_edition, locked.lint_warnings = wording().edition, warned
    locked.codes_before = code_set(locked.encounter)
    locked.is_retrospective = locked.encounter.status == EncounterStatus.FINAL
    locked.sent_at = at
    start_clock(locked, at)
    locked.save(
        update_fields=[
            "state", "author_credential", "content_sha256", "lint", "lint_edition", "lint_warnings",
            "codes_before", "is_retrospective", "sent_at", *CLOCK,
        ]
    )  # fmt: skip
    add_step(actor=actor, query=locked, kind=StepKind.SENT, at=at, provider=locked.provider)
    record_in_chart(
        actor=actor,
        verb=Verb.QUERY_SENT,
        query=locked,
        facts={
            "provider": str(locked.provider_id),
            "sha256": bytes(locked.content_sha256).hex(),
            "warnings": warned,
            "lint_edition": locked.lint_edition,
        },
    )
    return locked


CLOCK = ("asked_at", "due_at", "expires_at", "escalated_at", "escalation_level", "advisor")


def start_clock(query: CdiQuery, at: datetime) -> None:
    """When the query was asked, is due and runs out, by the client's policy; nothing is escalated yet."""
    policy = policy_of(query.client_id)
    query.asked_at = at
    query.due_at = at + timedelta(hours=policy.answer_hours)
    query.expires_at = at + timedelta(days=policy.expiry_days)
    query.escalated_at, query.escalation_level, query.advisor = None, 0, None


def put_on_hold(*, actor: Actor, query: CdiQuery, fence: int | None, at: datetime) -> None:
    """Puts the query's chart on hold where that is possible, and says so in the trail."""
    encounter: Encounter = query.encounter
    due = query.expires_at.date() if query.expires_at else at.date()
    pend = hold_for_query(actor=actor, encounter=encounter, due_on=due, fence=fence)
    if pend is None:
        return
    query.pend = pend
    query.save(update_fields=["pend"])
    add_step(actor=actor, query=query, kind=StepKind.HELD, at=at, facts={"pend": str(pend.pk)})


def require_addressee(query: CdiQuery, at: datetime) -> None:
    """A provider who can be asked, on the client's day.

    Raises:
        Refused: none is chosen, or they have left; names who stands in.
    """
    if query.provider is None:
        raise Refused("Choose the provider to ask.", code="query.no_provider")
    contact = contact_of(query.client_id, query.provider.pk)
    if contact is None or not has_left(contact, day_at(query.encounter.client.timezone, at)):
        return
    instead = f" {contact.stands_in.name} answers for them." if contact.stands_in else ""
    raise Refused(
        f"{query.provider.name} left on {contact.left_on:%m/%d/%Y}; ask another provider.{instead}",
        code="query.provider_left",
    )


def _refuse_unsendable(findings: Sequence[Finding], reasons: Mapping[str, str]) -> None:
    errors = [one for one in findings if one.severity is Severity.ERROR]
    if errors:
        raise NotSendable(errors)
    unexplained = [one for one in findings if len(reasons.get(one.rule, "").strip()) < SHORTEST_REASON]
    if unexplained:
        raise NotSendable(unexplained)
