"""What the HCC panel is given: prepared strings, no score and no amount."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coding_ops.web.choices import Choice
from encounters.views.dto import Chip


@dataclass(frozen=True, slots=True)
class HintLine:
    """A line of the note to look at, ready to be posted as the words."""

    label: str
    href: str
    evidence: str
    quote: str


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """One requirement of risk adjustment.

    Attributes:
        tone: ``ok``, ``bad`` or ``warn`` (not known).
        choices: answers the coder can give; empty when there is nothing to confirm.
        answered: an answer was given, and can be taken back.
    """

    fact: str
    label: str
    state: str
    tone: str
    why: str
    citation: str
    choices: tuple[Choice, ...] = ()
    chip: Chip | None = None
    by: str = ""
    hint: HintLine | None = None
    answered: bool = False


@dataclass(frozen=True, slots=True)
class SupportRow:
    """A diagnosis with a category.  ``key`` is its number in the list; ``tone`` of its support."""

    key: str
    code: str
    title: str
    numbers: str
    support: str
    tone: str
    chips: tuple[Chip, ...]


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """One category of a model; ``fate`` says what became of it when it is not counted."""

    number: str
    label: str
    codes: str
    fate: str = ""


@dataclass(frozen=True, slots=True)
class ModelColumn:
    """One model beside the others; ``note`` names its tables, or says that none are loaded."""

    name: str
    note: str
    rows: tuple[CategoryRow, ...] = ()
    interactions: tuple[str, ...] = ()
    edited: str = ""


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """An add or a delete, and why; ``href`` leads to the code when it is in the set."""

    code: str
    title: str
    why: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class HccView:
    """The tool."""

    href: str
    year_words: str
    verdict: str
    verdict_tone: str
    requirements: tuple[RequirementRow, ...]
    support: tuple[SupportRow, ...]
    adds: tuple[ChangeRow, ...]
    deletes: tuple[ChangeRow, ...]
    compared_with: str
    models: tuple[ModelColumn, ...]
    note: str = ""
    can_edit: bool = False
    fence: int = 0
    version_id: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
