"""What a person may set for themselves: theme, and whether and how single letters act (WCAG 2.1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from coding_ops.core.errors import InvalidInput
from coding_ops.web import keymap

THEMES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Preferences:
    """Read from ``User.preferences``; unreadable parts fall back to the default, never to an error page.

    Attributes:
        theme: ``system``, ``light`` or ``dark``.
        single_keys: whether letters without Ctrl act as commands.
        bindings: command id to the character chosen instead of the default.
    """

    theme: str = "system"
    single_keys: bool = True
    bindings: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Preferences:
        """From the stored JSON object."""
        theme = stored.get("theme")
        bindings = stored.get("bindings")
        known: dict[str, str] = {}
        if isinstance(bindings, dict):
            known = {name: key for name, key in bindings.items() if isinstance(key, str)}
        return cls(
            theme=theme if theme in THEMES else "system",
            single_keys=stored.get("single_keys", True) is not False,
            bindings={} if keymap.refusal(known) else known,
        )

    def stored(self) -> dict[str, Any]:
        """As it goes into ``User.preferences``."""
        return {"theme": self.theme, "single_keys": self.single_keys, "bindings": dict(self.bindings)}


def checked(*, theme: str, single_keys: bool, bindings: Mapping[str, str]) -> Preferences:
    """Preferences from a form; only what differs from the default is kept.

    Raises:
        InvalidInput: an unknown theme, or keys that clash, with the reason.
    """
    if theme not in THEMES:
        raise InvalidInput("Choose system, light or dark.", code="preferences.theme")
    changed = {k: v for k, v in bindings.items() if k not in keymap.BY_ID or v != keymap.BY_ID[k].binding}
    reason = keymap.refusal(changed)
    if reason:
        raise InvalidInput(reason, code="preferences.keys")
    return Preferences(theme, single_keys, changed)
