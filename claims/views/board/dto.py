"""What the denial board is given: prepared strings, addresses too."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class Card:
    """One number on top; ``interval`` says its bounds and n, or why there is no rate."""

    name: str
    meaning: str
    text: str
    interval: str
    counted: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """One row of a Pareto chart, largest first; ``cumulated``: with all above it."""

    label: str
    href: str
    bar: Markup
    amount: str
    share: str
    cumulated: str
    count: str


@dataclass(frozen=True, slots=True)
class Pareto:
    """Denied dollars by kind, reason or payer.  ``rest`` says what is left out."""

    id: str
    heading: str
    first: str
    rows: tuple[Share, ...]
    rest: str = ""


@dataclass(frozen=True, slots=True)
class TrendRow:
    """One week or month; ``rate_detail``: interval and n."""

    name: str
    href: str
    claims: str
    rate: str
    rate_detail: str
    denials: str
    denied: str
    recovered: str
    bar: Markup


@dataclass(frozen=True, slots=True)
class PayerRow:
    """One payer; rates with their interval and n, by name and without rank."""

    name: str
    href: str
    rate: str
    rate_detail: str
    overturned: str
    overturned_detail: str
    denied: str


@dataclass(frozen=True, slots=True)
class BoardPage:
    """``/c/<client>/claims/board/``"""

    summary: str
    windows: tuple[Choice, ...]
    cards: tuple[Card, ...]
    paretos: tuple[Pareto, ...]
    trend_heading: str
    trend: tuple[TrendRow, ...]
    payers: tuple[PayerRow, ...]
    notes: tuple[str, ...]
    empty_words: str
