"""What every page shows around its content: who, where to, which client, which keys."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from coding_ops.web import keymap
from coding_ops.web.preferences import Preferences


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main navigation.  ``count`` is shown as a badge when it is not empty."""

    label: str
    href: str
    current: bool = False
    count: str = ""


@dataclass(frozen=True, slots=True)
class TenantLink:
    """One client the person may open."""

    name: str
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Hint:
    """One entry of the hint bar."""

    caps: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Shell:
    """Context of ``base.html``.

    Attributes:
        user_name, credential, initials: of the person signed in; empty on the sign-in page.
        tenant: name of the client whose page it is, or ``"All clients"``.
        home_href: the overview page of this person, for the brand and ``G D``.
    """

    user_name: str = ""
    credential: str = ""
    initials: str = ""
    tenant: str = ""
    tenants: tuple[TenantLink, ...] = ()
    nav: tuple[NavItem, ...] = ()
    home_href: str = "/"
    work_href: str = "/work/"
    preferences: Preferences = field(default_factory=Preferences)
    idle_seconds: int = 0

    @property
    def signed_in(self) -> bool:
        return bool(self.user_name)

    @property
    def theme(self) -> str:
        """Value of ``data-theme``; empty follows the system."""
        return "" if self.preferences.theme == "system" else self.preferences.theme

    @property
    def keys_json(self) -> str:
        """``data-keys`` of the body: what differs from the default table; empty when nothing does."""
        p = self.preferences
        if p.single_keys and not p.bindings:
            return ""
        return json.dumps({"off": not p.single_keys, "map": dict(p.bindings)}, separators=(",", ":"))

    def hints(self, scope: str) -> tuple[Hint, ...]:
        """The hint bar of a page, from the same table as the listener; pairs share one entry."""
        if not self.preferences.single_keys:
            return ()
        bound = {c.id: self.preferences.bindings.get(c.id, c.binding) for c in keymap.COMMANDS}
        hints = []
        for command in sorted(keymap.for_scope(scope), key=lambda c: c.id == "keys"):
            if command.hint:
                partner = PAIRS.get(command.id)
                caps = keymap.caps(bound[command.id]) + (keymap.caps(bound[partner]) if partner else ())
                hints.append(Hint(caps, command.hint))
        return tuple(hints)


PAIRS = {"rownext": "rowprev", "nextchart": "prevchart", "nextline": "prevline", "evnext": "evprev"}
