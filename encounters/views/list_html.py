"""The rows of a client's list of encounters as HTML, written straight like those of the worklist.

Every value that comes from data is escaped here; what is not escaped is ours: tones, dates, ages.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from encounters.views.list_dto import EncounterRow


def encounter_rows(rows: Iterable[EncounterRow]) -> Markup:
    """The ``<tr>`` of each row, in the order given."""
    return Markup("\n".join(_row(row) for row in rows))  # noqa: S704  escaped in _row


def _row(row: EncounterRow) -> str:
    badge = f'<span class="badge {row.status_tone}">{escape(row.status)}</span>'
    return (
        '<tr class="row"><th scope="row">'
        f'<a class="rowlk" href="{escape(row.href)}">{escape(row.patient)}</a>'
        f' <span class="muted num">{escape(row.visit_id)}</span></th>'
        f'<td class="num" data-l="Date of service">{row.service_on}</td>'
        f'<td class="t" data-l="Provider">{escape(row.provider)}</td>'
        f'<td class="t" data-l="Status">{badge}</td>'
        f'<td class="t wrap" data-l="Waiting for">{escape(row.waiting_on)}</td>'
        f'<td class="num" data-l="Age">{row.age}</td><td class="num" data-l="Final">{row.final_on}</td></tr>'
    )
