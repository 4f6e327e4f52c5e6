"""What ``base.html`` is given in every request (``TEMPLATES`` names it).  No query: all was read before."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest

from coding_ops.tenancy.access import Reach, ReachedClient
from coding_ops.tenancy.models import CLIENT_ROLES, Role
from coding_ops.web.preferences import Preferences
from coding_ops.web.shell import NavItem, Shell, TenantLink
from coding_ops.web.views.home import LEADS, start_of


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the shell, and messages left by the request before."""
    return {"shell": shell_of(request), "messages": get_messages(request)}


def shell_of(request: HttpRequest) -> Shell:
    """Who is signed in, where they can go, and how they like it."""
    user = getattr(request, "user", None)
    reach: Reach | None = getattr(request, "reach", None)
    if user is None or not user.is_authenticated:
        return Shell()
    client: ReachedClient | None = getattr(request, "client", None)
    clients = reach.clients if reach else ()
    here = client or (clients[0] if len(clients) == 1 else None)
    return Shell(
        user_name=user.full_name,
        credential=reach.credential if reach else "",
        initials=user.initials,
        tenant=client.name if client else (here.name if here else f"All clients ({len(clients)})"),
        tenants=tuple(
            TenantLink(c.name, f"/c/{c.slug}/", client is not None and c.slug == client.slug) for c in clients
        )
        if len(clients) > 1
        else (),
        nav=_nav(request.path, reach, here),
        home_href=f"/c/{here.slug}/" if here and here.role in OVERVIEW_ROLES else _home(reach),
        preferences=Preferences.read(user.preferences),
        idle_seconds=settings.SESSION_IDLE_SECONDS,
    )


NOT_WORK = tuple(
    f"/work/{room}/" for room in ("dashboard", "code-sets", "reviews", "findings", "accuracy", "queries")
)
# Who has numbers to look at; for the others a client's first page only sends on.
OVERVIEW_ROLES = frozenset({Role.MANAGER, Role.VENDOR_ADMIN, Role.CLIENT_ADMIN, Role.CLIENT_VIEWER})
# Whom the files' pages answer; the test of these pages holds the two lists together.
FILE_ROLES = frozenset({Role.MANAGER, Role.VENDOR_ADMIN, Role.CLIENT_ADMIN, Role.CLIENT_VIEWER})
# Whom holds and documents answer; their tests hold these lists together with the doors.
HOLD_ROLES = frozenset(Role) - {Role.EXTERNAL_AUDITOR}
DOCUMENT_ROLES = CLIENT_ROLES | {Role.MANAGER, Role.VENDOR_ADMIN}
# Whom the pages of edit rules answer; their test holds this list together with their door.
RULE_ROLES = frozenset({Role.MANAGER, Role.VENDOR_ADMIN, Role.QA_REVIEWER, Role.CODER, Role.CLIENT_ADMIN})
# Whom a client's QA programme answers; its test holds this list together with its doors.
QUALITY_ROLES = frozenset(
    {Role.QA_REVIEWER, Role.MANAGER, Role.VENDOR_ADMIN, Role.CODER, Role.CLIENT_ADMIN, Role.EXTERNAL_AUDITOR}
)
# Whom a client's queries answer; their test holds this list together with their rooms.
QUERY_ROLES = frozenset(Role) - {Role.PROVIDER}
# Whom a client's claims answer; their test holds this list together with their rooms.
CLAIM_ROLES = frozenset(Role) - {Role.PROVIDER, Role.EXTERNAL_AUDITOR}
CLIENT_ROOMS: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("Holds", "holds", HOLD_ROLES),
    ("Documents", "documents", DOCUMENT_ROLES),
    ("Files", "intake", FILE_ROLES),
    ("Quality", "quality", QUALITY_ROLES),
    ("Queries", "queries", QUERY_ROLES),
    ("Claims", "claims", CLAIM_ROLES),
    ("Questions", "asked", frozenset({Role.PROVIDER})),
    ("Letters", "letters", frozenset({Role.PROVIDER})),
    ("Rules", "edit-rules", RULE_ROLES),
)


def _nav(path: str, reach: Reach | None, here: ReachedClient | None) -> tuple[NavItem, ...]:
    """Work for the vendor's people, then the client's pages; nothing that would answer 404."""
    items = []
    base = f"/c/{here.slug}/" if here else ""
    listed = f"{base}encounters/"
    on_chart = bool(base) and path.startswith(listed) and path != listed
    codes = reach is not None and bool(reach.in_role(Role.CODER))
    if reach and reach.vendor_clients:
        at_work = path.startswith("/work/") and not path.startswith(NOT_WORK)
        items.append(NavItem("Work", "/work/", at_work or (on_chart and codes)))
    items += _own_quality(path, reach)
    if reach and reach.in_role(*LEADS) and (here is None or path.startswith("/work/")):
        items.append(NavItem("Code sets", "/work/code-sets/", path.startswith("/work/code-sets/")))
    if here:
        if here.role in OVERVIEW_ROLES:
            numbers = path == base or path.startswith(f"{base}dashboard/")
            items.append(NavItem("Overview", base, numbers))
        items.append(NavItem("Encounters", listed, path == listed or (on_chart and not codes)))
        items += [
            NavItem(label, f"{base}{room}/", path.startswith(f"{base}{room}/"))
            for label, room, roles in CLIENT_ROOMS
            if here.role in roles
        ]
    elif reach and reach.in_role(*LEADS):
        items.append(NavItem("Overview", "/work/dashboard/", path.startswith("/work/dashboard/")))
    return tuple(items)


def _own_quality(path: str, reach: Reach | None) -> list[NavItem]:
    """Across clients: a reviewer's reviews, a coder's findings, what they asked of providers."""
    items = []
    if reach and reach.in_role(Role.QA_REVIEWER):
        items.append(NavItem("Reviews", "/work/reviews/", path.startswith("/work/reviews/")))
    if reach and reach.in_role(Role.CODER):
        own = path.startswith(("/work/findings/", "/work/accuracy/"))
        items.append(NavItem("Findings", "/work/findings/", own))
    if reach and reach.in_role(Role.CODER, Role.CDI_SPECIALIST):
        items.append(NavItem("My queries", "/work/queries/", path.startswith("/work/queries/")))
    return items


def _home(reach: Reach | None) -> str:
    return (start_of(reach) if reach else "") or "/"
