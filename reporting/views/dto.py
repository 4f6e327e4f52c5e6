"""What the leader's page and the client's page are given: prepared strings and finished SVG."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class KpiCard:
    """One number.

    Attributes:
        href: opens exactly the rows it counted.
        n: ``"612 encounters"``; always said.
        interval: ``"92.6 to 93.6%"`` for a rate, the percentile's range or empty otherwise.
        verdict: ``met``, ``unsure``, ``missed`` or empty when there is no target.
        better: whether the change is one for the better; ``None`` when there is none to compare with.
        definition: one sentence: numerator, denominator, exclusions, version.
    """

    name: str
    href: str
    value: str
    unit: str
    n: str
    interval: str
    svg: Markup
    verdict: str
    target: str
    definition: str
    delta: str = ""
    better: bool | None = None
    rising: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the client table; ``html`` replaces ``text`` when a chart is drawn."""

    label: str
    text: str
    tone: str = ""
    html: Markup | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One client of the leader's table; ``drill_href`` gives the partial below it and a page of its own."""

    id: str
    name: str
    href: str
    cells: tuple[Cell, ...]
    drill_href: str
    flag: str = ""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """Heading; ``aria`` is ``ascending``, ``descending`` or empty."""

    label: str
    href: str = ""
    aria: str = ""


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One bar of a table with bars, e.g. DNFC days by the party that holds them."""

    label: str
    href: str
    count: str
    share: str
    bar: Markup


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its table twin."""

    heading: str
    note: str
    svg: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Party:
    """A table with bars."""

    heading: str
    note: str
    unit: str
    rows: tuple[ShareRow, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """One choice of the period."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class DashboardPage:
    """The leader's page over all clients, or over one."""

    heading: str
    summary: str
    ranges: tuple[Range, ...]
    kpis: tuple[KpiCard, ...]
    figure: Figure | None
    parties: Party | None
    columns: tuple[TableColumn, ...]
    rows: tuple[ClientRow, ...]
    footnote: str


@dataclass(frozen=True, slots=True)
class DrillRow:
    """One encounter in the drill-down below a client."""

    href: str
    visit_id: str
    service_on: str
    age: str
    waiting_on: str
    reason: str
    status: str
    status_tone: str


@dataclass(frozen=True, slots=True)
class Drill:
    """Counts on the left, oldest encounters on the right."""

    heading: str
    counts: tuple[tuple[str, str], ...]
    list_heading: str
    rows: tuple[DrillRow, ...]
    all_href: str


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A hold that waits for the client."""

    href: str
    visit_id: str
    service_on: str
    reason: str
    since: str
    age: str
    due: str
    due_tone: str


@dataclass(frozen=True, slots=True)
class SentRow:
    """A file the client sent: what came of it."""

    at: str
    source: str
    kind: str
    accepted: str
    duplicate: str
    quarantined: str
    tone: str


@dataclass(frozen=True, slots=True)
class ClientHomePage:
    """``/c/<client>/`` as the client's own people see it: nothing of the vendor's inside."""

    heading: str
    summary: str
    kpis: tuple[KpiCard, ...]
    waiting: tuple[WaitingRow, ...]
    sent: tuple[SentRow, ...]
    encounters_href: str
    footnote: str
