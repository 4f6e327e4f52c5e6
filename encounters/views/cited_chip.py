"""Where cited words lie, as the chip that leads there."""

from __future__ import annotations

from encounters.models import EvidenceState
from encounters.models.cited import CitedWords
from encounters.rules.note_html import lines_touched
from encounters.views.chart_page import Chart
from encounters.views.dto import Chip


def chip_of(chart: Chart, row: CitedWords) -> Chip | None:
    """``L24`` on the paper, the document's name when the words stand in another, struck when lost; None
    for a row without words."""
    if row.document_version_id is None or row.start is None or row.end is None:
        return None
    href = f"{chart.href}?version={row.document_version_id}#at-{row.start}"
    quote = row.quote or ""
    if row.state == EvidenceState.LOST:
        return Chip("Lost", href, quote, lost=True)
    if chart.version is not None and row.document_version_id == chart.version.pk:
        touched = lines_touched(chart.lines, row.start, row.end)
        first, last = touched[0].number, touched[-1].number
        return Chip(f"L{first}" if first == last else f"L{first}–{last}", f"#L{first}", quote)
    owner = next((d for d in chart.documents if row.document_version_id in d.version_ids), None)
    return Chip(owner.title if owner else "Other", href, quote, other_document=True)
