"""Another time for the application's clock, so that demo charts have a past.

Only what Django's ``timezone.now`` gives is moved.  The ledger's time is the database's and stays true: it
says when the demo was filled in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils import timezone


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Within it, it is ``moment`` (aware)."""
    true_now = timezone.now
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = true_now
