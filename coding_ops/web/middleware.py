"""The request's way in: an id, the open clients, and refusals turned into answers.

The tenant transaction is opened before the view and closed after the whole response is rendered,
because a TemplateResponse renders after its view has returned: inside the view's own transaction its
lists would come out empty.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from coding_ops.audit.reads import collected_reads, write_reads
from coding_ops.core.errors import DomainError, NotFound
from coding_ops.core.ids import uuid7
from coding_ops.tenancy.access import reach_of
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.scope import acting_as, client_transaction
from coding_ops.web.errors import response_for
from coding_ops.web.logging import current_request_id

GetResponse = Callable[[HttpRequest], HttpResponseBase]
SAFE_REQUEST_ID = re.compile(r"^[A-Za-z0-9-]{8,40}$")
CROSS_CLIENT_ROUTES = ("work/", "api/v1/work/")
logger = logging.getLogger(__name__)


class RequestIdMiddleware:
    """Names the request in every log line and audit event; a proxy's id is kept when it is harmless."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if SAFE_REQUEST_ID.match(given) else uuid7().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        token = current_request_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            current_request_id.reset(token)
        response["X-Request-ID"] = request_id
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.setdefault("Cache-Control", "no-store")
        return response


class ClientScopeMiddleware:
    """Checks membership and opens the client of ``/c/<client>/…``, or all clients a vendor's person
    is granted under ``/work/…``; everything else sees no client's row at all."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with collected_reads() as reads, ExitStack() as stack:
            request.scope_stack = stack  # type: ignore[attr-defined]
            response = self.get_response(request)
            if response.status_code >= 500 and transaction.get_connection().in_atomic_block:
                transaction.set_rollback(True)
            elif reads.entries and not transaction.get_connection().needs_rollback:
                write_reads(reads)
            return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Opens the scope; answers 404 for a client that is missing or not theirs, alike."""
        if not request.user.is_authenticated or request.resolver_match is None:
            return None
        slug = kwargs.get("client_slug")
        crossing = request.resolver_match.route.startswith(CROSS_CLIENT_ROUTES)
        request.reach = reach = reach_of(request.user)  # type: ignore[attr-defined]
        request_id = request.request_id  # type: ignore[attr-defined]
        try:
            if slug is not None:
                client = reach.client(slug)
                request.client = client  # type: ignore[attr-defined]
                request.actor = reach.actor(client.role, request_id)  # type: ignore[attr-defined]
                ids = [client.id]
            elif crossing:
                if not reach.vendor_clients:
                    raise NotFound
                request.actor = reach.actor(reach.vendor_clients[0].role, request_id)  # type: ignore[attr-defined]
                ids = [client.id for client in reach.vendor_clients]
            else:
                return None
        except NotFound as error:
            logger.warning(
                "scope refused", extra={"user_id": reach.user_id, "route": str(request.resolver_match.route)}
            )
            return response_for(request, error)
        request.scope_stack.enter_context(  # type: ignore[attr-defined]
            acting_as(user=reach.user_id, role=str(request.actor.role), request=request_id)  # type: ignore[attr-defined]
        )
        if not getattr(view, "opens_own_transaction", False):
            request.scope_stack.enter_context(client_transaction(ids))  # type: ignore[attr-defined]
        return None


class DomainErrorMiddleware:
    """A refusal of the domain becomes a page, a partial or JSON; what was half done is rolled back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Whatever leaves a view undoes what it wrote, a 404 raised half-way too.  Only ``DomainError`` is
        ours to answer; everything else stays what it is."""
        if transaction.get_connection().in_atomic_block:
            transaction.set_rollback(True)
        return response_for(request, exception) if isinstance(exception, DomainError) else None


def actor_of(request: HttpRequest) -> Actor:
    """The person acting in this request."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
