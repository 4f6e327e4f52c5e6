"""What the templates of findings are given: prepared strings, no model, no query."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FindingAct:
    """One button that mends a finding: where it posts, and what."""

    label: str
    href: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class FindingLink:
    """A code that a finding is about too."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding beside its code.

    Attributes:
        tone: ``bad`` blocks, ``warn`` is accepted by finalizing, ``line`` is told, ``ok`` was let stand.
        word: the same in a word, since colour alone says nothing.
        source: rule, source and edition.
        edit_href: the code's own form.
        override_href: where to let it stand; empty when it never may.
        stands: why it was let stand, in a sentence; ``withdraw_href`` takes that back.
        evidence: where the words lie that the override rests on (label, href).
    """

    key: str
    tone: str
    word: str
    message: str
    satisfy: str
    source: str
    also: tuple[FindingLink, ...] = ()
    acts: tuple[FindingAct, ...] = ()
    edit_href: str = ""
    override_href: str = ""
    override_label: str = ""
    stands: str = ""
    withdraw_href: str = ""
    evidence: FindingLink | None = None


@dataclass(frozen=True, slots=True)
class ReasonChoice:
    """One reason of the closed list."""

    value: str
    label: str
    selected: bool = False


@dataclass(frozen=True, slots=True)
class OverrideForm:
    """Letting a finding stand: inline below it, and on its own page.

    ``quote``: the words chosen so far, as the page sent them; ``explanation`` is the fewest characters.
    """

    finding: FindingRow
    chart_href: str
    code: str
    fence: int
    version: str
    reasons: tuple[ReasonChoice, ...]
    note: str
    explanation: int
    takes_words: bool
    needs_words: bool
    evidence: str = ""
    quote: str = ""
    lines: str = ""
    errors: dict[str, str] | None = None
