"""The story of an encounter, and two versions of its codes side by side."""

from __future__ import annotations

import uuid
from itertools import groupby
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from code_sets.rules.entries import with_dot
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import CLIENT_ROLES
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.middleware import actor_of
from encounters.access import open_chart
from encounters.models import CodeRevision, Encounter, OverrideReason
from encounters.rules.code_diff import CodeDiff, CodeLine, describe
from encounters.rules.code_diff import compare as compare_sets
from encounters.rules.encounter_states import ReopenReason
from encounters.selectors.chart import codes_of
from encounters.selectors.history import lines_of, link_name, revisions_of, story_of
from encounters.selectors.listing import CLIENT_PARTIES
from encounters.selectors.release import released_revisions
from encounters.views import words
from encounters.views.chart_page import banner_of, chart_href
from encounters.views.history_dto import ComparePage, CompareRow, HistoryDay, HistoryEntry, HistoryPage

PICTURES = {
    Verb.ENCOUNTER_FINALIZED: "circle-check",
    Verb.ENCOUNTER_PENDED: "pause",
    Verb.ENCOUNTER_RESUMED: "play",
    Verb.ENCOUNTER_REOPENED: "rotate-ccw",
    Verb.CODE_ASSIGNED: "plus",
    Verb.CODE_REMOVED: "trash-2",
    Verb.EDIT_OVERRIDDEN: "triangle-alert",
    Verb.EVIDENCE_CITED: "quote",
    Verb.CHANGE_UNDONE: "undo-2",
    Verb.DOCUMENT_ADDED: "file-text",
    Verb.DOCUMENT_VERSION_ADDED: "file-text",
    Verb.CHART_TAKEN: "lock",
    Verb.CHART_SKIPPED: "skip-forward",
}
FACT_WORDS = {
    "codes": "codes", "code": "code", "revision": "version", "cited": "cited", "excepted": "without evidence",
    "owner": "waiting for", "due_on": "expected by", "evidence": "quotes", "position": "position",
    "meat": "tag", "level": "level", "part": "element", "fact": "fact", "value": "answer", "was": "was",
    "modifiers": "modifiers", "kept": "quotes kept", "lost": "quotes lost", "number": "number",
    "outcome": "outcome", "rule": "rule", "because": "because", "left": "in place of",
    "drg": "MS-DRG", "working": "expected MS-DRG", "final": "final MS-DRG",
    "discharge_status": "discharge status",
}  # fmt: skip
HOLDS = (Verb.ENCOUNTER_PENDED, Verb.ENCOUNTER_RESUMED)
REOPENED_FOR = {
    ReopenReason.CODER_CORRECTION.value: "The coding team corrects its codes.",
    ReopenReason.AUDIT.value: "An audit asked for it.",
    ReopenReason.QUERY_ANSWER.value: "The provider answered a query.",
    ReopenReason.LATE_DOCUMENTATION.value: "Documentation came late.",
    ReopenReason.CLIENT_REQUEST.value: "The client asked for it.",
    ReopenReason.APPEAL.value: "A denial is appealed.",
    ReopenReason.DENIAL.value: "A claim was denied or rejected; it is coded again at no cost.",
}
DRAFT = "draft"


@require_GET
@for_client
def history(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """Newest first; outside, people see what came in, what waited for whom and what became final."""
    actor, client = actor_of(request), client_of(request)
    chart = open_chart(actor=actor, client_id=client.id, encounter_id=encounter_id)
    events = story_of(chart.encounter, for_client=not actor.is_vendor)
    if not actor.is_vendor:
        events = [event for event in events if not _is_inside(event)]
    zone = ZoneInfo(client.timezone)
    href = chart_href(client.slug, encounter_id)
    days = tuple(
        HistoryDay(f"{on:%A, %m/%d/%Y}", tuple(_entry(event, client, actor) for event in group))
        for on, group in groupby(events, key=lambda event: event.occurred_at.astimezone(zone).date())
    )
    page = HistoryPage(
        banner=banner_of(chart.encounter),
        chart_href=href,
        days=days,
        revisions=(),
        compare_href=f"{href}compare/" if _has_versions(chart.encounter, actor) else "",
    )
    return render(request, "encounters/history.html", {"page": page})


def _has_versions(encounter: Encounter, actor: Actor) -> bool:
    if actor.is_vendor or not encounter.revision_count:
        return encounter.revision_count > 0
    return released_revisions(encounter).exists()


def _entry(event: AuditEvent, client: ReachedClient, actor: Actor) -> HistoryEntry:
    who = event.actor_name + (f", {event.credential}" if event.credential else "")
    if actor.role in CLIENT_ROLES and event.role not in CLIENT_ROLES:
        who = "The coding team" if event.actor_id else "The system"
    facts = tuple(
        f"{FACT_WORDS[name]} {_fact(value)}"
        for name, value in event.facts.items()
        if name in FACT_WORDS and value
    )
    return HistoryEntry(
        at=words.clock(event.occurred_at, client.timezone),
        iso=event.occurred_at.isoformat(),
        who=who,
        sentence=f"{Verb(event.verb).label}.",
        reason=_reason(event, actor),
        facts=facts,
        icon=PICTURES.get(Verb(event.verb), "history"),
    )


def _is_inside(event: AuditEvent) -> bool:
    """A hold that waited for neither the client nor its provider."""
    return event.verb in HOLDS and event.facts.get("owner") not in CLIENT_PARTIES


def _reason(event: AuditEvent, actor: Actor) -> str:
    """The reason as written; of an opening the vendor's own words stay inside, and its kind is told."""
    if event.verb == Verb.ENCOUNTER_FINALIZED:
        return REOPENED_FOR.get(event.reason, event.reason)
    if actor.is_vendor or event.verb != Verb.ENCOUNTER_REOPENED:
        return event.reason
    kind = event.facts.get("reason", "")
    return REOPENED_FOR.get(kind, "")


def _fact(value: object) -> str:
    if value in OverrideReason.values:
        return str(OverrideReason(value).label)
    if isinstance(value, dict):
        return ", ".join(f"{name} {part}" for name, part in sorted(value.items()))
    if isinstance(value, list):
        return ", ".join(with_dot(str(part)) for part in value)
    return (
        with_dot(str(value)) if isinstance(value, str) and value.isalnum() and value.isupper() else str(value)
    )


# --- versions ---


@require_GET
@for_client
def compare(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``?before=1&after=2``; ``after=draft`` is the working set, for those who code."""
    actor, client = actor_of(request), client_of(request)
    chart = open_chart(actor=actor, client_id=client.id, encounter_id=encounter_id)
    revisions = revisions_of(chart.encounter, inside=actor.is_vendor)
    if not revisions:
        raise NotFound
    with_draft = chart.may_code
    numbers = [str(revision.number) for revision in revisions]
    newest = DRAFT if with_draft else numbers[-1]
    before = request.GET.get("before", numbers[-2] if not with_draft and len(numbers) > 1 else numbers[-1])
    after = request.GET.get("after", newest)
    old = _set(chart.encounter, revisions, before, with_draft)
    new = _set(chart.encounter, revisions, after, with_draft)
    diff = compare_sets(old, new)
    href = chart_href(client.slug, encounter_id)
    said = describe(diff, _shown)
    page = ComparePage(
        banner=banner_of(chart.encounter),
        chart_href=href,
        history_href=f"{href}history/",
        before=_versions(revisions, before, client, False, actor.role in CLIENT_ROLES),
        after=_versions(revisions, after, client, with_draft, actor.role in CLIENT_ROLES),
        before_facts=_name(before),
        after_facts=_name(after),
        rows=_rows(diff),
        summary=" ".join(said) if said else "Both versions say the same.",
    )
    return render(request, "encounters/compare.html", {"page": page})


def _set(
    encounter: Encounter, revisions: list[CodeRevision], number: str, with_draft: bool
) -> tuple[CodeLine, ...]:
    if number == DRAFT and with_draft:
        return tuple(
            CodeLine(
                row.kind, row.system, row.code, row.position, tuple(row.modifiers), row.service_unit_quantity,
                row.present_on_admission, (), row.exception_reason,
                tuple(link_name(e.document_version_id, e.start, e.end, e.meat) for e in row.evidence.all()),
            )
            for row in codes_of(encounter)
        )  # fmt: skip
    for revision in revisions:
        if str(revision.number) == number:
            return lines_of(revision.codes)
    raise NotFound


def _versions(
    revisions: list[CodeRevision], chosen: str, client: ReachedClient, with_draft: bool, for_client: bool
) -> tuple[Choice, ...]:
    choices = []
    for revision in revisions:
        who = "" if for_client else f", {revision.finalized_by.full_name}, {revision.credential}"
        label = f"Version {revision.number}, {words.moment(revision.finalized_at, client.timezone)}{who}"
        choices.append(Choice(str(revision.number), label, str(revision.number) == chosen))
    if with_draft:
        choices.append(Choice(DRAFT, "Working set", chosen == DRAFT))
    return tuple(choices)


def _name(number: str) -> str:
    return "Working set" if number == DRAFT else f"Version {number}"


def _shown(system: str, code: str) -> str:
    return with_dot(code) if system == "ICD-10-CM" else code


def _rows(diff: CodeDiff) -> tuple[CompareRow, ...]:
    """Diagnoses, then services; what stayed too, so that both sets can be read whole."""
    pairs: list[tuple[str, CodeLine | None, CodeLine | None, str]] = []
    pairs += [("added", None, line, "Added") for line in diff.added]
    pairs += [("removed", line, None, "Removed") for line in diff.removed]
    for change in diff.changed:
        said = [f"{field.field.replace('_', ' ')}" for field in change.fields]
        pairs.append(("changed", change.old, change.new, f"Changed: {', '.join(said)}"))
    changed = {(c.new.kind, c.new.position) for c in diff.changed}
    for move in diff.moved:
        if (move.new.kind, move.new.position) not in changed:
            said_ = f"Moved from {move.old.position} to {move.new.position}"
            pairs.append(("changed", move.old, move.new, said_))
    pairs += [("same", line, line, "") for line in diff.unchanged]
    ordered = sorted(pairs, key=lambda pair: _rank(pair[2] or pair[1]))
    return tuple(
        CompareRow(
            kind=(after or before).kind,  # type: ignore[union-attr]
            change=change,
            before=_line(before),
            after=_line(after),
            title=_place(after or before),
            words=said,
        )
        for change, before, after, said in ordered
    )


def _rank(line: CodeLine | None) -> tuple[str, int]:
    return (line.kind, line.position) if line else ("", 0)


def _place(line: CodeLine | None) -> str:
    if line is None:
        return ""
    return f"{'Diagnosis' if line.kind == 'dx' else 'Service'} {line.position}"


def _line(line: CodeLine | None) -> str:
    if line is None:
        return "—"
    shown = "-".join([_shown(line.system, line.code), *line.modifiers])
    parts = [shown, f"×{line.units}" if line.units > 1 else "", f"POA {line.poa}" if line.poa else ""]
    cited = f"{len(line.evidence)} quote{'s' if len(line.evidence) != 1 else ''}"
    return " ".join(part for part in [*parts, f"· {cited}"] if part)
