"""Rows that are filled in once for all tests of a module: what a test changes is rolled back with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from django.db import transaction
from django.test import override_settings

from code_sets import selectors

Rows = TypeVar("Rows")


@contextmanager
def kept(blocker: Any, indexes: Path, make: Callable[[], Rows]) -> Iterator[Rows]:
    """What ``make`` fills in, for the length of a module; ``indexes``: a folder of its own for code indexes,
    because the common one is emptied after each test."""
    with override_settings(CODE_INDEX_DIR=indexes), blocker.unblock(), transaction.atomic():
        yield make()
        transaction.set_rollback(True)
    selectors.forget_releases()
