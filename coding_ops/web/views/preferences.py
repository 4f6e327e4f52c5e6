"""Theme and keys of the person signed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from coding_ops.accounts.models import User
from coding_ops.core.errors import InvalidInput
from coding_ops.web import keymap
from coding_ops.web.http import is_partial, leave
from coding_ops.web.preferences import THEMES, Preferences, checked

THEME_WORDS = {"system": "As the system", "light": "Light", "dark": "Dark"}


@dataclass(frozen=True, slots=True)
class KeyField:
    """One command whose key can be changed."""

    id: str
    label: str
    value: str


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """``theme``; ``next`` is where the form stood."""
    user = _user(request)
    wanted = request.POST.get("theme", "")
    if wanted not in THEMES:
        raise InvalidInput("Choose system, light or dark.", code="preferences.theme")
    _save(user, replace(Preferences.read(user.preferences), theme=wanted))
    back = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return HttpResponse(status=204) if is_partial(request) else leave(request, back if safe else "/")


@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """The whole page: theme, single keys on or off, and each key."""
    user = _user(request)
    if request.method == "GET":
        return _page(request, Preferences.read(user.preferences), {})
    if request.POST.get("reset"):
        _save(user, Preferences(theme=Preferences.read(user.preferences).theme))
        messages.success(request, "All keys are back at their defaults.")
        return leave(request, "/preferences/")
    typed = {
        c.id: request.POST.get(f"key-{c.id}", c.binding).strip().lower()
        for c in keymap.COMMANDS
        if keymap.remappable(c)
    }
    single = request.POST.get("single_keys") == "1"
    try:
        wanted = checked(theme=request.POST.get("theme", ""), single_keys=single, bindings=typed)
    except InvalidInput as error:
        shown = Preferences(request.POST.get("theme", "system"), single, typed)
        field = "theme" if error.code == "preferences.theme" else ""
        return _page(request, shown, {field: error.message}, status=422)
    _save(user, wanted)
    messages.success(request, "Saved.")
    return leave(request, "/preferences/")


def _page(
    request: HttpRequest, shown: Preferences, errors: dict[str, str], status: int = 200
) -> HttpResponse:
    changeable = [c for c in keymap.COMMANDS if keymap.remappable(c)]
    groups = [
        (name, [KeyField(c.id, c.label, shown.bindings.get(c.id, c.binding)) for c in group])
        for name, group in groupby(sorted(changeable, key=_group_order), key=lambda c: c.group)
    ]
    context = {
        "prefs": shown,
        "errors": errors,
        "themes": [(value, THEME_WORDS[value], value == shown.theme) for value in THEMES],
        "groups": groups,
    }
    return render(request, "preferences.html", context, status=status)


def _group_order(command: keymap.Command) -> int:
    return list(dict.fromkeys(c.group for c in keymap.COMMANDS)).index(command.group)


def _save(user: User, wanted: Preferences) -> None:
    user.preferences = wanted.stored()
    user.save(update_fields=["preferences"])


def _user(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):
        raise TypeError("Preferences are opened behind the sign-in.")
    return user
