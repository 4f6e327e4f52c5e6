"""The way from a request to its client, for every page below ``/c/<client>/``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from coding_ops.tenancy.access import ReachedClient


def for_client(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view below ``/c/<client>/``: the middleware has turned the slug into ``request.client``."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        kwargs.pop("client_slug")
        return view(request, **kwargs)

    return answer


def client_of(request: HttpRequest) -> ReachedClient:
    """The client whose address this is; the middleware has checked it."""
    client: ReachedClient = request.client  # type: ignore[attr-defined]
    return client


def today_of(request: HttpRequest) -> date:
    """The day it is at the client's."""
    return timezone.localdate(timezone=ZoneInfo(client_of(request).timezone))


def moment(at: datetime, zone: str) -> str:
    """``11/19/2026 4:42 PM CST``."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%m/%d/%Y} {local:%I:%M %p} {local:%Z}".replace(" 0", " ")
