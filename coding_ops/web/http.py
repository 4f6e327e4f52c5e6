"""Answers of views: a page for a browser, a partial for a script, one redirect for both."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render


def is_partial(request: HttpRequest) -> bool:
    """Whether a script asks for a part of the page (htmx and our own fetch say so alike)."""
    return request.headers.get("HX-Request") == "true"


def show(
    request: HttpRequest, page: str, partial: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The same content as a whole page or as its partial: one URL gives both, and says what it varies by."""
    response = render(request, partial if is_partial(request) else page, context, status=status)
    response["Vary"] = "HX-Request, Cookie"
    return response


def leave(request: HttpRequest, url: str) -> HttpResponse:
    """On to another page after a change: 303, or the header that makes the script go there."""
    if is_partial(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url, status=303)
