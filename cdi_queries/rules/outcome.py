"""What an answer comes to: read from the option that was chosen, never typed in by the vendor.

Agreed: a diagnostic option was chosen, or "yes".  Disagreed: "no", or "none of these".  Other: the
provider's own words instead of an option; an open query is answered that way.  Undetermined: "unable to
determine".  Source: the project's `measures.md`, query agreement; "other" and "undetermined" stay apart.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from cdi_queries.rules.query import Kind
from cdi_queries.rules.wording import Wording

_YES: Final = re.compile(r"\s*(?:yes|agree)\b", re.IGNORECASE)


class Outcome(StrEnum):
    """What the provider said, apart from the words."""

    AGREED = "agreed"
    DISAGREED = "disagreed"
    OTHER = "other"
    UNDETERMINED = "undetermined"


def outcome_of(kind: Kind, chosen: str, wording: Wording) -> Outcome:
    """The outcome of an answer; ``chosen`` is the words of the option, empty for free words alone."""
    if not chosen.strip():
        return Outcome.OTHER
    if wording.is_undetermined(chosen):
        return Outcome.UNDETERMINED
    if wording.is_other(chosen):
        return Outcome.OTHER
    if kind is Kind.YES_NO:
        return Outcome.AGREED if _YES.match(chosen) else Outcome.DISAGREED
    return Outcome.AGREED if wording.is_diagnostic(chosen) else Outcome.DISAGREED
