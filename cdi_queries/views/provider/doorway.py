"""The public door: from a token in an address to one question of one client, and no further.

Whoever comes this way is not signed in, so the scope of the client is opened here and not by the middleware,
and only after the token's signature held.  A token that is not ours, one whose link is gone and one of a
client that is closed get the same page, which names nobody.

What may be done is decided twice: the link must stand (``rules.links``), and the session must have brought
the link's one-time code.  The session keeps the id of that one link and until when, and gets a new key when
the code was right, so that a key planted before is worth nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.utils import timezone

from cdi_queries.actions.answers import provider_actor
from cdi_queries.actions.links import find_link, link_href, read_token, standing_at
from cdi_queries.models import CdiQuery, QueryLink
from cdi_queries.rules.links import Standing
from cdi_queries.terms.links import link_terms
from cdi_queries.views.provider import parts
from cdi_queries.views.provider.dto import EndedPage
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client, Role
from coding_ops.tenancy.scope import acting_as, client_transaction
from encounters.models import Encounter

SESSION = "query_link"
PUBLIC = "cdi_queries/link_room.html"
UNKNOWN = EndedPage(
    "This link opens nothing",
    "It is not complete, or it is not one of ours. A mail program may have cut it off.",
    "Open the mail again and copy the whole link, or wait for the next mail about the question.",
)


class Closed(Exception):
    """The link is genuine and opens no question; the page says why."""

    def __init__(self, standing: Standing, **more: str) -> None:
        super().__init__(standing.value)
        self.page = parts.ended_page(standing, **more)


class Elsewhere(Exception):
    """What was asked cannot be done here; the page of the link says where things stand."""

    def __init__(self, href: str) -> None:
        super().__init__(href)
        self.href = href


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at a genuine link.  ``proven``: their session has brought the link's code."""

    link: QueryLink
    standing: Standing
    proven: bool
    actor: Actor
    now: datetime

    @property
    def query(self) -> CdiQuery:
        query: CdiQuery = self.link.query
        return query

    @property
    def zone(self) -> str:
        zone: str = self.query.encounter.client.timezone
        return zone

    @property
    def href(self) -> str:
        return link_href(self.link)

    def require_open(self) -> None:
        """Nothing but a standing link goes on.

        Raises:
            Closed: with the page that says why.
        """
        if self.standing is Standing.OPEN:
            return
        renew = f"{self.href}renew/" if self.standing is Standing.EXPIRED else ""
        raise Closed(self.standing, renew_href=renew)


@contextmanager
def visiting(request: HttpRequest, token: str) -> Iterator[Visit]:
    """The link of a token with its client open, as one transaction.

    Raises:
        NotFound: not our signature, no such link, or a client that is closed: one answer.
    """
    named = read_token(token)
    if named is None:
        raise NotFound
    client_id, link_id = named
    if not Client.objects.filter(pk=client_id, is_active=True).exists():
        raise NotFound
    request_id: str = request.request_id  # type: ignore[attr-defined]
    who = acting_as(link=str(link_id), role=Role.PROVIDER.value, request=request_id)
    with who, client_transaction([client_id]):
        link = find_link(client_id=client_id, link_id=link_id)
        now = timezone.now()
        proven = _is_proven(request, link, now)
        if proven:
            _keep_proven(request, link, now)
        yield Visit(
            link=link,
            standing=standing_at(link, now),
            proven=proven,
            actor=provider_actor(link.provider, request_id=request_id),
            now=now,
        )


def prove(request: HttpRequest, link: QueryLink, now: datetime) -> None:
    """Opens the link's question to this session, for some minutes; the session gets a new key."""
    request.session.cycle_key()
    _keep_proven(request, link, now)
    rotate_token(request)


def whole_query(visit: Visit) -> CdiQuery:
    """The visit's query with all that its page shows."""
    encounter = (
        Encounter.objects.filter(client_id=visit.link.client_id)
        .select_related("client", "patient", "facility")
        .get(pk=visit.query.encounter_id)
    )
    visit.query.encounter = encounter
    return visit.query


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page behind a link: open to who is not signed in, kept nowhere, telling no other site its address."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, **kwargs)
        except NotFound:
            response = _ended(request, UNKNOWN, 404)
        except Closed as closed:
            response = _ended(request, closed.page, 410)
        except Elsewhere as other:
            response = HttpResponseRedirect(other.href, status=303)
        response["Cache-Control"] = "no-store"
        # The host alone: with "no-referrer" browsers send "Origin: null", and no form would be taken.
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return login_not_required(answer)


def _ended(request: HttpRequest, page: EndedPage, status: int) -> HttpResponse:
    context = {"page": page, "base": PUBLIC}
    return render(request, "cdi_queries/asked_ended.html", context, status=status)


def _keep_proven(request: HttpRequest, link: QueryLink, now: datetime) -> None:
    """The minutes begin anew with each page, so that nobody loses what they were writing."""
    until = now + timedelta(minutes=link_terms().session_minutes)
    request.session[SESSION] = [link.pk.hex, int(until.timestamp())]


def _is_proven(request: HttpRequest, link: QueryLink, now: datetime) -> bool:
    kept = request.session.get(SESSION)
    return isinstance(kept, list) and kept[0] == link.pk.hex and now.timestamp() < kept[1]
