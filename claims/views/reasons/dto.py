"""What the page of reasons is given: prepared strings, addresses too."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One reading of the contract; ``end_action`` is empty where it cannot be ended any more."""

    key: str
    reason: str
    payer: str
    kind: str
    before: str
    days: str
    standing: str
    tone: str
    clause: str
    by: str
    end_action: str
    ends_on: str


@dataclass(frozen=True, slots=True)
class EffectRow:
    """Denials that would be of another kind."""

    change: str
    count: str
    amount: str


@dataclass(frozen=True, slots=True)
class UnmappedRow:
    """A reason that no map knows; ``href`` fills the form with it."""

    reason: str
    count: str
    amount: str
    href: str
    denials_href: str


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it stands."""

    payers: tuple[Choice, ...]
    groups: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    carc: str
    rarc: str
    starts_on: str
    ends_on: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReasonsPage:
    """``/c/<client>/claims/reasons/``"""

    action: str
    map_words: str
    rows: tuple[ReadingRow, ...]
    unmapped: tuple[UnmappedRow, ...]
    typed: Typed
    may_edit: bool
    effect_words: str = ""
    effect: tuple[EffectRow, ...] = ()
