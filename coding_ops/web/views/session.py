"""How long the session lasts, and asking for more."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods

from coding_ops.web.idle import seconds_left


@require_http_methods(["GET", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """GET tells the seconds that are left and is no activity; POST is."""
    return JsonResponse({"seconds": seconds_left(request)})
