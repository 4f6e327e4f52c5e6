"""What the workbench and worklist templates are given: prepared strings, no model, no query.

The hot lists hold their strings ready, so that the inner loop of a page of 50 rows calls nothing.
Addresses are strings too: the template never asks the resolver inside a loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from coding_ops.web.choices import Choice
from encounters.views.edit_dto import FindingRow


@dataclass(frozen=True, slots=True)
class Flag:
    """A small badge.  ``tone``: ``line``, ``ok``, ``warn``, ``bad``, ``query`` or empty."""

    text: str
    tone: str = "line"


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One encounter of a worklist.

    Attributes:
        state: ``open`` (leased by me), ``todo``, ``held`` or ``taken`` (leased by another).
        due: ``"1h 12m"``; ``due_tone`` is ``warn`` when near and ``bad`` when past.
        why: why it stands here in the order.
    """

    href: str
    name: str
    visit_id: str
    client: str
    specialty: str
    visit_type: str
    service_on: str
    due: str
    due_at: str
    due_tone: str
    state: str
    state_words: str
    age: str
    why: str
    flags: tuple[Flag, ...] = ()
    can_open: bool = True


@dataclass(frozen=True, slots=True)
class WorklistPage:
    """``/work/``.  ``sort`` names the column and direction for ``aria-sort``."""

    heading: str
    summary: str
    rows: tuple[WorklistRow, ...]
    rows_html: Markup
    filters: tuple[Choice, ...]
    clients: tuple[Choice, ...]
    take_href: str
    next_page_href: str = ""
    previous_page_href: str = ""
    empty_words: str = ""
    show_client: bool = True
    can_take: bool = True
    notice: str = ""


@dataclass(frozen=True, slots=True)
class QueueStrip:
    """The list beside the workbench: mine first, then what comes next."""

    heading: str
    left: str
    rows: tuple[WorklistRow, ...]
    more_href: str = "/work/"


@dataclass(frozen=True, slots=True)
class Banner:
    """Who and which visit; never leaves the screen, also on a phone."""

    name: str
    facts: str
    visit: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentTab:
    """One document of the chart; ``version`` is the one shown, ``count`` its versions when more than one."""

    title: str
    href: str
    selected: bool
    count: str = ""


@dataclass(frozen=True, slots=True)
class NoteView:
    """The document version on the paper.

    Attributes:
        version_id: public id; ``evidence`` fields name it.
        source: ``"Version 2, written 11/19/2026 16:42, received 11/19/2026 18:03"``.
        newer_notice: said when an older version is shown, with a link to the newest.
    """

    version_id: str
    title: str
    source: str
    html: Markup
    map: Markup
    newer_notice: str = ""
    newer_href: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """One evidence link of a code.  A lost one has no line in the newest version of its document.

    ``meat`` is its tag, if it has one; ``meat_href`` takes a new one, empty where there is none to take.
    """

    label: str
    href: str
    quote: str
    lost: bool = False
    other_document: bool = False
    remove_href: str = ""
    meat: str = ""
    meat_href: str = ""


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One assigned code.

    Attributes:
        key: ``"1"``–``"25"`` for diagnoses, ``"S1"``… for services: list index, key and claim pointer.
        kind: ``dx`` or ``px``.
        problem: what keeps it from being final, e.g. ``"No evidence"``; empty when nothing does.
        exception: the recorded reason for having no evidence.
        findings: what the edits say of it, errors first.
        href: the code's own page and edit form; the base of ``cite/``, ``move/`` and ``remove/``.
    """

    key: str
    kind: str
    code: str
    modifiers: str
    units: str
    title: str
    chips: tuple[Chip, ...]
    href: str
    pointers: str = ""
    poa: str = ""
    note: str = ""
    note_tone: str = ""
    problem: str = ""
    exception: str = ""
    findings: tuple[FindingRow, ...] = ()
    flags: tuple[Flag, ...] = ()
    book: str = ""
    """Its page in the code book; empty where no release knows it."""


@dataclass(frozen=True, slots=True)
class ToolTab:
    """One tool that can take the place of the code list."""

    key: str
    label: str
    href: str
    command: str


@dataclass(frozen=True, slots=True)
class OpenTool:
    """The tool that is open; ``template`` draws its inside, ``module`` is its script."""

    key: str
    label: str
    template: str
    module: str = ""


@dataclass(frozen=True, slots=True)
class ReadyItem:
    """One statement of the readiness strip.  ``tone``: ``ok``, ``warn``, ``bad``; ``href`` leads there."""

    text: str
    tone: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class LeaseView:
    """Who holds the chart.

    Attributes:
        mine: this person may change it.
        words: ``"Locked to you"`` or ``"Held by M. Osei, COC since 2:10 PM"``.
        fence: number that every change must carry; a stale one is answered 409.
        beat_seconds: how often the page reports that it is alive.
    """

    mine: bool
    words: str
    fence: int
    beat_seconds: int
    since: str = ""


@dataclass(frozen=True, slots=True)
class ChartPage:
    """``/c/<client>/encounters/<id>/``: everything in the first response.

    ``href`` ends with a slash and is the base of every address below (``codes/``, ``finalize/`` …).
    ``findings`` concern no single code; ``pins`` says that the edits run under releases of a final version.
    ``awaits_final``: there are no codes to show because none are final yet.
    """

    href: str
    title: str
    status: str
    status_words: str
    banner: Banner
    documents: tuple[DocumentTab, ...]
    note: NoteView | None
    services: tuple[CodeRow, ...]
    diagnoses: tuple[CodeRow, ...]
    ready: tuple[ReadyItem, ...]
    queue: QueueStrip | None
    lease: LeaseView
    can_edit: bool
    can_finalize: bool
    can_reopen: bool
    can_resume: bool
    release: str
    services_note: str = ""
    findings: tuple[FindingRow, ...] = ()
    pins: str = ""
    saved: str = ""
    revision: str = ""
    undo_words: str = ""
    notice: str = ""
    notice_tone: str = "warn"
    pane: str = "note"
    awaits_final: bool = False
    find_text: str = ""
    tools: tuple[ToolTab, ...] = ()
    claim_href: str = ""
    """Where its claim is shown; the page belongs to an application above this one."""
    tool: OpenTool | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    posted: Mapping[str, str] = field(default_factory=dict)

    @property
    def code_count(self) -> int:
        return len(self.services) + len(self.diagnoses)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One line of the code search.

    Attributes:
        value: without the dot, as posted; ``modifiers`` and ``units`` as read from what was typed.
        billable: a header is shown too; choosing it lists its children instead of assigning it.
        why_not: said when it cannot be assigned, e.g. ``"expired 09/30/2026"``.
        warning: ``"valid until 09/30"`` when the date of service is near a change.
        cite_href: set when the code is on the chart already; choosing it cites the selection for it.
        book: its page in the code book; empty when its text is not loaded.
    """

    system: str
    value: str
    shown: str
    title: str
    billable: bool = True
    why_not: str = ""
    warning: str = ""
    modifiers: str = ""
    units: str = ""
    pointers: str = ""
    poa: str = ""
    cite_href: str = ""
    book: str = ""


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that keeps the chart from being final, and where to mend it."""

    text: str
    href: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class CodeForm:
    """Edit page (and inline panel) of one code.

    A reviewer's code takes no ``exceptions``, no pointers, and is removed without a reason.
    """

    row: CodeRow
    chart_href: str
    fence: int
    modifiers: tuple[str, ...]
    units: str
    pointers: str
    poa: str
    exceptions: tuple[Choice, ...]
    note: str
    show_poa: bool
    errors: Mapping[str, str] = field(default_factory=dict)
    remove_reasons: tuple[Choice, ...] = ()
    takes_pointers: bool = True

    @property
    def has_fields(self) -> bool:
        """Whether there is anything to save."""
        return self.row.kind == "px" or self.show_poa or bool(self.exceptions)


@dataclass(frozen=True, slots=True)
class VerbForm:
    """Pend, skip, reopen or resume: a page of its own, and the same as a dialog.

    Attributes:
        name: ``pend``, ``skip``, ``reopen`` or ``resume``; the form posts to ``<chart_href><name>/``.
        owners: who the hold waits for (pend only).
    """

    name: str
    heading: str
    lead: str
    chart_href: str
    fence: int
    submit: str
    banner: Banner
    reasons: tuple[Choice, ...] = ()
    owners: tuple[Choice, ...] = ()
    due_on: str = ""
    text: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConflictSide:
    """One side of a 409: what is saved, or what this page tried to save."""

    heading: str
    who: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two versions side by side; nothing of either is thrown away silently."""

    message: str
    theirs: ConflictSide
    mine: ConflictSide
    reload_href: str
