"""What the templates of the release pages are given: prepared strings, addresses too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One loaded release. ``digest`` is the first twelve characters of the file's SHA-256."""

    system: str
    release: str
    days: str
    rows: str
    source: str
    digest: str
    loaded: str
    note: str
    answers_today: bool


@dataclass(frozen=True, slots=True)
class SystemRow:
    """One system today. ``warning`` says what is not done, and ``tone`` colours its standing."""

    label: str
    name: str
    standing: str
    tone: str
    release: str
    days: str
    warning: str


@dataclass(frozen=True, slots=True)
class FigureRow:
    """Figures of a payment year and whether they were read where they were published."""

    name: str
    figures: str
    standing: str
    tone: str
    source: str


@dataclass(frozen=True, slots=True)
class ImpactRow:
    """Open charts of a client with one trouble; ``href`` lists them."""

    client: str
    what: str
    charts: str
    href: str


@dataclass(frozen=True, slots=True)
class UploadRow:
    """A file that was sent.  ``done`` of ``total`` while it is read; a total of 0 is not known."""

    system: str
    file_name: str
    sent: str
    status: str
    tone: str
    message: str
    reading: bool
    step: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ReleasesPage:
    """``/work/code-sets/``.  ``impact`` is shown to who leads the work of a client; ``systems_to_send``
    to who may load a release."""

    heading: str
    summary: str
    systems: tuple[SystemRow, ...]
    releases: tuple[ReleaseRow, ...]
    figures: tuple[FigureRow, ...]
    leads: bool = False
    impact: tuple[ImpactRow, ...] = ()
    impact_words: str = ""
    systems_to_send: tuple[Choice, ...] = ()
    release_text: str = ""
    uploads: tuple[UploadRow, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AffectedRow:
    """One open chart: which of its codes are in trouble."""

    href: str
    visit_id: str
    coding_on: str
    status: str
    codes: str


@dataclass(frozen=True, slots=True)
class AffectedPage:
    """``/work/code-sets/charts/``: one client's open charts with one trouble."""

    heading: str
    summary: str
    filters: tuple[Choice, ...]
    rows: tuple[AffectedRow, ...]
    empty_words: str
    next_page_href: str = ""
    previous_page_href: str = ""
