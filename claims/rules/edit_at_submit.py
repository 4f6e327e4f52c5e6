"""What the edits said of a billed line when its codes were made final, read from the finished version."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

OVERRIDDEN: Final = "overridden"
LIFTED: Final = "lifted"
NO_EDIT: Final = "no_edit"
UNKNOWN: Final = "unknown"
_LET_STAND: Final = ("overridden", "accepted")
"""What became of a finding that was not mended: an error overridden, a warning accepted."""


@dataclass(frozen=True, slots=True)
class AtSubmit:
    """The state of the edits, the rule that spoke, and its level as it stood (error, warning)."""

    state: str
    rule: str = ""
    level: str = ""


def edits_at_submit(edits: Mapping[str, Any] | None, keys: Collection[str]) -> AtSubmit:
    """The edits of the lines whose assignments are ``keys``.

    Args:
        edits: of the finished version: ``findings`` and ``passed`` with ``assignments``; ``None``: unknown.

    A finding that was let stand weighs more than one that a modifier lifted; mended findings left no trace.
    """
    if edits is None or not keys:
        return AtSubmit(UNKNOWN)
    wanted = set(keys)
    for level in ("error", "warning"):
        for one in edits.get("findings", ()):
            if (
                one["level"] == level
                and one["became"] in _LET_STAND
                and wanted.intersection(one["assignments"])
            ):
                return AtSubmit(OVERRIDDEN, one["rule"], level)
    for one in edits.get("passed", ()):
        if wanted.intersection(one["assignments"]):
            return AtSubmit(LIFTED, one["rule"], "error")
    return AtSubmit(NO_EDIT)
