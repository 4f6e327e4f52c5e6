"""Where words of a document version stand, as a link: evidence that was stored and is not worked on."""

from __future__ import annotations

from collections.abc import Sequence

from encounters.models import DocumentVersion
from encounters.rules.note_html import lines_touched
from encounters.rules.text import Line
from encounters.selectors.chart import DocumentLine
from encounters.selectors.final_codes import FinalLink
from encounters.views.dto import Chip


def chip_of(
    link: FinalLink,
    href: str,
    documents: Sequence[DocumentLine],
    version: DocumentVersion | None,
    lines: Sequence[Line],
) -> Chip:
    """``L24`` on the paper; the document's name, and its version when a newer one has come, elsewhere.

    ``href`` is the page's own address, which shows another paper for ``?version=``.
    """
    if version is not None and link.version_id == version.pk:
        touched = lines_touched(lines, link.start, link.end)
        first, last = touched[0].number, touched[-1].number
        return Chip(f"L{first}" if first == last else f"L{first}–{last}", f"#L{first}", "")
    owner = next((line for line in documents if link.version_id in line.version_ids), None)
    name = owner.title if owner else "Another document"
    if owner and link.version_id != owner.newest_id:
        name = f"{name} v{owner.version_ids.index(link.version_id) + 1}"
    return Chip(name, f"{href}?version={link.version_id}#at-{link.start}", "", other_document=True)
