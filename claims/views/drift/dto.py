"""What the pages of drift show: strings that are ready to be written."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class Fact:
    """A number with its name; ``href`` shows the claims behind it."""

    name: str
    text: str
    detail: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class KindRow:
    """How many claims differ in one way."""

    name: str
    count: str
    share: str
    href: str


@dataclass(frozen=True, slots=True)
class DriftRow:
    """One claim of the list, without its codes."""

    href: str
    number: str
    service_on: str
    payer: str
    specialty: str
    form: str
    amount: str
    count: str
    kinds: str


@dataclass(frozen=True, slots=True)
class DriftPage:
    """``/c/<client>/claims/drift/``."""

    href: str
    period: str
    periods: tuple[Choice, ...]
    facts: tuple[Fact, ...]
    note: str
    kinds: tuple[KindRow, ...]
    standings: tuple[Choice, ...]
    standing: str
    heading: str
    shows_kinds: bool
    kind_choices: tuple[Choice, ...]
    payers: tuple[Choice, ...]
    rows: tuple[DriftRow, ...]
    empty_words: str
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One difference in words."""

    kind: str
    where: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class SideRow:
    """One code as each side has it; ``state`` says how they compare, ``tone`` is its badge's."""

    name: str
    ours: str
    theirs: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class Section:
    """Codes of one kind, side by side."""

    id: str
    heading: str
    rows: tuple[SideRow, ...]


@dataclass(frozen=True, slots=True)
class ComparePage:
    """``/c/<client>/claims/drift/<claim>/``."""

    list_href: str
    claim_href: str
    chart_href: str
    heading: str
    about: str
    notice: str
    differences: tuple[DifferenceRow, ...]
    sections: tuple[Section, ...]
