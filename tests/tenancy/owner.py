"""The tables' owner at work beside the application: what an administrator of the database could do.

Its connection is another one, so it sees only what a test has committed (``django_db(transaction=True)``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.db import connection

from tests.conftest import owner_url


@contextmanager
def as_owner(*client_ids: int, commit: bool = False) -> Iterator[Any]:
    """A cursor of the owner in one transaction, with these clients open: FORCE binds the owner too.

    It is rolled back at the end unless ``commit``.
    """
    made = psycopg2.connect(owner_url(connection.settings_dict["NAME"]))
    try:
        with made.cursor() as cursor:
            cursor.execute("SELECT set_config('app.client_ids', %s, true)", [",".join(map(str, client_ids))])
            yield cursor
        if commit:
            made.commit()
    finally:
        made.close()
