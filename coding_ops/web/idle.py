"""The end of a session after some time without activity (automatic logoff, 45 CFR 164.312(a)(2)(iii)).

Time is kept in the session itself and written at most once a minute, so that reading costs no write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

SEEN = "seen"
WRITTEN_EVERY = 60
SESSION_PATH = "/accounts/session/"


def seconds_left(request: HttpRequest) -> int:
    """How long the session lasts without activity; the whole time when nothing was noted yet."""
    seen = request.session.get(SEEN)
    idle: int = settings.SESSION_IDLE_SECONDS
    return idle if seen is None else max(0, idle - (_now() - int(seen)))


class IdleMiddleware:
    """Signs out who did nothing for ``SESSION_IDLE_SECONDS``, before anybody asks who they are.

    What a page asks by itself is no activity: how long the session lasts, a heartbeat without a key press.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if SESSION_KEY in request.session:
            if seconds_left(request) == 0:
                logout(request)
            elif _is_activity(request) and _now() - int(request.session.get(SEEN, 0)) >= WRITTEN_EVERY:
                request.session[SEEN] = _now()
        return self.get_response(request)


def note_sign_in(request: HttpRequest | None, **_: Any) -> None:
    """Starts the clock with the session; receiver of ``user_logged_in``."""
    if request is not None:
        request.session[SEEN] = _now()


def connect() -> None:
    """Called when the application is ready."""
    user_logged_in.connect(note_sign_in, dispatch_uid="coding_ops.web.idle")


def _is_activity(request: HttpRequest) -> bool:
    if request.path == SESSION_PATH:
        return request.method == "POST"
    return not request.path.endswith("/heartbeat/") or request.POST.get("active") == "1"


def _now() -> int:
    return int(timezone.now().timestamp())
