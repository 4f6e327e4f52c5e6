"""How templates are used: counts of what was sent with them in a window, and a template's versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet

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


def sent_counts(queries: QuerySet[CdiQuery], since: datetime) -> dict[str, int]:
    """Queries sent since a moment by template key; ``queries``: those that the person may list."""
    rows = (
        queries.filter(sent_at__gte=since)
        .exclude(template_key="")
        .order_by()
        .values_list("template_key")
        .annotate(n=Count("pk"))
    )
    return dict(rows)


def use_of(queries: QuerySet[CdiQuery], key: str, since: datetime) -> Use:
    """The same for one key, by outcome."""
    rows = (
        queries.filter(sent_at__gte=since, template_key=key)
        .order_by()
        .values_list("outcome")
        .annotate(n=Count("pk"))
    )
    counts = dict(rows)
    return Use(sent=sum(counts.values()), outcomes={name: n for name, n in counts.items() if name})


def first_counted(today: date) -> date:
    """The first of the last ``COUNTED_DAYS`` days, today among them."""
    return today - timedelta(days=COUNTED_DAYS - 1)


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
