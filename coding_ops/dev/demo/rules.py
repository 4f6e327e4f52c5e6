"""Edit rules of the demo's clients, in the form in which rules are carried from client to client."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from coding_ops.tenancy.actor import Actor
from edit_rules.actions.rules import import_rules

FACTS = Path(__file__).with_suffix(".json")
REASON = "Agreed when the client came to us."


def agree_rules(actor: Actor, client_id: int, slug: str) -> None:
    """A client's rules, made by who manages its work; the client must be open."""
    said: Mapping[str, Any] = json.loads(FACTS.read_text("utf-8"))
    import_rules(actor=actor, client_id=client_id, text=json.dumps(said[slug]), reason=REASON)
