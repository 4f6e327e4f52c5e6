"""What the E/M panel is given: prepared strings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coding_ops.web.choices import Choice
from encounters.views.dto import Chip


@dataclass(frozen=True, slots=True)
class ElementRow:
    """One cited element.  ``remove_href`` is empty for who may not change it."""

    label: str
    count: str
    chip: Chip | None
    remove_href: str = ""


@dataclass(frozen=True, slots=True)
class PartView:
    """Problems, data, risk or time: the level it reaches, why, and its elements."""

    name: str
    label: str
    level: str
    why: str
    elements: tuple[ElementRow, ...]


@dataclass(frozen=True, slots=True)
class ScoreView:
    """One party's score.

    Attributes:
        code: empty while no level is reached; ``by`` says in words which path gave it.
        other: the other path's level, in words.
        steps: what the next level of each path lacks.
    """

    heading: str
    code: str
    by: str
    other: str
    steps: tuple[str, ...]
    parts: tuple[PartView, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class KindGroup:
    """The kinds of one part, to choose from; values are ``part:kind``."""

    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One part on which coder and reviewer differ."""

    part: str
    coder: str
    reviewer: str


@dataclass(frozen=True, slots=True)
class EmPanel:
    """The tool.

    Attributes:
        refusal: why the visit cannot be leveled at all; nothing else is shown then.
        hint: what our own data say of the patient being new.
        mine: the score this person works on or reads; ``coders``: the coders' beside a reviewer's.
        use_words: label of the button that makes the level the code; empty when there is none to use.
    """

    href: str
    refusal: str = ""
    edition: str = ""
    source: str = ""
    categories: tuple[Choice, ...] = ()
    category: str = ""
    hint: str = ""
    mine: ScoreView | None = None
    coders: ScoreView | None = None
    differences: tuple[DifferenceRow, ...] = ()
    agrees: bool = False
    kinds: tuple[KindGroup, ...] = ()
    can_score: bool = False
    is_reviewer: bool = False
    use_words: str = ""
    fence: int = 0
    version_id: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    posted: Mapping[str, str] = field(default_factory=dict)
