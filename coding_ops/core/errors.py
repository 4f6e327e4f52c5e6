"""The errors the domain speaks in.

Rules, actions and access doors raise these; one place (``coding_ops.web.errors``) turns them into a
422 partial, a page or ``{"detail", "code"}``.  A message says what is wrong, where, and what to do; it
never carries patient data, because messages reach logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class DomainError(Exception):
    """Base of all refusals.

    Attributes:
        code: stable machine name, e.g. ``"evidence.missing"``.
        message: one sentence for the person.
        http_status: status of the response when it reaches the web.
        details: extra facts for the page (no patient data).
    """

    http_status: int = 422

    def __init__(self, message: str, *, code: str = "", details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).default_code()
        self.details: dict[str, Any] = dict(details or {})

    @classmethod
    def default_code(cls) -> str:
        """The class name in snake case: ``InvalidInput`` gives ``invalid_input``."""
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("_")


class InvalidInput(DomainError):
    """The input cannot be read or is out of range (422)."""


class Refused(DomainError):
    """The input is well formed, but a rule forbids the act (422)."""


class NotAllowed(DomainError):
    """The person may see the thing, but their role may not do this to it (403)."""

    http_status = 403


class NotFound(DomainError):
    """Absent, or not for this person: the two are never told apart (404)."""

    http_status = 404

    def __init__(self, message: str = "Not found.", **kwargs: Any) -> None:
        super().__init__(message, **kwargs)


class Conflict(DomainError):
    """Somebody else changed it first, or holds it now (409)."""

    http_status = 409
