"""What is posted from the page of a delivered review: answers to findings, and more days for them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from coding_ops.core.errors import DomainError, InvalidInput, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.forms import DayField
from qa_audit.access import open_review, reviews_in_reach
from qa_audit.actions.exchange import extend_answers, settle_for_absent
from qa_audit.actions.findings import Answer, answer_line
from qa_audit.models import AuditLine, Review
from qa_audit.rules.exchange import FOR_WHO_LEFT
from qa_audit.rules.review_states import LineVerb, ReviewState
from qa_audit.views.findings.exchange import exchange
from qa_audit.views.findings.exchange_dto import Sent

SAID = {
    LineVerb.ACCEPT: "Accepted.",
    LineVerb.REBUT: "Your rebuttal was handed to the reviewer.",
    LineVerb.ESCALATE: "A third person decides now.",
    LineVerb.UPHOLD: "Upheld; the coder answers next.",
    LineVerb.WITHDRAW: "Withdrawn; the coder's line stands.",
    LineVerb.CONFIRM: "Confirmed.",
    LineVerb.OVERTURN: "Overturned; the coder's line stands.",
    LineVerb.SETTLE: "The finding stands.",
    LineVerb.DISMISS: "The finding fell; the coder's line stands.",
}
SPOKEN = frozenset(SAID)


@require_POST
@for_client
def answer(request: HttpRequest, line_id: uuid.UUID) -> HttpResponse:
    """One step: ``verb``, ``words``, ``citation_kind``, ``citation``; refused: the page again, 422."""
    actor = actor_of(request)
    line, review = _opened(request, actor, line_id)
    verb = next((one for one in LineVerb if one == request.POST.get("verb")), None)
    if verb not in SPOKEN or verb is None:
        raise InvalidInput("The form is incomplete: reload the page.", code="finding.verb")
    values = {name: request.POST.get(name, "") for name in ("words", "citation_kind", "citation")}
    try:
        _say(actor, review, line, verb, values)
    except (InvalidInput, Refused) as error:
        sent = Sent(f"{line.pk}:{verb.value}", values, _errors(error, "words"))
        return exchange(request, review, sent)
    review.refresh_from_db(fields=["state"])
    over = " The review is closed, and its score final." if review.state == ReviewState.CLOSED else ""
    messages.success(request, f"Finding {line.number}: {SAID[verb]}{over}")
    return leave(request, _back(request, review, line))


@require_POST
@for_client
def extend(request: HttpRequest, line_id: uuid.UUID) -> HttpResponse:
    """``until`` (a day) and ``reason``: the coder's last day on the findings of this line's review."""
    actor = actor_of(request)
    line, review = _opened(request, actor, line_id)
    values = {name: request.POST.get(name, "") for name in ("until", "reason")}
    try:
        until = DayField(today_of(request), required=True).clean(values["until"])
        if until is None:
            raise InvalidInput("Type the new last day.", code="finding.until", details={"path": "until"})
        extend_answers(actor=actor, review=review, until=until, reason=values["reason"])
    except forms.ValidationError as error:
        return exchange(request, review, Sent("extend", values, {"until": str(error.messages[0])}))
    except (InvalidInput, Refused) as error:
        return exchange(request, review, Sent("extend", values, _errors(error, "reason")))
    messages.success(request, f"The coder can answer until {until:%m/%d/%Y}.")
    return leave(request, _back(request, review, line))


def _say(actor: Actor, review: Review, line: AuditLine, verb: LineVerb, values: Mapping[str, str]) -> None:
    if verb in FOR_WHO_LEFT:
        settle_for_absent(actor=actor, review=review, line_id=line.pk, verb=verb, reason=values["words"])
        return
    given = Answer(values["words"], values["citation_kind"], values["citation"])
    answer_line(actor=actor, review=review, line_id=line.pk, verb=verb, answer=given)


def _opened(request: HttpRequest, actor: Actor, line_id: uuid.UUID) -> tuple[AuditLine, Review]:
    """The finding and its review, through the review's door.

    Raises:
        NotFound: absent, another client's, or not theirs to see.
    """
    client = client_of(request)
    line = AuditLine.objects.filter(
        client_id=client.id, pk=line_id, review__in=reviews_in_reach(actor, client.id)
    ).first()
    if line is None:
        raise NotFound
    return line, open_review(actor=actor, client_id=client.id, review_id=line.review_id)


def _errors(error: DomainError, otherwise: str) -> dict[str, str]:
    name = str(error.details.get("path", otherwise))
    return {"reason" if otherwise == "reason" and name == "words" else name: error.message}


def _back(request: HttpRequest, review: Review, line: AuditLine) -> str:
    return f"/c/{client_of(request).slug}/quality/reviews/{review.pk}/#f{line.number}"
