"""What the templates of the programme's figures are given: prepared strings, no model, no query."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from coding_ops.core.statistics import Interval

NOTHING = Markup("")


@dataclass(frozen=True, slots=True)
class Choice:
    """A chip or an option that leads somewhere."""

    label: str
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One rate, ready to print.

    Attributes:
        rate: ``97.3%``; a dash without a denominator.
        interval: ``95.1 to 98.6%``.
        counted: ``312 charts, 1,198 of 1,231 codes``.
        verdict: ``met``, ``unsure``, ``missed`` or ``few``; empty where nothing is judged.
        href: the rows behind it.
        found, svg: what a picture of it is drawn from, and the picture.
    """

    rate: str
    interval: str = ""
    counted: str = ""
    charts: str = ""
    verdict: str = ""
    href: str = ""
    found: Interval | None = None
    svg: Markup = NOTHING


@dataclass(frozen=True, slots=True)
class Card:
    """A figure on top of the page: its name, what it says, and what it is held to."""

    name: str
    meaning: str
    figure: Figure
    beside: str = ""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One coder, specialty, kind of audit: random audits judged, the others apart."""

    name: str
    href: str
    random: Figure
    others: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupTable:
    """Rows of one cut."""

    id: str
    heading: str
    note: str
    first: str
    columns: tuple[str, ...]
    rows: tuple[GroupRow, ...]
    head: str = "Drawn at random"


@dataclass(frozen=True, slots=True)
class Share:
    """One bar of a Pareto chart."""

    label: str
    href: str
    bar: Markup
    count: str
    share: str


@dataclass(frozen=True, slots=True)
class Pareto:
    """Findings cut into parts that add up to them, the largest first."""

    id: str
    heading: str
    note: str
    first: str
    rows: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """What waits, and where it is listed."""

    label: str
    text: str
    href: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """A coder's or specialty's finals of a month and how many of them were audited."""

    month: str
    coder: str
    specialty: str
    final: str
    audited: str
    share: str
    asked: str
    verdict: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """The programme at a client."""

    summary: str
    windows: tuple[Choice, ...]
    scores: tuple[Choice, ...]
    cards: tuple[Card, ...]
    counts: tuple[Count, ...]
    tables: tuple[GroupTable, ...]
    paretos: tuple[Pareto, ...]
    coverage: tuple[CoverageRow, ...]
    coverage_note: str
    shows_coders: bool
    notes: tuple[str, ...]
    replay_href: str = ""
    empty_words: str = ""


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One of the scores of a person's audits, with its intervals side by side."""

    name: str
    formula: str
    is_counted: bool
    counted: str
    rate: str
    wilson: str
    exact: str
    bootstrap: str
    verdict: str
    href: str


@dataclass(frozen=True, slots=True)
class Block:
    """Audits of one kind, which are never mixed with another: all scores of them."""

    id: str
    heading: str
    note: str
    rows: tuple[ScoreRow, ...]
    is_judged: bool


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One audited chart behind a number."""

    href: str
    visit_id: str
    client: str
    specialty: str
    coder: str
    audited_on: str
    origin: str
    standing: str
    tone: str
    counted: str
    weight: str
    findings: str


@dataclass(frozen=True, slots=True)
class RowsPage:
    """The charts behind a number, fifty at a time."""

    heading: str
    summary: str
    counted: str
    score: str
    filters: tuple[tuple[str, str], ...]
    rows: tuple[AuditRow, ...]
    shows_coders: bool
    back_href: str
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class PersonPage:
    """A coder's accuracy: at one client, or their own across clients."""

    heading: str
    summary: str
    windows: tuple[Choice, ...]
    is_own: bool
    blocks: tuple[Block, ...]
    by_client: GroupTable | None
    paretos: tuple[Pareto, ...]
    rows: tuple[AuditRow, ...]
    score: str
    filters: tuple[tuple[str, str], ...]
    all_href: str
    shows_clients: bool
    notes: tuple[str, ...]
    empty_words: str = ""
    next_page_href: str = ""
    previous_page_href: str = ""
