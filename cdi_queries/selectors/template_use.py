"""How templates are used: counts of what was sent with them in a window, and a template's versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from cdi_queries.models import CdiQuery, TemplateVersion
from cdi_queries.rules.outcome import Outcome
from cdi_queries.rules.template import Template
from cdi_queries.selectors.templates import library, own_text

COUNTED_DAYS = 90


@dataclass(frozen=True, slots=True)
class Use:
    """Queries sent with a template in the window; ``outcomes`` counts those that are answered."""

    sent: int
    outcomes: Mapping[str, int]

    @property
    def answered(self) -> int:
        return sum(self.outcomes.values())

    @property
    def agreed(self) -> int:
        return self.outcomes.get(Outcome.AGREED.value, 0)


@dataclass(frozen=True, slots=True)
class Saved:
    """One version of a key: the library's, or one that a person saved."""

    template: Template
    by: str = ""
    at: datetime | None = None
    reason: str = ""


def sent_counts(client_id: int, now: datetime) -> dict[str, int]:
    """Queries sent in the last ``COUNTED_DAYS`` days by template key; the scope must be open."""
    rows = (
        CdiQuery.objects.filter(client_id=client_id, sent_at__gt=now - timedelta(days=COUNTED_DAYS))
        .exclude(template_key="")
        .values_list("template_key")
        .annotate(n=Count("pk"))
    )
    return dict(rows)


def use_of(client_id: int, key: str, now: datetime) -> Use:
    """The same for one key, by outcome."""
    rows = (
        CdiQuery.objects.filter(
            client_id=client_id, sent_at__gt=now - timedelta(days=COUNTED_DAYS), template_key=key
        )
        .values_list("outcome")
        .annotate(n=Count("pk"))
    )
    counts = dict(rows)
    return Use(sent=sum(counts.values()), outcomes={outcome: n for outcome, n in counts.items() if outcome})


def versions_of(client_id: int, key: str) -> list[Saved]:
    """Every version of a key, newest first: the client's own before the library's."""
    own = TemplateVersion.objects.filter(client_id=client_id, template__key=key).select_related("saved_by")
    saved = [
        Saved(own_text(key, one), str(one.saved_by.full_name), one.saved_at, one.reason)
        for one in own.order_by("-number")
    ]
    first_own = saved[-1].template.version if saved else None
    # A library version that came after the client took the key over was never used here.
    built_in = [one for one in library().get(key, ()) if first_own is None or one.version < first_own]
    return saved + [Saved(one) for one in reversed(built_in)]
