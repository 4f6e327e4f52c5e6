"""What a panel shows beside what is stored: the draft in its form, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdi_queries.models import CdiQuery
from cdi_queries.rules.content import QueryContent
from cdi_queries.views.compose.form import Posted


@dataclass(frozen=True, slots=True)
class Shown:
    """Which draft, and with what.

    Attributes:
        posted: what its form held; without it everything is as stored.
        content: words that differ from those stored (they could not be kept).
        checked: it was to be sent, so what is missing is said beside each field.
        blank: no draft is opened, although there is one.
    """

    draft: CdiQuery | None = None
    posted: Posted | None = None
    content: QueryContent | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    preview: bool = False
    checked: bool = False
    blank: bool = False
    relevance: str = ""
