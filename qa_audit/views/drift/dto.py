"""What the pages of drift are given: prepared strings."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class Counted:
    """A count and where its charts are; no address for none."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One signal.  ``decided`` is empty while it waits."""

    href: str
    about: str
    what: str
    week: str
    seen: str
    found: str
    decided: str


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """One coder or specialty over the weeks of a chart."""

    name: str
    href: str
    charts: Counted
    wrong: Counted
    share: str
    interval: str
    newest: str
    standing: str
    tone: str
    now: str


@dataclass(frozen=True, slots=True)
class SubjectTable:
    """Coders, or specialties, in the order of their names."""

    id: str
    heading: str
    first: str
    rows: tuple[SubjectRow, ...]


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A wider sample or a pause that holds now, and where it is ended."""

    about: str
    what: str
    since: str
    until: str
    by: str
    reason: str
    href: str
    verb: str


@dataclass(frozen=True, slots=True)
class NoteRow:
    """What happened on a day; ``mark`` is its number on the charts, empty off their weeks."""

    mark: str
    day: str
    kind: str
    words: str
    baseline: bool
    by: str
    href: str


@dataclass(frozen=True, slots=True)
class NoteForm:
    """The form of a note as it was sent."""

    kinds: tuple[Choice, ...]
    happened_on: str = ""
    words: str = ""
    starts_baseline: bool = False


@dataclass(frozen=True, slots=True)
class DriftPage:
    """``/c/<client>/quality/drift/``."""

    summary: str
    change_href: str
    signals_href: str
    notes_href: str
    waiting: tuple[SignalRow, ...]
    more_waiting: str
    tables: tuple[SubjectTable, ...]
    measures: tuple[MeasureRow, ...]
    notes: tuple[NoteRow, ...]
    form: NoteForm
    may_decide: bool
    how: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One week of a p-chart."""

    week: str
    charts: Counted
    wrong: Counted
    share: str
    interval: str
    limits: str
    says: str
    tone: str


@dataclass(frozen=True, slots=True)
class SumRow:
    """One week of a CUSUM."""

    week: str
    charts: Counted
    wrong: Counted
    added: str
    total: str
    says: str
    tone: str


@dataclass(frozen=True, slots=True)
class WatchedView:
    """A subject's two charts with their tables."""

    p_image: Markup
    sum_image: Markup
    legend: tuple[tuple[Markup, str], ...]
    weeks: tuple[WeekRow, ...]
    sums: tuple[SumRow, ...]
    centre: str
    sum_words: str
    notes: tuple[NoteRow, ...]


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """``…/drift/coders/<id>/`` and ``…/drift/specialties/?code=``."""

    heading: str
    summary: str
    list_href: str
    view: WatchedView
    signals: tuple[SignalRow, ...]
    measures: tuple[MeasureRow, ...]
    may_decide: bool


@dataclass(frozen=True, slots=True)
class SignalsPage:
    """``…/drift/signals/``."""

    list_href: str
    chips: tuple[Choice, ...]
    rows: tuple[SignalRow, ...]
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """The form of a decision as it was sent."""

    kinds: tuple[Choice, ...]
    factor: str
    until: str
    reason: str
    answers: str


@dataclass(frozen=True, slots=True)
class SignalPage:
    """``…/drift/signals/<id>/``."""

    heading: str
    href: str
    about_href: str
    list_href: str
    facts: tuple[tuple[str, str], ...]
    week: Counted
    wrong: Counted
    view: WatchedView
    decided: str
    reason: str
    form: DecisionForm | None


@dataclass(frozen=True, slots=True)
class PeriodView:
    """One period of the change: volume, rates and where its charts are."""

    name: str
    days: str
    finished: str
    reviewed: Counted
    wrong: Counted
    share: str
    interval: str
    weighed: str


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of the change, in points, with its bar."""

    label: str
    points: str
    bar: Markup
    meaning: str


@dataclass(frozen=True, slots=True)
class CoderRow:
    """What one coder adds."""

    name: str
    href: str
    shares: str
    load: str
    before: str
    before_href: str
    after: str
    after_href: str
    within: str
    mix: str
    part: str


@dataclass(frozen=True, slots=True)
class ChangePage:
    """``…/drift/change/``."""

    list_href: str
    fields: tuple[tuple[str, str, str], ...]
    periods: tuple[PeriodView, ...]
    verdict: str
    difference: str
    parts: tuple[PartRow, ...]
    total: str
    coders: tuple[CoderRow, ...]
    unknown: str
    empty_words: str
