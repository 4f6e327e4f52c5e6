"""What the pages of rehearsals and overpayments are given: prepared strings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from coding_ops.web.choices import Choice
from encounters.views.dto import Banner


@dataclass(frozen=True, slots=True)
class RehearsalRow:
    """One rehearsal of the list."""

    href: str
    name: str
    kind: str
    contract: str
    period: str
    progress: str
    state: str
    tone: str
    next_due: str
    due_tone: str


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """One contract: its newest rehearsal's dollars, and what is still to be returned."""

    contract: str
    href: str
    found: str
    point: str
    low: str
    asked: str
    note: str
    owed: str


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One overpayment."""

    href: str
    title: str
    contract: str
    amount: str
    state: str
    due: str
    left: str
    tone: str


@dataclass(frozen=True, slots=True)
class RehearsalsPage:
    """``/c/<client>/quality/rehearsals/``."""

    rows: tuple[RehearsalRow, ...]
    exposure: tuple[ExposureRow, ...]
    clocks: tuple[ClockRow, ...]
    states: tuple[Choice, ...]
    new_href: str
    clock_href: str
    may_plan: bool
    summary: str
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a design would draw."""

    frame: str
    sample: str
    note: str
    strata: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class DesignForm:
    """``/c/<client>/quality/rehearsals/new/``."""

    values: Mapping[str, str]
    kinds: tuple[Choice, ...]
    models: tuple[Choice, ...]
    payers: tuple[Choice, ...]
    strata: tuple[Choice, ...]
    is_radv: bool
    size_note: str
    list_href: str
    preview: Preview | None
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """One deadline with its days left."""

    key: str
    label: str
    due: str
    left: str
    tone: str
    citation: str
    status: str
    reason: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One dated note of law."""

    on: str
    words: str
    source: str
    status: str


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One drawn unit."""

    href: str
    label: str
    stratum: str
    items: str
    verdicts: tuple[tuple[str, str], ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found, in strings."""

    supported: str
    interval: str
    counted: str
    verdict: str
    target: str
    found: str
    point: str
    low: str
    precision: str
    asked: str
    why_none: str
    confidence: str
    is_extrapolated: bool


@dataclass(frozen=True, slots=True)
class RehearsalPage:
    """``/c/<client>/quality/rehearsals/<rehearsal>/``."""

    href: str
    list_href: str
    heading: str
    state: str
    tone: str
    lead: str
    facts: tuple[tuple[str, str], ...]
    strata: tuple[tuple[str, str, str], ...]
    check_href: str
    check_words: str
    check_tone: str
    counts: tuple[tuple[str, str, str], ...]
    outcome: Outcome
    notes: tuple[NoteRow, ...]
    deadlines: tuple[DeadlineRow, ...]
    units: tuple[UnitRow, ...]
    shown: tuple[Choice, ...]
    units_summary: str
    may_plan: bool
    is_closed: bool
    closing: str
    clock_href: str
    programs: tuple[Choice, ...]
    form: Mapping[str, str]
    errors: Mapping[str, str]
    tried: str
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One cited record."""

    id: str
    where: str
    href: str
    quote: str
    visit: str
    eligibility: str
    tone: str
    requirements: tuple[tuple[str, str, str], ...]
    marks: tuple[str, ...]
    is_proof: bool


@dataclass(frozen=True, slots=True)
class ItemView:
    """One category or claim to judge."""

    id: str
    number: str
    heading: str
    carried: str
    verdict: str
    tone: str
    said: str
    amount: str
    records: tuple[RecordRow, ...]
    coder_words: tuple[tuple[str, str], ...]
    verdicts: tuple[Choice, ...]
    form: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    is_open_form: bool = False


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One chart of the unit with its documents."""

    visit: str
    documents: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class UnitPage:
    """``/c/<client>/quality/rehearsals/<rehearsal>/units/<unit>/``."""

    href: str
    back_href: str
    back: str
    heading: str
    lead: str
    banner: Banner
    items: tuple[ItemView, ...]
    charts: tuple[ChartRow, ...]
    note_title: str
    note_source: str
    note: Markup | None
    version_id: str
    facts: tuple[tuple[str, str, tuple[Choice, ...]], ...]
    meats: tuple[Choice, ...]
    asks_facts: bool
    may_judge: bool
    tried: str
    previous_href: str = ""
    next_href: str = ""


@dataclass(frozen=True, slots=True)
class StepRow:
    """One decision about an overpayment."""

    what: str
    on: str
    amount: str
    reason: str
    who: str


@dataclass(frozen=True, slots=True)
class ClockPage:
    """``/c/<client>/quality/rehearsals/clocks/<clock>/``."""

    href: str
    list_href: str
    heading: str
    state: str
    tone: str
    due: str
    left: str
    facts: tuple[tuple[str, str], ...]
    why: tuple[str, ...]
    citation: str
    status: str
    steps: tuple[StepRow, ...]
    acts: tuple[Choice, ...]
    may_plan: bool
    form: Mapping[str, str]
    errors: Mapping[str, str]
    rehearsal_href: str = ""


@dataclass(frozen=True, slots=True)
class ClockForm:
    """``/c/<client>/quality/rehearsals/clocks/new/``."""

    values: Mapping[str, str]
    programs: tuple[Choice, ...]
    list_href: str
    errors: Mapping[str, str]
