"""Carrying rules from one client to another: a file out, a file or text in."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from coding_ops.core.errors import InvalidInput
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from edit_rules.access import require_editor
from edit_rules.actions.rules import import_rules
from edit_rules.rules.exchange import write_rules
from edit_rules.selectors.contents import carried_rules
from edit_rules.views.listing import base_href

MOST_BYTES = 1_000_000


@require_GET
@for_client
def export(request: HttpRequest) -> HttpResponse:
    """What each rule says now, as a JSON file.  It holds policies, and nothing of a patient."""
    client = client_of(request)
    require_editor(actor_of(request))
    answer = HttpResponse(write_rules(carried_rules(client.id)), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="edit-rules-{client.slug}.json"'
    return answer


@require_http_methods(["GET", "POST"])
@for_client
def import_(request: HttpRequest) -> HttpResponse:
    """A form for the text or the file; then all of its rules are made, or none."""
    actor, client = actor_of(request), client_of(request)
    require_editor(actor)
    base = base_href(client.slug)
    context = {"list_href": base, "href": f"{base}import/", "text": "", "reason": "", "errors": {}}
    if request.method == "GET":
        return render(request, "edit_rules/import.html", context)
    text, reason = request.POST.get("text", ""), request.POST.get("reason", "")
    try:
        made = import_rules(actor=actor, client_id=client.id, text=_sent(request) or text, reason=reason)
    except InvalidInput as error:
        errors = error.details.get("fields") or {"text": error.message}
        context |= {"text": text, "reason": reason, "errors": errors}
        return render(request, "edit_rules/import.html", context, status=422)
    if made:
        numbers = ", ".join(str(rule.number) for rule in made)
        messages.success(request, f"Saved as {'rule' if len(made) == 1 else 'rules'} {numbers}.")
    else:
        messages.info(request, "This client has all of these rules already; nothing was added.")
    return leave(request, base)


def _sent(request: HttpRequest) -> str:
    """The text of the file, empty without one.

    Raises:
        InvalidInput: too large, or no text.
    """
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        return ""
    if (sent.size or 0) > MOST_BYTES:
        raise InvalidInput(f"The file is larger than {MOST_BYTES // 1000} kB.", code="edit_rules.import")
    try:
        return bytes(sent.read()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("The file is not text in UTF-8.", code="edit_rules.import") from error
