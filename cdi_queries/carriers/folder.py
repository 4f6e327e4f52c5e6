"""A folder that the client's own interface engine watches."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from cdi_queries.rules.outbound.outbox_states import Result


def put(body: bytes, *, name: str, client_slug: str) -> Result:
    """Writes the message as one file under ``OUTBOX_DROP_DIR/<client>/``: whole or not at all.

    A second try of the same message writes the same file.  Only our own user may read it.
    """
    if not settings.OUTBOX_DROP_DIR:
        return Result(False, "no_folder", is_final=True)
    folder = Path(settings.OUTBOX_DROP_DIR) / client_slug
    kind = ".json" if body.startswith(b"{") else ".hl7"
    partial = folder / f".{name}.part"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(folder / f"{name}{kind}")
    except OSError:
        return Result(False, "folder_closed")
    return Result(True, "written")
