"""The rows of the worklist's table as HTML, written straight.

Fifty rows by a template cost more than everything else of the page together.  Every value that comes from
data is escaped here; what is not escaped is ours: icons, tones, times.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from markupsafe import Markup

from coding_ops.web.icons import icon
from encounters.views.dto import WorklistRow

PICTURES = {"open": "pencil", "todo": "circle-dashed", "held": "pause", "taken": "lock"}


def table_rows(rows: Iterable[WorklistRow], *, show_client: bool) -> Markup:
    """The ``<tr>`` of each row, in the order given."""
    return Markup("\n".join(_row(row, show_client) for row in rows))  # noqa: S704  escaped in _row


def _state(state: str, state_words: str) -> str:
    return f'<span class="st">{icon(PICTURES[state], "i-sm")}{escape(state_words)}</span>'


def _row(row: WorklistRow, show_client: bool) -> str:
    name = escape(row.name)
    head = f'<a class="rowlk" href="{escape(row.href)}">{name}</a>' if row.can_open else name
    client = f'<td class="t" data-l="Client">{escape(row.client)}</td>' if show_client else ""
    flags = "".join(f'<span class="badge {f.tone}">{escape(f.text)}</span>' for f in row.flags)
    return (
        f'<tr class="row{" mine" if row.state == "open" else ""}"><th scope="row">{head}</th>'
        f'<td class="t" data-l="State">{_state(row.state, row.state_words)}</td>'
        f'<td class="num due {row.due_tone}" data-l="Due"><time datetime="{row.due_at}">{row.due}</time></td>'
        f'{client}<td class="t" data-l="Kind">{escape(row.specialty)} · {escape(row.visit_type)}'
        f"{f' <span class=fl>{flags}</span>' if flags else ''}</td>"
        f'<td class="num" data-l="Date of service">{row.service_on}</td>'
        f'<td class="num" data-l="Age">{row.age}</td>'
        f'<td class="t muted" data-l="Why here">{escape(row.why)}</td></tr>'
    )
