"""The rooms of a part of a client's pages, as tabs above each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coding_ops.tenancy.models import Role


@dataclass(frozen=True, slots=True)
class Room:
    """One room: its key, its name, its path below the part's first page, and whom it answers."""

    key: str
    label: str
    path: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab as it is drawn."""

    label: str
    href: str
    current: bool


def tabs_of(rooms: Sequence[Room], role: Role | str, base: str, current: str) -> tuple[Tab, ...]:
    """The rooms that answer this role; ``current`` is the key of the room the page belongs to."""
    return tuple(
        Tab(room.label, f"{base}{room.path}", room.key == current) for room in rooms if role in room.roles
    )
