"""What is done on an assignment's page, and another topic for a finding."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from coding_ops.core.errors import InvalidInput, NotFound, Refused
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from qa_audit.access import reviews_in_reach
from qa_audit.actions.training import ask_reaudit, change_topic, complete_training, end_training
from qa_audit.models import FindingTopic, TrainingAssignment
from qa_audit.rules.lines import shown
from qa_audit.rules.verdict_words import verdict_words
from qa_audit.topic_tables import topic_map
from qa_audit.training_access import require_trainer
from qa_audit.views.tabs import quality_tabs
from qa_audit.views.training import words
from qa_audit.views.training.assignment import assignment_page, found_training
from qa_audit.views.training.dto import TopicChange
from qa_audit.views.training.rows import base_href


@require_POST
@for_client
def complete(request: HttpRequest, training_id: uuid.UUID) -> HttpResponse:
    """The coder has done it; ``note`` in their words."""
    one = found_training(request, training_id)
    try:
        complete_training(actor=actor_of(request), assignment=one, note=request.POST.get("note", ""))
    except InvalidInput as error:
        return assignment_page(request, one, errors={"note": error.message}, status=error.http_status)
    said = words.plural(one.reaudit_count, "chart")
    messages.success(request, f"Marked as done. {said} you finish from now on will be looked at again.")
    return _back(request, one)


@require_POST
@for_client
def reaudit(request: HttpRequest, training_id: uuid.UUID) -> HttpResponse:
    """The reviews of the re-audit, asked for now instead of overnight."""
    one = found_training(request, training_id)
    try:
        ask_reaudit(actor=actor_of(request), assignment=one)
    except Refused as error:
        return assignment_page(request, one, errors={"": error.message}, status=error.http_status)
    messages.success(request, f"{words.plural(one.reaudit_count, 'review')} asked for, chosen by seed.")
    return _back(request, one)


@require_POST
@for_client
def end(request: HttpRequest, training_id: uuid.UUID) -> HttpResponse:
    """Ends it without a clean re-audit, with a ``reason``."""
    one = found_training(request, training_id)
    try:
        end_training(actor=actor_of(request), assignment=one, reason=request.POST.get("reason", ""))
    except Refused as error:
        return assignment_page(request, one, errors={"reason": error.message}, status=error.http_status)
    messages.success(request, "The training has ended.")
    return _back(request, one)


def _back(request: HttpRequest, one: TrainingAssignment) -> HttpResponse:
    return leave(request, f"{base_href(client_of(request).slug)}assignments/{one.pk}/")


@require_http_methods(["GET", "POST"])
@for_client
def finding_topic(request: HttpRequest, line_id: uuid.UUID) -> HttpResponse:
    """Another ``topic`` for a finding than the map gave."""
    actor, client = actor_of(request), client_of(request)
    require_trainer(actor)
    found = (
        FindingTopic.objects.filter(
            client_id=client.id,
            line_id=line_id,
            fallen_at__isnull=True,
            line__review__in=reviews_in_reach(actor, client.id).values("pk"),
        )
        .select_related("line__review__encounter", "given_by")
        .first()
    )
    if found is None:
        raise NotFound
    errors, status = {}, 200
    if request.method == "POST":
        chosen = request.POST.get("topic", "")
        try:
            change_topic(actor=actor, client_id=client.id, line_id=line_id, topic=chosen)
        except InvalidInput as error:
            errors, status = {"topic": error.message}, error.http_status
        else:
            messages.success(request, f"The finding’s topic is {topic_map().name(chosen)} now.")
            return leave(request, f"{base_href(client.slug)}topic/?name={chosen}")
    line, base = found.line, base_href(client.slug)
    by = f"by {found.given_by.full_name}" if found.given_by else "by the map of topics"
    page = TopicChange(
        href=f"{base}findings/{line_id}/topic/",
        back_href=f"{base}topic/?name={found.topic}",
        about=f"{verdict_words(line.verdict)}: {shown(line.coder_line) or 'none'} →"
        f" {shown(line.reviewer_line) or 'none'}, visit {line.review.encounter.external_id}",
        given=f"{topic_map().name(found.topic)}, given {by},"
        f" {words.time_of(found.given_at, client.timezone)}",
        topics=words.topic_choices(found.topic),
    )
    context = {"page": page, "errors": errors, "tabs": quality_tabs(actor.role, client.slug, "training")}
    return render(request, "qa_audit/training_topic_change.html", context, status=status)
