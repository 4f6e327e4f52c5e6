"""Who acts: the person, their role at the client, and the credential they act under."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coding_ops.core.errors import NotAllowed
from coding_ops.tenancy.models import VENDOR_ROLES, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Handed to every action and every access door, and written into every audit event.

    Attributes:
        user_id: primary key of the account; ``None`` for the system itself (a schedule, a command).
        display_name: as shown in timelines.
        role: the role at this client, or ``"system"``.
        credential: certificates in force today, e.g. ``"CPC, CRC"``.
        request_id: ties the event to the request's log lines.
    """

    user_id: int | None
    display_name: str
    role: str
    credential: str = ""
    request_id: str = ""

    @property
    def person_id(self) -> int:
        """The account's id, for acts that only a person does.

        Raises:
            NotAllowed: the application itself is acting.
        """
        if self.user_id is None:
            raise NotAllowed("Only a person can do this.", code="actor.not_a_person")
        return self.user_id

    @property
    def is_vendor(self) -> bool:
        return self.role in VENDOR_ROLES or self.role == SYSTEM_ROLE

    def with_role(self, role: Role) -> Actor:
        """The same person at another client."""
        return replace(self, role=role)


SYSTEM_ROLE = "system"


def system_actor(name: str, request_id: str = "") -> Actor:
    """The application itself, e.g. ``system_actor("intake command")``."""
    return Actor(user_id=None, display_name=name, role=SYSTEM_ROLE, request_id=request_id)
