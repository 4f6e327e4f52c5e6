"""What the list of claims is given: prepared strings, addresses too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coding_ops.web.choices import Choice
from encounters.views.dto import Banner


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim of a list; without patient data.  ``coder`` is empty outside the vendor."""

    href: str
    visit: str
    kind: str
    state: str
    tone: str
    payer: str
    form: str
    service: str
    charge: str
    paid: str
    age: str
    age_tone: str
    specialty: str
    coder: str


@dataclass(frozen=True, slots=True)
class Filter:
    """One select above the list."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class ClaimsPage:
    """``/c/<client>/claims/``"""

    href: str
    find_action: str
    summary: str
    rows: tuple[ClaimRow, ...]
    states: tuple[Choice, ...]
    filters: tuple[Filter, ...]
    hidden: tuple[tuple[str, str], ...]
    from_text: str
    to_text: str
    least_text: str
    empty_words: str
    shows_coder: bool
    errors: Mapping[str, str] = field(default_factory=dict)
    number: str = ""
    found_words: str = ""
    setup_href: str = ""
    previous_page_href: str = ""
    next_page_href: str = ""


# --- one claim ---


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere; plain words where ``href`` is empty."""

    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """What keeps a claim from being written, and where it is mended."""

    place: str
    message: str
    mend: Link


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a payer: ``CO 97``, its kind in our words, the dollars."""

    code: str
    category: str
    tone: str
    amount: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """One service line, and what the payer made of it.  ``drift``: the code we finalized, if another."""

    number: str
    code: str
    title: str
    revenue_code: str
    units: str
    pointers: str
    service: str
    charge: str
    paid: str
    reasons: tuple[Reason, ...]
    remarks: str
    cited: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class DiagnosisRow:
    """One diagnosis in its order; ``lines`` are the lines that point at it."""

    number: str
    code: str
    title: str
    role: str
    poa: str
    lines: str
    cited: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class StepRow:
    """One thing that happened.  ``note`` is empty outside the vendor."""

    at: str
    iso: str
    what: str
    who: str
    icon: str
    facts: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of one of the smaller tables: a heading that may lead somewhere, a badge, and cells."""

    head: Link
    badge: str
    tone: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A smaller table; left out when it has no rows.  ``numeric`` says which cells are figures."""

    key: str
    heading: str
    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """``/c/<client>/claims/<id>/``"""

    href: str
    heading: str
    state: str
    tone: str
    lead: str
    turn_party: str
    turn_words: str
    who: Banner
    facts: tuple[tuple[str, str], ...]
    insured: tuple[tuple[str, str], ...]
    money: tuple[tuple[str, str], ...]
    problems: tuple[ProblemLine, ...]
    check_action: str
    lines: tuple[LineRow, ...]
    whole: tuple[Reason, ...]
    whole_remarks: str
    diagnoses: tuple[DiagnosisRow, ...]
    procedures: tuple[tuple[str, str], ...]
    steps: tuple[StepRow, ...]
    tables: tuple[Table, ...]
    chart_href: str
    list_href: str
    drift: Link | None
    days_href: str
    correct_href: str
