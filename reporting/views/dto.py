"""What the templates of the numbers are given: prepared strings, no model, no query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from markupsafe import Markup

NOTHING: Final = Markup("")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class KpiCard:
    """One number.

    Attributes:
        href: the rows behind it; empty where a number of several clients has no single list.
        meaning: the definition, said on hover and read with the name.
        value: ``"—"`` when there is nothing to show; ``why`` then says so.
        better: whether ``delta`` is an improvement; ``None`` where that cannot be said.
        verdict: ``met``, ``unsure``, ``missed``, ``few`` or ``none``.
    """

    name: str
    href: str
    meaning: str
    value: str
    unit: str
    n: str
    interval: str = ""
    why: str = ""
    delta: str = ""
    rising: bool = False
    better: bool | None = None
    svg: Markup = NOTHING
    verdict: str = "none"
    target: str = ""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One row of a chart's table: its label, and numbers as ``(text, href)``."""

    label: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its data as a table, whose numbers open their rows.

    ``legend``: class suffix and words of each layer, bottom first.
    """

    id: str
    heading: str
    note: str
    svg: Markup
    columns: tuple[str, ...]
    rows: tuple[FigureRow, ...]
    legend: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """One row of a breakdown: its words, its bar, its count, and the rows behind it."""

    label: str
    href: str
    bar: Markup
    count: str
    share: str


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A number cut into parts that add up to it."""

    id: str
    heading: str
    note: str
    first: str
    unit: str
    rows: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One number in a table: opens its rows when it has an ``href``."""

    label: str
    text: str
    href: str = ""
    tone: str = ""
    html: Markup = NOTHING


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One client, facility or specialty; ``drill_href`` opens what waits there."""

    id: str
    name: str
    drill_href: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class GroupTable:
    """The numbers of each client, facility or specialty."""

    id: str
    heading: str
    first: str
    columns: tuple[str, ...]
    rows: tuple[GroupRow, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """A definition in words, for the foot of the page."""

    id: str
    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A choice of a period."""

    label: str
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class DashboardPage:
    """The leader's page of one client or of all of theirs."""

    heading: str
    summary: str
    ranges: tuple[Link, ...]
    kpis: tuple[KpiCard, ...]
    figures: tuple[Figure, ...]
    breakdowns: tuple[Breakdown, ...]
    tables: tuple[GroupTable, ...]
    meanings: tuple[Meaning, ...]
    footnote: str
    empty_words: str = ""


@dataclass(frozen=True, slots=True)
class DrillRow:
    """One encounter behind a number, or one query, claim or denial: then ``service_on`` is the day it was
    sent or came, ``waiting_on`` its provider or payer and ``final_on`` the day of its answer or end."""

    href: str
    visit_id: str
    service_on: str
    amount: str
    bucket: str
    waiting_on: str
    status: str
    status_tone: str
    final_on: str
    coder: str = ""
    client: str = ""


@dataclass(frozen=True, slots=True)
class RowHeads:
    """Headings of a list of rows, after what the rows are."""

    noun: str = "Encounter"
    nouns: str = "Encounters"
    day: str = "Date of service"
    waiting_on: str = "Waiting for now"
    final: str = "Final"


ENCOUNTERS: Final = RowHeads()
QUERIES: Final = RowHeads("Query about visit", "Queries", "Sent", "Provider", "Answered")
CLAIMS: Final = RowHeads("Claim", "Claims", "Sent", "Payer", "First answer")
DENIALS: Final = RowHeads("Denial of claim", "Denials", "Received", "Payer", "Ended")
HEADS: Final = {"encounter": ENCOUNTERS, "query": QUERIES, "claim": CLAIMS, "denial": DENIALS}


@dataclass(frozen=True, slots=True)
class RowsPage:
    """All rows behind a number, fifty at a time.

    Attributes:
        counted: the number and how many encounters make it up.
        changed: said when today's facts give another count than the number that was shown.
        filters: the parts of the number, and what was left out.
    """

    heading: str
    summary: str
    counted: str
    changed: str
    meaning: Meaning
    amount: str
    part_title: str
    show_bucket: bool
    show_coder: bool
    show_client: bool
    filters: tuple[Link, ...]
    rows: tuple[DrillRow, ...]
    back_href: str
    next_page_href: str = ""
    previous_page_href: str = ""
    empty_words: str = ""
    heads: RowHeads = ENCOUNTERS


@dataclass(frozen=True, slots=True)
class Drill:
    """The longest waiting of a group, opened in place."""

    heading: str
    counts: tuple[tuple[str, str], ...]
    list_heading: str
    all_href: str
    rows: tuple[DrillRow, ...]


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A visit that waits for the client."""

    href: str
    visit_id: str
    service_on: str
    reason: str
    owner: str
    since: str
    age: str
    due: str
    due_tone: str


@dataclass(frozen=True, slots=True)
class SentRow:
    """A file or message that the client sent."""

    href: str
    at: str
    source: str
    kind: str
    accepted: str
    duplicate: str
    quarantined: str
    tone: str


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A clinical document that the client sent, and when its newest version came."""

    href: str
    visit_id: str
    title: str
    versions: str
    at: str


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """The first rows of a list, how many it has in all, and where all of them are."""

    count: str
    href: str
    rows: tuple[R, ...]


@dataclass(frozen=True, slots=True)
class ClientHomePage:
    """What a client's person sees first; nothing of the vendor's inside."""

    heading: str
    summary: str
    encounters_href: str
    kpis: tuple[KpiCard, ...]
    figures: tuple[Figure, ...]
    breakdowns: tuple[Breakdown, ...]
    counts: tuple[Cell, ...]
    waiting: Listing[WaitingRow]
    sent: Listing[SentRow]
    documents: Listing[DocumentRow]
    meanings: tuple[Meaning, ...]
    footnote: str
