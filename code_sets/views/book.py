"""``/code-sets/<system>/`` and ``/code-sets/<system>/<code>/``: the classifications as of a day.

Public reference data for everybody who is signed in; nothing of a client is read. Words searched for are
posted: they may be words of a note, and addresses are logged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from code_sets import book
from code_sets.addresses import book_href, system_href
from code_sets.models import Code, CodeSetRelease, CodeSystem
from code_sets.rules.entries import EntryKind, NoteKind, shown_code
from code_sets.selectors import index_of, release_in_force, search_box
from code_sets.views.dto import BookPage, EntryRow, GuidelineRow, Link, NoteGroup
from coding_ops.core.errors import NotFound, Refused

ICD10CM = CodeSystem.ICD_10_CM.value
LONGEST = 200
LIMIT = 30
HEADINGS = {
    NoteKind.INCLUDES: ("Includes", ""),
    NoteKind.INCLUSION_TERM: ("Inclusion terms", "Other names of what this code is for."),
    NoteKind.EXCLUDES1: (
        "Excludes1",
        "Not coded here: never both, unless they are two unrelated conditions.",
    ),
    NoteKind.EXCLUDES2: ("Excludes2", "Not included here: both may be coded when both are there."),
    NoteKind.CODE_FIRST: ("Code first", "This goes before it."),
    NoteKind.USE_ADDITIONAL: ("Use additional code", "This goes behind it, where documented."),
    NoteKind.CODE_ALSO: ("Code also", "Both are coded; the reason for the encounter decides the order."),
    NoteKind.SEVENTH_CHARACTER: ("7th character", ""),
    NoteKind.NOTES: ("Notes", ""),
}
OWN_ONLY = frozenset({NoteKind.INCLUSION_TERM})
"""Kinds that name the one entry they stand at and do not hold for what is below it."""
REFERENCE = re.compile(r"\b[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?(?=[-\s,;)\]]|$)")


@require_http_methods(["GET", "POST"])
def system(request: HttpRequest, system: str) -> HttpResponse:
    """The top of a classification, or (POST ``q``) what a search finds in it."""
    known(system)
    on = _day(request)
    typed = request.POST.get("q", "")[:LONGEST].strip()
    page = _found(system, on, typed) if typed else _top(system, on, _number(request))
    return render(request, "code_sets/book.html", {"page": page}, status=404 if page.problem else 200)


@require_GET
def code(request: HttpRequest, system: str, code: str) -> HttpResponse:
    """One code or heading with its notes, and what stands below it."""
    known(system)
    on = _day(request)
    try:
        page = _entry(system, code, on, _number(request))
    except (Refused, NotFound) as error:
        page = _blank(system, on, problem=error.message)
    return render(request, "code_sets/book.html", {"page": page}, status=404 if page.problem else 200)


def known(system: str) -> None:
    """Refuse the address of a system there is none of."""
    if system not in CodeSystem.values:
        raise NotFound("There is no such code system.", code="code_set.unknown")


def _day(request: HttpRequest) -> date:
    """``on``; today where it is absent or no day."""
    try:
        return date.fromisoformat((request.POST or request.GET).get("on", "") or request.GET.get("on", ""))
    except ValueError:
        return timezone.localdate()


def _number(request: HttpRequest) -> int:
    typed = request.GET.get("page", "")
    return max(1, int(typed)) if typed.isdigit() and len(typed) < 6 else 1


def _top(system: str, on: date, number: int) -> BookPage:
    try:
        release, rows, count = book.top_of(system, on, number)
    except Refused as error:
        return _blank(system, on, problem=error.message)
    turns = _turns(system_href(system, on), number, count)
    shown = tuple(_row(system, on, row) for row in rows)
    words = "Chapters" if system == ICD10CM else "Sections" if shown and shown[0].mark else "Codes"
    return _blank(system, on, release, below_words=words, rows=shown, **turns)


def _found(system: str, on: date, typed: str) -> BookPage:
    try:
        hits = search_box([system], on, typed, LIMIT)
    except Refused as error:
        return _blank(system, on, problem=error.message, typed=typed)
    rows = tuple(
        EntryRow(
            shown_code(system, hit.code),
            hit.title,
            book_href(system, hit.code, on),
            "" if hit.billable else "Heading",
        )
        for hit in hits
    )
    words = f"{len(rows)} found" if rows else "Nothing found: try fewer or other words."
    return _blank(system, on, typed=typed, below_words=words, rows=rows)


def _entry(system: str, code: str, on: date, number: int) -> BookPage:
    found = book.page_of(system, code, on, number)
    entry = found.entry
    href = book_href(system, entry.code, on)
    notes = tuple(_groups(system, on, found))
    about = tuple(GuidelineRow(one.section, one.text) for one in found.guidelines)
    return _blank(
        system,
        on,
        found.release,
        way=tuple(
            Link(_place(system, one.code, one.kind), book_href(system, one.code, on))
            for one in found.way[:-1]
        ),
        shown=_place(system, entry.code, entry.kind),
        title=entry.title,
        badges=(("ok", "Code to assign"),) if entry.billable else (("line", "Heading: choose a code below"),),
        days=_days(found.first, found.last),
        notes=notes,
        notes_words=f"Notes of {found.notes_of}, the nearest release that has them."
        if notes and found.notes_of
        else "",
        guidelines=about,
        guidelines_words=f"In our words, after the {found.guidelines[0].edition}." if about else "",
        below_words=_below_words(found),
        rows=tuple(_row(system, on, row) for row in found.below),
        **_turns(href, number, found.below_count),
    )


def _below_words(found: book.Page) -> str:
    if not found.below_count:
        return ""
    if all(row.kind == EntryKind.EXTENSION for row in found.below):
        return "7th characters"
    return f"{found.below_count:,} below"


def _groups(system: str, on: date, found: book.Page) -> Iterator[NoteGroup]:
    """The notes of the entry, then those of each place above it that hold for it too."""
    for step in reversed(found.way):
        own = step is found.entry
        for kind, (heading, words) in HEADINGS.items():
            texts = [note.text for note in step.notes if note.kind == kind]
            if texts and (own or kind not in OWN_ONLY):
                items = tuple(tuple(_linked(system, on, found.release, text)) for text in texts)
                yield NoteGroup(heading, words, "" if own else _place(system, step.code, step.kind), items)


def _linked(system: str, on: date, release: CodeSetRelease, text: str) -> Iterator[Link]:
    """The words of a note, the codes in it as links where the release has them."""
    at = 0
    index = index_of(release) if system == ICD10CM else None
    for match in REFERENCE.finditer(text) if index is not None else ():
        code = match[0].replace(".", "")
        if index is not None and index.find(code) is not None:
            if match.start() > at:
                yield Link(text[at : match.start()])
            yield Link(match[0], book_href(system, code, on))
            at = match.end()
    if at < len(text):
        yield Link(text[at:])


def _row(system: str, on: date, row: Code) -> EntryRow:
    mark = "" if row.is_billable else ("Chapter" if row.kind == EntryKind.CHAPTER else "Heading")
    ended = row.valid_to is not None and row.valid_to < on
    later = row.valid_from is not None and row.valid_from > on
    warning = (
        f"ended {row.valid_to:%m/%d/%Y}" if ended else f"from {row.valid_from:%m/%d/%Y}" if later else ""
    )
    return EntryRow(
        _place(system, row.code, row.kind), row.title, book_href(system, row.code, on), mark, warning
    )


def _days(first: date | None, last: date | None) -> str:
    if first is None and last is None:
        return ""
    start = f"Valid from {first:%m/%d/%Y}" if first else "Valid"
    return f"{start} until {last:%m/%d/%Y}" if last else f"{start}; no end is known"


def _place(system: str, code: str, kind: str) -> str:
    if kind == EntryKind.CHAPTER:
        return f"Chapter {code}" if system == ICD10CM else code
    return shown_code(system, code)


def _turns(href: str, number: int, count: int) -> dict[str, str]:
    pages = book.pages_of(count)
    return {
        "previous_page_href": f"{href}&{urlencode({'page': number - 1})}" if number > 1 else "",
        "next_page_href": f"{href}&{urlencode({'page': number + 1})}" if number < pages else "",
    }


def _answers(system: str, on: date) -> bool:
    """Whether a release of the system holds on the day: a tab leads to something."""
    try:
        release_in_force(system, on)
    except Refused:
        return False
    return True


def _blank(system: str, on: date, release: CodeSetRelease | None = None, **more: object) -> BookPage:
    standing = ""
    if release is not None:
        until = (
            f"to {release.effective_to:%m/%d/%Y}" if release.effective_to else "until a newer one is loaded"
        )
        standing = f"{release}, in force from {release.effective_from:%m/%d/%Y} {until}"
        if release.is_past_published_end(on):
            standing += (
                f". It was published until {release.published_through:%m/%d/%Y}; no newer one is loaded"
            )
    return BookPage(
        system=system,
        label=str(CodeSystem(system).label),
        href=reverse("code_sets:system", args=[system]),
        on=on.isoformat(),
        on_words=f"{on:%m/%d/%Y}",
        systems=tuple(
            Link(one.value, system_href(one.value, on), one.value == system)
            for one in CodeSystem
            if one.value == system or _answers(one.value, on)
        ),
        standing=standing,
        **more,  # type: ignore[arg-type]
    )
