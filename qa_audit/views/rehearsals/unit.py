"""``…/rehearsals/<rehearsal>/units/<unit>/``: one member or claim, its records, and the verdicts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from markupsafe import Markup

from coding_ops.core.errors import Conflict, InvalidInput, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.models import DocumentVersion, Encounter, Meat
from encounters.rules.hcc_eligibility import VALUES, Fact
from encounters.rules.note_html import Mark, NoteDrawing, lines_touched, whole_lines
from encounters.rules.sections import detect_sections
from encounters.rules.text import Line, split_lines
from encounters.views.chart_page import banner_of
from encounters.views.dto import Banner
from qa_audit.actions.rehearsal_records import Cited, cite_record, judge_item, take_record_away
from qa_audit.models import RehearsalItem, RehearsalRecord, RehearsalUnit
from qa_audit.rehearsal_access import charts_of, open_record, open_unit
from qa_audit.rules.rehearsal import HccVerdict, RehearsalKind
from qa_audit.selectors.rehearsal_unit import (
    ChartDocument,
    CoderWords,
    charts_with_documents,
    coder_words,
    items_of,
    records_by_item,
)
from qa_audit.selectors.rehearsals import beside
from qa_audit.views.rehearsals import words
from qa_audit.views.rehearsals.dto import ChartRow, ItemView, RecordRow, UnitPage
from qa_audit.views.rehearsals.forms import Reader, error_of
from qa_audit.views.tabs import quality_tabs

FACT_LABELS = {
    Fact.FACE_TO_FACE: "Seen",
    Fact.PROVIDER: "Acceptable provider",
    Fact.SIGNATURE: "Signed",
    Fact.CREDENTIAL: "Credential beside the signature",
    Fact.NOTE_DATE: "Dated",
}
VALUE_LABELS = {
    "in_person": "In person",
    "video": "By audio and video",
    "audio": "By audio only",
    "none": "Not face to face",
    "yes": "Yes, on the note",
    "no": "No",
}
ELIGIBILITY = {
    "met": ("Eligible", "ok"),
    "unknown": ("Not known", "warn"),
    "not_met": ("Not eligible", "bad"),
}


FIELDS = {name: name for name in ("first", "last", "meat", "verdict", "amount", *FACT_LABELS)} | {
    "reason": "why"
}
"""The field of the form that an error is about; each item has its own."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What was posted and refused: shown again at its item."""

    item: str = ""
    act: str = ""
    values: Mapping[str, str] | None = None
    errors: Mapping[str, str] | None = None


@require_http_methods(["GET", "POST"])
@for_client
def unit(request: HttpRequest, rehearsal_id: uuid.UUID, unit_id: uuid.UUID) -> HttpResponse:
    """GET: ``version``, the document shown.  POST: ``do`` (``cite``, ``away``, ``judge``) and ``item``."""
    actor, client = actor_of(request), client_of(request)
    found = open_unit(actor=actor, client_id=client.id, rehearsal_id=rehearsal_id, unit_id=unit_id)
    if request.method == "GET":
        return _page(request, found, Tried())
    posted = {name: str(value) for name, value in request.POST.items()}
    acts = {"cite": _cite, "away": _away, "judge": _judge}
    act = posted.get("do", "")
    if act not in acts:
        raise InvalidInput("Choose what to do.", code="rehearsal.do")
    item_id = _id(posted.get("item", ""))
    try:
        errors = acts[act](actor, found, item_id, posted)
    except (InvalidInput, Refused, Conflict) as error:
        errors = error_of(error)
    if errors:
        return _page(request, found, Tried(str(item_id), act, posted, errors))
    messages.success(request, "Saved.")
    version = f"?version={posted['version']}" if posted.get("version") else ""
    return leave(request, f"{_href(client.slug, found)}{version}#item-{item_id}")


def _cite(
    actor: Actor, found: RehearsalUnit, item_id: uuid.UUID, posted: Mapping[str, str]
) -> Mapping[str, str]:
    """Words by lines of the document that is shown."""
    reader, version_id = Reader(posted), _id(posted.get("version", ""))
    first, last = reader.whole("first", "From line"), reader.whole("last", "Through line")
    if first is None:
        return reader.errors or {"first": "From line: give the number beside the words."}
    _, version = open_record(actor=actor, unit=found, version_id=version_id)
    span = whole_lines(split_lines(version.text), first, last or first)
    if reader.errors or span is None:
        return reader.errors or {"first": "There are no such lines in this document, or they are blank."}
    confirmed = {fact.value: posted[fact.value] for fact in Fact if posted.get(fact.value)}
    cited = Cited(version_id, *span, posted.get("meat", ""), confirmed)
    cite_record(actor=actor, unit=found, item_id=item_id, cited=cited)
    return {}


def _away(
    actor: Actor, found: RehearsalUnit, item_id: uuid.UUID, posted: Mapping[str, str]
) -> Mapping[str, str]:
    take_record_away(actor=actor, unit=found, item_id=item_id, record_id=_id(posted.get("record", "")))
    return {}


def _judge(
    actor: Actor, found: RehearsalUnit, item_id: uuid.UUID, posted: Mapping[str, str]
) -> Mapping[str, str]:
    reader = Reader(posted)
    amount = reader.dollars("amount", "Overpaid")
    verdict = posted.get("verdict", "")
    if not verdict and posted.get("back") != "1":
        reader.errors["verdict"] = "Choose a verdict."
    if reader.errors:
        return reader.errors
    judge_item(
        actor=actor,
        unit=found,
        item_id=item_id,
        verdict=verdict,
        amount=amount,
        reason=posted.get("reason", ""),
    )
    return {}


# --- the page ------------------------------------------------------------------------------------------


def _page(request: HttpRequest, found: RehearsalUnit, tried: Tried) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    slug, base = client.slug, _href(client.slug, found)
    charts = list(
        charts_of(found)
        .select_related("patient", "coverage", "rendering_provider")
        .order_by("-service_on", "pk")
    )
    documents = charts_with_documents(charts)
    chart, version = _shown(request, actor, found, charts, documents)
    items, records = items_of(found), records_by_item(found)
    lines = split_lines(version.text) if version is not None else ()
    shown = _Shown(base, version, lines, documents, {one.pk: one for one in charts})
    first, after = beside(found)
    rehearsal = found.rehearsal
    noun = words.NOUNS[RehearsalKind(rehearsal.kind)].capitalize()
    cited = coder_words(items) if found.encounter_id is None else {}
    page = UnitPage(
        href=base,
        back_href=reverse("qa_audit:rehearsal", args=[slug, rehearsal.pk]),
        back=rehearsal.name,
        heading=f"{noun} {found.number}",
        lead=f"Stratum {found.stratum}" + ("" if found.score is None else f", disease score {found.score}"),
        banner=banner_of(chart) if chart is not None else Banner("Name not shown", "No chart", ()),
        items=tuple(
            _item(item, records.get(item.pk, []), cited.get(item.pk, []), shown, tried, rehearsal.kind)
            for item in items
        ),
        charts=tuple(_chart(one, documents[one.pk], shown) for one in charts),
        note_title=version.document.title if version is not None else "",
        note_source=_source(chart, version, client.timezone),
        note=_drawn(shown, items, records),
        version_id=str(version.pk) if version is not None else "",
        facts=tuple(
            (fact.value, FACT_LABELS[fact], tuple(Choice(one, VALUE_LABELS[one]) for one in VALUES[fact]))
            for fact in Fact
        ),
        meats=tuple(Choice(value, label) for value, label in Meat.choices),
        asks_facts=rehearsal.kind == RehearsalKind.RADV,
        may_judge=rehearsal.closed_at is None,
        tried=tried.item,
        previous_href="" if first is None else _href(slug, first),
        next_href="" if after is None else _href(slug, after),
    )
    tabs = quality_tabs(actor.role, slug, "rehearsals")
    context = {"page": page, "tabs": tabs}
    return render(request, "qa_audit/rehearsal_unit.html", context, status=422 if tried.errors else 200)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The document on the paper, and how to get to the others."""

    base: str
    version: DocumentVersion | None
    lines: Sequence[Line]
    documents: Mapping[uuid.UUID, list[ChartDocument]]
    charts: Mapping[uuid.UUID, Encounter]

    def place(self, version_id: uuid.UUID, encounter_id: uuid.UUID, start: int, end: int) -> tuple[str, str]:
        """Where words stand, and the address that shows them."""
        if self.version is not None and version_id == self.version.pk:
            touched = lines_touched(self.lines, start, end)
            if touched:
                first, last = touched[0].number, touched[-1].number
                return (f"L{first}" if first == last else f"L{first}–{last}"), f"#L{first}"
        title = next(
            (one.title for one in self.documents.get(encounter_id, []) if one.version_id == version_id),
            "An older version",
        )
        return title, f"{self.base}?version={version_id}#note"

    def visit(self, encounter_id: uuid.UUID) -> str:
        """``09/15/2026, No. V000012``."""
        chart = self.charts.get(encounter_id)
        return "" if chart is None else f"{words.day(chart.coding_on)}, No. {chart.external_id}"


def _shown(
    request: HttpRequest,
    actor: Actor,
    found: RehearsalUnit,
    charts: Sequence[Encounter],
    documents: Mapping[uuid.UUID, list[ChartDocument]],
) -> tuple[Encounter | None, DocumentVersion | None]:
    """The document asked for, else the first of the newest visit that has one."""
    asked = request.GET.get("version") or request.POST.get("version")
    first = next((one.version_id for chart in charts for one in documents[chart.pk]), None)
    wanted = _id(asked) if asked else first
    if wanted is None:
        return (charts[0] if charts else None), None
    encounter, version = open_record(actor=actor, unit=found, version_id=wanted)
    return next((chart for chart in charts if chart.pk == encounter.pk), encounter), version


def _item(
    item: RehearsalItem,
    records: Sequence[RehearsalRecord],
    cited: Sequence[CoderWords],
    shown: _Shown,
    tried: Tried,
    kind: str,
) -> ItemView:
    verdict = HccVerdict(item.verdict) if item.verdict else None
    is_tried = tried.item == str(item.pk)
    known = {(record.document_version_id, record.start, record.end) for record in records}
    return ItemView(
        id=str(item.pk),
        number=str(item.number),
        heading=f"HCC {item.hcc}: {item.label}" if item.hcc else item.label,
        carried=", ".join(dict.fromkeys(f"{row['code']} ({_on(shown, row)})" for row in item.carried)),
        verdict=words.VERDICTS[verdict] if verdict else "Not judged",
        tone=words.VERDICT_TONES[verdict] if verdict else "",
        said=f"{item.decided_by.full_name}. {item.reason}".strip() if item.decided_by else item.reason,
        amount=words.dollars(item.overpaid_amount) if item.overpaid_amount is not None else "",
        records=tuple(_record(one, item, shown) for one in records),
        coder_words=tuple(
            shown.place(one.version_id, one.encounter_id, one.start, one.end)
            for one in cited
            if (one.version_id, one.start, one.end) not in known
        ),
        verdicts=tuple(
            Choice(one.value, words.VERDICTS[one])
            for one in HccVerdict
            if kind == RehearsalKind.RADV or one is not HccVerdict.ELSEWHERE
        ),
        form=tried.values or {} if is_tried else {},
        errors=_at_item(item, tried.errors or {}) if is_tried else {},
        is_open_form=is_tried and tried.act == "cite",
    )  # fmt: skip


def _at_item(item: RehearsalItem, errors: Mapping[str, str]) -> dict[str, str]:
    """Errors by the ids of the item's own fields; what is about no field stays without one."""
    return {f"{FIELDS[name]}-{item.pk}" if name in FIELDS else "": text for name, text in errors.items()}


def _on(shown: _Shown, row: Mapping[str, str]) -> str:
    chart = shown.charts.get(uuid.UUID(row["encounter"]))
    return words.day(chart.coding_on) if chart is not None else "a visit not shown"


def _record(record: RehearsalRecord, item: RehearsalItem, shown: _Shown) -> RecordRow:
    where, href = shown.place(record.document_version_id, record.encounter_id, record.start, record.end)
    label, tone = ELIGIBILITY[record.eligibility]
    marks = [
        f"MEAT {record.meat}" if record.meat else "",
        "" if record.is_own else "another chart",
        "history or problem list only" if record.is_weak else "",
    ]
    return RecordRow(
        id=str(record.pk),
        where=where,
        href=href,
        quote=record.quote,
        visit=shown.visit(record.encounter_id),
        eligibility=label if record.requirements else "",
        tone=tone,
        requirements=tuple(
            (one["label"], one["why"], ELIGIBILITY[one["state"]][1]) for one in record.requirements
        ),
        marks=tuple(mark for mark in marks if mark),
        is_proof=item.proof_id == record.pk,
    )


def _chart(chart: Encounter, documents: Sequence[ChartDocument], shown: _Shown) -> ChartRow:
    provider = chart.rendering_provider
    seen = f", {provider.name} {provider.professional_credential}".rstrip() if provider else ""
    return ChartRow(
        visit=f"{shown.visit(chart.pk)}{seen}",
        documents=tuple(
            Choice(
                str(one.version_id),
                one.title,
                shown.version is not None and shown.version.pk == one.version_id,
                f"{shown.base}?version={one.version_id}#note",
            )
            for one in documents
        ),
    )


def _source(chart: Encounter | None, version: DocumentVersion | None, zone: str) -> str:
    if chart is None or version is None:
        return ""
    written = f", written {moment(version.authored_at, zone)}" if version.authored_at else ""
    by = f" by {version.author_name}" if version.author_name else ""
    return f"Visit of {words.day(chart.coding_on)}, No. {chart.external_id}{written}{by}"


def _drawn(
    shown: _Shown, items: Sequence[RehearsalItem], records: Mapping[uuid.UUID, Sequence[RehearsalRecord]]
) -> Markup | None:
    """The paper with every cited record marked; ``None`` without a document."""
    if shown.version is None:
        return None
    marks = [
        Mark(
            record.start,
            record.end,
            f"{item.number}.{place}",
            "dx",
            f"HCC {item.hcc}" if item.hcc else "Claim",
        )
        for item in items
        for place, record in enumerate(records.get(item.pk, ()), start=1)
        if record.document_version_id == shown.version.pk
    ]
    lines = tuple(shown.lines)
    return NoteDrawing(lines, detect_sections(lines), marks).whole()


def _href(slug: str, found: RehearsalUnit) -> str:
    return reverse("qa_audit:rehearsal_unit", args=[slug, found.rehearsal_id, found.pk])


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NotFound from error
