"""What the worksheet's templates are given: prepared strings, no model, no query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from coding_ops.web.choices import Choice
from encounters.views.dto import Banner, Chip, DocumentTab, LeaseView, NoteView


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a line: the code as shown, with the words that side cites for it."""

    code: str
    title: str
    chips: tuple[Chip, ...]
    poa: str = ""
    exception: str = ""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line of the worksheet.

    Attributes:
        key: its number on the page, which is its row, its mark in the note and its key.
        href: ``…/lines/<id>/``; the base of its forms.
        marks: keys of its marks in the note, ``"3 3c"``: the reviewer's, then the coder's.
        kind: ``dx`` or ``px``.
        tone: ``ok``, ``warn``, ``bad`` or ``line``.
        is_finding: the coder answers it; an agreement and an observation are none.
        is_judged: cause, severity, direction and citation are set.
        said: cause, severity and direction in words; ``citation`` what was cited.
        state: of the exchange, e.g. ``open``; ``state_words`` the same in words.
    """

    id: str
    key: str
    href: str
    marks: str
    kind: str
    verdict: str
    verdict_words: str
    tone: str
    weight: str
    coder: Side | None
    reviewer: Side | None
    is_process: bool
    is_finding: bool
    is_judged: bool
    said: tuple[str, ...]
    citation: str
    note: str
    state: str
    state_words: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Both sides over the note: what the comparison and the delivered review are drawn from."""

    href: str
    banner: Banner
    documents: tuple[DocumentTab, ...]
    note: NoteView | None
    lines: tuple[SheetLine, ...]
    marked_lines: Markup
    release: str
    revision: str
    notice: str

    @property
    def findings(self) -> tuple[SheetLine, ...]:
        return tuple(line for line in self.lines if line.is_finding)

    @property
    def unjudged(self) -> tuple[SheetLine, ...]:
        return tuple(line for line in self.findings if not line.is_judged)


@dataclass(frozen=True, slots=True)
class Rate:
    """One score: ``93.8%``, ``15 of 16``, ``69.8 to 99.9%``; ``counted``: the contract counts it."""

    label: str
    rate: str
    parts: str
    interval: str
    counted: bool = False


@dataclass(frozen=True, slots=True)
class CompareSheet:
    """The comparison while its reviewer works on it.  ``lease`` and ``posted`` are what the add box takes."""

    sheet: Sheet
    rates: tuple[Rate, ...]
    summary: str
    status_words: str
    can_edit: bool = True
    pane: str = "codes"
    posted: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    lease: LeaseView = field(default_factory=lambda: LeaseView(True, "Open to you", 0, 0))

    @property
    def href(self) -> str:
        return self.sheet.href

    @property
    def counted(self) -> Rate:
        """The score the contract counts; the first one where it counts another that is not shown here."""
        return next((rate for rate in self.rates if rate.counted), self.rates[0])

    @property
    def banner(self) -> Banner:
        return self.sheet.banner

    @property
    def documents(self) -> tuple[DocumentTab, ...]:
        return self.sheet.documents

    @property
    def note(self) -> NoteView | None:
        return self.sheet.note


@dataclass(frozen=True, slots=True)
class JudgeForm:
    """The forms of one line: judgement, the reviewer's own code, findings about the work."""

    line: SheetLine
    review_href: str
    causes: tuple[Choice, ...]
    severities: tuple[Choice, ...]
    directions: tuple[Choice, ...]
    citation_kinds: tuple[Choice, ...]
    citation: str
    note: str
    cited_before: tuple[str, ...]
    code_href: str
    agree_words: str
    process: tuple[Choice, ...]
    errors: Mapping[str, str] = field(default_factory=dict)
