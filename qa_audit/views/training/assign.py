"""``/c/<client>/quality/training/assign/``: a topic for a coder, from a finding or from the topic."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from coding_ops.core.errors import InvalidInput, NotFound, Refused
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.models import Client
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from qa_audit.access import reviews_in_reach
from qa_audit.actions.training import NewTraining, assign_training
from qa_audit.models import FindingTopic
from qa_audit.rules.lines import shown
from qa_audit.rules.verdict_words import verdict_words
from qa_audit.selectors.training import coders_of, untrained_findings
from qa_audit.topic_tables import topic_map
from qa_audit.training_access import require_trainer
from qa_audit.views.tabs import quality_tabs
from qa_audit.views.training import words
from qa_audit.views.training.dto import AssignForm
from qa_audit.views.training.rows import base_href


@require_http_methods(["GET", "POST"])
@for_client
def assign(request: HttpRequest) -> HttpResponse:
    """``line`` (a finding), or ``topic`` and ``coder``."""
    actor, client = actor_of(request), client_of(request)
    require_trainer(actor)
    if request.method == "GET":
        return _form(request, request.GET)
    finding = _finding(request, request.POST.get("line", ""))
    try:
        made = assign_training(
            actor=actor,
            client=Client.objects.get(pk=client.id),
            training=_read(request.POST, finding),
            line_id=finding.line_id if finding else None,
        )
    except (InvalidInput, Refused) as error:
        path = str(error.details.get("path", ""))
        return _form(request, request.POST, errors={path: error.message}, status=error.http_status)
    messages.success(request, f"{topic_map().name(made.topic)} is assigned, due {words.day(made.due_on)}.")
    return leave(request, f"{base_href(client.slug)}assignments/{made.pk}/")


def _read(sent: Mapping[str, str], finding: FindingTopic | None) -> NewTraining:
    coder = sent.get("coder", "")
    return NewTraining(
        topic=finding.topic if finding else sent.get("topic", ""),
        coder_id=finding.coder_id if finding else words.read_count(coder or "0", "coder"),
        reason=sent.get("reason", ""),
        material=sent.get("material", ""),
        due_on=words.read_day(sent.get("due_on", ""), "due_on"),
        reaudit_count=words.read_count(sent.get("reaudit_count", ""), "reaudit_count"),
    )


def _finding(request: HttpRequest, text: str) -> FindingTopic | None:
    """The finding that the training comes from.

    Raises:
        NotFound: it has no topic, or is not theirs to see.
    """
    if not text:
        return None
    try:
        line_id = uuid.UUID(text)
    except ValueError as error:
        raise NotFound from error
    client_id = client_of(request).id
    found = (
        FindingTopic.objects.filter(
            client_id=client_id,
            line_id=line_id,
            fallen_at__isnull=True,
            line__review__in=reviews_in_reach(actor_of(request), client_id).values("pk"),
        )
        .select_related("line__review__encounter", "coder")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def _form(
    request: HttpRequest,
    sent: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    client, numbers = client_of(request), topic_map().numbers
    finding = _finding(request, sent.get("line", ""))
    topic = finding.topic if finding else sent.get("topic", "")
    coder = str(finding.coder_id) if finding else sent.get("coder", "")
    due_on = sent.get("due_on") or (today_of(request) + timedelta(days=numbers.due_days)).isoformat()
    base = base_href(client.slug)
    page = AssignForm(
        href=f"{base}assign/",
        list_href=base,
        line=str(finding.line_id) if finding else "",
        about=_about(finding) if finding else _about_topic(client, topic, coder),
        topics=words.topic_choices(topic),
        coders=tuple(Choice(str(pk), name, str(pk) == coder) for pk, name in coders_of(client.id).items()),
        reason=sent.get("reason", ""),
        material=sent.get("material", ""),
        due_on=due_on,
        reaudit_count=sent.get("reaudit_count", str(numbers.reaudit_charts)),
        most_charts=str(numbers.most_charts),
    )
    context = {
        "page": page,
        "errors": errors or {},
        "tabs": quality_tabs(actor_of(request).role, client.slug, "training"),
    }
    return render(request, "qa_audit/training_assign.html", context, status=status)


def _about(finding: FindingTopic) -> str:
    """``Kidney disease and its stages for Rosalind Ames: wrong specificity, N18.31 → N18.32, visit V1.``"""
    line = finding.line
    codes = f"{shown(line.coder_line) or 'none'} → {shown(line.reviewer_line) or 'none'}"
    return (
        f"{topic_map().name(finding.topic)}, for {finding.coder.full_name}:"
        f" {verdict_words(line.verdict).lower()}, {codes}, visit {line.review.encounter.external_id}."
    )


def _about_topic(client: ReachedClient, topic: str, coder: str) -> str:
    """How many findings the training would be about, once topic and coder are chosen."""
    if topic in topic_map().topics and coder.isdecimal() and len(coder) < 10:
        count = len(untrained_findings(client.id, int(coder), topic))
        return f"About {words.plural(count, 'settled finding')} of this coder that no training had yet."
    return "It is about the coder’s settled findings of the topic that no training had yet."
