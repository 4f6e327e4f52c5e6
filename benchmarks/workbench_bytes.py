"""P5: what a coder's browser fetches to open a chart, gzip, fonts apart: page, styles, scripts, icons.

The chart itself is in the first response: every line of the note and every code.
"""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.queue_data import SYSTEM, make_line

LIMIT_KB = 40.0
NOTE = "\n".join(
    f"{n}. Assessment line {n}: stable, continue the present treatment and return in three months."
    for n in range(1, 31)
)
ASSET = re.compile(r'(?:href|src)="(/static/[^"#]+\.(?:css|js|svg))')
IMPORT = re.compile(r"""(?:import|from)\s*\(?["']([^"']+\.js)["']""")


def run() -> Iterator[dict[str, Any]]:
    from django.conf import settings
    from django.test import Client as Browser

    line = make_line(800, queues=1, charts=2)
    _add_note(line.client_id)
    browser = Browser(headers={"Accept-Encoding": "identity"})
    browser.force_login(line.user, backend="coding_ops.tenancy.backends.ReachBackend")
    response = browser.post("/work/next/", follow=True)
    html = response.content.decode()
    assert response.status_code == 200 and "Assessment line 30" in html, response.status_code
    root = Path(settings.STATIC_ROOT)
    assets: dict[str, int] = {}
    waiting = [path.removeprefix("/static/") for path in ASSET.findall(html)]
    while waiting:
        name = waiting.pop()
        if name in assets or "favicon" in name:
            continue
        content = (root / name).read_bytes()
        assets[name] = len(gzip.compress(content, 6))
        if name.endswith(".js"):
            folder = Path(name).parent
            found = IMPORT.findall(content.decode())
            waiting += [os.path.normpath(folder / imported) for imported in found]
    page = len(gzip.compress(response.content, 6))
    total = (page + sum(assets.values())) / 1000
    yield {
        "name": "P5 workbench, cold, gzip, without fonts",
        "value": round(total, 1),
        "unit": "KB",
        "limit": LIMIT_KB,
        "ratio": round(total / LIMIT_KB, 3),
        "n": 1 + len(assets),
        "page": page,
        "assets": assets,
        "met": total <= LIMIT_KB,
    }


def _add_note(client_id: int) -> None:
    from django.utils import timezone

    from coding_ops.tenancy.scope import client_transaction
    from encounters.actions.documents import Writing, add_document
    from encounters.models import Encounter

    with client_transaction([client_id]):
        for encounter in Encounter.objects.all():
            add_document(
                actor=SYSTEM,
                encounter=encounter,
                writing=Writing("note", "progress_note", "Progress note", NOTE),
                now=timezone.now(),
            )
