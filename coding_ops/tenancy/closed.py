"""Charts that are closed to one person for a while, for a reason that lies in an app above.

A blind reviewer must not see the coder's codes anywhere: not on the chart, not in its history, not in a list.
``settings.CHARTS_CLOSED_TO`` names the function that knows which; every door to a chart asks here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from coding_ops.tenancy.actor import Actor

Source = Callable[[Actor, int], "QuerySet[Any]"]


def closed_charts(actor: Actor, client_id: int) -> QuerySet[Any]:
    """Ids of the encounters of an open client that this person may not open now: a subquery, not yet read."""
    source: Source = import_string(settings.CHARTS_CLOSED_TO)
    return source(actor, client_id)
