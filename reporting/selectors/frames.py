"""How one client's time is counted: zone, contract clock, confidence of the intervals."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from coding_ops.tenancy.models import Client
from encounters.selectors.deadlines import business_hours
from reporting.rules.facts import Frame


def frame_of(client: Client, start: datetime, end: datetime) -> Frame:
    """The frame of a window of this client."""
    return Frame(start=start, end=end, zone=ZoneInfo(client.timezone), hours=business_hours(client))
