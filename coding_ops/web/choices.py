"""One of several: an option of a select, a radio button, or a chip that is a link."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """What is sent for it and what is read; ``href`` for a chip, ``count`` where it says how many."""

    value: str
    label: str
    selected: bool = False
    href: str = ""
    count: str = ""
