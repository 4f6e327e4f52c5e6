"""A chart as people outside the coding team see it: documents, and the newest final codes with their words.

Nothing here reads the working set, the lease or the worklist, so nothing of them can show.  An auditor is
told who coded; a client, under which certificate.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from code_sets.rules.entries import with_dot
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.web.client_pages import client_of
from coding_ops.web.middleware import actor_of
from encounters.access import MAY_RESUME, open_chart
from encounters.models import CodeKind, DocumentVersion, Encounter, EncounterStatus, OwnerParty, Pend
from encounters.rules.note_html import Mark, NoteDrawing
from encounters.rules.sections import detect_sections
from encounters.rules.text import Line, split_lines
from encounters.selectors.chart import DocumentLine, documents_of, version_of
from encounters.selectors.final_codes import FinalCode, FinalFinding, FinalSet, final_set
from encounters.selectors.listing import CLIENT_PARTIES, open_holds_of
from encounters.selectors.release import hold_of
from encounters.views import words
from encounters.views.chart_page import banner_of, chart_href, note_of, release_of, tabs_of
from encounters.views.doors import uuid_of
from encounters.views.dto import ChartPage, CodeRow, LeaseView
from encounters.views.edit_dto import FindingLink, FindingRow
from encounters.views.final_chip import chip_of
from encounters.views.standing import standing
from encounters.views.tool_tabs import claim_href


def final_chart(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``?version=<id>`` chooses the document version on the paper.

    Raises:
        NotFound: the chart, or the version, is missing or not theirs: one answer.
    """
    actor, client = actor_of(request), client_of(request)
    asked = request.GET.get("version", "")
    encounter = open_chart(actor=actor, client_id=client.id, encounter_id=encounter_id).encounter
    documents = documents_of(encounter)
    chosen = uuid_of(asked) if asked else (documents[0].newest_id if documents else None)
    version = version_of(encounter, chosen) if chosen else None
    if asked and version is None:
        raise NotFound
    page = _page(actor, client, encounter, documents, version)
    return render(request, "workbench/page.html", {"page": page})


def _page(
    actor: Actor,
    client: ReachedClient,
    encounter: Encounter,
    documents: Sequence[DocumentLine],
    version: DocumentVersion | None,
) -> ChartPage:
    found = final_set(encounter)
    codes = found.codes if found else ()
    lines = split_lines(version.text) if version is not None else ()
    drawing = NoteDrawing(lines, detect_sections(lines), _marks(codes, version)) if version else None
    href = chart_href(client.slug, encounter.pk)
    inside = actor.role == Role.EXTERNAL_AUDITOR
    rows = [_row(code, href, documents, version, lines, inside=inside) for code in codes]
    hold = open_holds_of(client.id, [encounter]).get(encounter.pk)
    asked = hold if hold is not None and hold.owner_party in CLIENT_PARTIES else None
    kept = hold_of(encounter) if encounter.status == EncounterStatus.FINAL else None
    stands = standing(encounter, hold, inside=False, kept_back=kept is not None)
    return ChartPage(
        href=href,
        title="Chart",
        status=str(encounter.status),
        status_words=stands.words,
        banner=banner_of(encounter),
        documents=tabs_of(href, documents, version),
        note=note_of(href, documents, version, drawing, client.timezone),
        services=tuple(row for row in rows if row.kind == CodeKind.SERVICE),
        diagnoses=tuple(row for row in rows if row.kind == CodeKind.DIAGNOSIS),
        ready=(),
        queue=None,
        lease=LeaseView(False, _coded_by(found, actor, held=kept is not None), 0, 0),
        can_edit=False,
        can_finalize=False,
        can_reopen=False,
        can_resume=asked is not None and actor.role in MAY_RESUME,
        release=release_of(encounter),
        revision=_version(found, client.timezone),
        notice=_asked(asked) or words.held(kept, client.timezone),
        awaits_final=found is None,
        claim_href=claim_href(href, actor.role, found.number if found else 0),
        # On a phone, where one pane is shown at a time, the question comes first.
        pane="codes" if asked else "note",
    )


def _coded_by(found: FinalSet | None, actor: Actor, *, held: bool) -> str:
    if found is None:
        return "Held from release" if held else "Not final yet"
    if actor.role == Role.EXTERNAL_AUDITOR:
        return f"Coded by {found.coder_name}, {found.credential}".rstrip(", ")
    return f"Coded by a certified coder, {found.credential}".rstrip(", ")


def _version(found: FinalSet | None, zone: str) -> str:
    return f"Version {found.number}, final {words.moment(found.finalized_at, zone)}" if found else ""


def _asked(hold: Pend | None) -> str:
    """What the visit waits for, when it waits for those who read the page."""
    if hold is None:
        return ""
    whom = OwnerParty(hold.owner_party).label.lower()
    note = f" {hold.note}" if hold.note else ""
    return f"Waiting for the {whom}: {hold.get_reason_display()}.{note} Expected by {words.day(hold.due_on)}."


def _marks(codes: Sequence[FinalCode], version: DocumentVersion | None) -> list[Mark]:
    return [
        Mark(link.start, link.end, code.key, code.kind, _shown(code))
        for code in codes
        for link in code.links
        if version is not None and link.version_id == version.pk
    ]


def _shown(code: FinalCode) -> str:
    return with_dot(code.code) if code.kind == CodeKind.DIAGNOSIS else code.code


def _row(
    code: FinalCode,
    href: str,
    documents: Sequence[DocumentLine],
    version: DocumentVersion | None,
    lines: Sequence[Line],
    *,
    inside: bool,
) -> CodeRow:
    """``inside``: the coding team's own words beside a finding, and whose they are, are shown too."""
    return CodeRow(
        key=code.key,
        kind=code.kind,
        code=_shown(code),
        modifiers="-".join(code.modifiers),
        units=str(code.units) if code.units > 1 else "",
        title=code.title,
        chips=tuple(chip_of(link, href, documents, version, lines) for link in code.links),
        href="",
        pointers=" ".join(code.pointers),
        poa=code.poa,
        exception=code.exception,
        findings=tuple(
            _finding(one, href, documents, version, lines, inside=inside) for one in code.findings
        ),
    )


def _finding(
    one: FinalFinding,
    href: str,
    documents: Sequence[DocumentLine],
    version: DocumentVersion | None,
    lines: Sequence[Line],
    *,
    inside: bool,
) -> FindingRow:
    chip = chip_of(one.link, href, documents, version, lines) if one.link else None
    told = [f"{one.reason}.", *((one.note, f"({one.by})") if inside else ())]
    return FindingRow(
        key=one.key,
        tone="ok",
        word="Overridden",
        message=one.message,
        satisfy="",
        source=f"{one.rule} · {one.citation}",
        also=tuple(FindingLink(key, f"#code-{key}") for key in one.also),
        stands=" ".join(part for part in told if part),
        evidence=FindingLink(chip.label, chip.href) if chip else None,
    )
