"""The one place where a refusal becomes an answer: a page, an HTMX partial or ``{"detail", "code"}``."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from rest_framework.response import Response
from rest_framework.views import exception_handler

from coding_ops.core.errors import DomainError, NotAllowed, NotFound


def wants_json(request: HttpRequest) -> bool:
    """True for the API and for scripts that ask for JSON."""
    return request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", "")


def response_for(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The answer to a refusal, in the form the caller asked for."""
    status = error.http_status
    if wants_json(request):
        return JsonResponse({"detail": error.message, "code": error.code, **error.details}, status=status)
    if isinstance(error, NotFound):
        return render(request, "404.html", status=404)
    partial = bool(request.headers.get("HX-Request"))
    template = "partials/refusal.html" if partial else "refusal.html"
    return render(request, template, {"error": error, "status": status}, status=status)


def api_exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, with the domain's errors and one body for everything that is not found."""
    if isinstance(exc, Http404):
        exc = NotFound()
    if isinstance(exc, DomainError):
        if transaction.get_connection().in_atomic_block:
            transaction.set_rollback(True)
        return Response({"detail": exc.message, "code": exc.code, **exc.details}, status=exc.http_status)
    return exception_handler(exc, context)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or the form came from elsewhere: nothing was saved."""
    error = NotAllowed(
        "The form had expired. Nothing was saved: reload the page and send it again.", code="csrf"
    )
    return response_for(request, error)
