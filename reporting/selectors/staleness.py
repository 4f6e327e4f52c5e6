"""Whether numbers of the past have to be computed again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Q

from reporting.models import KpiSnapshot, Span

# Late corrections move numbers of closed weeks; once a day is soon enough for those.
RECOUNT_AFTER: Final = timedelta(hours=20)
_WEEK: Final = timedelta(days=7)


def closed_windows_are_stale(client_id: int, now: datetime) -> bool:
    """True when there are none, when the last week's census was taken before that week was over, or when
    they were last computed almost a day ago."""
    weeks = KpiSnapshot.objects.filter(client_id=client_id, span=Span.WEEK)
    newest_closed = weeks.filter(window_end__lte=now, window_end__gt=now - _WEEK)
    fresh = newest_closed.exclude(Q(as_of__lt=F("window_end")) | Q(computed_at__lte=now - RECOUNT_AFTER))
    return not fresh.exists()
