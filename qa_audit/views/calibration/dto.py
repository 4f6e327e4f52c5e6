"""What the pages of calibration and gold charts are given: prepared strings."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class PersonScore:
    """One person's settled gold charts; ``standing`` is a key of the verdict macro."""

    name: str
    href: str
    rate: str
    interval: str
    counted: str
    standing: str
    paused: str


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Gold scores of coders, or of reviewers."""

    id: str
    heading: str
    first: str
    rows: tuple[PersonScore, ...]
    empty_words: str


@dataclass(frozen=True, slots=True)
class SignalCard:
    """A low score that waits for a decision, or a reviewer's pause that stands."""

    href: str
    heading: str
    words: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One round of the list."""

    href: str
    name: str
    charts: str
    read: str
    state: str
    tone: str
    opened: str


@dataclass(frozen=True, slots=True)
class Home:
    """``/c/<client>/quality/calibration/``; gold is empty for a reviewer."""

    base: str
    is_leader: bool
    lead: str
    signals: tuple[SignalCard, ...]
    tables: tuple[ScoreTable, ...]
    note: str
    states: tuple[Choice, ...]
    rounds: tuple[RoundRow, ...]
    empty_words: str
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class NewRoundForm:
    """The form of a round as it was typed."""

    base: str
    name: str
    visits: str
    each: str
    readers: tuple[Choice, ...]
    most_charts: int


@dataclass(frozen=True, slots=True)
class PairRow:
    """Two readers beside each other."""

    pair: str
    charts: str
    f1: str
    codes: str
    codes_interval: str
    verdicts: str
    verdicts_interval: str


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One chart of a round."""

    href: str
    visit: str
    read: str
    f1: str
    tone: str
    consensus: str


@dataclass(frozen=True, slots=True)
class RoundPage:
    """``…/calibration/rounds/<id>/``"""

    base: str
    href: str
    heading: str
    summary: str
    state: str
    tone: str
    closing: str
    pairs: tuple[PairRow, ...]
    charts: tuple[ChartRow, ...]
    may_end: bool
    note: str


@dataclass(frozen=True, slots=True)
class CodeCells:
    """One code that somebody gave: what each reader said of it, in the order of the heads."""

    code: str
    title: str
    cells: tuple[tuple[str, str], ...]
    """Words and tone."""


@dataclass(frozen=True, slots=True)
class Head:
    """One column of the grid; ``href`` opens that reader's review, with its words beside the note."""

    name: str
    href: str
    f1: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class ChartPage:
    """``…/calibration/charts/<id>/``"""

    base: str
    href: str
    round_href: str
    round_name: str
    visit: str
    chart_href: str
    summary: str
    heads: tuple[Head, ...]
    rows: tuple[CodeCells, ...]
    waiting: tuple[Head, ...]
    consensus: str
    consensus_words: str
    consensus_by: str
    typed: str
    words: str
    may_agree: bool
    free_readers: tuple[Choice, ...]
    nobody: str
    is_leader: bool


@dataclass(frozen=True, slots=True)
class GoldRow:
    """One key of the list."""

    href: str
    visit: str
    source: str
    state: str
    tone: str
    codes: str
    made: str
    checks: str


@dataclass(frozen=True, slots=True)
class GoldList:
    """``…/calibration/gold/``"""

    base: str
    href: str
    states: tuple[Choice, ...]
    rows: tuple[GoldRow, ...]
    visit: str
    empty_words: str
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One comparison of the list."""

    href: str
    visit: str
    person: str
    side: str
    score: str
    state: str
    tone: str
    compared: str


@dataclass(frozen=True, slots=True)
class CheckList:
    """``…/calibration/gold/checks/``"""

    base: str
    heading: str
    states: tuple[Choice, ...]
    rows: tuple[CheckRow, ...]
    empty_words: str
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A numbered line of a document."""

    number: int
    text: str
    is_cited: bool = False


@dataclass(frozen=True, slots=True)
class NoteText:
    """A document as a key names it."""

    number: int
    title: str
    lines: tuple[NoteLine, ...]


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A code of a finished key with its words."""

    code: str
    title: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyPage:
    """``…/calibration/gold/<id>/``"""

    base: str
    href: str
    visit: str
    summary: str
    state: str
    tone: str
    note: str
    may_write: bool
    may_void: bool
    typed: str
    lines: tuple[KeyLine, ...]
    documents: tuple[NoteText, ...]
    checks: tuple[CheckRow, ...]


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One line of a comparison."""

    number: int
    verdict: str
    tone: str
    given: str
    given_words: tuple[str, ...]
    key: str
    key_words: tuple[str, ...]
    decision: str
    may_decide: bool


@dataclass(frozen=True, slots=True)
class CheckPage:
    """``…/calibration/gold/checks/<id>/``"""

    base: str
    href: str
    heading: str
    visit: str
    chart_href: str
    gold_href: str
    review_href: str
    side: str
    score: str
    interval: str
    state: str
    tone: str
    summary: str
    lines: tuple[DifferenceRow, ...]


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One version of the policy."""

    number: str
    words: str
    made: str
    reason: str


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """``…/calibration/policy/``"""

    base: str
    href: str
    target: str
    least_lines: str
    window_days: str
    pauses_itself: bool
    reason: str
    versions: tuple[PolicyRow, ...]
