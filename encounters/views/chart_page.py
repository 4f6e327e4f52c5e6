"""The workbench's data turned into what its template draws."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse

from code_sets.addresses import book_href
from code_sets.selectors import release_in_force
from coding_ops.audit.models import Verb
from coding_ops.core.errors import Refused
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import CLIENT_ROLES
from encounters.access import MAY_REOPEN, MAY_RESUME, OpenChart
from encounters.models import (
    CodeAssignment,
    CodeKind,
    DocumentVersion,
    Encounter,
    EncounterStatus,
    EvidenceLink,
    EvidenceState,
    WorkItemState,
)
from encounters.rules.edit_findings import EditFinding
from encounters.rules.note_html import Mark, NoteDrawing, lines_touched
from encounters.rules.readiness import Finding, Readiness
from encounters.rules.sections import detect_sections
from encounters.rules.text import Line, split_lines
from encounters.selectors.chart import DocumentLine, codes_of, documents_of, last_change, version_of
from encounters.selectors.edits import LiveEdits
from encounters.selectors.readiness import is_poa_exempt, judged, shown_code
from encounters.selectors.release import hold_of
from encounters.views import words
from encounters.views.code_flags import flags_of
from encounters.views.dto import (
    Banner,
    Blocker,
    ChartPage,
    Chip,
    CodeRow,
    DocumentTab,
    LeaseView,
    NoteView,
    QueueStrip,
    ReadyItem,
)
from encounters.views.edit_dto import FindingLink, FindingRow
from encounters.views.edit_rows import finding_rows, strip
from encounters.views.tool_tabs import claim_href, tool_tabs

BEAT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that was read for one chart; pages and partials are drawn from it."""

    client: ReachedClient
    open: OpenChart
    documents: tuple[DocumentLine, ...]
    version: DocumentVersion | None
    lines: tuple[Line, ...]
    drawing: NoteDrawing | None
    rows: Sequence[CodeAssignment]
    keys: Mapping[uuid.UUID, str]
    readiness: Readiness
    edits: LiveEdits

    @property
    def href(self) -> str:
        """Address of the workbench; the base of every address below it."""
        return chart_href(self.client.slug, self.open.encounter.pk)


def chart_href(slug: str, encounter_id: uuid.UUID) -> str:
    """``/c/<client>/encounters/<id>/``"""
    return reverse("encounters:chart", args=[slug, encounter_id])


def read_chart(
    client: ReachedClient, opened: OpenChart, actor: Actor, version_id: uuid.UUID | None = None
) -> Chart:
    """All reads of the page; ``version_id`` chooses the paper, else the first document's newest version.

    A client's person sees codes when they are final: what is being worked on is the vendor's inside.
    """
    encounter = opened.encounter
    documents = documents_of(encounter)
    chosen = version_id or (documents[0].newest_id if documents else None)
    version = version_of(encounter, chosen) if chosen else None
    is_seen = actor.role not in CLIENT_ROLES or encounter.status == EncounterStatus.FINAL
    rows = codes_of(encounter) if is_seen else []
    keys = {row.pk: key_of(row) for row in rows}
    lines: tuple[Line, ...] = ()
    drawing = None
    if version is not None:
        lines = split_lines(version.text)
        drawing = NoteDrawing(lines, detect_sections(lines), _marks(rows, keys, version))
    found = judged(encounter, rows, lock=_lock_words(opened))
    return Chart(
        client, opened, documents, version, lines, drawing, rows, keys, found.readiness, found.edits
    )  # fmt: skip


def key_of(row: CodeAssignment) -> str:
    """The number that is list index, note tag, key and claim pointer: ``3`` or ``S1``."""
    return str(row.position) if row.kind == CodeKind.DIAGNOSIS else f"S{row.position}"


def _marks(
    rows: Sequence[CodeAssignment], keys: Mapping[uuid.UUID, str], version: DocumentVersion
) -> list[Mark]:
    return [
        Mark(link.start, link.end, keys[row.pk], row.kind, shown_code(row))
        for row in rows
        for link in row.evidence.all()
        if link.document_version_id == version.pk and link.state == EvidenceState.ANCHORED
    ]


def _lock_words(opened: OpenChart) -> str:
    """Who holds it, for readiness; empty when this person does."""
    if opened.may_code:
        return ""
    return f"{opened.holder_name} does" if opened.holder_name else "nobody does"


# --- the page -------------------------------------------------------------------------------------------


def chart_page(chart: Chart, actor: Actor, now: datetime, queue: QueueStrip | None = None) -> ChartPage:
    """The page of a chart that was read."""
    encounter, item = chart.open.encounter, chart.open.item
    change = last_change(encounter, item if chart.open.may_code else None, actor.user_id)
    rows = [code_row(chart, row) for row in chart.rows]
    zone = chart.client.timezone
    return ChartPage(
        href=chart.href,
        title="Chart",
        status=encounter.status,
        status_words=EncounterStatus(encounter.status).label,
        banner=banner_of(encounter),
        documents=tabs_of(chart.href, chart.documents, chart.version),
        note=note_of(chart.href, chart.documents, chart.version, chart.drawing, zone),
        findings=_findings(chart, None),
        services=tuple(row for row in rows if row.kind == "px"),
        diagnoses=tuple(row for row in rows if row.kind == "dx"),
        ready=_ready(chart),
        queue=queue,
        lease=_lease(chart, now) if actor.role not in CLIENT_ROLES else LeaseView(False, "Read only", 0, 0),
        can_edit=chart.open.may_code,
        can_finalize=chart.open.may_code and chart.readiness.is_ready,
        can_resume=encounter.status == EncounterStatus.PENDED and actor.role in MAY_RESUME,
        can_reopen=encounter.status == EncounterStatus.FINAL and actor.role in MAY_REOPEN,
        release=release_of(encounter),
        services_note=_tables_words(chart),
        pins=_pins_words(chart),
        saved=words.clock(change.saved_at, zone) if change.saved_at else "",
        revision=f"Version {encounter.revision_count}" if encounter.revision_count else "",
        undo_words=f"Take back: {Verb(change.undoable).label}" if change.undoable else "",
        notice=_notice(chart),
        tools=tool_tabs(chart.href, encounter.kind) if actor.is_vendor else (),
        claim_href=claim_href(chart.href, actor.role, encounter.revision_count),
    )


def banner_of(encounter: Encounter) -> Banner:
    """Who and which visit."""
    patient = encounter.patient
    name = f"{patient.family_name}, {patient.given_name}".strip(", ") or "Name not sent"
    return Banner(name, words.patient_facts(encounter), words.visit_facts(encounter))


def tabs_of(
    href: str, documents: Sequence[DocumentLine], shown: DocumentVersion | None
) -> tuple[DocumentTab, ...]:
    """One tab a document; ``href`` is the chart's."""
    return tuple(
        DocumentTab(
            title=line.title,
            href=f"{href}?version={line.newest_id}",
            selected=shown is not None and shown.document_id == line.document_id,
            count=f"v{line.version_count}" if line.version_count > 1 else "",
        )
        for line in documents
    )


def note_of(
    href: str,
    documents: Sequence[DocumentLine],
    version: DocumentVersion | None,
    drawing: NoteDrawing | None,
    zone: str,
) -> NoteView | None:
    """The paper: which version it is, and whether there is a newer one."""
    if version is None or drawing is None:
        return None
    line = next(d for d in documents if d.document_id == version.document_id)
    source = [f"Version {version.number} of {line.version_count}"]
    if version.authored_at or version.author_name:
        at = f" {words.moment(version.authored_at, zone)}" if version.authored_at else ""
        source.append(f"written{at}{' by ' + version.author_name if version.author_name else ''}")
    source.append(f"received {words.moment(version.received_at, zone)}")
    is_old = version.pk != line.newest_id
    return NoteView(
        version_id=str(version.pk),
        title=version.document.title,
        source=" · ".join(source),
        html=drawing.whole(),
        map=drawing.minimap(),
        newer_notice="A newer version has arrived" if is_old else "",
        newer_href=f"{href}?version={line.newest_id}" if is_old else "",
    )


def code_row(chart: Chart, row: CodeAssignment) -> CodeRow:
    """One code with its chips."""
    pointers = [chart.keys[pointer] for pointer in row.pointers if pointer in chart.keys]
    units = row.service_unit_quantity
    key = chart.keys[row.pk]
    problems = [
        found.message
        for found in chart.readiness.blocking
        if found.assignment_key == str(row.pk) and not found.edit_key
    ]
    return CodeRow(
        key=key,
        kind=row.kind,
        code=shown_code(row),
        modifiers="-".join(row.modifiers),
        units=str(units) if units > 1 else "",
        title=row.title,
        chips=tuple(_tagged(chart, row, link) for link in row.evidence.all()),
        href=f"{chart.href}codes/{row.pk}/",
        pointers=" ".join(pointers),
        poa=row.present_on_admission or ("exempt" if is_poa_exempt(chart.open.encounter, row) else ""),
        problem=problems[0].removeprefix(f"{shown_code(row)} ").capitalize() if problems else "",
        exception=row.get_exception_reason_display() if row.exception_reason else "",
        findings=_findings(chart, row),
        flags=flags_of(chart.open.encounter, row),
        book=book_href(row.system, row.code, chart.open.encounter.coding_on) if row.release_id else "",
    )


def _findings(chart: Chart, row: CodeAssignment | None) -> tuple[FindingRow, ...]:
    return finding_rows(
        chart.edits, row, chart.rows, chart.keys, chart.href,
        can_edit=chart.open.may_code, placed=lambda words: _words_link(chart, words),
    )  # fmt: skip


def row_of_finding(chart: Chart, finding: EditFinding) -> FindingRow:
    """One finding as the list draws it."""
    beside = uuid.UUID(finding.assignments[0]) if finding.assignments else None
    row = next((row for row in chart.rows if row.pk == beside), None)
    return next(one for one in _findings(chart, row) if one.key == finding.key)


def _words_link(chart: Chart, words_at: str) -> FindingLink:
    """Where the words of an override lie; ``<version>:<start>:<end>``."""
    version_id, start, end = words_at.split(":")
    if chart.version is not None and version_id == str(chart.version.pk):
        first = lines_touched(chart.lines, int(start), int(end))[0].number
        return FindingLink(f"L{first}", f"#L{first}")
    owner = next((d for d in chart.documents if uuid.UUID(version_id) in d.version_ids), None)
    return FindingLink(owner.title if owner else "Other", f"{chart.href}?version={version_id}#at-{start}")


def _tables_words(chart: Chart) -> str:
    """``NCCI 2026q3``: what the services were checked against, or that they were not."""
    edits = chart.edits
    pairs, units = edits.releases["ncci-ptp"], edits.releases["ncci-mue"]
    if edits.is_facility or all(row.kind == CodeKind.DIAGNOSIS for row in chart.rows):
        return ""
    if pairs is None:
        return "No NCCI release is loaded for the day"
    return f"NCCI {pairs}" if units in (pairs, None) else f"NCCI {pairs}, MUE {units}"


def _pins_words(chart: Chart) -> str:
    if not chart.edits.is_pinned or not chart.open.may_code:
        return ""
    return f"Edited under the releases of version {chart.open.encounter.revision_count}."


def _tagged(chart: Chart, row: CodeAssignment, link: EvidenceLink) -> Chip:
    """The chip with its MEAT tag, which only a diagnosis' evidence takes."""
    chip = _chip(chart, link)
    if row.kind != CodeKind.DIAGNOSIS:
        return chip
    return replace(chip, meat=link.meat, meat_href=f"{chart.href}evidence/{link.pk}/meat/")


def _chip(chart: Chart, link: EvidenceLink) -> Chip:
    """``L24`` on the paper; the document's name when the words stand in another; struck when lost."""
    remove = f"{chart.href}evidence/{link.pk}/remove/"
    if link.state == EvidenceState.LOST:
        href = f"{chart.href}?version={link.document_version_id}#at-{link.start}"
        return Chip("Lost", href, link.quote, True, False, remove)
    if chart.version is not None and link.document_version_id == chart.version.pk:
        touched = lines_touched(chart.lines, link.start, link.end)
        first, last = touched[0].number, touched[-1].number
        label = f"L{first}" if first == last else f"L{first}–{last}"
        return Chip(label, f"#L{first}", link.quote, remove_href=remove)
    owner = next((d for d in chart.documents if link.document_version_id in d.version_ids), None)
    href = f"{chart.href}?version={link.document_version_id}#at-{link.start}"
    return Chip(owner.title if owner else "Other", href, link.quote, False, True, remove)


# --- readiness, lease ---------------------------------------------------------------------------------------


def _ready(chart: Chart) -> tuple[ReadyItem, ...]:
    """The strip below the codes, for who codes the chart."""
    return strip(chart.readiness, lambda found: _place(chart, found)) if chart.open.may_code else ()


def blockers_of(chart: Chart, readiness: Readiness) -> tuple[Blocker, ...]:
    """What finalize refused for, each with its place and remedy."""
    return tuple(_blocker(chart, finding) for finding in readiness.blocking)


def _blocker(chart: Chart, finding: Finding) -> Blocker:
    text = f"{finding.message} {finding.how_to_fix}"
    if finding.edit_key or not finding.assignment_key:
        return Blocker(text, _place(chart, finding) or "#codes")
    return Blocker(text, f"{chart.href}codes/{finding.assignment_key}/", "edit")


def _place(chart: Chart, finding: Finding) -> str:
    if finding.edit_key:
        return f"#finding-{finding.edit_key}"
    key = chart.keys.get(uuid.UUID(finding.assignment_key)) if finding.assignment_key else None
    return f"#code-{key}" if key else ""


def _lease(chart: Chart, now: datetime) -> LeaseView:
    item = chart.open.item
    zone = chart.client.timezone
    if item is None or item.state != WorkItemState.LEASED or item.leased_at is None:
        return LeaseView(False, "Read only", 0, 0)
    if chart.open.may_code:
        return LeaseView(True, "Locked to you", item.fence, BEAT_SECONDS, item.leased_at.isoformat())
    if item.lease_expires_at is not None and item.lease_expires_at <= now:
        return LeaseView(False, "Its lease has run out", item.fence, 0)
    holder = chart.open.holder_name
    return LeaseView(False, f"Held by {holder} since {words.clock(item.leased_at, zone)}", item.fence, 0)


def _notice(chart: Chart) -> str:
    lost = sum(1 for row in chart.rows for link in row.evidence.all() if link.state == EvidenceState.LOST)
    if lost:
        one = "One quote is" if lost == 1 else f"{lost} quotes are"
        return f"{one} not in the newest version of the document. Cite again or remove."
    encounter = chart.open.encounter
    kept = hold_of(encounter) if encounter.status == EncounterStatus.FINAL else None
    return words.held(kept, chart.client.timezone)


def release_of(encounter: Encounter) -> str:
    """``ICD-10-CM 2026-04``: the release of the day whose code sets apply.

    A day after the release's published end is coded under it until a newer one is loaded, and it says so.
    """
    try:
        release = release_in_force("ICD-10-CM", encounter.coding_on)
    except Refused as error:
        return error.message
    newest = ", newest loaded" if release.is_past_published_end(encounter.coding_on) else ""
    return f"ICD-10-CM {release.release}{newest}"
